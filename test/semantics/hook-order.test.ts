// Hooks on tensors: when each runs, what it sees, and what retainGrad keeps.
import { type Tensor, autograd, noGrad, ones, optim, tensor } from 'adjoint';
import { behaves, fails } from './behaves';

/** A float32 leaf of these elements. */
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const { grad } = autograd;

behaves('a hook that an earlier one removes still runs in that walk', ['a', 'b', 'a'], () => {
  const x = leaf(1), log: unknown[] = [], hs: any[] = [];
  hs.push(x.registerHook(() => {
    log.push('a');
    hs[1].remove();
  }));
  hs.push(x.registerHook(() => { log.push('b'); }));
  x.mul(2).sum().backward();
  x.mul(2).sum().backward();
  return log;
});

behaves('a hook may remove itself', ['a', 'b', 'b'], () => {
  const x = leaf(1), log: unknown[] = [], hs: any[] = [];
  hs.push(x.registerHook(() => {
    log.push('a');
    hs[0].remove();
  }));
  x.registerHook(() => { log.push('b'); });
  x.mul(2).sum().backward();
  x.mul(2).sum().backward();
  return log;
});

behaves('a hook added by a hook runs from the next walk on', [['a'], ['a', 'a', 'n']], () => {
  const x = leaf(1), log: unknown[] = [];
  x.registerHook(() => {
    log.push('a');
    x.registerHook(() => { log.push('n'); });
  });
  x.mul(2).sum().backward();
  const r = [...log];
  x.mul(2).sum().backward();
  return [r, log];
});

behaves('removing a hook twice is harmless', [2], () => {
  const x = leaf(1), h = x.registerHook(g => g.mul(2));
  h.remove();
  h.remove();
  x.mul(2).sum().backward();
  return x.grad;
});

behaves('a function registered twice runs twice', [4], () => {
  const x = leaf(1), f = (g: any) => g.mul(2);
  x.registerHook(f);
  x.registerHook(f);
  x.mul(1).sum().backward();
  return x.grad;
});

behaves('retainGrad sees what the hooks returned, whatever came first', [[10], [20]], () => {
  const x = leaf(1), y = x.mul(2);
  y.retainGrad();
  y.registerHook(g => g.mul(10));
  y.backward(ones([1]));
  return [y.grad, x.grad];
});

behaves('retainGrad twice is as once', [[1], true, false], () => {
  const x = leaf(1), y = x.mul(2);
  y.retainGrad();
  y.retainGrad();
  y.sum().backward();
  return [y.grad, y.retainsGrad, x.retainsGrad];
});

behaves('a retained gradient adds up over walks', [[2], [4]], () => {
  const x = leaf(1), y = x.mul(2);
  y.retainGrad();
  y.sum().backward(null, { retainGraph: true });
  y.sum().backward();
  return [y.grad, x.grad];
});

behaves('a view retains its gradient only if the walk passes it', [null, 3], () => {
  const x = leaf(1, 2);
  let y = x.mul(2), v = y.index(0);
  v.retainGrad();
  y.sum().backward();
  const a = v.grad;
  y = x.mul(2);
  v = y.index(0);
  v.retainGrad();
  v.mul(3).backward();
  return [a, v.grad];
});

behaves('after a change in place the retained gradient is that of the new value', [[1, 1], [6, 6], true], () => {
  const x = leaf(1, 2), y = x.mul(2);
  y.retainGrad();
  y.mul_(3);
  y.sum().backward();
  return [y.grad, x.grad, y.retainsGrad];
});

behaves('a view keeps retaining when its base is changed in place', [5, [30, 0]], () => {
  const x = leaf(1, 2), y = x.mul(2), v = y.index(0);
  v.retainGrad();
  y.mul_(3);
  v.mul(5).backward();
  return [v.grad, x.grad];
});

behaves('retainGrad does nothing on leaves and fails without requiresGrad', [false, 'error'], () => {
  const x = leaf(1);
  x.retainGrad();
  return [x.retainsGrad, fails(() => ones([1]).retainGrad())];
});

behaves('a hook stays with the value it was registered on when that is changed in place', [['after', [1, 1]], ['before', [3, 3]]], () => {
  const x = leaf(1, 2), y = x.mul(2), log: unknown[] = [];
  y.registerHook(g => { log.push(['before', g.tolist()]); });
  y.mul_(3);
  y.registerHook(g => { log.push(['after', g.tolist()]); });
  y.sum().backward();
  return log;
});

