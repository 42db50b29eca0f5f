// Dropout of whole channels, and dropout that keeps mean and variance.
import { UsageError } from '../core/errors';
import { boolean, number } from '../core/kinds';
import { checkArgument, parameters, type Arguments, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import type { DropoutOptions } from './dropout';
import { INPUT } from './inputs';
import { Module } from './module';
import { alphaNoise, ofAxes, ofChannels, omitted, zeroNoise } from './omission';

const OPTIONS = (where: string): ParameterList<DropoutOptions> => parameters<DropoutOptions>(where, () => ({ p: number.or(0.5), inplace: boolean.or(false) }));

/** A kind of dropout: a subclass says what its noise is. */
abstract class Omission extends Module {
  readonly p: number;
  readonly inplace: boolean;

  constructor(of: ParameterList<DropoutOptions>, args: readonly unknown[]) {
    super();
    ({ p: this.p, inplace: this.inplace } = of.read(args));
    const { p } = this;
    if (!(p >= 0 && p <= 1)) throw new UsageError(`${of.where}: p must be a probability, got ${p}`, of.where, { p });
  }

  /** The input with noise. */
  protected abstract applied(where: string, input: Tensor): Tensor;

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const where = this.constructor.name;
    checkArgument(where, 'input', input, tensor);
    return this.applied(where, input);
  }

  override extraRepr(): string {
    return `p=${this.p}, inplace=${this.inplace}`;
  }
}

/** Dropout of whole channels of inputs with this many axes behind the channels. */
abstract class ChannelDropout extends Omission {
  /** How many axes there are. */
  protected abstract readonly axes: number;

  protected override applied(where: string, input: Tensor): Tensor {
    return omitted(where, input, this.p, this.training, this.inplace, zeroNoise, ofAxes(where, this.axes));
  }
}

const DROPOUT1D = /* @__PURE__ */ OPTIONS('Dropout1d');

/** In training sets each channel to 0 with probability `p` and divides the others by 1 − p. **Shapes**: x `[N, C, L]` or `[C, L]`. */
export class Dropout1d extends ChannelDropout {
  /** @internal */
  static readonly _parameters = DROPOUT1D;
  protected override readonly axes = 1;

  constructor(...args: Arguments<DropoutOptions, ['p', 'inplace']>) {
    super(DROPOUT1D, args);
  }
}

const DROPOUT2D = /* @__PURE__ */ OPTIONS('Dropout2d');

/**
 * In training sets each channel to 0 with probability `p` and divides the others by 1 − p. **Shapes**: x `[N, C, H, W]`; as in PyTorch the
 * first two dims of any other input are those of samples and channels, also of `[C, H, W]`.
 */
export class Dropout2d extends ChannelDropout {
  /** @internal */
  static readonly _parameters = DROPOUT2D;
  protected override readonly axes = 2;

  constructor(...args: Arguments<DropoutOptions, ['p', 'inplace']>) {
    super(DROPOUT2D, args);
  }
}

const DROPOUT3D = /* @__PURE__ */ OPTIONS('Dropout3d');

/** In training sets each channel to 0 with probability `p` and divides the others by 1 − p. **Shapes**: x `[N, C, D, H, W]` or `[C, D, H, W]`. */
export class Dropout3d extends ChannelDropout {
  /** @internal */
  static readonly _parameters = DROPOUT3D;
  protected override readonly axes = 3;

  constructor(...args: Arguments<DropoutOptions, ['p', 'inplace']>) {
    super(DROPOUT3D, args);
  }
}

const ALPHA_DROPOUT = /* @__PURE__ */ OPTIONS('AlphaDropout');

/**
 * In training sets each element to the value at which SELU saturates with probability `p`, then scales and moves all so that mean
 * and variance stay. With p = 1 all become 0. As PyTorch's it returns a new tensor, whatever `inplace` is.
 *
 * Source: Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017.
 */
export class AlphaDropout extends Omission {
  /** @internal */
  static readonly _parameters = ALPHA_DROPOUT;

  constructor(...args: Arguments<DropoutOptions, ['p', 'inplace']>) {
    super(ALPHA_DROPOUT, args);
  }

  protected override applied(where: string, input: Tensor): Tensor {
    return omitted(where, input, this.p, this.training, false, alphaNoise, ({ shape }) => shape);
  }
}

const FEATURE_ALPHA_DROPOUT = /* @__PURE__ */ OPTIONS('FeatureAlphaDropout');

/** {@link AlphaDropout} of whole channels. **Shapes**: x `[N, C, *]`. */
export class FeatureAlphaDropout extends Omission {
  /** @internal */
  static readonly _parameters = FEATURE_ALPHA_DROPOUT;

  constructor(...args: Arguments<DropoutOptions, ['p', 'inplace']>) {
    super(FEATURE_ALPHA_DROPOUT, args);
  }

  protected override applied(where: string, input: Tensor): Tensor {
    return omitted(where, input, this.p, this.training, false, alphaNoise, ({ shape }) => ofChannels(where, shape));
  }
}
