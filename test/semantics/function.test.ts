// Rows P55 to P59 of the oracle: functions with a derivative of their own.
import { AutogradError, AutogradFunction, ShapeError, UsageError, autograd, memoryStats, noGrad, ones, scope, tensor, zerosLike, type FunctionCtx, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

class Exp extends autograd.Function {
  static override forward(ctx: FunctionCtx, x: Tensor): Tensor {
    const y = x.exp();
    ctx.saveForBackward(y);
    return y;
  }
  static override backward(ctx: FunctionCtx, g: Tensor): Tensor {
    const [y] = ctx.savedTensors as [Tensor];
    return g.mul(y);
  }
}

class Cube extends autograd.Function {
  static override forward(ctx: FunctionCtx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(x).mul(x);
  }
  static override backward(ctx: FunctionCtx, g: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return g.mul(x).mul(x).mul(3);
  }
}

const rounded = (values: unknown) => (values as number[]).map((v) => Number(v.toFixed(6)));

test('P55 custom exp with saveForBackward', () => {
  const x = tensor([0, 1], { requiresGrad: true });
  const y = Exp.apply(x);
  y.sum().backward();
  expect([rounded(x.grad!.tolist()), y.gradFn!.name()]).toEqual([[1, 2.718282], 'ExpBackward']);
  raises(() => y.sum().backward(), AutogradError, 'backward through the graph a second time', 'freed', 'retainGraph');
  const [g] = autograd.grad(Exp.apply(x).sum(), x, { createGraph: true });
  expect(autograd.grad(g.sum(), x)[0].requiresGrad).toBe(false);
});

test('P56 needsInputGrad and null for non-tensor arguments', () => {
  const seen: unknown[] = [];
  class F extends autograd.Function {
    static override forward(ctx: FunctionCtx, a: Tensor, b: Tensor, k: number): Tensor {
      ctx.k = k;
      ctx.saveForBackward(a, b);
      return a.mul(b).mul(k);
    }
    static override backward(ctx: FunctionCtx, g: Tensor): (Tensor | null)[] {
      const [a, b] = ctx.savedTensors as [Tensor, Tensor];
      const k = ctx.k as number;
      seen.push(ctx.needsInputGrad);
      return [ctx.needsInputGrad[0] ? g.mul(b).mul(k) : null, ctx.needsInputGrad[1] ? g.mul(a).mul(k) : null, null];
    }
  }
  const a = tensor(2, { requiresGrad: true });
  const b = tensor(3);
  F.apply(a, b, 4).backward();
  expect(seen).toEqual([[true, false, false]]);
  expect(a.grad!.item()).toBe(12);
  expect(b.grad).toBeNull();
});

test('P57 wrong number or shape of returned gradients', () => {
  class Bad extends autograd.Function {
    static override forward(_ctx: FunctionCtx, a: Tensor, b: Tensor): Tensor {
      return a.add(b);
    }
    static override backward(_ctx: FunctionCtx, g: Tensor): Tensor {
      return g;
    }
  }
  class Bad2 extends autograd.Function {
    static override forward(_ctx: FunctionCtx, a: Tensor): Tensor {
      return a.mul(2);
    }
    static override backward(_ctx: FunctionCtx, g: Tensor): Tensor {
      return g.index({ stop: 1 });
    }
  }
  const a = ones([2], { requiresGrad: true });
  raises(() => Bad.apply(a, a).sum().backward(), AutogradError, 'BadBackward', 'incorrect number of gradients', 'expected 2, got 1');
  raises(
    () => Bad2.apply(ones([3], { requiresGrad: true })).sum().backward(),
    ShapeError,
    'Bad2Backward',
    'invalid gradient at index 0',
    'got [1]',
    '[3]',
  );
});

test('P58 onceDifferentiable', () => {
  class Sq extends autograd.Function {
    static override forward(ctx: FunctionCtx, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.mul(x);
    }
    static override backward = autograd.onceDifferentiable((ctx: FunctionCtx, g: Tensor) => {
      const [x] = ctx.savedTensors as [Tensor];
      return x.mul(2).mul(g);
    });
  }
  const x = tensor(3, { requiresGrad: true });
  const [g] = autograd.grad(Sq.apply(x), x, { createGraph: true });
  expect([g.item(), g.requiresGrad]).toEqual([6, false]);
  raises(() => autograd.grad(g, x), AutogradError, 'element 0 of tensors does not require grad and does not have a gradFn');
  const c = ones([], { requiresGrad: true });
  const [h] = autograd.grad(Sq.apply(x), x, { gradOutputs: c, createGraph: true });
  expect([h.item(), h.requiresGrad]).toEqual([6, true]);
  raises(() => autograd.grad(h, x), AutogradError, 'index 0', 'not have been used in the graph', 'allowUnused');
  raises(() => h.backward(), AutogradError, 'differentiate twice', 'onceDifferentiable');
});

test('P59 markNonDifferentiable and unmaterialised gradients', () => {
  const seen: unknown[] = [];
  class S extends autograd.Function {
    static override forward(ctx: FunctionCtx, x: Tensor): Tensor[] {
      const { values, indices } = x.sort();
      ctx.markNonDifferentiable(indices);
      ctx.saveForBackward(indices);
      return [values, indices];
    }
    static override backward(ctx: FunctionCtx, gv: Tensor, gi: Tensor): Tensor {
      const [i] = ctx.savedTensors as [Tensor];
      seen.push(gi.tolist());
      return zerosLike(gv).scatter(0, i, gv);
    }
  }
  const x = tensor([3, 1, 2], { requiresGrad: true });
  const [v, i] = S.apply(x);
  expect([v!.requiresGrad, i!.requiresGrad]).toEqual([true, false]);
  v!.mul(tensor([1, 10, 100])).sum().backward();
  expect(seen).toEqual([[0, 0, 0]]);
  expect(x.grad!.tolist()).toEqual([100, 1, 10]);
});

test('derivatives of any order go through a custom function', () => {
  const x = tensor(2, { requiresGrad: true });
  const [g] = autograd.grad(Cube.apply(x), x, { createGraph: true });
  const [g2] = autograd.grad(g, x, { createGraph: true });
  const [g3] = autograd.grad(g2, x);
  expect([g.item(), g2.item(), g3.item()]).toEqual([12, 12, 6]);
});

test('a second derivative through a saved output goes through the function again', () => {
  const x = tensor(0, { requiresGrad: true });
  const [g] = autograd.grad(Exp.apply(x), x, { createGraph: true });
  const [g2] = autograd.grad(g, x, { createGraph: true });
  expect(autograd.grad(g2, x)[0].item()).toBe(1);
});

test('what forward and backward throw reaches the caller unchanged', () => {
  const boom = new RangeError('boom');
  class Throws extends autograd.Function {
    static override forward(_ctx: FunctionCtx, x: Tensor, early: boolean): Tensor {
      if (early) throw boom;
      return x.mul(2);
    }
    static override backward(): never {
      throw boom;
    }
  }
  const x = ones([2], { requiresGrad: true });
  for (const run of [() => Throws.apply(x, true), () => Throws.apply(x, false).sum().backward()]) {
    let thrown: unknown = null;
    try {
      run();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBe(boom);
  }
  x.mul(3).sum().backward();
  expect(x.grad!.tolist()).toEqual([3, 3]);
});

test('a saved input that is changed afterwards is detected', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const h = x.mul(1);
  const y = Cube.apply(h);
  h.add_(1);
  raises(() => y.sum().backward(), AutogradError, 'modified by an in-place operation', 'version 1; expected version 0');
});

test('markDirty: an input changed in place is the output, with the function as its history', () => {
  class Double extends autograd.Function {
    static override forward(ctx: FunctionCtx, x: Tensor): Tensor {
      ctx.markDirty(x);
      return x.mul_(2);
    }
    static override backward(_ctx: FunctionCtx, g: Tensor): Tensor {
      return g.mul(2);
    }
  }
  const x = tensor([1, 2], { requiresGrad: true });
  const h = x.mul(3);
  const y = Double.apply(h);
  expect(y).toBe(h);
  expect(h.gradFn!.name()).toBe('DoubleBackward');
  h.sum().backward();
  expect([h.tolist(), x.grad!.tolist()]).toEqual([
    [6, 12],
    [6, 6],
  ]);
  raises(() => Double.apply(x), AutogradError, 'a leaf tensor that requires grad', 'in-place operation');
  const base = tensor([1, 2, 3], { requiresGrad: true }).mul(1);
  Double.apply(base.index({ stop: 2 }));
  expect([base.tolist(), base.gradFn!.name()]).toEqual([[2, 4, 3], 'torch::autograd::CopySlices']);
});

test('an input returned as it is becomes a view with a node of its own, which cannot be written', () => {
  class Same extends autograd.Function {
    static override forward(_ctx: FunctionCtx, x: Tensor): Tensor {
      return x;
    }
    static override backward(_ctx: FunctionCtx, g: Tensor): Tensor {
      return g.mul(10);
    }
  }
  const x = tensor([1, 2], { requiresGrad: true });
  const y = Same.apply(x);
  expect(y === x).toBe(false);
  expect([x.isLeaf, y.gradFn!.name(), y.dataPtr() === x.dataPtr()]).toEqual([true, 'SameBackward', true]);
  y.sum().backward();
  expect(x.grad!.tolist()).toEqual([10, 10]);
  raises(() => Same.apply(x.mul(1)).add_(1), AutogradError, 'custom Function', 'clone()');
});

test('setMaterializeGrads(false) hands null over for outputs that were not used', () => {
  const seen: unknown[] = [];
  class Two extends autograd.Function {
    static override forward(ctx: FunctionCtx, x: Tensor): Tensor[] {
      ctx.setMaterializeGrads(false);
      return [x.mul(2), x.mul(3)];
    }
    static override backward(_ctx: FunctionCtx, a: Tensor | null, b: Tensor | null): Tensor {
      seen.push([a === null, b === null]);
      return a === null ? b!.mul(3) : a.mul(2);
    }
  }
  const x = tensor([1, 2], { requiresGrad: true });
  Two.apply(x)[1]!.sum().backward();
  expect(seen).toEqual([[true, false]]);
  expect(x.grad!.tolist()).toEqual([3, 3]);
});

test('values that are no tensors may be among the outputs', () => {
  class Both extends autograd.Function {
    static override forward(_ctx: FunctionCtx, x: Tensor): [Tensor, string] {
      return [x.mul(2), 'two'];
    }
    static override backward(_ctx: FunctionCtx, g: Tensor, text: null): Tensor {
      expect(text).toBeNull();
      return g.mul(2);
    }
  }
  const x = tensor(1, { requiresGrad: true });
  const [y, text] = Both.apply(x);
  y.backward();
  expect([text, x.grad!.item()]).toEqual(['two', 2]);
});

test('without a gradient to compute there is no node', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  expect(noGrad(() => Exp.apply(x)).requiresGrad).toBe(false);
  expect(Exp.apply(tensor([1, 2])).gradFn).toBeNull();
});

