// IDX files, in which MNIST and its kin come.
import { FormatError } from '../core/errors';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import type { DType } from '../core/dtype';
import type { TypedArray } from '../core/types';
import { tensor } from '../tensor/create';
import type { Tensor } from '../tensor/tensor';
import { bytesOf, fileSource, type FileSource } from './bytes';

type Values = Exclude<TypedArray, BigInt64Array>;

/** An element type: how many bytes, and how `length` of them are read from the byte `start` on. */
interface Element {
  readonly dtype: DType;
  readonly size: number;
  readonly read: (view: DataView, start: number, length: number) => Values;
}

/** Elements of several bytes are big-endian and read one by one. */
const each =
  (size: number, make: (length: number) => Values, at: (view: DataView, offset: number) => number): Element['read'] =>
  (view, start, length) => {
    const values = make(length);
    for (let i = 0; i < length; i++) values[i] = at(view, start + i * size);
    return values;
  };

// Bytes, as images are, have no order and are taken as they are: MNIST has 47 million.
const ELEMENTS: Readonly<Record<number, Element>> = {
  0x08: { dtype: 'uint8', size: 1, read: ({ buffer, byteOffset }, start, length) => new Uint8Array(buffer, byteOffset + start, length) },
  0x09: { dtype: 'int8', size: 1, read: ({ buffer, byteOffset }, start, length) => new Int8Array(buffer, byteOffset + start, length) },
  0x0b: { dtype: 'int16', size: 2, read: /* @__PURE__ */ each(2, (n) => new Int16Array(n), (view, at) => view.getInt16(at)) },
  0x0c: { dtype: 'int32', size: 4, read: /* @__PURE__ */ each(4, (n) => new Int32Array(n), (view, at) => view.getInt32(at)) },
  0x0d: { dtype: 'float32', size: 4, read: /* @__PURE__ */ each(4, (n) => new Float32Array(n), (view, at) => view.getFloat32(at)) },
  0x0e: { dtype: 'float64', size: 8, read: /* @__PURE__ */ each(8, (n) => new Float64Array(n), (view, at) => view.getFloat64(at)) },
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
    const flat = tensor(element.read(view, start, length), { dtype: element.dtype });
    const shaped = flat.view(shape);
    flat.dispose();
    return shaped;
  },
);
