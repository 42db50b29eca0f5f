// Layers that normalise.
import type { DType, Device } from '../core/dtype';
import { layerNorm } from '../generated/functional';
import { boolean, device, dtype, number } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { ones_, zeros_ } from './init';
import { INPUT } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { shape } from './pairs';
import { emptyParameter, type Parameter } from './parameter';

/** Options of `LayerNorm`. */
export interface LayerNormOptions {
  /** Added to the variance; 1e-5 by default. */
  eps?: number;
  /** Whether a weight, and a bias, are learned; true by default. */
  elementwiseAffine?: boolean;
  /** Whether there is a bias beside the weight; true by default. */
  bias?: boolean;
  /** Where the parameters are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the parameters; float32 by default. */
  dtype?: DType | null;
}

/** The arguments of `LayerNorm`. */
export interface LayerNormArguments extends LayerNormOptions {
  /** The sizes of the last dims of inputs, over which mean and variance are taken. */
  normalizedShape: number | readonly number[];
}

const LAYER_NORM = /* @__PURE__ */ parameters<LayerNormArguments>('LayerNorm', () => ({
  normalizedShape: shape,
  eps: number.or(1e-5),
  elementwiseAffine: boolean.or(true),
  bias: boolean.or(true),
  device: device(),
  dtype: dtype.orNullFor('float32'),
}));

/**
 * y = (x − mean) / √(variance + eps) · weight + bias, with mean and variance over the last dims, those of `normalizedShape`.
 *
 * **Shapes**: x and y `[*, …normalizedShape]`, weight and bias `normalizedShape`. Weights start as ones, biases as zeros.
 */
export class LayerNorm extends Module {
  /** @internal */
  static readonly _parameters = LAYER_NORM;
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  static {
    declareMembers(this, { parameter: ['weight', 'bias'] });
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<LayerNormArguments, ['normalizedShape', 'eps', 'elementwiseAffine', 'bias', 'device', 'dtype']>) {
    super();
    const { normalizedShape, eps, elementwiseAffine, bias, dtype } = LAYER_NORM.read(args);
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    const make = (): Parameter => emptyParameter([...this.normalizedShape], dtype);
    this.weight = elementwiseAffine ? make() : null;
    this.bias = elementwiseAffine && bias ? make() : null;
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
    return layerNorm(input, this.normalizedShape, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return `[${this.normalizedShape.join(', ')}], eps=${this.eps}, elementwiseAffine=${this.elementwiseAffine}, bias=${this.bias !== null}`;
  }
}
