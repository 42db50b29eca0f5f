// wordllama: a vector for each piece of a text, in float16; their mean stands for the text. Small and fast, where MiniLM is exact.
import { readFileSync } from 'node:fs';
import { io, nn, noGrad, scope, stack, tensor, type Tensor } from 'adjoint';
import { folderOf } from './packages';

/** What is read of a tokenizer's JSON file. */
interface TokenizerFile {
  model: { vocab: Record<string, number>; merges: (string | [string, string])[] };
}

/** Stands for a blank. */
const BLANK = '▁';

/** Byte pair encoding as LLaMA has it: neighbours are joined, the pair that was learned first before others. */
export class BytePairs {
  readonly #indices: ReadonlyMap<string, number>;
  readonly #ranks: ReadonlyMap<string, number>;

  constructor({ model }: TokenizerFile) {
    this.#indices = new Map(Object.entries(model.vocab));
    this.#ranks = new Map(model.merges.map((pair, i) => [typeof pair === 'string' ? pair : pair.join(' '), i]));
  }

  /** The indices of a text, without those for its begin and end. */
  encode(text: string): number[] {
    if (text === '') return [];
    const parts = Array.from(BLANK + text.replaceAll(' ', BLANK));
    for (;;) {
      let [best, at] = [Infinity, -1];
      for (let i = 0; i + 1 < parts.length; i++) {
        const rank = this.#ranks.get(`${parts[i]!} ${parts[i + 1]!}`) ?? Infinity;
        if (rank < best) [best, at] = [rank, i];
      }
      if (at < 0) return parts.flatMap((part) => this.#indicesOf(part));
      parts.splice(at, 2, parts[at]! + parts[at + 1]!);
    }
  }

  /** A piece that the vocabulary lacks is written as its bytes in UTF-8. */
  #indicesOf(part: string): number[] {
    const index = this.#indices.get(part);
    if (index !== undefined) return [index];
    return Array.from(new TextEncoder().encode(part), (byte) => this.#indices.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)!);
  }
}

/** Texts to vectors of length 1. */
export class WordLlama {
  /** `table` has a row for each piece, `[32000, 256]` in float16. */
  constructor(readonly table: Tensor, readonly tokenizer: BytePairs) {}

  /** The table as it was trained; its package is downloaded the first time. */
  static pretrained(): WordLlama {
    const folder = folderOf('wordllama');
    const tokenizer = JSON.parse(readFileSync(`${folder}/l2_supercat_tokenizer_config.json`, 'utf8')) as TokenizerFile;
    const weights = io.loadSafetensors(`${folder}/l2_supercat_256.safetensors`);
    return new WordLlama(weights['embedding.weight']!, new BytePairs(tokenizer));
  }

  /** The vectors of the pieces of a text, `[pieces, 256]` in float16. */
  pieces(text: string): Tensor {
    return nn.functional.embedding(tensor(this.tokenizer.encode(text), { dtype: 'int64' }), this.table);
  }

  /** The vectors of texts, `[N, 256]` in float32. */
  encode(texts: readonly string[]): Tensor {
    return scope(() => noGrad(() => nn.functional.normalize(stack(texts.map((text) => this.pieces(text).to('float32').mean(0))), { dim: 1 })));
  }
}
