// Normalisation by the channels around each channel.
import { localResponseNorm } from '../generated/functional';
import { integerFrom, number } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { INPUT } from './inputs';
import { Module } from './module';

/** Options of `LocalResponseNorm`. */
export interface LocalResponseNormOptions {
  /** The factor of the mean square; 1e-4 by default. */
  alpha?: number;
  /** The power of the divisor; 0.75 by default. */
  beta?: number;
  /** What the divisor is at least; 1 by default. */
  k?: number;
}

/** The arguments of `LocalResponseNorm`. */
export interface LocalResponseNormArguments extends LocalResponseNormOptions {
  /** How many channels are looked at. */
  size: number;
}

const LOCAL_RESPONSE_NORM = /* @__PURE__ */ parameters<LocalResponseNormArguments>('LocalResponseNorm', () => ({
  size: integerFrom(1),
  alpha: number.or(1e-4),
  beta: number.or(0.75),
  k: number.or(1),
}));

/**
 * y = x / (k + alpha · mean(x²))^beta, with the mean over `size` channels around each, as if there were zeros beyond the ends.
 *
 * **Shapes**: x and y `[N, C, *]`, of at least 3 dims.
 */
export class LocalResponseNorm extends Module {
  /** @internal */
  static readonly _parameters = LOCAL_RESPONSE_NORM;
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(...args: Arguments<LocalResponseNormArguments, ['size', 'alpha', 'beta', 'k']>) {
    super();
    ({ size: this.size, alpha: this.alpha, beta: this.beta, k: this.k } = LOCAL_RESPONSE_NORM.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return localResponseNorm(input, this.size, this.alpha, this.beta, this.k);
  }

  override extraRepr(): string {
    return `${this.size}, alpha=${this.alpha}, beta=${this.beta}, k=${this.k}`;
  }
}
