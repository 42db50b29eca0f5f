// Values between tensors and buffers, whose elements have four bytes.
import type { DType } from '../../../core/dtype';
import { DTypeError } from '../../../core/errors';
import type { Tensor } from '../../../tensor/tensor';
import { tensor } from '../../../tensor/create';

/** Elements as a buffer holds them. */
export function packed(t: Tensor, what: string): Float32Array | Int32Array {
  const values = t.toTypedArray();
  return values instanceof Float32Array ? values : integers(values, what, t.dtype);
}

/** Integers and booleans; those that need more than 32 bits are refused. */
function integers(values: ArrayLike<number | bigint | boolean>, what: string, dtype: DType): Int32Array {
  const out = new Int32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const value = Number(values[i]);
    if (value !== (value | 0)) {
      throw new DTypeError(`webgpu: ${what} holds ${value}, and integers of ${dtype} have 32 bits on a device; keep them within ±2³¹`, 'webgpu');
    }
    out[i] = value;
  }
  return out;
}

/** A tensor of what was read of a buffer. */
export function unpacked(bytes: ArrayBuffer, dtype: DType, shape: readonly number[]): Tensor {
  const values = dtype === 'float32' ? new Float32Array(bytes) : new Int32Array(bytes);
  const flat = dtype === 'int64' ? tensor(BigInt64Array.from(values as Int32Array, BigInt)) : tensor(values, { dtype });
  return flat.reshape([...shape]);
}
