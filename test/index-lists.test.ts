// Lists of indices: what an array between the brackets may hold, and how it is given where it may not. The values are PyTorch's.
import { describe, expect, it } from 'vitest';
import { DTypeError, IndexError, ShapeError, type Tensor, UsageError, arange, indexPut, ones, tensor, zeros } from 'adjoint';

const anything = (t: Tensor) => t as any;
const x = () => anything(arange(12).view(3, 4));
const uint8 = (data: number | number[]) => tensor(data, { dtype: 'uint8' });

describe('a list of indices', () => {
  it('of lists has as many dims, whatever the rows are', () => {
    const rows = [[[4, 5, 6, 7], [0, 1, 2, 3]], [[8, 9, 10, 11], [4, 5, 6, 7]]];
    for (const list of [
      [[1, 0], [2, 1]], [[1n, 0n], [2n, -2n]], [Int32Array.of(1, 0), Uint8Array.of(2, 1)], [[1, 0], BigInt64Array.of(2n, 1n)],
      [[tensor(1n), 0], [tensor(2, { dtype: 'int8' }), true]],
    ]) expect(x().index(list).tolist()).toEqual(rows);
    expect(zeros(3).setitem([[0], [2]], 5).tolist()).toEqual([5, 0, 5]);
  });

  it('may hold tensors of no dims', () => {
    expect(x().index([tensor(1n), tensor(2n)], 0).tolist()).toEqual([4, 8]);
    expect(x().index([tensor(2, { dtype: 'int16' }), 0, 1n], 1).tolist()).toEqual([9, 1, 5]);
    expect(anything(zeros(3)).setitem([tensor(0n), tensor(2, { dtype: 'int32' })], 5).tolist()).toEqual([5, 0, 5]);
  });

  it('of booleans alone, as tensors too, is a mask, with integers beside them it is not', () => {
    expect(x().index([tensor(true), tensor(false), true], 0).tolist()).toEqual([0, 8]);
    expect(x().index([uint8(1), uint8(0), uint8(2)], 0).tolist()).toEqual([0, 8]);
    expect(x().index([[true, false, false, true], [false, false, false, false], [false, true, false, false]]).tolist()).toEqual([0, 3, 9]);
    expect(x().index([tensor(true), 0], 0).tolist()).toEqual([4, 0]);
    expect(x().index([[true, 1], [0, false]], 0).tolist()).toEqual([[4, 4], [0, 0]]);
    expect(() => x().index([[true, false], [false, true]])).toThrow(IndexError);
  });

  it.each<[string, unknown, new (...args: never[]) => Error, RegExp]>([
    ['a list and a tensor', [[0, 1], tensor([1n])], UsageError, /got a tensor of shape \[1\] at \[1\]; give the index of each dim as an argument of its own, as in index\(a, b\)/],
    ['a tensor and a list', [tensor([0n, 1n]), [1, 2]], UsageError, /got a tensor of shape \[2\] at \[0\]/],
    ['tensors with dims', [tensor([1n]), tensor([2n])], UsageError, /got a tensor of shape \[1\] at \[0\]/],
    ['a list and null', [[0, 1], null], UsageError, /got null at \[1\]; give the index of each dim/],
    ['null and an integer', [null, 0], UsageError, /got null at \[0\]/],
    ['a slice', [{ start: 0 }, 0], UsageError, /got an object at \[0\]/],
    ['an ellipsis', ['...', 0], UsageError, /got the string "\.\.\." at \[0\]/],
    ['floats in a typed array', [Float32Array.of(0), Float32Array.of(1)], UsageError, /got a Float32Array at \[0\]/],
    ['a float tensor of no dims', [tensor(1), 0], DTypeError, /must be int64, int32, uint8 or bool, got float32/],
    ['rows of unequal length', [[0], [1, 2]], ShapeError, /expected an array of length 1 at \[1\], got an array of length 2; give the index of each dim as an argument of its own, as in index\(\[0\], \[1, 2\]\)/],
    ['typed rows of unequal length', [Int32Array.of(0), Int32Array.of(1, 2)], ShapeError, /got an array of length 2/],
    ['an integer and a row', [0, [1]], ShapeError, /expected an integer at \[1\], got an array of length 1/],
    ['a row and an integer', [[0], 1], ShapeError, /expected an array of length 1 at \[1\], got the number 1/],
    ['a row and a tensor of no dims', [[0], tensor(1n)], ShapeError, /got a tensor/],
    ['rows of unequal depth', [[[0]], [1]], ShapeError, /at \[1\]\[0\]/],
    ['booleans of unequal rows', [[true], [true, false]], ShapeError, /got an array of length 2/],
    ['an integer beyond 64 bits', [2n ** 70n], IndexError, /out of bounds/],
    ['a number beyond 64 bits', [1e300], IndexError, /out of bounds/],
  ])('that holds %s is an error that says how to write it, and writes nothing', (_, list, kind, message) => {
    const y = x();
    for (const [op, call] of [['index', () => y.index(list)], ['setitem', () => y.setitem(list, 7)], ['indexPut_', () => y.indexPut_(list, 0, tensor(7))]] as const) {
      expect(call, op).toThrow(kind);
      expect(call, op).toThrow(new RegExp(`^${op}: `));
      expect(call, op).toThrow(message);
    }
    expect(y.tolist()).toEqual(arange(12).view(3, 4).tolist());
  });

  it('that holds itself is an error', () => {
    const list: unknown[] = [];
    list.push(list);
    expect(() => x().index(list)).toThrow(/nested 64 deep/);
  });
});

