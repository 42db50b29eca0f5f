// Modules that are a linear map.
import type { DType } from '../dtype';
import { empty } from '../generated/functions';
import { linear } from '../generated/functional';
import { integerAtLeast, withDefaults, type Suffix } from '../options';
import type { Tensor } from '../tensor';
import { kaimingUniform_, uniform_ } from './init';
import { declareMembers } from './members';
import { Module } from './module';
import { parameterOf, type Parameter } from './parameter';

/** Options of layers with weights. */
export interface LinearOptions {
  /** Whether a bias is learned; true by default. */
  bias: boolean;
  /** The dtype of the parameters; float32 by default. */
  dtype: DType;
}

/**
 * y = x Wᵀ + b.
 *
 * **Shapes**: x `[*, inFeatures]`, y `[*, outFeatures]`, weight `[outFeatures, inFeatures]`, bias `[outFeatures]`.
 * Weight and bias start uniform on ±1/√inFeatures, drawn in that order, as PyTorch does: the same seed gives the same numbers.
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  declare weight: Parameter;
  declare bias: Parameter | null;

  static {
    declareMembers(this, { parameter: ['weight', 'bias'] });
  }

  constructor(inFeatures: number, outFeatures: number, ...args: Suffix<LinearOptions, ['bias']>) {
    super();
    integerAtLeast('Linear', 'inFeatures', inFeatures, 0);
    integerAtLeast('Linear', 'outFeatures', outFeatures, 0);
    const { bias, dtype } = withDefaults<LinearOptions>('Linear', { bias: true, dtype: 'float32' }, ['bias'], args);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = parameterOf(empty([outFeatures, inFeatures], { dtype }));
    this.bias = bias ? parameterOf(empty([outFeatures], { dtype })) : null;
    this.resetParameters();
  }

  /** Draws the parameters anew. */
  resetParameters(): void {
    // a = √5 makes the bound of Kaiming's distribution 1/√inFeatures.
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    const bound = this.inFeatures > 0 ? 1 / Math.sqrt(this.inFeatures) : 0;
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }
}

/** Returns its first argument; takes any others, so that it can stand for any module. */
export class Identity extends Module {
  constructor(..._args: unknown[]) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return x;
  }
}
