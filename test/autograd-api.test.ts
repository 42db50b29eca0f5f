import { describe, expect, it } from 'vitest';
import {
  AutogradError, UsageError, autograd, enableGrad, grad, inferenceMode, isGradEnabled, manualSeed, noGrad, ones, randn, setGradEnabled,
  tensor, zeros,
} from 'adjoint';

const leaf = (data: number | number[]) => tensor(data, { requiresGrad: true });

describe('backward()', () => {
  it('fills .grad, adds to it, and keeps the object', () => {
    const x = leaf([1, 2]);
    x.mul(x).sum().backward();
    const g = x.grad;
    x.mul(3).sum().backward();
    expect([x.grad?.tolist(), x.grad === g]).toEqual([[5, 7], true]);
    g?.zero_();
    expect(x.grad?.tolist()).toEqual([0, 0]);
  });

  it('takes a gradient, by position or by name', () => {
    const x = leaf([1, 2, 3]);
    x.mul(x).backward(tensor([1, 10, 100]));
    expect(x.grad?.tolist()).toEqual([2, 40, 600]);
    const y = leaf([1, 2, 3]);
    y.mul(y).backward({ gradient: tensor([1, 0, 0]), retainGraph: true });
    expect(y.grad?.tolist()).toEqual([2, 0, 0]);
  });

  it('needs a gradient for more than one element, and a graph', () => {
    expect(() => leaf([1, 2]).mul(2).backward()).toThrow(AutogradError);
    expect(() => tensor(1).backward()).toThrow(AutogradError);
  });

  it('frees the graph unless told to retain it', () => {
    const x = leaf(3);
    const y = x.mul(x);
    y.backward({ retainGraph: true });
    y.backward();
    expect(x.grad?.item()).toBe(12);
    expect(() => y.backward()).toThrow('second time');
  });

  it('accumulates only into the inputs it is given', () => {
    const a = leaf(2);
    const b = leaf(5);
    a.mul(b).backward({ inputs: [a] });
    expect([a.grad?.item(), b.grad]).toEqual([5, null]);
  });

  it('gives differentiable gradients with createGraph', () => {
    const x = leaf(2);
    x.mul(x).mul(x).mul(x).backward({ createGraph: true });
    expect(x.grad?.item()).toBe(32);
    expect(x.grad?.requiresGrad).toBe(true);
  });
});

describe('grad()', () => {
  it('gives gradients in the order of the inputs and touches no .grad', () => {
    const a = leaf(2);
    const b = leaf(5);
    expect(grad(a.mul(b), [a, b]).map((g) => g.item())).toEqual([5, 2]);
    expect([a.grad, b.grad]).toEqual([null, null]);
    expect(autograd.grad).toBe(grad);
  });

  it('goes to any order', () => {
    const x = leaf(2);
    let y = x.mul(x).mul(x).mul(x);
    const orders: number[] = [];
    for (let i = 0; i < 5; i++) {
      y = grad(y, x, { createGraph: true })[0]!;
      orders.push(y.item());
      if (!y.requiresGrad) break;
    }
    expect(orders).toEqual([32, 48, 48, 24]);
  });

  it('treats unused inputs as told', () => {
    const a = leaf(2);
    const b = tensor([1, 1], { requiresGrad: true });
    expect(() => grad(a.mul(3), [a, b])).toThrow(AutogradError);
    expect(grad(a.mul(3), [a, b], { allowUnused: true })[1]).toBe(null);
    expect(grad(a.mul(3), [a, b], { materializeGrads: true })[1].tolist()).toEqual([0, 0]);
    expect(() => grad(a.mul(3), [a, b], { materializeGrads: true, allowUnused: false })).toThrow(UsageError);
    expect(() => grad(1 as never, a)).toThrow(UsageError);
  });
});

describe('modes', () => {
  it('noGrad covers a function or a block, and nests', () => {
    const x = leaf(1);
    noGrad(() => {
      expect(x.mul(2).requiresGrad).toBe(false);
      expect(enableGrad(() => x.mul(2).requiresGrad)).toBe(true);
      expect(ones(1, { requiresGrad: true }).requiresGrad).toBe(true);
    });
    {
      using _ = noGrad();
      expect(isGradEnabled()).toBe(false);
    }
    expect(isGradEnabled()).toBe(true);
  });

  it('are restored after an exception', () => {
    expect(() => noGrad(() => { throw new Error('mine'); })).toThrow('mine');
    expect(isGradEnabled()).toBe(true);
    setGradEnabled(false);
    expect(isGradEnabled()).toBe(false);
    setGradEnabled(true);
  });

  it('inferenceMode makes tensors that never take part in a graph', () => {
    const x = leaf([1, 2]);
    const y = inferenceMode(() => x.mul(2));
    expect([y.requiresGrad, y.isInference()]).toEqual([false, true]);
    expect(() => y.requiresGrad_()).toThrow(AutogradError);
    expect(() => x.mul(y)).toThrow(AutogradError);
  });
});

