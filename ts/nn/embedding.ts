// A table of vectors that are learned.
import { noGrad } from '../autograd';
import type { DType } from '../dtype';
import { UsageError } from '../errors';
import { empty } from '../generated/functions';
import { embedding } from '../generated/functional';
import { scope } from '../scope';
import { integerAtLeast, withDefaults, type Suffix } from '../options';
import type { Tensor } from '../tensor';
import { normal_ } from './init';
import { declareMembers } from './members';
import { Module } from './module';
import { parameterOf, type Parameter } from './parameter';

/** Options of `Embedding`. */
export interface EmbeddingOptions {
  /** A row that starts as zeros and learns nothing, counted from the end if negative; null, the default, for none. */
  paddingIdx: number | null;
  /** Not supported: PyTorch's `max_norm` changes the weight as it is read. */
  maxNorm: number | null;
  /** The norm `maxNorm` would be of; 2 by default. */
  normType: number;
  /** Whether the gradient of a row is divided by how often it occurs; false by default. */
  scaleGradByFreq: boolean;
  /** The dtype of the weight; float32 by default. */
  dtype: DType;
}

const POSITIONAL = ['paddingIdx', 'maxNorm', 'normType', 'scaleGradByFreq'] as const;

/**
 * Vectors by number: row x of the weight.
 *
 * **Shapes**: x `[*]` of int64 or int32, y `[*, embeddingDim]`, weight `[numEmbeddings, embeddingDim]`, which starts standard normal, as
 * PyTorch does: the same seed gives the same numbers.
 */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  readonly scaleGradByFreq: boolean;
  declare weight: Parameter;

  static {
    declareMembers(this, { parameter: ['weight'] });
  }

  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    ...args: Suffix<EmbeddingOptions, ['paddingIdx', 'maxNorm', 'normType', 'scaleGradByFreq']>
  ) {
    super();
    integerAtLeast('Embedding', 'numEmbeddings', numEmbeddings, 0);
    integerAtLeast('Embedding', 'embeddingDim', embeddingDim, 0);
    const defaults: EmbeddingOptions = { paddingIdx: null, maxNorm: null, normType: 2, scaleGradByFreq: false, dtype: 'float32' };
    const { paddingIdx, maxNorm, scaleGradByFreq, dtype } = withDefaults('Embedding', defaults, POSITIONAL, args);
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
    this.weight = parameterOf(empty([numEmbeddings, embeddingDim], { dtype }));
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

  override forward(x: Tensor): Tensor {
    const { weight, paddingIdx, scaleGradByFreq } = this;
    return paddingIdx === null && !scaleGradByFreq ? embedding(x, weight) : embedding(x, weight, { paddingIdx, scaleGradByFreq });
  }

  override extraRepr(): string {
    const { numEmbeddings, embeddingDim, paddingIdx, scaleGradByFreq } = this;
    const padding = paddingIdx === null ? '' : `, paddingIdx=${paddingIdx}`;
    return `${numEmbeddings}, ${embeddingDim}${padding}${scaleGradByFreq ? ', scaleGradByFreq=true' : ''}`;
  }
}