test('backward may return more nulls than arguments, but no gradient for what is no tensor', () => {
  class Extra extends autograd.Function {
    static override forward(_ctx: FunctionCtx, x: Tensor, _k: number): Tensor {
      return x.mul(2);
    }
    static override backward(_ctx: FunctionCtx, g: Tensor): unknown[] {
      return [g, null, null, null];
    }
  }
  class Wrong extends Extra {
    static override backward(_ctx: FunctionCtx, g: Tensor): unknown[] {
      return [g, g];
    }
  }
  class Text extends Extra {
    static override backward(): unknown[] {
      return ['g', null];
    }
  }
  const x = tensor(1, { requiresGrad: true });
  Extra.apply(x, 1).backward();
  expect(x.grad!.item()).toBe(1);
  raises(() => Wrong.apply(x, 1).backward(), AutogradError, 'WrongBackward', 'different from null at position 1');
  raises(() => Text.apply(x, 1).backward(), UsageError, 'TextBackward', 'tensors or null');
});

test('a function without backward says so', () => {
  class Forward extends AutogradFunction {
    static override forward(_ctx: FunctionCtx, x: Tensor): Tensor {
      return x.mul(2);
    }
  }
  const x = tensor(1, { requiresGrad: true });
  raises(() => Forward.apply(x).backward(), AutogradError, 'Forward', 'static backward');
});

test('a chain of custom functions is freed with its last tensor', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const before = memoryStats();
  scope(() => {
    let y: Tensor = x;
    for (let i = 0; i < 10_000; i++) y = Exp.apply(y.mul(0));
    expect(y.tolist()).toEqual([1, 1]);
  });
  const after = memoryStats();
  expect([after.bytes, after.tensors, after.nodes]).toEqual([before.bytes, before.tensors, before.nodes]);
});