describe('flags', () => {
  it('say what is a leaf and what made the rest', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2).add(x).sum();
    expect([x.isLeaf, y.isLeaf, y.gradFn?.name(), x.gradFn]).toEqual([true, false, 'SumBackward0', null]);
    const add = y.gradFn?.nextFunctions[0]?.[0];
    expect(add?.nextFunctions.map(([f]) => f?.name())).toEqual(['MulBackward0', 'torch::autograd::AccumulateGrad']);
    expect(add?.nextFunctions[1]?.[0]?.variable?.tolist()).toEqual([1, 2]);
  });

  it('can be changed only where that makes sense', () => {
    expect(() => tensor([1n]).requiresGrad_()).toThrow(AutogradError);
    const y = leaf(1).mul(2);
    expect(() => (y.requiresGrad = false)).toThrow(AutogradError);
    expect(leaf(1).mul(2).detach().requiresGrad_().isLeaf).toBe(true);
  });

  it('.grad takes only tensors of the same shape and dtype', () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(() => (x.grad = zeros(3))).toThrow('[3]');
    expect(() => (x.grad = zeros(2, { dtype: 'float64' }))).toThrow('float64');
    const g = tensor([5, 6]);
    x.grad = g;
    expect(x.grad).toBe(g);
    x.sum().backward();
    expect(x.grad.tolist()).toEqual([6, 7]);
  });

  it('retainGrad keeps the gradient of an intermediate', () => {
    const x = leaf(2);
    const y = x.mul(3);
    y.retainGrad();
    y.mul(y).backward();
    expect([y.retainsGrad, y.grad?.item(), x.grad?.item()]).toEqual([true, 12, 36]);
  });
});

describe('hooks', () => {
  it('see a gradient and may replace it', () => {
    const x = leaf([1, 2]);
    const seen: unknown[] = [];
    const handle = x.registerHook((g) => {
      seen.push(g.tolist());
      return g.mul(10);
    });
    x.mul(3).sum().backward();
    handle.remove();
    x.mul(3).sum().backward();
    expect([seen, x.grad?.tolist()]).toEqual([[[3, 3]], [33, 33]]);
  });

  it('throw through backward unchanged, and the library goes on', () => {
    const x = leaf(1);
    const mine = new RangeError('mine');
    const handle = x.registerHook(() => { throw mine; });
    let caught: unknown;
    try {
      x.mul(2).backward();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(mine);
    handle.remove();
    x.mul(2).backward();
    expect(x.grad?.item()).toBe(2);
  });

  it('may use the library', () => {
    const x = leaf([3]);
    const z = leaf([3]);
    x.registerHook((g) => enableGrad(() => grad(g.mul(z).mul(z).sum(), z)[0]));
    x.mul(2).sum().backward();
    expect(x.grad?.tolist()).toEqual([12]);
  });

  it('see the tensor once its gradient has been accumulated', () => {
    const x = leaf(1);
    const seen: (number | undefined)[] = [];
    x.registerPostAccumulateGradHook((t) => seen.push(t.grad?.item()));
    x.mul(2).backward();
    x.mul(2).backward();
    expect(seen).toEqual([2, 4]);
  });
});

describe('manualSeed()', () => {
  it('gives the numbers PyTorch gives', () => {
    manualSeed(0);
    const first = randn(2, 3).tolist();
    // torch.manual_seed(0); torch.randn(2, 3)
    const expected = [1.540996, -0.293429, -2.178789, 0.568431, -1.084522, -1.398595];
    (first as number[][]).flat().forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, 5));
    manualSeed(0n);
    expect(randn(2, 3).tolist()).toEqual(first);
    expect(() => manualSeed(1.5)).toThrow(UsageError);
    expect(() => manualSeed('1' as never)).toThrow(UsageError);
  });
});
