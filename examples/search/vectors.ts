// Passages with their vectors, kept in a file so that only what has changed is encoded again.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { io, noGrad, scope, stack, type Tensor } from 'adjoint';
import type { Passage } from './passages';

/** What makes vectors of length 1 of texts. */
export interface Encoder {
  encode(texts: readonly string[], options?: { onProgress?: (done: number) => void }): Tensor;
}

/** A passage and how close it is to what was asked: 1 where both say the same. */
export interface Found extends Passage {
  readonly score: number;
}

const words = ({ heading, text }: Passage): string => `${heading}\n${text}`;
const hashOf = (passage: Passage): string => createHash('sha256').update(words(passage)).digest('hex').slice(0, 16);

/** Passages by meaning. */
export class PassageIndex {
  private constructor(readonly passages: readonly Passage[], readonly vectors: Tensor, private readonly encoder: Encoder) {}

  /**
   * The index of these passages. Vectors are taken from the safetensors file at `path` where it has them by the hash of a text, the
   * others are made by `encoder`; then the file has those of these passages.
   */
  static build(passages: readonly Passage[], encoder: Encoder, path: string, onProgress: (done: number, of: number) => void = () => undefined): PassageIndex {
    if (passages.length === 0) throw new Error('there are no passages to search');
    const vectors = scope(() => {
      const known: Record<string, Tensor> = existsSync(path) ? io.loadSafetensors(path) : {};
      const hashes = passages.map(hashOf);
      const missing = new Map(passages.map((passage, i) => [hashes[i]!, passage] as const).filter(([hash]) => !Object.hasOwn(known, hash)));
      if (missing.size > 0) {
        const made = encoder.encode([...missing.values()].map(words), { onProgress: (done) => { onProgress(done, missing.size); } });
        [...missing.keys()].forEach((hash, i) => (known[hash] = made.select(0, i)));
        io.saveSafetensors(Object.fromEntries(hashes.map((hash) => [hash, known[hash]!])), path);
      }
      return stack(hashes.map((hash) => known[hash]!));
    });
    return new PassageIndex(passages, vectors, encoder);
  }

  /** The passages that are closest to a question, best first. */
  search(question: string, count = 5): Found[] {
    return scope(() => noGrad(() => {
      const scores = this.vectors.mv(this.encoder.encode([question]).select(0, 0));
      const [values, places] = scores.topk(Math.min(count, this.passages.length));
      const best = places.tolist() as number[];
      return (values.tolist() as number[]).map((score, i) => ({ ...this.passages[best[i]!]!, score }));
    }));
  }
}
