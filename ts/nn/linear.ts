// Modules that are a linear map.
import type { DType, Device } from '../core/dtype';
import { linear } from '../generated/functional';
import { boolean, device, dtype, integerFrom } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { kaimingUniform_, uniform_ } from './init';
import { ANY_INPUT, INPUT } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { emptyParameter, type Parameter } from './parameter';

/** Options of layers with weights. */
export interface LinearOptions {
  /** Whether a bias is learned; true by default. */
  bias?: boolean;
  /** Where the parameters are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the parameters; float32 by default. */
  dtype?: DType | null;
}

/** The arguments of `Linear`. */
export interface LinearArguments extends LinearOptions {
  /** The size of the last dim of inputs. */
  inFeatures: number;
  /** The size of the last dim of outputs. */
  outFeatures: number;
}

const LINEAR = /* @__PURE__ */ parameters<LinearArguments>('Linear', () => ({
  inFeatures: integerFrom(0),
  outFeatures: integerFrom(0),
  bias: boolean.or(true),
  device: device(),
  dtype: dtype.orNullFor('float32'),
}));

/**
 * y = x Wᵀ + b.
 *
 * **Shapes**: x `[*, inFeatures]`, y `[*, outFeatures]`, weight `[outFeatures, inFeatures]`, bias `[outFeatures]`.
 * Weight and bias start uniform on ±1/√inFeatures, drawn in that order, as PyTorch does: the same seed gives the same numbers.
 */
export class Linear extends Module {
  /** @internal */
  static readonly _parameters = LINEAR;
  readonly inFeatures: number;
  readonly outFeatures: number;
  declare weight: Parameter;
  declare bias: Parameter | null;

  static {
    declareMembers(this, { parameter: ['weight', 'bias'] });
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<LinearArguments, ['inFeatures', 'outFeatures', 'bias', 'device', 'dtype']>) {
    super();
    const { inFeatures, outFeatures, bias, dtype } = LINEAR.read(args);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = emptyParameter([outFeatures, inFeatures], dtype);
    this.bias = bias ? emptyParameter([outFeatures], dtype) : null;
    this.resetParameters();
  }

  /** Draws the parameters anew. */
  resetParameters(): void {
    // a = √5 makes the bound of Kaiming's distribution 1/√inFeatures.
    kaimingUniform_(this.weight, Math.sqrt(5));
    const bound = this.inFeatures > 0 ? 1 / Math.sqrt(this.inFeatures) : 0;
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }
}

/** Returns its argument; is made with any arguments, so that it can stand for any module. */
export class Identity extends Module {
  constructor(..._args: unknown[]) {
    super();
  }

  /** @internal */
  get _inputs(): typeof ANY_INPUT {
    return ANY_INPUT;
  }

  override forward(input: Tensor): Tensor {
    return input;
  }
}
