// Custom functions: what they return, save and mark, and what is refused.
import { type FunctionCtx, type Tensor, autograd, func, isGradEnabled, noGrad, ones, tensor } from 'adjoint';
import { behaves, fails } from './behaves';

/** A float32 leaf of these elements. */
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const nodeOf = (t: Tensor): string | null => t.gradFn?.name() ?? null;
const { grad } = autograd;
const { forwardAd } = autograd;
/** A custom function of these statics. */
function custom(forward: (ctx: FunctionCtx, ...args: any[]) => unknown, backward?: (ctx: FunctionCtx, ...grads: any[]) => unknown, more: object = {}): {
  apply(...args: unknown[]): any;
} {
  class F extends autograd.Function {
  }
  return Object.assign(F, { forward, backward }, more);
}
const Doubling = custom((c, x: Tensor) => { x.mul_(2); c.markDirty(x); return x; }, (_c, g: Tensor) => g.mul(2));
const Saving = custom((c, x: Tensor) => { c.saveForBackward(x); return x.mul(2); }, (c, g: Tensor) => g.mul(c.savedTensors[0] as Tensor));
const IgnoresSecond = custom((_c, x: Tensor) => x.mul(2), (_c, g: Tensor) => [g.mul(2), null]);

behaves('null is no gradient', [[1], null], () => {
  const F = custom((_c, x, y) => x.mul(y), (_c, g) => [g, null]), x = leaf(2), y = leaf(3);
  F.apply(x, y).sum().backward();
  return [x.grad, y.grad];
});

behaves('too many gradients, too few, none, and gradients of what is no tensor', ['error', 'error', 'none', 'error', 'error'], () => {
  const x = leaf(2);
  return [() => custom((_c, x) => x.mul(2), (_c, g) => [g, g]).apply(x).sum().backward(), () => custom((_c, x, _k) => x.mul(2), (_c, g) => g).apply(x, 2).sum().backward(), () => custom((_c, x) => x.mul(2), (_c, g) => [g, null]).apply(x).sum().backward(), () => custom((_c, x) => x.mul(2), () => 5).apply(x).sum().backward(), () => custom((_c, x, _k) => x.mul(2), (_c, g) => [g, g]).apply(x, 2).sum().backward()].map(fails);
});

behaves('gradients whose shape does not fit', ['error', 'none', 'error'], () => {
  const x = leaf(2, 3);
  const F = (s: any) => () => custom((_c, x) => x.mul(2), () => ones(s)).apply(x).sum().backward();
  return [F([3]), F([2, 2]), F([])].map(fails);
});

behaves('a gradient of a larger shape is summed', [4, 4], () => {
  const x = leaf(2, 3);
  custom((_c, x) => x.mul(2), () => ones([4, 2])).apply(x).sum().backward();
  return x.grad;
});

behaves('a gradient of another dtype is cast', [[1, 1], 'torch.float32'], () => {
  const x = leaf(2, 3);
  custom((_c, x) => x.mul(2), () => ones([2], { dtype: 'float64' })).apply(x).sum().backward();
  return [x.grad, 'torch.' + x.grad!.dtype];
});

behaves("the node has the class's name and an edge for each tensor", ['FooBackward', ['torch::autograd::AccumulateGrad', null]], () => {
  class Foo extends autograd.Function {
    static override forward(_c: any, x: any, k: any, _y: any) { return x.mul(k); }
    static override backward(_c: any, g: any) { return [g, null, null]; }
  }
  ;
  const y = Foo.apply(leaf(1), 3, tensor([1]));
  return [nodeOf(y), y.gradFn.nextFunctions.map((n: any) => n[0] && n[0].name())];
});

behaves('needsInputGrad has an entry for each argument', [[true, false, false]], () => {
  const log: unknown[] = [];
  custom((_c, x, _y, _k) => x.mul(1), (c, g) => {
    log.push([...c.needsInputGrad]);
    return [g, null, null];
  }).apply(leaf(1), tensor([1]), 3).sum().backward();
  return log;
});

behaves('forward runs without recording', [[false, true, false]], () => {
  const log: unknown[] = [];
  custom((_c, x) => {
    log.push([isGradEnabled(), x.requiresGrad, x.mul(2).requiresGrad]);
    return x.mul(2);
  }, (_c, g) => g).apply(leaf(1));
  return log;
});

