import { UsageError, compile, memoryStats, nn, noGrad, ones, optim, tensor, type Tensor } from 'adjoint';
import { describe, expect, it } from 'vitest';

describe('compile', () => {
  it('runs the function once for inputs of a shape and dtype, and gives what it gives', () => {
    let calls = 0;
    const f = compile((x: Tensor) => {
      calls++;
      return x.mul(2).add(1);
    });
    for (const values of [[1, 2], [3, 4], [5, 6]]) expect(f(tensor(values)).tolist()).toEqual(values.map((v) => 2 * v + 1));
    expect(calls).toBe(1);
    expect(f(tensor([1, 2, 3])).tolist()).toEqual([3, 5, 7]);
    expect(f(tensor([1, 2], { dtype: 'float64' })).dtype).toBe('float64');
    noGrad(() => f(tensor([1, 2])));
    expect([calls, f.programs.length]).toEqual([4, 4]);
    f.dispose();
  });

  it('keeps lists lists, and gradients flowing, at the first call too', () => {
    const f = compile({ fn: (x: Tensor) => [x.mul(x), x.neg()] });
    for (const values of [[1, 2], [3, 4]]) {
      const x = tensor(values, { requiresGrad: true });
      const [square, minus] = [...f(x)];
      expect(minus!.tolist()).toEqual(values.map((v) => -v));
      square!.sum().backward();
      expect(x.grad!.tolist()).toEqual(values.map((v) => 2 * v));
    }
    f.dispose();
  });

  it('takes training steps, the first one included', () => {
    const trace = (compiled: boolean): unknown => {
      const w = tensor([1, -2], { requiresGrad: true });
      const sgd = new optim.SGD([w], { lr: 0.1, momentum: 0.5 });
      const step = (x: Tensor): Tensor => {
        sgd.zeroGrad();
        const loss = w.mul(x).square().sum();
        loss.backward();
        sgd.step();
        return loss;
      };
      const f = compiled ? compile(step) : step;
      return [[1, 2], [0, 1], [3, 0.5]].map((x) => [f(tensor(x)).item(), w.tolist(), w.grad!.tolist()]);
    };
    expect(trace(true)).toEqual(trace(false));
  });

  it('captures anew where a parameter was replaced', () => {
    const model = new nn.Linear(2, 1, { bias: false });
    const f = compile((x: Tensor) => model.call(x));
    f(ones([1, 2]));
    model.weight = new nn.Parameter(tensor([[2, 3]]));
    expect(f(ones([1, 2])).tolist()).toEqual([[5]]);
    expect(f.programs).toHaveLength(1);
  });

  it('releases its records, and captures again after that', () => {
    const x = tensor([1, 2]);
    const before = memoryStats().tensors;
    const f = compile((v: Tensor) => v.mul(3).exp());
    f(x).dispose();
    f(x).dispose();
    f.dispose();
    f.dispose();
    expect(memoryStats().tensors).toBe(before);
    expect(f(x).shape).toEqual([2]);
    f.dispose();
  });

  it('refuses what is no function or tensor, and what cannot be captured', () => {
    expect(() => compile(3 as never)).toThrow(/compile: .*function/);
    const f = compile((x: Tensor) => x.mul(x.item()));
    expect(() => f(3 as never)).toThrow(UsageError);
    expect(() => f(tensor(2))).toThrow(/item: cannot be captured/);
  });
});
