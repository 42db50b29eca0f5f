import { describe, expect, it } from 'vitest';
import { IndexError, UsageError, arange, tensor, zeros } from 'adjoint';

const x = () => arange(24).view(2, 3, 4);

describe('x.index()', () => {
  it('takes one element of a dim by an integer, from the end by a negative one', () => {
    expect(x().index(1, 2, 3).item()).toBe(23);
    expect(x().index(-1, 0).tolist()).toEqual([12, 13, 14, 15]);
  });

  it('takes ranges', () => {
    expect(x().index({ start: 1 }, { stop: 2 }, { step: 2 }).tolist()).toEqual([[[12, 14], [16, 18]]]);
    expect(x().index(0, 0, { start: -2 }).tolist()).toEqual([2, 3]);
    expect(x().index({ start: 5, stop: 9 }).shape).toEqual([0, 3, 4]);
  });

  it('adds dims by null and spans them by ...', () => {
    expect(x().index(null, '...', 0).shape).toEqual([1, 2, 3]);
    expect(x().index('...', null).shape).toEqual([2, 3, 4, 1]);
    expect(x().index('...').shape).toEqual([2, 3, 4]);
  });

  it('gathers by tensors and arrays of integers and booleans', () => {
    const m = tensor([[1, 2], [3, 4], [5, 6]]);
    expect(m.index(tensor([2n, 0n])).tolist()).toEqual([[5, 6], [1, 2]]);
    expect(m.index([0, 1], [1, 0]).tolist()).toEqual([2, 3]);
    expect(m.index([[0, 1], [1, 0]]).tolist()).toEqual([[[1, 2], [3, 4]], [[3, 4], [1, 2]]]);
    expect(m.index(m.gt(2)).tolist()).toEqual([3, 4, 5, 6]);
    expect(m.index({ start: 1 }, [1]).tolist()).toEqual([[4], [6]]);
    expect(m.index(tensor(1n)).tolist()).toEqual([3, 4]);
  });

  it('takes an array as a list of indices, also where it is the only argument', () => {
    expect(x().index([1, 0]).tolist()).toEqual([x().index(1).tolist(), x().index(0).tolist()]);
    expect(x().index([1, 0], 1).tolist()).toEqual([x().index(1, 1).tolist(), x().index(0, 1).tolist()]);
  });

  it('makes windows on the same values', () => {
    const t = zeros(2, 2);
    t.index(0).add_(5);
    expect(t.tolist()).toEqual([[5, 5], [0, 0]]);
  });

  it('lets gradients through, added up where an element was taken twice', () => {
    const w = tensor([1, 2, 3], { requiresGrad: true });
    w.index(tensor([0n, 0n, 2n])).sum().backward();
    expect(w.grad?.tolist()).toEqual([2, 0, 1]);
  });

  it('refuses what is out of range or no index', () => {
    const t = x() as any;
    expect(() => t.index(2)).toThrow('index: index 2 is out of bounds for dim 0 with size 2');
    expect(() => t.index(0, 0, 0, 0)).toThrow('too many indices for a tensor with 3 dim(s), got 4');
    expect(() => tensor(1).index(0)).toThrow(IndexError);
    expect(() => t.index(1.5)).toThrow(UsageError);
    expect(() => t.index({ step: -1 })).toThrow('must be greater than 0');
    expect(() => t.index('a')).toThrow(UsageError);
    expect(t.index('...', '...').shape).toEqual(t.shape);
  });
});

describe('x.setitem()', () => {
  it('writes numbers and tensors, broadcast', () => {
    const t = zeros(3, 3);
    t.setitem(1, { start: 1 }, 5).setitem(0, tensor([1, 2, 3])).setitem([2, 2], [0, 1], -1);
    expect(t.tolist()).toEqual([[1, 2, 3], [0, 5, 5], [-1, -1, 0]]);
    t.setitem(t.lt(0), 9);
    expect(t.tolist()).toEqual([[1, 2, 3], [0, 5, 5], [9, 9, 0]]);
  });

  it('is seen by gradients', () => {
    const w = tensor([1, 2, 3], { requiresGrad: true });
    const y = w.mul(2);
    y.setitem(1, 0);
    y.setitem(2, y.index(0).mul(5));
    y.sum().backward();
    expect([y.tolist(), w.grad?.tolist()]).toEqual([[2, 0, 10], [12, 0, 0]]);
  });
});
