// A table of vectors that are learned, taken in bags.
import { noGrad } from '../autograd/autograd';
import type { DType, Device } from '../core/dtype';
import { ShapeError, UsageError } from '../core/errors';
import { boolean, device, dtype, integer, integerFrom, number, only, word } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import { embeddingBag } from '../generated/functional';
import { scope } from '../runtime/scope';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { normal_ } from './init';
import type { Inputs } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { emptyParameter, type Parameter } from './parameter';

/** What becomes of the rows of a bag. */
export type BagMode = 'mean' | 'sum' | 'max';

/** Options of `EmbeddingBag`. */
export interface EmbeddingBagOptions {
  /** Not supported: PyTorch's `max_norm` changes the weight as it is read. */
  maxNorm?: number | null;
  /** The norm `maxNorm` would be of; 2 by default. */
  normType?: number;
  /** Whether the gradient of a row is divided by how often it occurs; false by default. */
  scaleGradByFreq?: boolean;
  /** What becomes of the rows of a bag; `'mean'` by default. */
  mode?: BagMode;
  /** Whether the gradient is sparse: false, there is no such layout. */
  sparse?: false;
  /** Where the weight is kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the weight; float32 by default. */
  dtype?: DType | null;
  /** Whether the last offset is the end of the last bag; false by default. */
  includeLastOffset?: boolean;
  /** A row that starts as zeros, does not count and learns nothing, counted from the end if negative; null, the default, for none. */
  paddingIdx?: number | null;
}

/** The arguments of `EmbeddingBag`. */
export interface EmbeddingBagArguments extends EmbeddingBagOptions {
  /** How many rows there are. */
  numEmbeddings: number;
  /** The length of a row. */
  embeddingDim: number;
}

const EMBEDDING_BAG = /* @__PURE__ */ parameters<EmbeddingBagArguments>('EmbeddingBag', () => ({
  numEmbeddings: integerFrom(0),
  embeddingDim: integerFrom(0),
  maxNorm: number.orNull(),
  normType: number.or(2),
  scaleGradByFreq: boolean.or(false),
  mode: word('mean', 'sum', 'max').or('mean'),
  sparse: only(false),
  includeLastOffset: boolean.or(false),
  paddingIdx: integer.orNull(),
  device: device(),
  dtype: dtype.orNullFor('float32'),
}));

type Order = ['numEmbeddings', 'embeddingDim', 'maxNorm', 'normType', 'scaleGradByFreq', 'mode', 'sparse'];

interface BagInputs {
  input: Tensor;
  offsets?: Tensor | null;
  perSampleWeights?: Tensor | null;
}

const BAG_INPUTS: Inputs<BagInputs, ['input', 'offsets', 'perSampleWeights']> = /* @__PURE__ */ parameters('forward', () => ({
  input: tensor,
  offsets: tensor.orNull(),
  perSampleWeights: tensor.orNull(),
}));

/** The arguments of `EmbeddingBag.fromPretrained`. */
export interface PretrainedBagArguments extends Pick<EmbeddingBagOptions, 'maxNorm' | 'normType' | 'scaleGradByFreq' | 'mode' | 'sparse' | 'includeLastOffset' | 'paddingIdx'> {
  /** The weight. */
  embeddings: Tensor;
  /** Whether it stays as it is; true by default. */
  freeze?: boolean;
}

const PRETRAINED = /* @__PURE__ */ parameters<PretrainedBagArguments>('fromPretrained', () => ({
  embeddings: tensor,
  freeze: boolean.or(true),
  maxNorm: number.orNull(),
  normType: number.or(2),
  scaleGradByFreq: boolean.or(false),
  mode: word('mean', 'sum', 'max').or('mean'),
  sparse: only(false),
  includeLastOffset: boolean.or(false),
  paddingIdx: integer.orNull(),
}));

type PretrainedOrder = ['embeddings', 'freeze', 'maxNorm', 'normType', 'scaleGradByFreq', 'mode', 'sparse', 'includeLastOffset', 'paddingIdx'];

