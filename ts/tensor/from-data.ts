// Tensors of data that may be one already: asTensor, asarray, frombuffer.
import { SIZES, codeOf, viewOf, type DType, type Device } from '../core/dtype';
import { UsageError, under } from '../core/errors';
import { anything, boolean, device, dtype, integer, integerFrom, kind } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { tensor, type TensorData } from './create';
import { Tensor } from './tensor';

interface AsTensor {
  /** What `tensor()` takes. */
  data: TensorData;
  /** The dtype; that of the data by default. */
  dtype?: DType | null;
  /** Where it is: on the CPU. */
  device?: Device | null;
}

/**
 * A tensor of `data`: itself, where it is one of that dtype; cast, with its history, where it is one of another; else as `tensor()` makes
 * it. JavaScript's arrays are copied, where PyTorch shares NumPy's. Source: PyTorch, `torch.as_tensor`.
 */
export const asTensor: Stated & ((...args: Arguments<AsTensor, ['data', 'dtype', 'device']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<AsTensor>('asTensor', () => ({ data: anything, dtype: dtype.orNull(), device: device() })),
  ({ data, dtype }) => under('asTensor', () => made(data, dtype)),
);

function made(data: TensorData, dtype: DType | null): Tensor {
  if (data instanceof Tensor) return dtype === null ? data : data.to(dtype);
  try {
    return tensor(data, { dtype });
  } catch (error) {
    // What a list holds may answer nothing, as a revoked proxy does.
    if (error instanceof TypeError) throw new UsageError('tensor: cannot use an object that cannot be read as data', 'tensor');
    throw error;
  }
}

interface AsArray {
  /** What `tensor()` takes. */
  obj: TensorData;
  /** The dtype; that of the data by default. */
  dtype?: DType | null;
  /** Where it is: on the CPU. */
  device?: Device | null;
  /** True for memory of its own; false for a tensor that shares it, which other data cannot; null, the default, for what is cheaper. */
  copy?: boolean | null;
  /** Whether gradients flow to it; null, the default, for what holds of a tensor that is shared, and false for a copy. False takes the history away. */
  requiresGrad?: boolean | null;
}

/** A tensor of `obj`, which may share its memory if it is one. Source: PyTorch, `torch.asarray`. */
export const asarray: Stated & ((...args: Arguments<AsArray, ['obj']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<AsArray>('asarray', () => ({ obj: anything, dtype: dtype.orNull(), device: device(), copy: boolean.orNull(), requiresGrad: boolean.orNull() }), 4),
  ({ obj, dtype, copy, requiresGrad }) => {
    const isShared = obj instanceof Tensor && (dtype === null || dtype === obj.dtype);
    if (copy === false && !isShared) {
      throw new UsageError('asarray: copy is false, but only a tensor of the same dtype can share memory; leave copy out', 'asarray', { dtype });
    }
    return under('asarray', () => {
      if (isShared && copy !== true) return withHistory(obj, requiresGrad);
      const out = made(obj instanceof Tensor ? obj.detach() : obj, dtype);
      const own = obj instanceof Tensor && isShared ? out.clone() : out;
      if (requiresGrad === true) own.requiresGrad = true;
      return own;
    });
  },
);

/** A tensor that is shared, with its history or without. */
function withHistory(t: Tensor, requiresGrad: boolean | null): Tensor {
  if (requiresGrad === false) return t.requiresGrad ? t.detach() : t;
  if (requiresGrad === true && !t.requiresGrad) t.requiresGrad = true;
  return t;
}

interface FromBuffer {
  /** The bytes: an ArrayBuffer, or a typed array or DataView on one. */
  buffer: ArrayBufferLike | ArrayBufferView;
  /** What the bytes hold, in the byte order of the machine; not a half dtype. */
  dtype: DType;
  /** How many elements; all that there are for −1, the default. */
  count?: number;
  /** How many bytes to skip; 0 by default. */
  offset?: number;
  /** Whether gradients flow to it. */
  requiresGrad?: boolean;
}

const isBuffer = (value: unknown): boolean => ArrayBuffer.isView(value) || /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));

/**
 * A tensor of one dim of the numbers in a buffer. It holds a copy, where PyTorch's shares memory: that of tensors lies in the instance.
 * Source: PyTorch, `torch.frombuffer`.
 */
export const frombuffer: Stated & ((...args: Arguments<FromBuffer, ['buffer', 'dtype']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<FromBuffer>(
    'frombuffer',
    () => ({ buffer: kind<ArrayBufferLike | ArrayBufferView>('an ArrayBuffer or a view on one', isBuffer), dtype, count: integerFrom(-1).or(-1), offset: integer.or(0), requiresGrad: boolean.or(false) }),
    3,
  ),
  ({ buffer, dtype, count, offset, requiresGrad }) => {
    const where = 'frombuffer';
    const code = codeOf(dtype)!;
    const size = SIZES[code]!;
    if (code > 7) throw new UsageError(`${where}: ${dtype} has no typed array; read its bytes as int16, or a file with io`, where, { dtype });
    const length = buffer.byteLength;
    if (length === 0 || count === 0) throw new UsageError(`${where}: expected a buffer of some bytes and a count that is not 0, got ${length} bytes and count ${count}`, where);
    if (offset < 0 || offset >= length) throw new UsageError(`${where}: offset must be within the ${length} bytes of the buffer, got ${offset}`, where, { offset });
    if (count < 0 && (length - offset) % size !== 0) {
      throw new UsageError(`${where}: the ${length - offset} bytes after offset ${offset} are no multiple of ${size}, the size of ${dtype}; pass count`, where, { offset });
    }
    const elements = count < 0 ? (length - offset) / size : count;
    if (elements * size > length - offset) {
      throw new UsageError(`${where}: ${elements} elements of ${size} bytes after offset ${offset} are more than the ${length} bytes of the buffer`, where, { count, offset });
    }
    const [whole, start] = ArrayBuffer.isView(buffer) ? [buffer.buffer, buffer.byteOffset] : [buffer, 0];
    // A copy starts where elements are aligned.
    const bytes = new Uint8Array(new Uint8Array(whole, start + offset, elements * size)).buffer;
    return under(where, () => tensor(viewOf(code, bytes, 0, elements), { dtype, requiresGrad }));
  },
);
