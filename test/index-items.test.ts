// What may stand between the brackets of x[...], and what may not.
import { describe, expect, it } from 'vitest';
import { AdjointError, DTypeError, IndexError, type Tensor, UsageError, arange, indexPut, ones, tensor, zeros } from 'adjoint';

class Foo {
  readonly bar = 1;
}

const INT64 = { dtype: 'int64' } as const;
const anything = (t: Tensor) => t as any;

/** Nothing PyTorch would take for an index, or that has a place here. */
const NO_INDEX: Record<string, unknown> = {
  'a slice with a key that is none': { end: 2 },
  'a slice with one key too many': { start: 0, end: 2 },
  'an object of other keys': { from: 1 },
  'an object like an array': { length: 1, 0: 1 },
  'a Date': new Date(0),
  'a Map': new Map(),
  'a Set': new Set([1]),
  'a RegExp': /x/,
  'a Promise': Promise.resolve(),
  'a class instance': new Foo(),
  'a boxed number': Object(1),
  'an ArrayBuffer': new ArrayBuffer(8),
  'a DataView': new DataView(new ArrayBuffer(8)),
  'a Float32Array': new Float32Array([0]),
  'a Float64Array': new Float64Array([1]),
  'a string': 'a',
  'a function': () => 0,
  'a symbol': Symbol('x'),
  'undefined': undefined,
  'NaN': NaN,
  'infinity': Infinity,
  'a fraction': 1.5,
  'an array of fractions': [1.5],
  'an array with NaN': [NaN],
  'an array of strings': ['a'],
  'an array of nulls': [null],
  'an array with undefined': [undefined],
  'an array of slices': [{ start: 1 }],
  'an array of unequal rows': [[0], [1, 2]],
  'an array of numbers and rows': [0, [1]],
  'a slice from a string': { start: 'a' },
  'a slice from a fraction': { start: 0.5 },
  'a slice to NaN': { stop: NaN },
  'a slice from a fractional tensor': { start: tensor(1.5) },
  'a slice of step 0': { step: 0 },
  'a slice backwards': { step: -1 },
  'a tensor of floats': tensor([0]),
  'a 0-dim tensor of floats': tensor(0),
  'an empty tensor of floats': tensor([]),
  'a tensor of int16': tensor([0n], { dtype: 'int16' }),
  'a tensor of int8': tensor([0n], { dtype: 'int8' }),
};

describe('what is no index', () => {
  for (const [name, bad] of Object.entries(NO_INDEX)) {
    it(`${name} is a typed error in index() and setitem(), which writes nothing`, () => {
      const x = anything(arange(3));
      expect(() => x.index(bad)).toThrow(AdjointError);
      expect(() => x.setitem(bad, 5)).toThrow(AdjointError);
      expect(() => x.index(0, bad)).toThrow(AdjointError);
      expect(x.tolist()).toEqual([0, 1, 2]);
    });
  }

  it('is named in the message, with what is allowed', () => {
    const x = anything(arange(5));
    expect(() => x.index({ end: 2 })).toThrow('index: a slice is { start, stop, step } and has no end');
    expect(() => x.setitem({ end: 1 }, 5)).toThrow('setitem: a slice is { start, stop, step } and has no end');
    expect(() => x.setitem([{ end: 1 }], 5)).toThrow('setitem: an array is a list of indices and holds integers or booleans, got an object at [0]');
    expect(() => x.index(new Date(0))).toThrow('index: cannot index with a Date; an index is an integer, { start, stop, step }, null,');
    expect(() => x.index([[0, 1.5]])).toThrow('got the number 1.5 at [0][1]');
    expect(() => x.index(tensor([1]))).toThrow("index: tensors used as indices must be int64, int32, uint8 or bool, got float32; make it with { dtype: 'int64' } or cast with to('int64')");
    expect(() => x.index(tensor([1]))).toThrow(DTypeError);
  });

  it('setitem() wants its value last, a tensor or a number', () => {
    const x = anything(zeros(3));
    for (const args of [[], [0, [1]], [0, 'a'], [0, null], [0, undefined], [0, { start: 1 }]]) expect(() => x.setitem(...args)).toThrow(UsageError);
    expect(() => x.setitem(0, [1])).toThrow('setitem: the last argument is the value, a tensor, a number or a boolean, got an array');
  });
});

