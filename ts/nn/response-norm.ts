// Normalisation by the channels around each channel.
import { ShapeError } from '../core/errors';
import { avgPool2d, pad } from '../generated/functional';
import { integerFrom, number } from '../core/kinds';
import { checkArgument, parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
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

/** The mean, over `before` channels, each channel itself and `behind` channels, of x². */
function meanSquares(x: Tensor, before: number, behind: number): Tensor {
  const [samples, channels] = x.shape as [number, number];
  // Channels become rows, over which windows of one column go.
  const rows = pad(x.mul(x).reshape([samples, 1, channels, -1]), [0, 0, before, behind]);
  return avgPool2d(rows, [before + 1 + behind, 1], 1).reshape(x.shape);
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
    checkArgument('LocalResponseNorm', 'input', input, tensor);
    const { shape } = input;
    if (shape.length < 3) {
      throw new ShapeError(`LocalResponseNorm: expected an input of at least 3 dims, got shape [${shape.join(', ')}]`, 'LocalResponseNorm', { shape });
    }
    if (input.numel() === 0) return input;
    const { size, alpha, beta, k } = this;
    const divisor = meanSquares(input, Math.floor(size / 2), Math.floor((size - 1) / 2)).mul(alpha).add(k).pow(beta);
    return input.div(divisor);
  }

  override extraRepr(): string {
    return `${this.size}, alpha=${this.alpha}, beta=${this.beta}, k=${this.k}`;
  }
}
