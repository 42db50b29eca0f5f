// Types that signatures share.
import type { Tensor } from '../tensor/tensor';

/** A plain number beside a tensor: an integer where `Number.isInteger` holds, otherwise floating. */
export type Scalar = number | boolean | bigint;

/** The outputs of an op that has several: by name, and by index and iterable in PyTorch's order. */
export type Outputs<Names extends string> = { readonly [Name in Names]: Tensor } & {
  readonly 0: Tensor;
  readonly 1: Tensor;
  readonly [index: number]: Tensor;
} & Iterable<Tensor>;

/** Numbers nested in arrays, as deep as the tensor has dims. */
export type Nested<T> = T | readonly Nested<T>[];

/** An array whose elements have a fixed type. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;