describe('an array is a list of indices', () => {
  const x = () => arange(12).view(3, 4);

  it('where it is the only item, as where it is one of several', () => {
    expect(x().index([0, 2]).tolist()).toEqual([[0, 1, 2, 3], [8, 9, 10, 11]]);
    expect(x().index([0, 2], 1).tolist()).toEqual([1, 9]);
    expect(x().index([0, 2], [1, 3]).tolist()).toEqual([1, 11]);
    expect(x().index([[0, 2]]).shape).toEqual([1, 2, 4]);
    expect(x().index([]).shape).toEqual([0, 4]);
    expect(x().index([[]]).shape).toEqual([1, 0, 4]);
    expect(x().index([2n, -1n]).shape).toEqual([2, 4]);
    expect(x().index([tensor(2n), 0] as any).tolist()).toEqual([[8, 9, 10, 11], [0, 1, 2, 3]]);
  });

  it('in setitem() and indexPut_() too', () => {
    expect(zeros(3).setitem([0, 2], 5).tolist()).toEqual([5, 0, 5]);
    expect(zeros(2, 2).setitem([0, 1], [1, 0], 5).tolist()).toEqual([[0, 5], [5, 0]]);
    expect(zeros(2, 2).setitem([[0], [1]], [1, 0], tensor([1, 2])).tolist()).toEqual([[2, 1], [2, 1]]);
    expect(zeros(3).indexPut_([0, 2], tensor(5)).tolist()).toEqual([5, 0, 5]);
    expect(zeros(3).indexPut([true, false, true], tensor(5)).tolist()).toEqual([5, 0, 5]);
  });

  it('of booleans is a mask, of booleans beside integers 0 and 1, as in PyTorch', () => {
    expect(x().index([true, false, true], 0).tolist()).toEqual([0, 8]);
    expect(arange(3).index([0, true] as any).tolist()).toEqual([0, 1]);
    expect(() => x().index([true, false])).toThrow('shape of the mask [2]');
    expect(() => x().index([true, false])).toThrow(IndexError);
  });

  it('of a typed array of integers too, whatever its width', () => {
    for (const Kind of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array]) {
      expect(arange(3).index(Kind.from([2, 0])).tolist(), Kind.name).toEqual([2, 0]);
      expect(zeros(3).setitem(Kind.from([2, 0]), 1).tolist(), Kind.name).toEqual([1, 0, 1]);
    }
    for (const Kind of [BigInt64Array, BigUint64Array]) expect(arange(3).index(Kind.from([2n, 0n])).tolist()).toEqual([2, 0]);
  });
});