behaves('backward is recorded with createGraph only', [[false, false], [true, false]], () => {
  const log: unknown[] = [];
  const F = custom((_c, x) => x.mul(2), (_c, g) => {
    log.push([isGradEnabled(), g.requiresGrad]);
    return g.mul(2);
  }), x = leaf(1);
  F.apply(x).sum().backward();
  grad(F.apply(x).sum(), x, { createGraph: true });
  return log;
});

behaves('there is no node in noGrad or without inputs that require grad', [false, true, false], () => {
  const F = custom((_c, x) => x.mul(2), (_c, g) => g.mul(2));
  const y = noGrad(() => F.apply(leaf(1)));
  return [y.requiresGrad, y.gradFn === null, F.apply(tensor([1])).requiresGrad];
});

behaves('an input returned as it is becomes a view with a node of its own', [false, [5], 'FBackward', true, true], () => {
  const F = custom((_c, x) => x, (_c, g) => g.mul(5)), x = leaf(1), y = F.apply(x);
  y.sum().backward();
  return [y === x, x.grad, nodeOf(y), y.dataPtr() === x.dataPtr(), y._base !== null];
});

behaves('a view of an input may be returned, and refuses changes in place', [[5, 5], 'FBackward', true, 'error'], () => {
  const F = custom((_c, x) => x.view([2, 1]), (_c, g) => g.view([2]).mul(5)), x = leaf(1, 2), y = F.apply(x);
  y.sum().backward();
  const z = F.apply(x.mul(1));
  return [x.grad, nodeOf(y), y._base !== null, fails(() => z.add_(1))];
});

behaves('an input returned as it is refuses changes in place', 'error', () => {
  const F = custom((_c, x) => x, (_c, g) => g.mul(5)), y = F.apply(leaf(1, 2).mul(1));
  return fails(() => y.mul_(2));
});

behaves('markDirty moves the input itself behind the node', [true, [2, 2], 'FBackward', 2, [2, 4]], () => {
  const x = leaf(1, 2), y = x.mul(1), z = Doubling.apply(y);
  z.sum().backward();
  return [z === y, x.grad, nodeOf(y), y._version, y];
});

behaves('markDirty on a leaf fails where it requires grad', ['error', true, [2]], () => {
  const x = leaf(1), t = tensor([1]), z = Doubling.apply(t);
  return [fails(() => Doubling.apply(x)), z === t, t];
});

behaves('what is marked dirty must be returned', 'error', () => fails(() => custom((c, x) => {
  x.mul_(2);
  c.markDirty(x);
  return x.mul(1);
}, (_c, g) => g).apply(leaf(1).mul(1))));

behaves('markDirty on a view rewrites the history of its base', [[2, 1], 'torch::autograd::CopySlices', 'AsStridedBackward0'], () => {
  const x = leaf(1, 2), y = x.mul(1), v = y.index(0);
  Doubling.apply(v);
  y.sum().backward();
  return [x.grad, nodeOf(y), nodeOf(v)];
});

behaves('a change that is not marked still counts as one', ['FBackward', 1, false], () => {
  const F = custom((_c, x) => {
    x.mul_(2);
    return x;
  }, (_c, g) => g.mul(2)), y = leaf(1, 2).mul(1), z = F.apply(y);
  return [nodeOf(z), y._version, z === y];
});

behaves('markNonDifferentiable, with zeros for the missing gradient', [true, false, true, true, [[[1, 1], [0, 0]]], [2, 2]], () => {
  const log: unknown[] = [];
  const F = custom((c, x) => {
    const a = x.mul(2), b = x.gt(0).float();
    c.markNonDifferentiable(b);
    return [a, b];
  }, (_c, a, b) => {
    log.push([a.tolist(), b && b.tolist()]);
    return a.mul(2);
  }), x = leaf(1, -1), [a, m] = F.apply(x);
  a.sum().backward();
  return [a.requiresGrad, m.requiresGrad, m.gradFn === null, m.isLeaf, log, x.grad];
});

behaves('integer outputs require no grad', [true, false], () => {
  const [a, i] = custom((_c, x) => [x.mul(2), x.argmax()], (_c, g) => g.mul(2)).apply(leaf(1, 2));
  return [a.requiresGrad, i.requiresGrad];
});

behaves('setMaterializeGrads', [[[false, false], [false, true], [true, false]], [7]], () => {
  const log: unknown[] = [];
  const mk = (flag: any) => custom((c, x) => {
    c.setMaterializeGrads(flag);
    return [x.mul(2), x.mul(3)];
  }, (_c, g, h) => {
    log.push([g === null, h === null]);
    return g !== null ? g.mul(2) : h.mul(3);
  });
  const x = leaf(1);
  mk(true).apply(x)[0].sum().backward();
  mk(false).apply(x)[0].sum().backward();
  mk(false).apply(x)[1].sum().backward();
  return [log, x.grad];
});

