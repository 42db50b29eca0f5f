// Element types: their names, their codes across the boundary, and the typed arrays that hold them.
import {
  DTYPE_BFLOAT16 as BFLOAT16,
  DTYPE_BOOL as BOOL,
  DTYPE_FLOAT16 as FLOAT16,
  DTYPE_FLOAT32 as FLOAT32,
  DTYPE_FLOAT64 as FLOAT64,
  DTYPE_INT16 as INT16,
  DTYPE_INT64 as INT64,
  DTYPE_UINT8 as UINT8,
} from '../generated/abi';
import type { TypedArray } from './types';

export { BFLOAT16, BOOL, FLOAT16, FLOAT32, FLOAT64, INT16, INT64, UINT8 };

/** The name of an element type, PyTorch's. */
export type DType =
  | 'float32'
  | 'float64'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint8'
  | 'bool'
  | 'float16'
  | 'bfloat16';

/** Where tensors are: Adjoint computes on the CPU, of which PyTorch's names may have a number. */
export type Device = 'cpu' | `cpu:${number}`;

/** Whether a value names the CPU as PyTorch's devices do. */
export function isCpu(device: unknown): boolean {
  return typeof device === 'string' && /^cpu(:(0|[1-9]\d*))?$/.test(device);
}

/** All of them, in the order of their codes in `kernels::dtype::DType`. */
export const DTYPES: readonly DType[] = [
  'float32',
  'float64',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint8',
  'bool',
  'float16',
  'bfloat16',
];

const CODES: ReadonlyMap<string, number> = new Map(DTYPES.map((name, code) => [name, code]));

/** The code of a dtype by name, or undefined. */
export function codeOf(name: unknown): number | undefined {
  return typeof name === 'string' ? CODES.get(name) : undefined;
}

/** The smallest dtype both can be cast to, PyTorch's `promote_types`, by code. */
export function promote(a: number, b: number): number {
  if (a === b) return a;
  const [floatA, floatB] = [isFloatCode(a), isFloatCode(b)];
  if (floatA !== floatB) return floatA ? a : b;
  if (floatA) return a === FLOAT64 || b === FLOAT64 ? FLOAT64 : FLOAT32;
  if (a === BOOL || b === BOOL) return a === BOOL ? b : a;
  // Codes of signed integers fall as they widen; uint8 and a signed one need 16 bits.
  const widest = Math.min(a, b);
  return Math.max(a, b) === UINT8 && widest > INT16 ? INT16 : widest;
}


/** Bytes of an element, by code. */
export const SIZES: readonly number[] = [4, 8, 8, 4, 2, 1, 1, 1, 2, 2];

/** Whether values of this code are floating point. */
export function isFloatCode(code: number): boolean {
  return code < INT64 || code >= FLOAT16;
}

/** The least and greatest value of the integer dtypes, by code; int64 is checked as bigint. */
export const INTEGER_RANGES: Readonly<Record<number, readonly [number, number]>> = {
  2: [-(2 ** 63), 2 ** 63 - 1024],
  3: [-(2 ** 31), 2 ** 31 - 1],
  4: [-(2 ** 15), 2 ** 15 - 1],
  5: [-128, 127],
  6: [0, 255],
};

/** The dtype code whose elements an array of this type holds, or undefined. */
export function codeOfArray(array: ArrayBufferView): number | undefined {
  switch (Object.prototype.toString.call(array)) {
    case '[object Float32Array]':
      return 0;
    case '[object Float64Array]':
      return 1;
    case '[object BigInt64Array]':
      return 2;
    case '[object Int32Array]':
      return 3;
    case '[object Int16Array]':
      return 4;
    case '[object Int8Array]':
      return 5;
    case '[object Uint8Array]':
    case '[object Uint8ClampedArray]':
      return 6;
    case '[object Float16Array]':
      return FLOAT16;
    default:
      return undefined;
  }
}

/**
 * A view of `length` elements of dtype `code` at `byteOffset`. bool is seen as bytes 0 and 1; float16 and bfloat16 have no
 * typed array everywhere, so their readers cast to float32 first.
 */
export function viewOf(code: number, buffer: ArrayBuffer, byteOffset: number, length: number): TypedArray {
  switch (code) {
    case 1:
      return new Float64Array(buffer, byteOffset, length);
    case 2:
      return new BigInt64Array(buffer, byteOffset, length);
    case 3:
      return new Int32Array(buffer, byteOffset, length);
    case 4:
      return new Int16Array(buffer, byteOffset, length);
    case 5:
      return new Int8Array(buffer, byteOffset, length);
    case 6:
    case 7:
      return new Uint8Array(buffer, byteOffset, length);
    default:
      return new Float32Array(buffer, byteOffset, length);
  }
}
