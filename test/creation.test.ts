import { describe, expect, it } from 'vitest';
import { DTypeError, OutOfMemoryError, ShapeError, UsageError, tensor, zeros, type DType } from 'adjoint';

const anything = tensor as (data: any, options?: any) => ReturnType<typeof tensor>;

describe('tensor()', () => {
  it('makes float32 of numbers, bool of booleans and int64 of bigints', () => {
    expect([tensor([1, 2]).dtype, tensor([true]).dtype, tensor([1n]).dtype]).toEqual(['float32', 'bool', 'int64']);
  });

  it('keeps the dtype of a typed array and copies it', () => {
    const source = new Float64Array([1.5, 2.5]);
    const t = tensor(source);
    source[0] = 9;
    expect([t.dtype, t.tolist()]).toEqual(['float64', [1.5, 2.5]]);
    const arrays = [new Int32Array(1), new Int16Array(1), new Int8Array(1), new Uint8Array(1), new BigInt64Array(1)];
    expect(arrays.map((a) => tensor(a).dtype)).toEqual(['int32', 'int16', 'int8', 'uint8', 'int64']);
  });

  it('takes typed arrays as rows', () => {
    const t = tensor([new Float32Array([1, 2]), new Float32Array([3, 4])]);
    expect([t.shape, t.dtype, t.tolist()]).toEqual([[2, 2], 'float32', [[1, 2], [3, 4]]]);
  });

  it('gives back what it was given, in every dtype', () => {
    const dtypes: DType[] = ['float32', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8', 'float16', 'bfloat16'];
    for (const dtype of dtypes) {
      const t = tensor([[1, 2, 3], [4, 5, 6]], { dtype });
      expect([t.dtype, t.shape, t.tolist()]).toEqual([dtype, [2, 3], [[1, 2, 3], [4, 5, 6]]]);
    }
  });

  it('makes 0-dim tensors of numbers and empty ones of empty arrays', () => {
    expect([tensor(3).shape, tensor(3).item(), tensor([]).shape, tensor([[], []]).shape]).toEqual([[], 3, [0], [2, 0]]);
  });

  it('rounds towards zero for integer dtypes and keeps all bits of a bigint', () => {
    expect(tensor([1.7, -1.7], { dtype: 'int64' }).tolist()).toEqual([1, -1]);
    expect(tensor(2n ** 62n + 1n).item<bigint>()).toBe(2n ** 62n + 1n);
  });

  it('copies a tensor without its history', () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = tensor(x.mul(2), { dtype: 'float64' });
    expect([y.tolist(), y.dtype, y.requiresGrad, y.isLeaf]).toEqual([[2, 4], 'float64', false, true]);
  });

  it('refuses an array that holds itself, and shapes no array can hold', () => {
    const ring: unknown[] = [];
    ring.push(ring);
    expect(() => anything(ring)).toThrow(ShapeError);
    expect(() => anything([ring, ring])).toThrow(/64 deep/);
    const row = new Array(70_000);
    expect(() => anything(new Array(70_000).fill(row))).toThrow(OutOfMemoryError);
  });

  it('says where a nested array is ragged', () => {
    expect(() => anything([[1, 2], [3]])).toThrow(ShapeError);
    expect(() => anything([[1, 2], [3]])).toThrow('expected an array of length 2 at [1], got an array of length 1');
    expect(() => anything([[1], 2])).toThrow('at [1], got the number 2');
    expect(() => anything([1, [2]])).toThrow('expected a number at [1], got an array of length 1');
    expect(() => anything([[[1], [2]], [[3], [4, 5]]])).toThrow('at [1][1]');
  });

  it('promotes mixed kinds as PyTorch does', () => {
    expect(anything([1, true]).tolist()).toEqual([1, 1]);
    expect(anything([[1, 2], [3, 4n]]).dtype).toBe('float32');
  });

  it('refuses what is no number', () => {
    for (const bad of [null, undefined, 'a', {}, () => 1, [1, 'a'], [null], Symbol('s'), new Map()]) {
      expect(() => anything(bad)).toThrow(UsageError);
    }
    expect(() => anything([[1, 2], [3, 'x']])).toThrow('cannot hold the string "x" at [1][1]');
    expect(() => anything(new Uint16Array(2))).toThrow(DTypeError);
  });

  it('refuses values the dtype cannot hold', () => {
    for (const [value, dtype] of [[300, 'uint8'], [-256, 'uint8'], [NaN, 'int32'], [Infinity, 'int64'], [2 ** 31, 'int32'], [2n ** 63n, 'int64']] as const) {
      expect(() => anything([value], { dtype })).toThrow(DTypeError);
    }
    // PyTorch wraps negative numbers of eight bits.
    expect(anything([-1], { dtype: 'uint8' }).tolist()).toEqual([255]);
  });

  it('refuses unknown dtypes and options that are no object', () => {
    expect(() => anything([1], { dtype: 'float31' })).toThrow('there is no dtype the string "float31"');
    expect(() => anything([1], 'float32')).toThrow(UsageError);
  });
});

