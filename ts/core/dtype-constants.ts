// PyTorch's constants for dtypes, layouts and memory formats, which are words here: `torch.float32` is 'float32'.
import type { DType } from './dtype';

export const float32 = 'float32' satisfies DType;
export const float64 = 'float64' satisfies DType;
export const float16 = 'float16' satisfies DType;
export const bfloat16 = 'bfloat16' satisfies DType;
export const int8 = 'int8' satisfies DType;
export const int16 = 'int16' satisfies DType;
export const int32 = 'int32' satisfies DType;
export const int64 = 'int64' satisfies DType;
export const uint8 = 'uint8' satisfies DType;
export const bool = 'bool' satisfies DType;

// PyTorch's other names of them.
export const float = float32;
export const double = float64;
export const half = float16;
export const short = int16;
export const int = int32;
export const long = int64;

/** The layout of tensors: by strides, the only one here. */
export const strided = 'strided';

/** As `memoryFormat` of `clone()` and its like: row-major. */
export const contiguousFormat = 'contiguous_format';

/** As `memoryFormat` of `clone()` and its like: the strides of the source, without gaps. */
export const preserveFormat = 'preserve_format';

/** In an index, a dim of size 1: null. */
export const newaxis = null;