describe('forms of an index', () => {
  it('bigints, slices of bigints and of 0-dim tensors, slices of another realm', () => {
    const x = arange(5);
    expect(x.index(-1n).item()).toBe(4);
    expect(x.index({ start: 1n, stop: -1n, step: 2n }).tolist()).toEqual([1, 3]);
    expect(anything(x).index({ start: tensor(3n) }).tolist()).toEqual([3, 4]);
    expect(x.index(structuredClone({ start: 3 })).tolist()).toEqual([3, 4]);
    expect(x.index(Object.assign(Object.create(null) as object, { stop: 1 })).tolist()).toEqual([0]);
    expect(x.index({}).tolist()).toEqual([0, 1, 2, 3, 4]);
    expect(x.index({ start: null, stop: undefined as any, step: null }).tolist()).toEqual([0, 1, 2, 3, 4]);
    expect(() => x.index(2n ** 70n)).toThrow(IndexError);
  });

  it('a boolean adds a dim of size 1 or 0, as a 0-dim bool tensor does', () => {
    const x = arange(6).view(2, 3);
    for (const [yes, no] of [[true, false], [tensor(true), tensor(false)], [tensor(1, { dtype: 'uint8' }), tensor(0, { dtype: 'uint8' })]] as const) {
      expect([x.index(yes).shape, x.index(no).shape, x.index({}, yes).shape, x.index({}, no).shape]).toEqual([[1, 2, 3], [0, 2, 3], [2, 1, 3], [2, 0, 3]]);
      expect(x.index(yes, [0, 1], [2, 2]).tolist()).toEqual([2, 5]);
      expect(tensor(5).index(yes).tolist()).toEqual([5]);
      expect(zeros(2).setitem(no, 1).tolist()).toEqual([0, 0]);
    }
  });

  it('a mask of two dims before an index of a later dim', () => {
    const x = arange(24).view(2, 3, 4);
    const mask = tensor([[true, false, true], [false, true, false]]);
    expect(x.index(mask, [3, 0, 1]).tolist()).toEqual([3, 8, 17]);
    expect(x.index(mask, 1).tolist()).toEqual([1, 9, 17]);
    expect(arange(48).view(2, 3, 4, 2).index(mask, {}, [1, 0, 1]).tolist()).toEqual([[1, 3, 5, 7], [16, 18, 20, 22], [33, 35, 37, 39]]);
  });

  it('a 0-dim integer tensor of any width is that integer', () => {
    for (const dtype of ['int64', 'int32', 'int16', 'int8'] as const) expect(arange(3).index(tensor(-1, { dtype })).item()).toBe(2);
  });

  it('setitem() without indices writes everything, as x[()] does', () => {
    expect(zeros(2).setitem(3).tolist()).toEqual([3, 3]);
  });

  it('a value loses its leading dims of size 1, and one value under a mask is cast', () => {
    expect(zeros(3).setitem([0], ones(1, 1, 1)).tolist()).toEqual([1, 0, 0]);
    expect(zeros(3).setitem(0, tensor([[5]])).tolist()).toEqual([5, 0, 0]);
    expect(zeros(2).setitem(tensor([true, false]), tensor(5n)).tolist()).toEqual([5, 0]);
    expect(zeros(2, INT64).setitem(tensor([true, false]), tensor(1.5)).tolist()).toEqual([1, 0]);
    expect(() => zeros(2).setitem([0], tensor([5n]))).toThrow(DTypeError);
  });

  it('integers beyond 2^53 are written exactly', () => {
    const big = 2n ** 60n + 1n;
    expect(zeros(2, INT64).setitem(0, big).tolist()).toEqual([big, 0]);
    expect(zeros(2, INT64).setitem([1], big).tolist()).toEqual([0, big]);
  });
});

describe('indexPut()', () => {
  const i = tensor([0n, 0n, 2n]);

  it("takes PyTorch's list of tensors and nulls, by position and by name", () => {
    const values = tensor([1, 2, 3]);
    for (const y of [
      zeros(3).indexPut([i], values, true), zeros(3).indexPut([i], values, { accumulate: true }),
      zeros(3).indexPut({ indices: [i], values, accumulate: true }), zeros(3).indexPut([i], { values, accumulate: true }),
      zeros(3).indexPut_([i], values, true), indexPut(zeros(3), [i], values, true),
    ]) expect(y.tolist()).toEqual([3, 0, 3]);
    expect(zeros(2, 2).indexPut([null, tensor([1n])], tensor(4)).tolist()).toEqual([[0, 4], [0, 4]]);
  });

  it('takes the items spread out, tensors or arrays', () => {
    expect(zeros(3, 3).indexPut_(tensor([0n, 1n]), [1, 2], tensor([5, 6]), { accumulate: true }).tolist()).toEqual([[0, 5, 0], [0, 0, 6], [0, 0, 0]]);
    expect(zeros(2, 2).indexPut(null, [1], tensor(1)).tolist()).toEqual([[0, 1], [0, 1]]);
    expect(zeros(3).indexPut(i, tensor([1, 2, 3]), true).tolist()).toEqual([3, 0, 3]);
  });

  it('returns its tensor in place, and refuses what is no list of indices', () => {
    const x = anything(zeros(3));
    expect(x.indexPut_([0], tensor(1))).toBe(x);
    expect(() => x.indexPut_({ start: 1 }, tensor(1))).toThrow('an index must be a tensor, null or an array');
    expect(() => x.indexPut_(new Date(0), tensor(1))).toThrow('cannot index with a Date');
    expect(() => x.indexPut_([0], { value: 1 })).toThrow(UsageError);
  });
});