describe('reading', () => {
  it('gives typed arrays of the dtype, copied', () => {
    const x = tensor([1, 2, 3]);
    const copy = x.toTypedArray();
    copy[0] = 9;
    expect([copy instanceof Float32Array, x.tolist()]).toEqual([true, [1, 2, 3]]);
    expect(tensor([1n]).toTypedArray()).toEqual(new BigInt64Array([1n]));
    expect(tensor([true]).toTypedArray()).toEqual(new Uint8Array([1]));
    expect(tensor([1.5], { dtype: 'bfloat16' }).toTypedArray()).toEqual(new Float32Array([1.5]));
  });

  it('reads windows with strides row by row', () => {
    const x = tensor([[1, 2, 3], [4, 5, 6]]);
    expect(x.T.tolist()).toEqual([[1, 4], [2, 5], [3, 6]]);
    expect(Array.from(x.T.toTypedArray() as Float32Array)).toEqual([1, 4, 2, 5, 3, 6]);
    expect(x.T.isContiguous()).toBe(false);
  });

  it('gives bools as truth values and refuses item() of several elements', () => {
    expect([tensor(true).item<boolean>(), tensor([[false, true]]).tolist<boolean>()]).toEqual([true, [[false, true]]]);
    expect(() => tensor([1, 2]).item()).toThrow('item: a tensor with 2 elements cannot be converted to a number');
  });
});

describe('facts', () => {
  it('knows shape, strides, size and rank', () => {
    const x = zeros(2, 3, 4);
    expect([x.shape, x.stride(), x.ndim, x.dim(), x.numel(), x.size(), x.size(-1), x.stride(0)]).toEqual([
      [2, 3, 4], [12, 4, 1], 3, 3, 24, [2, 3, 4], 4, 12,
    ]);
    expect(() => x.size(3)).toThrow('dim 3 is out of range for a tensor with 3 dim(s), expected a value in [-3, 2]');
  });

  it('does not let its shape be changed', () => {
    const { shape } = zeros(2);
    expect(() => ((shape as number[])[0] = 5)).toThrow(TypeError);
  });

  it('refuses sizes that are no sizes and survives asking for too much', () => {
    expect(() => zeros(NaN)).toThrow(UsageError);
    expect(() => zeros(1.5)).toThrow(UsageError);
    expect(() => zeros(-1)).toThrow(ShapeError);
    expect(() => zeros(60_000, 60_000)).toThrow(OutOfMemoryError);
    expect(() => zeros(2 ** 40, 2 ** 40)).toThrow();
    expect(zeros(2).tolist()).toEqual([0, 0]);
  });

  it('has no operators', () => {
    const x = tensor([1]) as any;
    expect(() => x * 2).toThrow('tensors have no operators in JavaScript');
    expect(() => x > 0).toThrow(UsageError);
    expect(`${x}`).toBe('tensor([1.])');
  });
});
