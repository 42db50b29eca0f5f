// The linear map that learns the size of its inputs from the first of them.
import { integerFrom, boolean, device, dtype } from '../core/kinds';
import { checkArgument, parameters, withoutArguments, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { INPUT } from './inputs';
import { Linear, type LinearOptions } from './linear';
import { UninitializedParameter, isWaiting, materialize, type Writable } from './uninitialized';

/** The arguments of `LazyLinear`. */
export interface LazyLinearArguments extends LinearOptions {
  /** The size of the last dim of outputs. */
  outFeatures: number;
}

const LAZY_LINEAR = /* @__PURE__ */ parameters<LazyLinearArguments>('LazyLinear', () => ({
  outFeatures: integerFrom(0),
  bias: boolean.or(true),
  device: device(),
  dtype: dtype.orNullFor('float32'),
}));

/** A {@link Linear} whose `inFeatures` is the last dim of the first input: at that call it draws its parameters and becomes a `Linear`. */
export class LazyLinear extends Linear {
  /** @internal */
  static override readonly _parameters = LAZY_LINEAR as never;

  static {
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<LazyLinearArguments, ['outFeatures', 'bias', 'device', 'dtype']>) {
    const { outFeatures, bias, dtype } = LAZY_LINEAR.read(args);
    super(0, 0, { bias: false, dtype });
    (this as Writable<this>).outFeatures = outFeatures;
    this.weight = new UninitializedParameter({ dtype });
    if (bias) this.bias = new UninitializedParameter({ dtype });
  }

  /** Nothing: there are no parameters yet. */
  override resetParameters(): void {
    // Drawn at the first call.
  }

  /** @internal */
  override get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    checkArgument('LazyLinear', 'input', input, tensor);
    // A state dict may have been loaded.
    const isDrawn = !isWaiting(this.weight, this.bias);
    const inFeatures = (isDrawn ? this.weight : input).shape.at(-1) ?? 0;
    (this as Writable<this>).inFeatures = inFeatures;
    materialize(this.weight, [this.outFeatures, inFeatures]);
    materialize(this.bias, [this.outFeatures]);
    Object.setPrototypeOf(this, Linear.prototype);
    if (!isDrawn) this.resetParameters();
    return this.forward(input);
  }
}
