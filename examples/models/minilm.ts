// all-MiniLM-L6-v2: a text becomes a vector of length 1, and texts that mean the same become vectors that are close.
//
// Source: Wang et al., "MiniLM: Deep Self-Attention Distillation" (2020); Reimers and Gurevych, "Sentence-BERT" (2019). Properties have the
// names of the keys in the file of weights, in camelCase.
import { arange, cat, io, nn, noGrad, scope, tensor, type Tensor } from 'adjoint';
import { WordPiece } from './wordpiece';

/** The sizes of a model. */
export interface MiniLMSizes {
  words: number;
  positions: number;
  width: number;
  layers: number;
  heads: number;
  /** The width inside of a layer. */
  inner: number;
}

const PRETRAINED: MiniLMSizes = { words: 30_522, positions: 512, width: 384, layers: 6, heads: 12, inner: 1536 };
const EPS = 1e-12;
const HEAD_WIDTH = 32;

class Embeddings extends nn.Module {
  wordEmbeddings: nn.Embedding;
  positionEmbeddings: nn.Embedding;
  tokenTypeEmbeddings: nn.Embedding;
  LayerNorm: nn.LayerNorm;
  declare positionIds: Tensor;

  constructor({ words, positions, width }: MiniLMSizes) {
    super();
    this.wordEmbeddings = new nn.Embedding(words, width, { paddingIdx: 0 });
    this.positionEmbeddings = new nn.Embedding(positions, width);
    this.tokenTypeEmbeddings = new nn.Embedding(2, width);
    this.LayerNorm = new nn.LayerNorm(width, { eps: EPS });
    this.registerBuffer('positionIds', arange(positions, { dtype: 'int64' }).unsqueeze(0));
  }

  override forward(ids: Tensor): Tensor {
    const positions = this.positionEmbeddings(this.positionIds.narrow(1, 0, ids.shape[1]!));
    // One text alone is of type 0 throughout.
    return this.LayerNorm(this.wordEmbeddings(ids).add(positions).add(this.tokenTypeEmbeddings.weight.select(0, 0)));
  }
}

class SelfAttention extends nn.Module {
  query: nn.Linear;
  key: nn.Linear;
  value: nn.Linear;

  constructor(readonly width: number, readonly heads: number) {
    super();
    this.query = new nn.Linear(width, width);
    this.key = new nn.Linear(width, width);
    this.value = new nn.Linear(width, width);
  }

  override forward(x: Tensor, mask: Tensor): Tensor {
    const [n, t] = [x.shape[0]!, x.shape[1]!];
    const split = (part: nn.Linear): Tensor => part(x).view(n, t, this.heads, this.width / this.heads).transpose(1, 2);
    const mixed = nn.functional.scaledDotProductAttention(split(this.query), split(this.key), split(this.value), { attnMask: mask });
    return mixed.transpose(1, 2).reshape(n, t, this.width);
  }
}

/** A linear layer whose result is added to what went around it. */
class Output extends nn.Module {
  dense: nn.Linear;
  LayerNorm: nn.LayerNorm;

  constructor(inner: number, width: number) {
    super();
    this.dense = new nn.Linear(inner, width);
    this.LayerNorm = new nn.LayerNorm(width, { eps: EPS });
  }

  override forward(x: Tensor, around: Tensor): Tensor {
    return this.LayerNorm(this.dense(x).add(around));
  }
}

class Dense extends nn.Module {
  dense: nn.Linear;

  constructor(width: number, inner: number) {
    super();
    this.dense = new nn.Linear(width, inner);
  }

  override forward(x: Tensor): Tensor {
    return this.dense(x);
  }
}

class Attention extends nn.Module {
  self: SelfAttention;
  output: Output;

  constructor({ width, heads }: MiniLMSizes) {
    super();
    this.self = new SelfAttention(width, heads);
    this.output = new Output(width, width);
  }

  override forward(x: Tensor, mask: Tensor): Tensor {
    return this.output(this.self(x, mask), x);
  }
}

class Layer extends nn.Module {
  attention: Attention;
  intermediate: Dense;
  output: Output;

  constructor(sizes: MiniLMSizes) {
    super();
    this.attention = new Attention(sizes);
    this.intermediate = new Dense(sizes.width, sizes.inner);
    this.output = new Output(sizes.inner, sizes.width);
  }

  override forward(x: Tensor, mask: Tensor): Tensor {
    const attended = this.attention(x, mask);
    return this.output(nn.functional.gelu(this.intermediate(attended)), attended);
  }
}

class Encoder extends nn.Module {
  layer: nn.ModuleList<Layer>;

  constructor(sizes: MiniLMSizes) {
    super();
    this.layer = new nn.ModuleList(Array.from({ length: sizes.layers }, () => new Layer(sizes)));
  }

