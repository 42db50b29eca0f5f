// Questions about dtypes and shapes, against what PyTorch 2.15 answers (fixtures/dtypes.json).
import { readFileSync } from 'node:fs';
import { ShapeError, UsageError, broadcastShapes, canCast, finfo, iinfo, isFloatingPoint, isTensor, ones, promoteTypes, resultType, tensor, type DType } from 'adjoint';
import { describe, expect, it } from 'vitest';

interface Recorded {
  readonly dtypes: readonly DType[];
  readonly promote: readonly (readonly number[])[];
  readonly canCast: readonly string[];
  readonly finfo: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly iinfo: Readonly<Record<string, readonly [bits: number, min: string, max: string]>>;
  readonly result: readonly (readonly [dtype: DType, dims: number, number: 'number' | 'integer' | 'bool', result: DType])[];
}

const recorded = JSON.parse(readFileSync(new URL('fixtures/dtypes.json', import.meta.url), 'utf8')) as Recorded;
const { dtypes } = recorded;

describe('dtypes', () => {
  it('promote as in PyTorch', () => {
    expect(dtypes.map((a) => dtypes.map((b) => dtypes.indexOf(promoteTypes(a, b))))).toEqual(recorded.promote);
  });

  it('are cast to those that PyTorch casts them to', () => {
    expect(dtypes.map((a) => dtypes.map((b) => (canCast(a, b) ? '1' : '0')).join(''))).toEqual(recorded.canCast);
  });

  it('of floats have the facts that PyTorch states', () => {
    for (const [type, { smallest_normal, ...facts }] of Object.entries(recorded.finfo)) {
      const found = finfo(type as DType);
      expect({ ...found, resolution: 0 }).toEqual({ ...facts, smallestNormal: smallest_normal, resolution: 0, dtype: type });
      expect(found.resolution).toBeCloseTo(facts['resolution']!, 5);
    }
    expect(finfo().dtype).toBe('float32');
    expect(() => finfo('int64')).toThrow('finfo: expected a floating-point dtype, got int64');
  });

  it('of integers have the facts that PyTorch states', () => {
    for (const [type, [bits, min, max]] of Object.entries(recorded.iinfo)) {
      const found = iinfo(type as DType);
      expect([found.bits, String(found.min), String(found.max)]).toEqual([bits, min, max]);
    }
    expect(() => iinfo('float32')).toThrow('iinfo: expected an integer dtype, got float32');
  });

  it('of results are PyTorch\'s', () => {
    const numbers = { number: 1.5, integer: 2, bool: true };
    const found = recorded.result.map(([dtype, dims, number]) => resultType(dims === 1 ? ones([1], { dtype }) : ones([], { dtype }), numbers[number]));
    expect(found).toEqual(recorded.result.map(([, , , result]) => result));
    expect(resultType(ones([1], { dtype: 'int32' }), ones([], { dtype: 'int64' }))).toBe('int32');
    expect(resultType(2n, 1.5)).toBe('float32');
  });
});

describe('values', () => {
  it('are tensors or not', () => {
    expect([isTensor(ones([1])), isTensor([1]), isFloatingPoint(ones([1])), isFloatingPoint(tensor([1n]))]).toEqual([true, false, true, false]);
  });
});

describe('broadcastShapes', () => {
  it('aligns shapes at the right', () => {
    expect(broadcastShapes([2], [3, 1], [1, 1, 1])).toEqual([1, 3, 2]);
    expect(broadcastShapes()).toEqual([]);
    expect(broadcastShapes(4, [0, 1])).toEqual([0, 4]);
    expect(broadcastShapes([0, 3], [1, 3])).toEqual([0, 3]);
  });

  it('refuses others', () => {
    expect(() => broadcastShapes([2, 3], [4])).toThrow(ShapeError);
    expect(() => broadcastShapes([-1])).toThrow(UsageError);
    expect(() => broadcastShapes({ shapes: [[1]] } as never)).toThrow(UsageError);
  });
});