/**
 * The mean, the sum or the greatest of vectors by number, bag by bag.
 *
 * **Shapes**: input int64 or int32 `[B, n]`, whose rows are bags, or `[n]` with offsets `[B]`, where each bag starts; y
 * `[B, embeddingDim]`; weight `[numEmbeddings, embeddingDim]`, which starts standard normal, as PyTorch does: the same seed gives the same
 * numbers. `perSampleWeights`, of input's shape, multiply the rows of a sum.
 */
export class EmbeddingBag extends Module {
  /** @internal */
  static readonly _parameters = EMBEDDING_BAG;
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly scaleGradByFreq: boolean;
  readonly mode: BagMode;
  readonly includeLastOffset: boolean;
  readonly paddingIdx: number | null;
  declare weight: Parameter;

  static {
    declareMembers(this, { parameter: ['weight'] });
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<EmbeddingBagArguments, Order>) {
    super();
    const { numEmbeddings, embeddingDim, maxNorm, paddingIdx, dtype, ...options } = EMBEDDING_BAG.read(args);
    if (maxNorm !== null) {
      throw new UsageError('EmbeddingBag: maxNorm would change the weight during the forward pass and is not supported; scale the rows yourself', 'EmbeddingBag');
    }
    if (paddingIdx !== null && (paddingIdx < -numEmbeddings || paddingIdx >= numEmbeddings)) {
      throw new UsageError(`EmbeddingBag: paddingIdx must be within the ${numEmbeddings} rows, got ${paddingIdx}`, 'EmbeddingBag', { paddingIdx });
    }
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    ({ scaleGradByFreq: this.scaleGradByFreq, mode: this.mode, includeLastOffset: this.includeLastOffset } = options);
    this.paddingIdx = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    this.weight = emptyParameter([numEmbeddings, embeddingDim], dtype);
    this.resetParameters();
  }

  /** An EmbeddingBag with this weight, which stays as it is unless `freeze` is false. */
  static fromPretrained(...args: Arguments<PretrainedBagArguments, PretrainedOrder>): EmbeddingBag {
    const { embeddings, freeze, normType, ...options } = PRETRAINED.read(args);
    if (embeddings.ndim !== 2) {
      throw new ShapeError(`fromPretrained: embeddings must have 2 dims, got shape [${embeddings.shape.join(', ')}]`, 'fromPretrained', { shape: embeddings.shape });
    }
    const [numEmbeddings, embeddingDim] = embeddings.shape as [number, number];
    const bag = new this({ numEmbeddings, embeddingDim, normType, dtype: embeddings.dtype, ...options });
    noGrad(() => void bag.weight.copy_(embeddings));
    bag.weight.requiresGrad = !freeze;
    return bag;
  }

  /** Draws the weight anew. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx, weight } = this;
    if (paddingIdx === null) return;
    scope(() => {
      noGrad(() => {
        weight.index(paddingIdx).zero_();
      });
    });
  }

  /** @internal */
  get _inputs(): typeof BAG_INPUTS {
    return BAG_INPUTS;
  }

  override forward(input: Tensor, offsets: Tensor | null = null, perSampleWeights: Tensor | null = null): Tensor {
    const { weight, scaleGradByFreq, mode, includeLastOffset, paddingIdx } = this;
    return embeddingBag(input, weight, { offsets, scaleGradByFreq, mode, perSampleWeights, includeLastOffset, paddingIdx });
  }

  override extraRepr(): string {
    const { numEmbeddings, embeddingDim, mode, paddingIdx, scaleGradByFreq } = this;
    const padding = paddingIdx === null ? '' : `, paddingIdx=${paddingIdx}`;
    return `${numEmbeddings}, ${embeddingDim}${scaleGradByFreq ? ', scaleGradByFreq=true' : ''}, mode=${mode}${padding}`;
  }
}
