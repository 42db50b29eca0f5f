// Distances, and the map that is linear in each of two inputs.
import type { DType, Device } from '../core/dtype';
import { UsageError } from '../core/errors';
import { bilinear, cosineSimilarity, pairwiseDistance } from '../generated/functional';
import { boolean, device, dtype, integer, integerFrom, number } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { uniform_ } from './init';
import type { Inputs } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { emptyParameter, type Parameter } from './parameter';

const TWO: Inputs<{ x1: Tensor; x2: Tensor }, ['x1', 'x2']> = /* @__PURE__ */ parameters('forward', () => ({ x1: tensor, x2: tensor }));

/** Options of `CosineSimilarity`. */
export interface CosineSimilarityOptions {
  /** Where the vectors are; 1 by default. */
  dim?: number;
  /** What norms are at least; 1e-8 by default. */
  eps?: number;
}

const COSINE_SIMILARITY = /* @__PURE__ */ parameters<CosineSimilarityOptions>('CosineSimilarity', () => ({ dim: integer.or(1), eps: number.or(1e-8) }));

/** x1 · x2 / (‖x1‖ · ‖x2‖) along `dim`. */
export class CosineSimilarity extends Module {
  /** @internal */
  static readonly _parameters = COSINE_SIMILARITY;
  readonly dim: number;
  readonly eps: number;

  constructor(...args: Arguments<CosineSimilarityOptions, ['dim', 'eps']>) {
    super();
    ({ dim: this.dim, eps: this.eps } = COSINE_SIMILARITY.read(args));
  }

  /** @internal */
  get _inputs(): typeof TWO {
    return TWO;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.dim, this.eps);
  }
}

/** Options of `PairwiseDistance`. */
export interface PairwiseDistanceOptions {
  /** The p of the norm; 2 by default. */
  p?: number;
  /** Added to differences; 1e-6 by default. */
  eps?: number;
  /** Whether the last dim stays, of size 1; false by default. */
  keepdim?: boolean;
}

const PAIRWISE_DISTANCE = /* @__PURE__ */ parameters<PairwiseDistanceOptions>('PairwiseDistance', () => ({
  p: number.or(2),
  eps: number.or(1e-6),
  keepdim: boolean.or(false),
}));

/** ‖x1 − x2 + eps‖_p along the last dim. **Shapes**: x1 and x2 `[N, D]` or `[D]`, y `[N]` or `[]`. */
export class PairwiseDistance extends Module {
  /** @internal */
  static readonly _parameters = PAIRWISE_DISTANCE;
  readonly norm: number;
  readonly eps: number;
  readonly keepdim: boolean;

  constructor(...args: Arguments<PairwiseDistanceOptions, ['p', 'eps', 'keepdim']>) {
    super();
    ({ p: this.norm, eps: this.eps, keepdim: this.keepdim } = PAIRWISE_DISTANCE.read(args));
  }

  /** @internal */
  get _inputs(): typeof TWO {
    return TWO;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.norm, this.eps, this.keepdim);
  }
}

/** Options of `Bilinear`. */
export interface BilinearOptions {
  /** Whether a bias is learned; true by default. */
  bias?: boolean;
  /** Where the parameters are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the parameters; float32 by default. */
  dtype?: DType | null;
}

/** The arguments of `Bilinear`. */
export interface BilinearArguments extends BilinearOptions {
  /** The size of the last dim of first inputs. */
  in1Features: number;
  /** The size of the last dim of second inputs. */
  in2Features: number;
  /** The size of the last dim of outputs. */
  outFeatures: number;
}

const BILINEAR = /* @__PURE__ */ parameters<BilinearArguments>('Bilinear', () => ({
  in1Features: integerFrom(0),
  in2Features: integerFrom(0),
  outFeatures: integerFrom(0),
  bias: boolean.or(true),
  device: device(),
  dtype: dtype.orNullFor('float32'),
}));

const TWO_INPUTS: Inputs<{ input1: Tensor; input2: Tensor }, ['input1', 'input2']> = /* @__PURE__ */ parameters('forward', () => ({
  input1: tensor,
  input2: tensor,
}));

/**
 * y_k = x1ᵀ W_k x2 + b_k.
 *
 * **Shapes**: x1 `[*, in1Features]`, x2 `[*, in2Features]`, y `[*, outFeatures]`, weight `[outFeatures, in1Features, in2Features]`, bias
 * `[outFeatures]`. Weight and bias start uniform on ±1/√in1Features, drawn in that order.
 */
export class Bilinear extends Module {
  /** @internal */
  static readonly _parameters = BILINEAR;
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  declare weight: Parameter;
  declare bias: Parameter | null;

  static {
    declareMembers(this, { parameter: ['weight', 'bias'] });
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<BilinearArguments, ['in1Features', 'in2Features', 'outFeatures', 'bias', 'device', 'dtype']>) {
    super();
    const { in1Features, in2Features, outFeatures, bias, dtype } = BILINEAR.read(args);
    if (in1Features === 0) throw new UsageError('Bilinear: in1Features must be greater than 0, got 0', 'Bilinear', { in1Features });
    ({ in1Features: this.in1Features, in2Features: this.in2Features, outFeatures: this.outFeatures } = { in1Features, in2Features, outFeatures });
    this.weight = emptyParameter([outFeatures, in1Features, in2Features], dtype);
    this.bias = bias ? emptyParameter([outFeatures], dtype) : null;
    this.resetParameters();
  }

  /** Draws the parameters anew. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    uniform_(this.weight, -bound, bound);
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  /** @internal */
  get _inputs(): typeof TWO_INPUTS {
    return TWO_INPUTS;
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return bilinear(input1, input2, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `in1Features=${this.in1Features}, in2Features=${this.in2Features}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }
}
