// Which overload a call means.
import { describe, expect, it } from 'vitest';
import { UsageError, clamp, indexFill, lerp, normal, ones, scatter, std, tensor, zeros, type Tensor } from 'adjoint';

const loose = (t: Tensor): Record<string, (...args: unknown[]) => Tensor> => t as never;

describe('an in-place call', () => {
  it('sees only the overloads that have the form', () => {
    expect(() => loose(zeros([2])).normal_!(0, 1, [3])).toThrow(/normal_: .*the signature is normal\(input, mean=0, std=1, generator=null\)/);
    expect(() => loose(zeros([2])).bernoulli_!('a')).toThrow(UsageError);
    expect(() => loose(zeros([2])).normal_!({ mean: 0, size: [2] })).toThrow(/normal_: there is no argument named size/);
  });

  it('is named with its underscore in errors', () => {
    expect(() => loose(zeros([2])).add_!('a')).toThrow(/^add_: argument other must be a tensor or a number/);
    expect(() => loose(zeros([2])).clamp_!('a')).toThrow(/^clamp_: /);
  });

  it('has the overload for tensors where PyTorch has it', () => {
    expect(tensor([1, 5, 9]).clamp_(tensor([2, 2, 2]), tensor([4, 6, 8])).tolist()).toEqual([2, 5, 8]);
    expect(tensor([1, 5, 9]).clamp_({ min: tensor([2, 6, 2]) }).tolist()).toEqual([2, 6, 9]);
  });
});

describe('the other form', () => {
  it('does not see the overloads that are in place only', () => {
    expect(normal(0, 1, [2, 3]).shape).toEqual([2, 3]);
    expect(normal(zeros([3]), 2).shape).toEqual([3]);
    expect(normal(2, ones([4])).shape).toEqual([4]);
    expect(() => (normal as unknown as (x: object) => Tensor)({ input: zeros([2]), mean: 1 })).toThrow(/there is no argument named input|argument mean is missing/);
  });
});

describe('a 0-dim tensor', () => {
  // PyTorch 2.15: the overload for tensors is tried first, so the result is of the dtype that tensors promote to.
  it('is a tensor where there is an overload for tensors', () => {
    const half = tensor(2.5, { dtype: 'float64' });
    expect(clamp(tensor([1n, 5n]), half).dtype).toBe('float64');
    expect(clamp(tensor([1n, 5n]), { max: half }).tolist()).toEqual([1, 2.5]);
    expect(indexFill(zeros([3]), 0, tensor([1n]), tensor(7)).tolist()).toEqual([0, 7, 0]);
    expect(lerp(zeros([2]), ones([2]), tensor(0.25)).tolist()).toEqual([0.25, 0.25]);
  });

  it('stands for its value where there is none', () => {
    expect(tensor([[1, 2], [3, 4]]).cumsum(tensor(1n) as never).tolist()).toEqual([[1, 3], [3, 7]]);
    expect(scatter(zeros([3]), 0, tensor([1n]), { value: 2 }).tolist()).toEqual([0, 2, 0]);
  });
});

describe('an integer and a bool', () => {
  it('choose the overload of their own kind', () => {
    const x = tensor([1, 2, 3, 4, 5, 6]).reshape([2, 3]);
    expect(x.split(1).map((t) => t.shape)).toEqual([[1, 3], [1, 3]]);
    expect(x.split([1, 1]).map((t) => t.shape)).toEqual([[1, 3], [1, 3]]);
    expect(std(x, false).shape).toEqual([]);
    expect(std(x, 0).shape).toEqual([3]);
    expect(std(x, 0, false).tolist()).toEqual(std(x, 0, { correction: 0 }).tolist());
    expect(std(x, 0, false).tolist()).not.toEqual(std(x, 0, true).tolist());
  });
});

describe('names', () => {
  const x = tensor([[1, 2], [3, 4]]);

  it('may be those of NumPy, as in PyTorch', () => {
    const call = loose(x);
    expect(call.sum!({ axis: 1, keepdims: true }).tolist()).toEqual([[3], [7]]);
    expect(call.sum!(1, { keepdims: true }).tolist()).toEqual([[3], [7]]);
    expect((call.max!({ axis: 0 }) as unknown as { values: Tensor }).values.tolist()).toEqual([3, 4]);
    expect(call.softmax!({ axis: 0 }).shape).toEqual([2, 2]);
    expect(call.add!({ x2: x }).tolist()).toEqual([[2, 4], [6, 8]]);
  });

  it('are known in every spelling of the first arguments', async () => {
    const { add, sum, where } = (await import('adjoint')) as unknown as Record<string, (...args: unknown[]) => Tensor>;
    expect(sum!({ x }).item()).toBe(10);
    expect(sum!({ a: x }).item()).toBe(10);
    expect(sum!({ x1: x, axis: 0 }).tolist()).toEqual([4, 6]);
    expect(add!({ x1: x, x2: x }).tolist()).toEqual([[2, 4], [6, 8]]);
    expect(where!({ condition: x.gt(2), x, x2: zeros([2, 2]) }).tolist()).toEqual([[0, 0], [3, 4]]);
  });

  it('may not be given twice, in whatever spelling', () => {
    const call = loose(x);
    expect(() => call.sum!(1, { axis: 1 })).toThrow(/argument dim was given by position and by name/);
    expect(() => call.sum!({ dim: 1, axis: 1 })).toThrow(/sum: argument dim was given/);
  });

  it('that no op knows are refused with those there are', () => {
    expect(() => loose(x).sum!({ dims: 1 })).toThrow(/sum: there is no argument named dims; the signatures are sum\(input, dtype=null\) and sum\(input, dim=null, keepdim=false/);
    expect(() => loose(x).sum!({ nonsense: 1 })).toThrow(/there is no argument named nonsense; the signatures are/);
    expect(() => loose(x).relu!({ axis: 1 })).toThrow(/relu: there is no argument named axis; the signature is relu\(input/);
  });

  it('of words may be written as in PyTorch or in camelCase', () => {
    const call = loose(zeros([2]));
    expect(() => call.scatterReduce!(0, tensor([0n]), tensor([1]), 'a_max')).toThrow(UsageError);
    expect(call.scatterReduce!(0, tensor([0n]), tensor([1]), 'amax').tolist()).toEqual([1, 0]);
  });
});
