// BERT's tokenizer: a text is split into words and punctuation, and each word into the longest pieces that the vocabulary has.

const [PAD, UNKNOWN, START, END] = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];
/** Written in a text, these stand for themselves. */
const SPECIAL = /(\[(?:PAD|UNK|CLS|SEP|MASK)\])/;
/** Longer words are unknown. */
const LONGEST_WORD = 100;

const CONTROL = /(?![\t\n\r])[\p{C}\ufffd]/gu;
const ACCENTS = /\p{Mn}/gu;
/** A word each, as is every punctuation mark. */
const CHINESE = '\\u4e00-\\u9fff\\u3400-\\u4dbf\\u{20000}-\\u{2a6df}\\u{2a700}-\\u{2b73f}\\u{2b740}-\\u{2b81f}\\u{2b920}-\\u{2ceaf}\\uf900-\\ufaff\\u{2f800}-\\u{2fa1f}';
const WORDS = new RegExp(`[${CHINESE}]|[\\p{P}$+<=>^\`|~]|[^\\s\\p{P}$+<=>^\`|~${CHINESE}]+`, 'gu');

/** A text in lower case without accents and control characters, split into words. */
export function wordsOf(text: string): string[] {
  const plain = text.replace(CONTROL, '').normalize('NFD').replace(ACCENTS, '');
  // Letter by letter: in a whole word JavaScript writes the last sigma as ς.
  const lower = Array.from(plain, (letter) => letter.toLowerCase()).join('');
  return lower.match(WORDS) ?? [];
}

/** Splits texts into indices of a vocabulary. */
export class WordPiece {
  readonly #indices: ReadonlyMap<string, number>;

  /** `vocabulary` lists the pieces by index; those within a word begin with `##`. */
  constructor(readonly vocabulary: readonly string[]) {
    this.#indices = new Map(vocabulary.map((piece, i) => [piece, i]));
    for (const piece of [PAD, UNKNOWN, START, END]) this.indexOf(piece);
  }

  /** From the text of a vocabulary with a piece a line. */
  static parse(text: string): WordPiece {
    return new WordPiece(text.replace(/\n$/, '').split('\n'));
  }

  /** The index of a piece; throws where the vocabulary lacks it. */
  indexOf(piece: string): number {
    const index = this.#indices.get(piece);
    if (index === undefined) throw new Error(`the vocabulary has no ${piece}`);
    return index;
  }

  /** The indices of the pieces of a text between those of `[CLS]` and `[SEP]`, at most `limit` in all. */
  encode(text: string, limit = 256): number[] {
    const pieces = text.split(SPECIAL).flatMap((part) => (SPECIAL.test(part) ? [this.indexOf(part)] : wordsOf(part).flatMap((word) => this.#piecesOf(word))));
    return [this.indexOf(START), ...pieces.slice(0, limit - 2), this.indexOf(END)];
  }

  #piecesOf(word: string): number[] {
    const letters = Array.from(word);
    const unknown = [this.indexOf(UNKNOWN)];
    if (letters.length > LONGEST_WORD) return unknown;
    const found: number[] = [];
    for (let start = 0; start < letters.length; ) {
      let end = letters.length;
      let index: number | undefined;
      for (; end > start; end--) {
        index = this.#indices.get((start > 0 ? '##' : '') + letters.slice(start, end).join(''));
        if (index !== undefined) break;
      }
      if (index === undefined) return unknown;
      found.push(index);
      start = end;
    }
    return found;
  }
}
