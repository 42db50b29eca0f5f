// The leaky rectifier whose slope is drawn.
import { UsageError } from '../core/errors';
import { boolean, number } from '../core/kinds';
import { checkArgument, parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { inplaceRepr, type InplaceOptions } from './elementwise';
import { drawnRelu } from './functional-activation';
import { INPUT } from './inputs';
import { Module } from './module';

/** Options of `RReLU`. */
export interface RReLUOptions extends InplaceOptions {
  /** The least slope; 1/8 by default. */
  lower?: number;
  /** The greatest; 1/3 by default. */
  upper?: number;
}

const RRELU = /* @__PURE__ */ parameters<RReLUOptions>('RReLU', () => ({
  lower: number.or(1 / 8),
  upper: number.or(1 / 3),
  inplace: boolean.or(false),
}));

/**
 * x where x > 0, else a · x, with a slope a that in training is drawn for each such element from the uniform distribution on
 * [lower, upper), and in evaluation is the mean of these. The same seed gives PyTorch's slopes.
 *
 * Source: Xu et al., "Empirical evaluation of rectified activations in convolutional network", 2015.
 */
export class RReLU extends Module {
  /** @internal */
  static readonly _parameters = RRELU;
  readonly lower: number;
  readonly upper: number;
  readonly inplace: boolean;

  constructor(...args: Arguments<RReLUOptions, ['lower', 'upper', 'inplace']>) {
    super();
    ({ lower: this.lower, upper: this.upper, inplace: this.inplace } = RRELU.read(args));
    if (!(this.lower <= this.upper)) {
      const { lower, upper } = this;
      throw new UsageError(`RReLU: lower must be at most upper, got ${lower} and ${upper}`, 'RReLU', { lower, upper });
    }
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    checkArgument('RReLU', 'input', input, tensor);
    return drawnRelu('RReLU', input, this.lower, this.upper, this.training, this.inplace);
  }

  override extraRepr(): string {
    return `lower=${this.lower}, upper=${this.upper}${inplaceRepr(this.inplace)}`;
  }
}
