// Questions about dtypes and shapes, PyTorch's `torch.promote_types` and its neighbours.
import { DTYPES, INTEGER_RANGES, SIZES, codeOf, isFloatCode, promote, type DType } from '../core/dtype';
import { describe } from '../core/describe';
import { ShapeError, UsageError } from '../core/errors';
import { anything, dtype, kind } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { isReadable } from '../core/plain-object';
import { tensor } from './tensor-kinds';
import { Tensor } from './tensor';

const BOOL = codeOf('bool')!;
const INT64 = codeOf('int64')!;
const FLOAT32 = codeOf('float32')!;

/** 0 of bool, 1 of integers, 2 of floats: a dtype is not cast to one of a lower category. */
const category = (code: number): number => (isFloatCode(code) ? 2 : code === BOOL ? 0 : 1);

/** The smallest dtype that both can be cast to. Source: PyTorch, `torch.promote_types`. */
export const promoteTypes: Stated & ((...args: Arguments<{ type1: DType; type2: DType }, ['type1', 'type2']>) => DType) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ type1: DType; type2: DType }>('promoteTypes', () => ({ type1: dtype, type2: dtype })),
  ({ type1, type2 }) => DTYPES[promote(codeOf(type1)!, codeOf(type2)!)]!,
);

/** Whether a result of dtype `from` may be written into a tensor of dtype `to`: never from a higher category. Source: PyTorch, `torch.can_cast`. */
export const canCast: Stated & ((...args: Arguments<{ from: DType; to: DType }, ['from', 'to']>) => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ from: DType; to: DType }>('canCast', () => ({ from: dtype, to: dtype })),
  ({ from, to }) => category(codeOf(from)!) <= category(codeOf(to)!),
);

type Operand = Tensor | number | bigint | boolean;

const operand = (): ReturnType<typeof kind<Operand>> =>
  kind<Operand>('a tensor, a number or a boolean', (value) => value instanceof Tensor || ['number', 'bigint', 'boolean'].includes(typeof value));

/** How much an operand counts, tensors with dims most and numbers least, and its dtype. */
function rankOf(x: Operand): [rank: number, code: number] {
  if (x instanceof Tensor) return [x.ndim > 0 ? 0 : 1, codeOf(x.dtype)!];
  if (typeof x === 'boolean') return [2, BOOL];
  return [2, typeof x === 'bigint' || Number.isInteger(x) ? INT64 : FLOAT32];
}

/**
 * The dtype that an operation of the two computes in: tensors with dims decide, then those without, then numbers, of which each changes it
 * only where it is of a higher category. Source: PyTorch, `torch.result_type`.
 */
export const resultType: Stated & ((...args: Arguments<{ tensor1: Operand; tensor2: Operand }, ['tensor1', 'tensor2']>) => DType) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ tensor1: Operand; tensor2: Operand }>('resultType', () => ({ tensor1: operand(), tensor2: operand() })),
  ({ tensor1, tensor2 }) => {
    const [[rankA, a], [rankB, b]] = [rankOf(tensor1), rankOf(tensor2)];
    if (rankA === rankB) return DTYPES[promote(a, b)]!;
    const [first, second] = rankA < rankB ? [a, b] : [b, a];
    return DTYPES[category(second) > category(first) ? promote(first, second) : first]!;
  },
);

/** Whether a value is a tensor. Source: PyTorch, `torch.is_tensor`. */
export const isTensor: Stated & ((...args: Arguments<{ obj: unknown }, ['obj']>) => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ obj: unknown }>('isTensor', () => ({ obj: anything })),
  ({ obj }) => obj instanceof Tensor,
);

/** Whether a tensor has a floating-point dtype. Source: PyTorch, `torch.is_floating_point`. */
export const isFloatingPoint: Stated & ((...args: Arguments<{ input: Tensor }, ['input']>) => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ input: Tensor }>('isFloatingPoint', () => ({ input: tensor })),
  ({ input }) => isFloatCode(codeOf(input.dtype)!),
);

