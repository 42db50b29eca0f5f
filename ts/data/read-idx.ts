// IDX files, in which MNIST and its kin come.
import { FormatError } from '../core/errors';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import type { DType } from '../core/dtype';
import type { TypedArray } from '../core/types';
import { tensor } from '../tensor/create';
import type { Tensor } from '../tensor/tensor';
import { bytesOf, fileSource, type FileSource } from './bytes';

/** An element type of the format: how many bytes, and how one of them is read. */
interface Element {
  readonly dtype: DType;
  readonly size: number;
  readonly make: (length: number) => Exclude<TypedArray, BigInt64Array>;
  readonly at: (view: DataView, offset: number) => number;
}

const ELEMENTS: Readonly<Record<number, Element>> = {
  0x08: { dtype: 'uint8', size: 1, make: (n) => new Uint8Array(n), at: (view, at) => view.getUint8(at) },
  0x09: { dtype: 'int8', size: 1, make: (n) => new Int8Array(n), at: (view, at) => view.getInt8(at) },
  0x0b: { dtype: 'int16', size: 2, make: (n) => new Int16Array(n), at: (view, at) => view.getInt16(at) },
  0x0c: { dtype: 'int32', size: 4, make: (n) => new Int32Array(n), at: (view, at) => view.getInt32(at) },
  0x0d: { dtype: 'float32', size: 4, make: (n) => new Float32Array(n), at: (view, at) => view.getFloat32(at) },
  0x0e: { dtype: 'float64', size: 8, make: (n) => new Float64Array(n), at: (view, at) => view.getFloat64(at) },
};

/**
 * Reads an IDX file, gzipped or not: a tensor of the shape and dtype that the file says.
 *
 * ```ts
 * const images = data.readIdx('train-images-idx3-ubyte.gz'); // uint8, [60000, 28, 28]
 * ```
 *
 * @throws FormatError for what is not an IDX file, or is cut short, saying where; LoadError where the file cannot be read.
 */
export const readIdx: Stated & ((...args: Arguments<{ source: FileSource }, ['source']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ source: FileSource }>('readIdx', () => ({ source: fileSource })),
  ({ source }) => {
    const bytes = bytesOf('readIdx', source);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const fail = (message: string, offset: number): never => {
      throw new FormatError(`readIdx: ${message} at byte ${offset}`, 'readIdx', { offset });
    };
    if (bytes.length < 4) fail(`expected the 4 bytes an IDX file starts with, got ${bytes.length}`, 0);
    if (view.getUint16(0) !== 0) fail('expected two zeros, which an IDX file starts with,', 0);
    const element = ELEMENTS[view.getUint8(2)] ?? fail(`there is no element type ${view.getUint8(2)}`, 2);
    const ndim = view.getUint8(3);
    const start = 4 + 4 * ndim;
    if (bytes.length < start) fail(`expected ${ndim} sizes, the file ends`, bytes.length);
    const shape = Array.from({ length: ndim }, (_, i) => view.getUint32(4 + 4 * i));
    const length = shape.reduce((a, b) => a * b, 1);
    if (start + length * element.size !== bytes.length) {
      fail(`expected ${length * element.size} bytes of elements for shape [${shape.join(', ')}], got ${bytes.length - start}`, start);
    }
    const values = element.make(length);
    for (let i = 0; i < length; i++) values[i] = element.at(view, start + i * element.size);
    const flat = tensor(values, { dtype: element.dtype });
    const shaped = flat.view(shape);
    flat.dispose();
    return shaped;
  },
);