behaves('saveForBackward twice keeps the last', [6], () => {
  const F = custom((c, x) => {
    c.saveForBackward(x);
    c.saveForBackward(x.mul(3));
    return x.mul(2);
  }, (c, g) => g.mul(c.savedTensors[0])), x = leaf(2);
  F.apply(x).sum().backward();
  return x.grad;
});

behaves('saveForBackward keeps null', [[true], [2]], () => {
  const log: unknown[] = [], F = custom((c, x) => {
    c.saveForBackward(null, x);
    return x.mul(2);
  }, (c, g) => {
    log.push(c.savedTensors[0] === null);
    return g.mul(c.savedTensors[1]);
  }), x = leaf(2);
  F.apply(x).sum().backward();
  return [log, x.grad];
});

behaves('saveForBackward refuses what is no tensor', 'error', () => fails(() => custom((c, x) => {
  c.saveForBackward((3 as never));
  return x.mul(2);
}, (_c, g) => g).apply(leaf(2))));

behaves('a saved output comes back with its node', [[true, 'ExBackward']], () => {
  const log: unknown[] = [];
  class Ex extends autograd.Function {
    static override forward(c: any, x: any) {
      const y = x.exp();
      c.saveForBackward(y);
      return y;
    }
    static override backward(c: any, g: any) {
      const [s] = c.savedTensors;
      log.push([s.requiresGrad, nodeOf(s)]);
      return g.mul(s);
    }
  }
  ;
  Ex.apply(leaf(0)).sum().backward();
  return log;
});

behaves('a saved tensor changed in place is noticed', 'error', () => {
  const y = leaf(2).mul(1), z = Saving.apply(y);
  y.add_(1);
  return fails(() => z.sum().backward());
});

behaves('saved tensors are freed with the graph', 'error', () => {
  const z = Saving.apply(leaf(2)).sum();
  z.backward();
  return fails(() => z.backward());
});

behaves('a function that saves nothing can be walked twice', [4], () => {
  const F = custom((_c, x) => x.mul(2), (_c, g) => g.mul(2)), x = leaf(2), z = F.apply(x);
  z.backward(ones([1]));
  z.backward(ones([1]));
  return x.grad;
});

behaves('ctx takes any property', [7], () => {
  const F = custom((c, x, k) => {
    c.k = k;
    c.shape = x.shape;
    return x.mul(k);
  }, (c, g) => [g.mul(c.k), null]), x = leaf(2);
  F.apply(x, 7).sum().backward();
  return x.grad;
});

behaves('arguments that are no tensors pass through', [[[3, [1, 2], { 'a': 1 }, null]], [2]], () => {
  const log: unknown[] = [], F = custom((_c, x, k, l, d, n) => {
    log.push([k, l, d, n]);
    return x.mul(2);
  }, (_c, g) => [g.mul(2), null, null, null, null]), x = leaf(2);
  F.apply(x, 3, [1, 2], { a: 1 }, null).sum().backward();
  return [log, x.grad];
});

behaves('tensors in lists are not differentiated', false, () => custom((_c, l) => l[0].mul(2), () => [null]).apply([leaf(2)]).requiresGrad);

behaves('outputs that are no tensors pass through', [5, 's', [2]], () => {
  const x = leaf(1), [y, a, b] = custom((_c, x) => [x.mul(2), 5, 's'], (_c, g) => g.mul(2)).apply(x);
  y.sum().backward();
  return [a, b, x.grad];
});

behaves('onceDifferentiable refuses a second derivative', [[4], false, 'error'], () => {
  const F = custom((c, x) => {
    c.saveForBackward(x);
    return x.mul(x);
  }, autograd.onceDifferentiable((c, g) => c.savedTensors[0].mul(2).mul(g))), x = leaf(2);
  const [g] = grad(F.apply(x).sum(), x, { createGraph: true });
  return [g, g.requiresGrad, fails(() => g.sum().backward())];
});

