// A table of vectors that are learned.
import { noGrad } from '../autograd/autograd';
import type { DType, Device } from '../core/dtype';
import { UsageError } from '../core/errors';
import { embedding } from '../generated/functional';
import { scope } from '../runtime/scope';
import { boolean, device, dtype, integer, integerFrom, number, only } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { normal_ } from './init';
import { INPUT } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { emptyParameter, type Parameter } from './parameter';

/** Options of `Embedding`. */
export interface EmbeddingOptions {
  /** A row that starts as zeros and learns nothing, counted from the end if negative; null, the default, for none. */
  paddingIdx?: number | null;
  /** Not supported: PyTorch's `max_norm` changes the weight as it is read. */
  maxNorm?: number | null;
  /** The norm `maxNorm` would be of; 2 by default. */
  normType?: number;
  /** Whether the gradient of a row is divided by how often it occurs; false by default. */
  scaleGradByFreq?: boolean;
  /** Whether the gradient is sparse: false, there is no such layout. */
  sparse?: false;
  /** Where the weight is kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the weight; float32 by default. */
  dtype?: DType | null;
}

/** The arguments of `Embedding`. */
export interface EmbeddingArguments extends EmbeddingOptions {
  /** How many rows there are. */
  numEmbeddings: number;
  /** The length of a row. */
  embeddingDim: number;
}

const EMBEDDING = /* @__PURE__ */ parameters<EmbeddingArguments>('Embedding', () => ({
  numEmbeddings: integerFrom(0),
  embeddingDim: integerFrom(0),
  paddingIdx: integer.orNull(),
  maxNorm: number.orNull(),
  normType: number.or(2),
  scaleGradByFreq: boolean.or(false),
  sparse: only(false),
  device: device(),
  dtype: dtype.orNullFor('float32'),
}));

type Order = ['numEmbeddings', 'embeddingDim', 'paddingIdx', 'maxNorm', 'normType', 'scaleGradByFreq', 'sparse'];

/**
 * Vectors by number: row x of the weight.
 *
 * **Shapes**: x `[*]` of int64 or int32, y `[*, embeddingDim]`, weight `[numEmbeddings, embeddingDim]`, which starts standard normal, as
 * PyTorch does: the same seed gives the same numbers.
 */
export class Embedding extends Module {
  /** @internal */
  static readonly _parameters = EMBEDDING;
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  readonly scaleGradByFreq: boolean;
  declare weight: Parameter;

  static {
    declareMembers(this, { parameter: ['weight'] });
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<EmbeddingArguments, Order>) {
    super();
    const { numEmbeddings, embeddingDim, paddingIdx, maxNorm, scaleGradByFreq, dtype } = EMBEDDING.read(args);
    if (maxNorm !== null) {
      throw new UsageError('Embedding: maxNorm would change the weight during the forward pass and is not supported; scale the rows yourself', 'Embedding');
    }
    if (paddingIdx !== null && !(Number.isInteger(paddingIdx) && paddingIdx >= -numEmbeddings && paddingIdx < numEmbeddings)) {
      throw new UsageError(`Embedding: paddingIdx must be within the ${numEmbeddings} rows, got ${paddingIdx}`, 'Embedding', { paddingIdx });
    }
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    this.scaleGradByFreq = scaleGradByFreq;
    this.weight = emptyParameter([numEmbeddings, embeddingDim], dtype);
    this.resetParameters();
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
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const { weight, paddingIdx, scaleGradByFreq } = this;
    return paddingIdx === null && !scaleGradByFreq ? embedding(input, weight) : embedding(input, weight, { paddingIdx, scaleGradByFreq });
  }

  override extraRepr(): string {
    const { numEmbeddings, embeddingDim, paddingIdx, scaleGradByFreq } = this;
    const padding = paddingIdx === null ? '' : `, paddingIdx=${paddingIdx}`;
    return `${numEmbeddings}, ${embeddingDim}${padding}${scaleGradByFreq ? ', scaleGradByFreq=true' : ''}`;
  }
}