  override forward(x: Tensor, mask: Tensor): Tensor {
    let out = x;
    for (const layer of this.layer) out = layer(out, mask);
    return out;
  }
}

/** Indices of pieces to vectors of length 1, one a text. */
export class MiniLM extends nn.Module {
  embeddings: Embeddings;
  encoder: Encoder;
  /** Trained with the others and in the file, though no part of these vectors. */
  pooler: Dense;

  constructor(sizes: Partial<MiniLMSizes> = {}) {
    super();
    const all = { ...PRETRAINED, ...sizes };
    this.embeddings = new Embeddings(all);
    this.encoder = new Encoder(all);
    this.pooler = new Dense(all.width, all.width);
  }

  /** `ids` int64 `[N, T]`; `mask` `[N, T]`, 1 where a piece is and 0 behind the end of a text. */
  override forward(ids: Tensor, mask: Tensor): Tensor {
    const hidden = this.encoder(this.embeddings(ids), mask.bool().unsqueeze(1).unsqueeze(1));
    const weight = mask.to(hidden.dtype).unsqueeze(-1);
    // The mean over the pieces of a text.
    const mean = hidden.mul(weight).sum(1).div(weight.sum(1).clamp(1e-9));
    return nn.functional.normalize(mean, { dim: 1 });
  }
}

/** A key without the letters in which PyTorch's spelling and this module's differ, `word_embeddings` and `wordEmbeddings`. */
const spelled = (key: string): string => key.replaceAll('_', '').toLowerCase();

/** The sizes of the model that a file is of, which PyTorch or Adjoint wrote. */
function sizesOf(state: Readonly<Record<string, Tensor>>): MiniLMSizes {
  const tensors = new Map(Object.entries(state).map(([key, value]) => [spelled(key), value]));
  const shape = (key: string): readonly number[] => {
    const found = tensors.get(spelled(key));
    if (found === undefined) throw new Error(`the file has no ${key}; expected the weights of a MiniLM, such as all-MiniLM-L6-v2's model.safetensors`);
    return found.shape;
  };
  const [words, width] = shape('embeddings.word_embeddings.weight') as [number, number];
  const layers = Object.keys(state).filter((key) => key.endsWith('.intermediate.dense.weight')).length;
  return {
    words,
    positions: shape('embeddings.position_embeddings.weight')[0]!,
    width,
    layers,
    heads: width / HEAD_WIDTH,
    inner: shape('encoder.layer.0.intermediate.dense.weight')[0]!,
  };
}

/** Texts to vectors. */
export class SentenceEncoder {
  /** Of a text `limit` pieces are read; what is behind them has no effect. */
  constructor(readonly model: MiniLM, readonly tokenizer: WordPiece, readonly limit = 256) {
    model.eval();
    model.requiresGrad_(false);
  }

  /**
   * From the bytes of a safetensors file, whose sizes the model takes, and the text of a vocabulary with a piece a line. Heads are of width
   * 32, as in all models of this family.
   */
  static of(weights: Uint8Array | ArrayBuffer, vocabulary: string): SentenceEncoder {
    const state = io.loadSafetensors(weights);
    const model = new MiniLM(sizesOf(state));
    model.loadStateDict(state);
    for (const t of Object.values(state)) t.dispose();
    return new SentenceEncoder(model, WordPiece.parse(vocabulary));
  }

  /** The vectors of the texts `[N, width]`. `onProgress` hears how many texts are done. */
  encode(texts: readonly string[], { batchSize = 16, onProgress = (_done: number): void => undefined } = {}): Tensor {
    if (texts.length === 0) throw new Error('there are no texts to encode');
    const rows = texts.map((text, place) => ({ place, ids: this.tokenizer.encode(text, this.limit) }));
    // Texts of about one length share a batch, which is as long as its longest.
    rows.sort((a, b) => a.ids.length - b.ids.length);
    return scope(() => noGrad(() => {
      const parts: Tensor[] = [];
      for (let i = 0; i < rows.length; i += batchSize) {
        parts.push(this.#batch(rows.slice(i, i + batchSize).map(({ ids }) => ids)));
        onProgress(Math.min(i + batchSize, rows.length));
      }
      const places = new Array<number>(rows.length);
      rows.forEach(({ place }, i) => (places[place] = i));
      return cat(parts).indexSelect(0, tensor(places, { dtype: 'int64' }));
    }));
  }

  #batch(rows: readonly number[][]): Tensor {
    const width = Math.max(...rows.map(({ length }) => length));
    const padded = (row: readonly number[], value: number): number[] => [...row, ...Array<number>(width - row.length).fill(value)];
    const ids = tensor(rows.map((row) => padded(row, this.tokenizer.indexOf('[PAD]'))), { dtype: 'int64' });
    const mask = tensor(rows.map((row) => padded(row.map(() => 1), 0)));
    return this.model(ids, mask);
  }
}
