// Types that signatures share.

/** A plain number beside a tensor: an integer where `Number.isInteger` holds, otherwise floating. */
export type Scalar = number | boolean | bigint;

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
