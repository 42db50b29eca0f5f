// Handwritten digits as a service knows them: weights from a safetensors file, grey values in, probabilities out.
// Nothing here needs Node: a Worker, a server and a compiled program share it.
import { io, nn, noGrad, scope, tensor } from 'adjoint';
import { normalized } from '../normalized';

/** How many numbers an image has: 28 rows of 28. */
export const PIXELS = 28 * 28;

/** More images than these in one request are refused: what a request may cost has an end. */
export const LARGEST_BATCH = 256;

/** 784 grey values to 10 logits; the file has its weights under the keys of PyTorch's `nn.Sequential`. */
export function network(): nn.Sequential {
  return new nn.Sequential(new nn.Linear(PIXELS, 128), new nn.ReLU(), new nn.Linear(128, 10));
}

/** What the network says of an image. */
export interface Answer {
  digit: number;
  /** Of the digits 0 to 9. */
  probabilities: number[];
}

/** A request that cannot be answered; the message says what was expected. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
}

/** A trained network that answers. */
export class Classifier {
  readonly #model = network();

  /** `file` is what `weights.ts` wrote; anything else is a FormatError that says where. */
  constructor(file: Uint8Array | ArrayBuffer) {
    scope(() => { this.#model.loadStateDict(io.loadSafetensors(file)); });
    this.#model.eval();
  }

  /** The answers for images of `PIXELS` grey values from 0 to 255 each, in one pass of the network. */
  answer(images: readonly (readonly number[])[]): Answer[] {
    return scope(() => noGrad(() => {
      const grey = tensor(images).view(-1, PIXELS);
      const logits = this.#model(normalized(grey));
      const probabilities = logits.softmax(1).tolist() as number[][];
      return probabilities.map((row) => ({ digit: row.indexOf(Math.max(...row)), probabilities: row }));
    }));
  }
}

/** Reads the body of a request, `{ "images": [[784 grey values], …] }`. */
export function imagesOf(body: unknown): number[][] {
  const images = (body as { images?: unknown } | null)?.images;
  if (!Array.isArray(images) || images.length === 0 || images.length > LARGEST_BATCH) {
    throw new BadRequest(`expected { "images": [ … ] } with 1 to ${LARGEST_BATCH} images`);
  }
  images.forEach((image: unknown, i) => {
    const isImage = Array.isArray(image) && image.length === PIXELS && image.every((value) => typeof value === 'number' && value >= 0 && value <= 255);
    if (!isImage) throw new BadRequest(`images[${i}]: expected ${PIXELS} numbers from 0 to 255, row by row`);
  });
  return images as number[][];
}
