// Layers that normalise.
import type { DType } from '../dtype';
import { UsageError } from '../errors';
import { empty } from '../generated/functions';
import { layerNorm } from '../generated/functional';
import { integerAtLeast, withDefaults, type Suffix } from '../options';
import type { Tensor } from '../tensor';
import { ones_, zeros_ } from './init';
import { declareMembers } from './members';
import { Module } from './module';
import { parameterOf, type Parameter } from './parameter';

/** Options of `LayerNorm`. */
export interface LayerNormOptions {
  /** Added to the variance; 1e-5 by default. */
  eps: number;
  /** Whether a weight, and a bias, are learned; true by default. */
  elementwiseAffine: boolean;
  /** Whether there is a bias beside the weight; true by default. */
  bias: boolean;
  /** The dtype of the parameters; float32 by default. */
  dtype: DType;
}

/**
 * y = (x − mean) / √(variance + eps) · weight + bias, with mean and variance over the last dims, those of `normalizedShape`.
 *
 * **Shapes**: x and y `[*, …normalizedShape]`, weight and bias `normalizedShape`. Weights start as ones, biases as zeros.
 */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  static {
    declareMembers(this, { parameter: ['weight', 'bias'] });
  }

  constructor(normalizedShape: number | readonly number[], ...args: Suffix<LayerNormOptions, ['eps', 'elementwiseAffine', 'bias']>) {
    super();
    const defaults: LayerNormOptions = { eps: 1e-5, elementwiseAffine: true, bias: true, dtype: 'float32' };
    const { eps, elementwiseAffine, bias, dtype } = withDefaults('LayerNorm', defaults, ['eps', 'elementwiseAffine', 'bias'], args);
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    if (this.normalizedShape.length === 0) throw new UsageError('LayerNorm: normalizedShape must have at least one dim', 'LayerNorm');
    for (const n of this.normalizedShape) integerAtLeast('LayerNorm', 'normalizedShape', n, 0);
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    const make = (): Parameter => parameterOf(empty([...this.normalizedShape], { dtype }));
    this.weight = elementwiseAffine ? make() : null;
    this.bias = elementwiseAffine && bias ? make() : null;
    this.resetParameters();
  }

  /** Sets the weight to ones and the bias to zeros. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  override forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return `[${this.normalizedShape.join(', ')}], eps=${this.eps}, elementwiseAffine=${this.elementwiseAffine}`;
  }
}
