// The data of the course: handwritten digits, and a short tale to read letter by letter.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { arange, data, randint, tensor, type Tensor } from 'adjoint';
import { mnist } from '../mnist';

/**
 * The first `count` digits of MNIST, for training or for testing: images `[N, 1, 28, 28]` from 0 to
 * 1 with labels `[N]`.
 */
export function digits(part: 'train' | 't10k', count: number): data.TensorDataset {
  const [images, labels] = mnist(part).tensors.map((all) => all.narrow(0, 0, count)) as [Tensor, Tensor];
  return new data.TensorDataset(images.view(count, 1, 28, 28).to('float32').div(255), labels);
}

/** A text as numbers: every character that occurs in it has one, in the order of the alphabet. */
export class Characters {
  readonly #all: string[];

  constructor(readonly text: string) {
    this.#all = [...new Set(text)].sort();
  }

  get size(): number {
    return this.#all.length;
  }

  encode(text: string): Tensor {
    return tensor(Array.from(text, (c) => this.#all.indexOf(c)), { dtype: 'int64' });
  }

  decode(ids: readonly number[]): string {
    return ids.map((id) => this.#all[id]).join('');
  }
}

/**
 * A tale written for this course: 2,000 characters that repeat themselves enough to be learned in a
 * minute.
 */
export function tale(): Characters {
  return new Characters(readFileSync(fileURLToPath(new URL('tale.txt', import.meta.url)), 'utf8'));
}

/**
 * `batch` pieces of `ids` at random, and what follows each of their characters: two tensors
 * `[batch, length]`.
 */
export function pieces(ids: Tensor, batch: number, length: number): [text: Tensor, next: Tensor] {
  const starts = randint(0, ids.size(0) - length, [batch, 1]);
  const at = starts.add(arange(length, { dtype: 'int64' }));
  return [ids.index(at), ids.index(at.add(1))];
}
