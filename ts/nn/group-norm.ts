// Layers that normalise groups of channels, or by the root mean square.
import type { DType, Device } from '../core/dtype';
import { UsageError } from '../core/errors';
import { groupNorm, rmsNorm } from '../generated/functional';
import { boolean, device, dtype, integerFrom, number } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { ones_, zeros_ } from './init';
import { INPUT, type Inputs } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { listed, shape } from './pairs';
import { emptyParameter, type Parameter } from './parameter';

/** Options of `GroupNorm`. */
export interface GroupNormOptions {
  /** Added to the variance; 1e-5 by default. */
  eps?: number;
  /** Whether a weight and a bias for each channel are learned; true by default. */
  affine?: boolean;
  /** Where the parameters are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the parameters; float32 by default. */
  dtype?: DType | null;
  /** Whether there is a bias beside the weight; true by default. */
  bias?: boolean;
}

/** The arguments of `GroupNorm`. */
export interface GroupNormArguments extends GroupNormOptions {
  /** How many groups the channels are split into. */
  numGroups: number;
  /** How many channels there are. */
  numChannels: number;
}

const GROUP_NORM = /* @__PURE__ */ parameters<GroupNormArguments>(
  'GroupNorm',
  () => ({
    numGroups: integerFrom(1),
    numChannels: integerFrom(0),
    eps: number.or(1e-5),
    affine: boolean.or(true),
    device: device(),
    dtype: dtype.orNullFor('float32'),
    bias: boolean.or(true),
  }),
  1,
);

/**
 * y = (x − mean) / √(variance + eps) · weight + bias, with mean and variance over each group of channels of each sample.
 *
 * **Shapes**: x and y `[N, numChannels, *]`, weight and bias `[numChannels]`. Weights start as ones, biases as zeros.
 *
 * Source: Wu and He, "Group normalization", ECCV 2018.
 */
export class GroupNorm extends Module {
  /** @internal */
  static readonly _parameters = GROUP_NORM;
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly affine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  static {
    declareMembers(this, { parameter: ['weight', 'bias'] });
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<GroupNormArguments, ['numGroups', 'numChannels', 'eps', 'affine', 'device', 'dtype']>) {
    super();
    const { numGroups, numChannels, eps, affine, dtype, bias } = GROUP_NORM.read(args);
    if (numChannels % numGroups !== 0) {
      throw new UsageError(`GroupNorm: numChannels (${numChannels}) must be divisible by numGroups (${numGroups})`, 'GroupNorm', { numChannels, numGroups });
    }
    ({ numGroups: this.numGroups, numChannels: this.numChannels, eps: this.eps, affine: this.affine } = { numGroups, numChannels, eps, affine });
    this.weight = affine ? emptyParameter([numChannels], dtype) : null;
    this.bias = affine && bias ? emptyParameter([numChannels], dtype) : null;
    this.resetParameters();
  }

  /** Sets the weight to ones and the bias to zeros. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return groupNorm(input, this.numGroups, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${this.eps}, affine=${this.affine}, bias=${this.bias !== null}`;
  }
}

/** Options of `RMSNorm`. */
export interface RMSNormOptions {
  /** Added to the mean square; null, the default, for the machine epsilon of the input's dtype. */
  eps?: number | null;
  /** Whether a weight is learned; true by default. */
  elementwiseAffine?: boolean;
  /** Where the weight is kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the weight; float32 by default. */
  dtype?: DType | null;
}

/** The arguments of `RMSNorm`. */
export interface RMSNormArguments extends RMSNormOptions {
  /** The sizes of the last dims of inputs, over which the mean square is taken. */
  normalizedShape: number | readonly number[];
}

const RMS_NORM = /* @__PURE__ */ parameters<RMSNormArguments>('RMSNorm', () => ({
  normalizedShape: shape,
  eps: number.orNull(),
  elementwiseAffine: boolean.or(true),
  device: device(),
  dtype: dtype.orNullFor('float32'),
}));

const X: Inputs<{ x: Tensor }, ['x']> = /* @__PURE__ */ parameters('forward', () => ({ x: tensor }));

/**
 * y = x / √(mean(x²) + eps) · weight, with the mean over the last dims, those of `normalizedShape`.
 *
 * **Shapes**: x and y `[*, …normalizedShape]`, weight `normalizedShape`, which starts as ones.
 *
 * Source: Zhang and Sennrich, "Root mean square layer normalization", NeurIPS 2019.
 */
export class RMSNorm extends Module {
  /** @internal */
  static readonly _parameters = RMS_NORM;
  readonly normalizedShape: readonly number[];
  readonly eps: number | null;
  readonly elementwiseAffine: boolean;
  declare weight: Parameter | null;

  static {
    declareMembers(this, { parameter: ['weight'] });
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<RMSNormArguments, ['normalizedShape', 'eps', 'elementwiseAffine', 'device', 'dtype']>) {
    super();
    const { normalizedShape, eps, elementwiseAffine, dtype } = RMS_NORM.read(args);
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? emptyParameter([...this.normalizedShape], dtype) : null;
    this.resetParameters();
  }

  /** Sets the weight to ones. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
  }

  /** @internal */
  get _inputs(): typeof X {
    return X;
  }

  override forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, this.weight, this.eps);
  }

  override extraRepr(): string {
    return `${listed(this.normalizedShape)}, eps=${this.eps}, elementwiseAffine=${this.elementwiseAffine}`;
  }
}
