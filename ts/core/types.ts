// Types that signatures share.

/** A plain number beside a tensor: an integer where `Number.isInteger` holds, otherwise floating. */
export type Scalar = number | boolean | bigint;

/** An object that gives a parameter by one of its names: PyTorch's, or those of NumPy that it takes as well. */
export type Named<Names extends string, T> = { [Name in Names]: { [Given in Name]: T } }[Names];

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