behaves('a hook on a leaf stays when the leaf is changed in noGrad', [[6, 6]], () => {
  const x = ones([2]).requiresGrad_(), log: unknown[] = [];
  x.registerHook(g => { log.push(g.tolist()); });
  noGrad(() => x.mul_(3));
  x.mul(x).sum().backward();
  return log;
});

behaves('a hook registered between two walks runs in the second', [2], () => {
  const x = leaf(1), y = x.mul(2);
  y.backward(ones([1]), { retainGraph: true });
  const log: unknown[] = [];
  x.registerHook(g => { log.push(g.item()); });
  y.backward(ones([1]));
  return log;
});

behaves('a hook on a view runs only if the walk passes it', [[], []], () => {
  const x = leaf(1, 2), y = x.mul(2), v = y.index(0), log: unknown[] = [];
  v.registerHook(g => { log.push(g.item()); });
  y.sum().backward();
  const a = [...log];
  x.mul(2).index(0).backward();
  return [a, log];
});

behaves('a hook sees the sum over all branches', [7], () => {
  const x = leaf(1), y = x.mul(2), log: unknown[] = [];
  y.registerHook(g => { log.push(g.item()); });
  y.mul(3).add(y.mul(4)).sum().backward();
  return log;
});

behaves('grad() of an intermediate tensor is what its hooks return', [[30], [60]], () => {
  const x = leaf(1), y = x.mul(2);
  y.registerHook(g => g.mul(10));
  const z = y.mul(3);
  return [grad(z, y, { gradOutputs: ones([1]), retainGraph: true })[0], grad(z, x, { gradOutputs: ones([1]) })[0]];
});

behaves('grad() of a leaf is what its hooks return', [20], () => {
  const x = leaf(1);
  x.registerHook(g => g.mul(10));
  return grad(x.mul(2).sum(), x)[0];
});

behaves('a hook sees gradients that require grad only with createGraph and where they depend on something', [[false, true], [false, true, false]], () => {
  const x = leaf(2), log: unknown[] = [], y = x.mul(x);
  y.registerHook(g => { log.push(g.requiresGrad); });
  x.registerHook(g => { log.push(g.requiresGrad); });
  y.sum().backward(null, { createGraph: true });
  x.grad = null;
  const l2 = [...log];
  x.mul(x).sum().backward();
  return [l2, log];
});

behaves('a hook may change the gradient in place', [6, 6], () => {
  const x = leaf(1, 2);
  x.registerHook(g => { g.mul_(2); });
  x.mul(3).sum().backward();
  return x.grad;
});

behaves('post-accumulate hooks run after tensor hooks, in order, with the tensor itself', [['hook', true], ['post1', 2], ['post2', true]], () => {
  const x = leaf(1), log: unknown[] = [];
  x.registerPostAccumulateGradHook(p => { log.push(['post1', p.grad!.item()]); });
  x.registerHook(() => { log.push(['hook', x.grad === null]); });
  x.registerPostAccumulateGradHook(p => { log.push(['post2', p === x]); });
  x.mul(2).sum().backward();
  return log;
});

behaves('grad() runs no post-accumulate hooks', [], () => {
  const x = leaf(1), log: unknown[] = [];
  x.registerPostAccumulateGradHook(() => { log.push(1); });
  grad(x.mul(2).sum(), x);
  return log;
});

behaves('post-accumulate hooks run once a walk', [5], () => {
  const x = leaf(1), log: unknown[] = [];
  x.registerPostAccumulateGradHook(p => { log.push(p.grad!.item()); });
  x.mul(2).add(x.mul(3)).sum().backward();
  return log;
});

behaves('a removed post-accumulate hook does not run', [], () => {
  const x = leaf(1), log: unknown[] = [];
  x.registerPostAccumulateGradHook(() => { log.push(1); }).remove();
  x.mul(2).sum().backward();
  return log;
});

behaves('an optimizer may step in a post-accumulate hook', [[0.8], null], () => {
  const x = leaf(1), o = new optim.SGD([x], { lr: .1 });
  x.registerPostAccumulateGradHook(() => {
    o.step();
    o.zeroGrad();
  });
  x.mul(2).sum().backward();
  return [x, x.grad];
});

behaves('what a hook throws leaves .grad alone and the next walk right', ['error', null, [3]], () => {
  const x = leaf(1), y = x.mul(2);
  const h = y.registerHook(() => { throw new Error('boom'); });
  const r = [fails(() => y.sum().backward()), x.grad];
  h.remove();
  x.mul(3).sum().backward();
  return [...r, x.grad];
});
