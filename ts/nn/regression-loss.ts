// Losses of numbers against numbers, and of distributions.
import { gaussianNllLoss, huberLoss, klDiv, l1Loss, poissonNllLoss, smoothL1Loss } from '../generated/functional';
import { fullLike } from '../generated/functions';
import { Kind, REFUSED, boolean, number, word } from '../core/kinds';
import { checkArgument, parameters, type Arguments } from '../core/options';
import { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { INPUT_AND_TARGET, type Inputs } from './inputs';
import { Module } from './module';
import { reduction, reductionKinds, reductionOf, type Reduction, type ReductionOptions } from './reduction';

const L1_LOSS = /* @__PURE__ */ parameters<ReductionOptions>('L1Loss', reductionKinds);

/** |x − y|, reduced. */
export class L1Loss extends Module {
  /** @internal */
  static readonly _parameters = L1_LOSS;
  readonly reduction: Reduction;

  constructor(...args: Arguments<ReductionOptions, ['sizeAverage', 'reduce', 'reduction']>) {
    super();
    this.reduction = reductionOf(L1_LOSS.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this.reduction);
  }
}

/** Options of `SmoothL1Loss`. */
export interface SmoothL1LossOptions extends ReductionOptions {
  /** Differences below this count squared, others as they are; 1 by default. */
  beta?: number;
}

const SMOOTH_L1_LOSS = /* @__PURE__ */ parameters<SmoothL1LossOptions>('SmoothL1Loss', () => ({ ...reductionKinds(), beta: number.or(1) }));

/** (x − y)² / (2 · beta) where |x − y| < beta, else |x − y| − beta / 2, reduced. */
export class SmoothL1Loss extends Module {
  /** @internal */
  static readonly _parameters = SMOOTH_L1_LOSS;
  readonly reduction: Reduction;
  readonly beta: number;

  constructor(...args: Arguments<SmoothL1LossOptions, ['sizeAverage', 'reduce', 'reduction', 'beta']>) {
    super();
    const options = SMOOTH_L1_LOSS.read(args);
    this.reduction = reductionOf(options);
    this.beta = options.beta;
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, this.reduction, this.beta);
  }
}

/** Options of `HuberLoss`. */
export interface HuberLossOptions {
  /** `'mean'` by default. */
  reduction?: Reduction;
  /** Differences up to this count squared, others as they are; 1 by default. */
  delta?: number;
}

const HUBER_LOSS = /* @__PURE__ */ parameters<HuberLossOptions>('HuberLoss', () => ({ reduction: reduction(), delta: number.or(1) }));

/** (x − y)² / 2 where |x − y| ≤ delta, else delta · (|x − y| − delta / 2), reduced. */
export class HuberLoss extends Module {
  /** @internal */
  static readonly _parameters = HUBER_LOSS;
  readonly reduction: Reduction;
  readonly delta: number;

  constructor(...args: Arguments<HuberLossOptions, ['reduction', 'delta']>) {
    super();
    ({ reduction: this.reduction, delta: this.delta } = HUBER_LOSS.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, this.reduction, this.delta);
  }
}

/** Options of `PoissonNLLLoss`. */
export interface PoissonNLLLossOptions extends ReductionOptions {
  /** Whether the input is the logarithm of the rate; true by default. */
  logInput?: boolean;
  /** Whether Stirling's approximation of log(target!) is added for targets over 1; false by default. */
  full?: boolean;
  /** Added to a rate before its logarithm is taken, where `logInput` is false; 1e-8 by default. */
  eps?: number;
}

const POISSON_NLL_LOSS = /* @__PURE__ */ parameters<PoissonNLLLossOptions>('PoissonNLLLoss', () => ({
  logInput: boolean.or(true),
  full: boolean.or(false),
  sizeAverage: boolean.orNull(),
  eps: number.or(1e-8),
  reduce: boolean.orNull(),
  reduction: reduction(),
}));

const RATE_AND_TARGET: Inputs<{ logInput: Tensor; target: Tensor }, ['logInput', 'target']> = /* @__PURE__ */ parameters('forward', () => ({
  logInput: tensor,
  target: tensor,
}));

/** exp(x) − y · x, the negative log-likelihood of counts y under Poisson distributions of log-rates x, reduced. */
export class PoissonNLLLoss extends Module {
  /** @internal */
  static readonly _parameters = POISSON_NLL_LOSS;
  readonly logInput: boolean;
  readonly full: boolean;
  readonly eps: number;
  readonly reduction: Reduction;

