// The digits that come with the site: 12,000 images of MNIST in one compressed file (scripts/site/digits.mjs).
import { data, tensor } from 'adjoint';

/** How many images of each part the file has, the training images first. */
export const COUNTS = { train: 10_000, t10k: 2_000 } as const;

const PIXELS = 784;

let bytes: Uint8Array | undefined;

/** Fetches the file; afterwards `mnist` gives what is in it. */
export async function loadDigits(address: string): Promise<void> {
  if (bytes !== undefined) return;
  const response = await fetch(address);
  if (!response.ok || response.body === null) throw new Error(`the digits cannot be fetched: ${response.status}`);
  const unpacked = response.body.pipeThrough(new DecompressionStream('gzip'));
  bytes = new Uint8Array(await new Response(unpacked).arrayBuffer());
}

/** Images as uint8 `[N, 784]` with their digits as int64 `[N]`, as `examples/mnist.ts` gives them in Node. */
export function mnist(part: 'train' | 't10k'): data.TensorDataset {
  if (bytes === undefined) throw new Error('the digits have not been fetched');
  const count = COUNTS[part];
  const start = part === 'train' ? 0 : COUNTS.train * (PIXELS + 1);
  const labels = bytes.subarray(start, start + count);
  const images = bytes.subarray(start + count, start + count * (PIXELS + 1));
  return new data.TensorDataset(tensor(images).view(count, PIXELS), tensor(labels).to('int64'));
}
