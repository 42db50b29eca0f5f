// Dropout of whole channels, and dropout that keeps mean and variance.
import { ShapeError, UsageError } from '../core/errors';
import { noGrad } from '../autograd/autograd';
import { empty } from '../generated/functions';
import { boolean, number } from '../core/kinds';
import { checkArgument, parameters, type Arguments, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import type { DropoutOptions } from './dropout';
import { INPUT } from './inputs';
import { Module } from './module';

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

  /** The factors of the input, and what is added. */
  protected abstract noise(input: Tensor): { readonly factors: Tensor; readonly terms: Tensor | null };

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    checkArgument(this.constructor.name, 'input', input, tensor);
    if (!this.training || this.p === 0 || input.numel() === 0) return input;
    const { factors, terms } = noGrad(() => this.noise(input));
    if (terms !== null) return input.mul(factors).add(terms);
    return this.inplace ? input.mul_(factors) : input.mul(factors);
  }

  override extraRepr(): string {
    return `p=${this.p}, inplace=${this.inplace}`;
  }
}

/** 1 with probability 1 − p and else 0, for each element of `shape`. */
function kept(shape: readonly number[], p: number, input: Tensor): Tensor {
  return empty(shape, { dtype: input.dtype }).bernoulli_(1 - p);
}

/** The shape of one number for each channel of each sample. */
function ofChannels(shape: readonly number[]): number[] {
  return shape.map((size, i) => (i < 2 ? size : 1));
}

/** The input as PyTorch sees it, with a batch in front; one without has `dims` dims. */
function batched(where: string, input: Tensor, dims: number): number[] {
  const { shape } = input;
  if (shape.length !== dims && shape.length !== dims + 1) {
    const expected = `${dims} or ${dims + 1}`;
    throw new ShapeError(`${where}: expected an input of ${expected} dims, got shape [${shape.join(', ')}]`, where, { shape });
  }
  return shape.length === dims ? [1, ...shape] : [...shape];
}

/** Dropout of whole channels of inputs with this many axes behind the channels. */
abstract class ChannelDropout extends Omission {
  /** How many axes there are. */
  protected abstract readonly axes: number;

  protected override noise(input: Tensor): { factors: Tensor; terms: null } {
    const { p } = this;
    const shape = batched(this.constructor.name, input, this.axes + 1);
    const factors = kept(ofChannels(shape), p, input);
    if (p < 1) factors.div_(1 - p);
    return { factors: input.ndim === shape.length ? factors : factors.squeeze(0), terms: null };
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

/** In training sets each channel to 0 with probability `p` and divides the others by 1 − p. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`. */
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

/** What SELU tends to for small inputs: −alpha · scale. */
const SATURATION = 1.7580993408473766;

/** Noise that sets elements to what SELU saturates at, scaled and moved so that mean 0 and variance 1 stay. */
function alphaNoise(shape: readonly number[], p: number, input: Tensor): { factors: Tensor; terms: Tensor } {
  if (p === 1) return { factors: input.newZeros([]), terms: input.newZeros([]) };
  const factors = kept(shape, p, input);
  const a = 1 / Math.sqrt((SATURATION ** 2 * p + 1) * (1 - p));
  const terms = factors.sub(1).mul_(SATURATION * a).add_(SATURATION * a * p);
  return { factors: factors.mul_(a), terms };
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

  protected override noise(input: Tensor): { factors: Tensor; terms: Tensor } {
    return alphaNoise(input.shape, this.p, input);
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

  protected override noise(input: Tensor): { factors: Tensor; terms: Tensor } {
    if (input.ndim < 2) {
      const where = 'FeatureAlphaDropout';
      throw new ShapeError(`${where}: expected an input of at least 2 dims, got shape [${input.shape.join(', ')}]`, where, { shape: input.shape });
    }
    return alphaNoise(ofChannels(input.shape), this.p, input);
  }
}