/** Facts about a floating-point dtype. */
export interface FloatInfo {
  /** How many bits a number takes. */
  readonly bits: number;
  /** The distance of 1 and the next number. */
  readonly eps: number;
  /** The greatest number. */
  readonly max: number;
  /** The least number, `−max`. */
  readonly min: number;
  /** The least positive number with all its digits. */
  readonly tiny: number;
  /** The same. */
  readonly smallestNormal: number;
  /** The decimal digits a number has, as a distance: 1e-6 of six. */
  readonly resolution: number;
  /** Which dtype. */
  readonly dtype: DType;
}

/** Bits of exponent and of fraction, and decimal digits, by dtype (IEEE 754, and for bfloat16 the first half of a float32). */
const FLOATS: Readonly<Partial<Record<DType, readonly [exponent: number, fraction: number, resolution: number]>>> = {
  float32: [8, 23, 1e-6],
  float64: [11, 52, 1e-15],
  float16: [5, 10, 1e-3],
  bfloat16: [8, 7, 1e-2],
};

/** What a floating-point dtype can hold; float32 where none is given. Source: PyTorch, `torch.finfo`. */
export const finfo: Stated & ((...args: Arguments<{ type?: DType }, ['type']>) => FloatInfo) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ type?: DType }>('finfo', () => ({ type: dtype.or('float32') })),
  ({ type }): FloatInfo => {
    const format = FLOATS[type];
    if (format === undefined) throw new UsageError(`finfo: expected a floating-point dtype, got ${type}; use iinfo() for integers`, 'finfo', { dtype: type });
    const [exponent, fraction, resolution] = format;
    const bias = 2 ** (exponent - 1) - 1;
    const eps = 2 ** -fraction;
    const max = (2 - eps) * 2 ** bias;
    const tiny = 2 ** (1 - bias);
    return { bits: 1 + exponent + fraction, eps, max, min: -max, tiny, smallestNormal: tiny, resolution, dtype: type };
  },
);

/** Facts about an integer dtype. */
export interface IntegerInfo {
  /** How many bits a number takes. */
  readonly bits: number;
  /** The greatest number; a bigint of int64. */
  readonly max: number | bigint;
  /** The least number; a bigint of int64. */
  readonly min: number | bigint;
  /** Which dtype. */
  readonly dtype: DType;
}

/** What an integer dtype can hold. Source: PyTorch, `torch.iinfo`. */
export const iinfo: Stated & ((...args: Arguments<{ type: DType }, ['type']>) => IntegerInfo) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ type: DType }>('iinfo', () => ({ type: dtype })),
  ({ type }): IntegerInfo => {
    const code = codeOf(type)!;
    const range = INTEGER_RANGES[code];
    if (range === undefined) throw new UsageError(`iinfo: expected an integer dtype, got ${type}; use finfo() for floats`, 'iinfo', { dtype: type });
    const bits = 8 * SIZES[code]!;
    return type === 'int64' ? { bits, max: 2n ** 63n - 1n, min: -(2n ** 63n), dtype: type } : { bits, max: range[1], min: range[0], dtype: type };
  },
);

/**
 * The shape that these broadcast to: aligned at the right, sizes equal or one of them 1. A size alone is a shape of one dim.
 *
 * Throws a ShapeError where they do not. Source: PyTorch, `torch.broadcast_shapes`.
 */
export function broadcastShapes(...shapes: readonly (readonly number[] | number)[]): number[] {
  let out: number[] = [];
  for (const given of shapes) {
    const shape = typeof given === 'number' ? [given] : given;
    if (!isReadable(shape) || !Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
      const isList = isReadable(shape) && Array.isArray(shape) && shape.every((n) => typeof n === 'number');
      const got = isList ? `[${shape.join(', ')}]` : describe(given);
      throw new UsageError(`broadcastShapes: expected shapes, lists of integers of at least 0, got ${got}`, 'broadcastShapes');
    }
    const rank = Math.max(out.length, shape.length);
    const at = (list: readonly number[], d: number): number => list[d - rank + list.length] ?? 1;
    out = Array.from({ length: rank }, (_, d) => {
      const [a, b] = [at(out, d), at(shape, d)];
      if (a !== b && a !== 1 && b !== 1) {
        throw new ShapeError(`broadcastShapes: sizes ${a} and ${b} do not broadcast, in shapes [${out.join(', ')}] and [${shape.join(', ')}]`, 'broadcastShapes');
      }
      return a === 1 ? b : a;
    });
  }
  return out;
}