behaves('setupContext apart from forward, also under transforms', [[18], [18]], () => {
  class F extends autograd.Function {
    static override forward(x: any, k: any) { return x.mul(k); }
    static override setupContext(c: any, [x, k]: any, out: any) {
      c.k = k;
      c.saveForBackward(x, out);
    }
    static override backward(c: any, g: any) {
      const [_x, o] = c.savedTensors;
      return [g.mul(c.k).mul(o), null];
    }
  }
  ;
  const x = leaf(2);
  F.apply(x, 3).sum().backward();
  return [x.grad, func.grad(x => F.apply(x, 3).sum())(tensor([2]))];
});

behaves('derivatives of any order', [[12], [12], [6]], () => {
  const F = custom((c, x) => {
    c.saveForBackward(x);
    return x.pow(3);
  }, (c, g) => {
    const [x] = c.savedTensors;
    return x.mul(x).mul(3).mul(g);
  }), x = leaf(2);
  const [g] = grad(F.apply(x).sum(), x, { createGraph: true }), [h] = grad(g.sum(), x, { createGraph: true }), [k] = grad(h.sum(), x);
  return [g, h, k];
});

behaves('jvp with saveForForward', [[6], [23]], () => {
  const F = custom((c, x, y) => {
    c.saveForForward(x, y);
    return x.mul(y);
  }, undefined, { jvp: (c: any, tx: any, ty: any) => {
      const [x, y] = c.savedTensors;
      return tx.mul(y).add(x.mul(ty));
    } });
  return forwardAd.dualLevel(() => {
    const d = F.apply(forwardAd.makeDual(tensor([2]), tensor([1])), forwardAd.makeDual(tensor([3]), tensor([10])));
    const u = forwardAd.unpackDual(d);
    return [u.primal, u.tangent].map(t => t!.tolist());
  });
});

behaves('forward mode needs a jvp', 'error', () => {
  const F = custom((_c, x) => x.mul(2), (_c, g) => g.mul(2));
  return forwardAd.dualLevel(() => fails(() => F.apply(forwardAd.makeDual(tensor([2]), tensor([1])))));
});

behaves('a function without backward fails when it is walked', [true, 'error'], () => {
  class F extends autograd.Function {
    static override forward(_c: any, x: any) { return x.mul(2); }
  }
  ;
  const y = F.apply(leaf(1));
  return [y.requiresGrad, fails(() => y.sum().backward())];
});

behaves('what forward or backward throws leaves the modes as they were', ['error', 'error', true], () => {
  const f = () => { throw new RangeError('fw'); }, b = () => { throw new RangeError('bw'); };
  return [fails(() => custom(f, b).apply(leaf(1))), fails(() => custom((_c, x) => x.mul(2), b).apply(leaf(1)).sum().backward()), isGradEnabled()];
});

behaves('backward runs once for all outputs', [[[1, 10]], [32]], () => {
  const log: unknown[] = [], F = custom((_c, x) => [x.mul(2), x.mul(3)], (_c, g, h) => {
    log.push([g.item(), h.item()]);
    return g.mul(2).add(h.mul(3));
  }), x = leaf(1), [a, b] = F.apply(x);
  a.add(b.mul(10)).sum().backward();
  return [log, x.grad];
});

behaves('one tensor returned twice', [[4], true], () => {
  const F = custom((_c, x) => {
    const y = x.mul(2);
    return [y, y];
  }, (_c, g, h) => g.mul(2).add(h.mul(2))), x = leaf(1), [a, b] = F.apply(x);
  a.add(b).sum().backward();
  return [x.grad, a === b];
});

behaves('null makes an input unused', [[2], true], () => {
  const x = leaf(1), y = leaf(1), r = grad(IgnoresSecond.apply(x, y).sum(), [x, y], { allowUnused: true });
  return [r[0], r[1] === null];
});

behaves('an unused input is an error of grad()', 'error', () => {
  const x = leaf(1), y = leaf(1);
  return fails(() => grad(IgnoresSecond.apply(x, y).sum(), [x, y]));
});

behaves('each of several changed inputs has its own gradient', [[18], true, true, 2, 2], () => {
  class Both extends autograd.Function {
    static override forward(ctx: FunctionCtx, a: Tensor, b: Tensor): [Tensor, Tensor] {
      a.add_(1);
      b.mul_(3);
      ctx.markDirty(a, b);
      return [a, b];
    }
    static override backward(_ctx: FunctionCtx, ga: Tensor, gb: Tensor): [Tensor, Tensor] {
      return [ga, gb.mul(3)];
    }
  }
  const x = leaf(1), a = x.mul(1), b = x.mul(2);
  const [p, q] = Both.apply(a, b);
  p.mul(q).backward();
  return [x.grad, p === a, q === b, a._version, b._version];
});