  constructor(...args: Arguments<PoissonNLLLossOptions, ['logInput', 'full', 'sizeAverage', 'eps', 'reduce', 'reduction']>) {
    super();
    const options = POISSON_NLL_LOSS.read(args);
    ({ logInput: this.logInput, full: this.full, eps: this.eps } = options);
    this.reduction = reductionOf(options);
  }

  /** @internal */
  get _inputs(): typeof RATE_AND_TARGET {
    return RATE_AND_TARGET;
  }

  override forward(logInput: Tensor, target: Tensor): Tensor {
    return poissonNllLoss(logInput, target, this.logInput, this.full, this.eps, this.reduction);
  }
}

/** Options of `GaussianNLLLoss`. */
export interface GaussianNLLLossOptions {
  /** Whether the constant log(2π) / 2 is added; false by default. */
  full?: boolean;
  /** The least variance; 1e-6 by default. */
  eps?: number;
  /** `'mean'` by default. */
  reduction?: Reduction;
}

const GAUSSIAN_NLL_LOSS = /* @__PURE__ */ parameters<GaussianNLLLossOptions>(
  'GaussianNLLLoss',
  () => ({ full: boolean.or(false), eps: number.or(1e-6), reduction: reduction() }),
  3,
);

interface GaussianInputs {
  input: Tensor;
  target: Tensor;
  /** The variances, or one for all. */
  var: Tensor | number;
}

const variance = /* @__PURE__ */ new Kind<Tensor | number>('a tensor or a number', (value) =>
  value instanceof Tensor || typeof value === 'number' ? value : REFUSED,
);

const GAUSSIAN_INPUTS: Inputs<GaussianInputs, ['input', 'target', 'var']> = /* @__PURE__ */ parameters('forward', () => ({
  input: tensor,
  target: tensor,
  var: variance,
}));

/**
 * (log var + (x − y)² / var) / 2, the negative log-likelihood of y under normal distributions of means x, reduced.
 *
 * **Shapes**: x and y `[N, *]`, var of x's shape, or with one dim less or of size 1; or a number.
 */
export class GaussianNLLLoss extends Module {
  /** @internal */
  static readonly _parameters = GAUSSIAN_NLL_LOSS;
  readonly full: boolean;
  readonly eps: number;
  readonly reduction: Reduction;

  constructor(...args: Arguments<GaussianNLLLossOptions, []>) {
    super();
    ({ full: this.full, eps: this.eps, reduction: this.reduction } = GAUSSIAN_NLL_LOSS.read(args));
  }

  /** @internal */
  get _inputs(): typeof GAUSSIAN_INPUTS {
    return GAUSSIAN_INPUTS;
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor | number): Tensor {
    checkArgument('GaussianNLLLoss', 'input', input, tensor);
    const { full, eps, reduction } = this;
    return gaussianNllLoss(input, target, typeof variance === 'number' ? fullLike(input, variance) : variance, full, eps, reduction);
  }
}

/** Options of `KLDivLoss`. */
export interface KLDivLossOptions extends Omit<ReductionOptions, 'reduction'> {
  /** `'mean'` by default, which is not the divergence: that is `'batchmean'`, the sum divided by the size of the batch. */
  reduction?: Reduction | 'batchmean';
  /** Whether targets are log-probabilities too; false by default. */
  logTarget?: boolean;
}

const KL_DIV_LOSS = /* @__PURE__ */ parameters<KLDivLossOptions>('KLDivLoss', () => ({
  sizeAverage: boolean.orNull(),
  reduce: boolean.orNull(),
  reduction: word('none', 'mean', 'sum', 'batchmean').or('mean'),
  logTarget: boolean.or(false),
}));

/** y · (log y − x) for log-probabilities x and probabilities y, reduced. */
export class KLDivLoss extends Module {
  /** @internal */
  static readonly _parameters = KL_DIV_LOSS;
  readonly reduction: Reduction | 'batchmean';
  readonly logTarget: boolean;

  constructor(...args: Arguments<KLDivLossOptions, ['sizeAverage', 'reduce', 'reduction', 'logTarget']>) {
    super();
    const { sizeAverage, reduce, reduction, logTarget } = KL_DIV_LOSS.read(args);
    this.reduction = reduction === 'batchmean' && sizeAverage === null && reduce === null
      ? reduction
      : reductionOf({ sizeAverage, reduce, reduction: reduction as Reduction });
    this.logTarget = logTarget;
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this.reduction, this.logTarget);
  }
}