describe('a mask of uint8', () => {
  it('selects, and takes several values', () => {
    expect(arange(3).index(uint8([1, 0, 1])).tolist()).toEqual([0, 2]);
    expect(zeros(3).setitem(uint8([1, 0, 1]), tensor([5, 6])).tolist()).toEqual([5, 0, 6]);
    expect(zeros(3, 4).indexPut([uint8([1, 0, 1])], ones(2, 1)).tolist()).toEqual([[1, 1, 1, 1], [0, 0, 0, 0], [1, 1, 1, 1]]);
  });

  it('does not take one value, which PyTorch writes under masks of bools only', () => {
    const z = zeros(3);
    const mask = uint8([1, 0, 1]);
    for (const call of [
      () => z.setitem(mask, 5), () => z.setitem(mask, true), () => z.setitem(mask, tensor(5)), () => z.setitem(mask, tensor([[5]])),
      () => z.indexPut_([mask], tensor(5)), () => z.indexPut([mask], tensor([5])), () => indexPut(z, [mask], tensor(5)),
      () => zeros(2, 3).indexPut_([null, mask], tensor(5)),
    ]) {
      expect(call).toThrow(DTypeError);
      expect(call).toThrow("got a mask of uint8; cast the mask with to('bool')");
    }
    expect(z.tolist()).toEqual([0, 0, 0]);
    expect(z.setitem(mask.to('bool'), 5).tolist()).toEqual([5, 0, 5]);
  });

  it('takes one value where it has no dims, beside another index, or where values are added', () => {
    expect(zeros(3).setitem(uint8(1), 5).tolist()).toEqual([5, 5, 5]);
    expect(zeros(3).setitem(uint8(0), 5).tolist()).toEqual([0, 0, 0]);
    expect(zeros(3, 2).indexPut([uint8([1, 0, 1]), tensor([1n])], tensor(5)).tolist()).toEqual([[0, 5], [0, 0], [0, 5]]);
    expect(zeros(3).indexPut([uint8([1, 0, 1])], tensor(5), true).tolist()).toEqual([5, 0, 5]);
  });
});

it('indexPut() takes null for a dim, as method, in place and as function, and adds', () => {
  const i = tensor([1n, 1n]);
  const column = [[0, 2], [0, 2], [0, 2]];
  const values = ones(3, 2);
  expect(zeros(3, 2).indexPut([null, i], values, true).tolist()).toEqual(column);
  expect(zeros(3, 2).indexPut_([null, i], values, { accumulate: true }).tolist()).toEqual(column);
  expect(zeros(3, 2).indexPut_(null, i, values, true).tolist()).toEqual(column);
  expect(zeros(3, 2).indexPut_({ indices: [null, i], values, accumulate: true }).tolist()).toEqual(column);
  expect(indexPut(zeros(3, 2), [null, i], values, true).tolist()).toEqual(column);
  expect(indexPut(zeros(3, 2), [null, i], values, { accumulate: true }).tolist()).toEqual(column);
  expect(zeros(3, 2).indexPut([tensor([1n]), null], tensor(5)).tolist()).toEqual([[0, 0], [5, 5], [0, 0]]);
  expect(() => zeros(2).indexPut([null, null, i], tensor(5))).toThrow(IndexError);
});
