// Schedules that are a formula of the epoch. Each documents its closed form and, as PyTorch does, computes a rate from the one
// before, so that several schedules of one optimizer multiply.
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { integerFrom, kind, number, numberFrom } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { LRScheduler, lastEpochKind, optimizerKind, type ScheduleArguments } from './scheduler';

/** A factor by epoch. */
export type Lambda = (epoch: number) => number;

/** One function for all groups, or one for each. */
export const lambdas = /* @__PURE__ */ kind<Lambda | readonly Lambda[]>(
  'a function of the epoch or a list of them',
  (value) => typeof value === 'function' || (Array.isArray(value) && value.every((f) => typeof f === 'function')),
);

type LambdaLRArguments = ScheduleArguments & { lrLambda: Lambda | readonly Lambda[] };

const LAMBDA_LR = /* @__PURE__ */ parameters<LambdaLRArguments>('LambdaLR', () => ({
  optimizer: optimizerKind,
  lrLambda: lambdas,
  lastEpoch: lastEpochKind(),
}));

/** lr = base · lambda(epoch); one function for all groups or one for each. */
export class LambdaLR extends LRScheduler {
  /** @internal */
  static readonly _parameters = LAMBDA_LR;
  readonly #lambdas: readonly Lambda[];

  constructor(...args: Arguments<LambdaLRArguments, ['optimizer', 'lrLambda', 'lastEpoch']>) {
    const { optimizer, lrLambda, lastEpoch } = LAMBDA_LR.read(args);
    super(optimizer, lastEpoch);
    this.#lambdas = typeof lrLambda === 'function' ? this.baseLrs.map(() => lrLambda) : lrLambda;
    if (this.#lambdas.length !== this.baseLrs.length) {
      throw new UsageError(`LambdaLR: got ${this.#lambdas.length} functions for ${this.baseLrs.length} parameter groups`, 'LambdaLR');
    }
    this.apply();
  }

  protected override next(_lr: number, baseLr: number, i: number): number {
    const factor: unknown = this.#lambdas[i]!(this.lastEpoch);
    if (typeof factor !== 'number') throw new UsageError(`LambdaLR: lrLambda must return a number, got ${describe(factor)}`, 'LambdaLR');
    return baseLr * factor;
  }
}

type StepLRArguments = ScheduleArguments & { stepSize: number; gamma?: number };

const STEP_LR = /* @__PURE__ */ parameters<StepLRArguments>('StepLR', () => ({
  optimizer: optimizerKind,
  stepSize: integerFrom(1),
  gamma: number.or(0.1),
  lastEpoch: lastEpochKind(),
}));

/** lr = base · gamma^⌊epoch / stepSize⌋. */
export class StepLR extends LRScheduler {
  /** @internal */
  static readonly _parameters = STEP_LR;
  readonly stepSize: number;
  readonly gamma: number;

  constructor(...args: Arguments<StepLRArguments, ['optimizer', 'stepSize', 'gamma', 'lastEpoch']>) {
    const { optimizer, stepSize, gamma, lastEpoch } = STEP_LR.read(args);
    super(optimizer, lastEpoch);
    this.stepSize = stepSize;
    this.gamma = gamma;
    this.apply();
  }

  protected override next(lr: number): number {
    return this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0 ? lr : lr * this.gamma;
  }

  protected override closedForm(baseLr: number): number {
    return baseLr * this.gamma ** Math.floor(this.lastEpoch / this.stepSize);
  }
}

const epochs = /* @__PURE__ */ kind<readonly number[]>('a list of integers', (value) => Array.isArray(value) && value.every(Number.isSafeInteger));

type MultiStepLRArguments = ScheduleArguments & { milestones: readonly number[]; gamma?: number };

const MULTI_STEP_LR = /* @__PURE__ */ parameters<MultiStepLRArguments>('MultiStepLR', () => ({
  optimizer: optimizerKind,
  milestones: epochs,
  gamma: number.or(0.1),
  lastEpoch: lastEpochKind(),
}));

/** lr = base · gamma^(number of milestones reached). */
export class MultiStepLR extends LRScheduler {
  /** @internal */
  static readonly _parameters = MULTI_STEP_LR;
  readonly milestones: readonly number[];
  readonly gamma: number;

  constructor(...args: Arguments<MultiStepLRArguments, ['optimizer', 'milestones', 'gamma', 'lastEpoch']>) {
    const { optimizer, milestones, gamma, lastEpoch } = MULTI_STEP_LR.read(args);
    super(optimizer, lastEpoch);
    this.milestones = [...milestones];
    this.gamma = gamma;
    this.apply();
  }

  protected override next(lr: number): number {
    return lr * this.gamma ** this.milestones.filter((m) => m === this.lastEpoch).length;
  }

  protected override closedForm(baseLr: number): number {
    return baseLr * this.gamma ** this.milestones.filter((m) => m <= this.lastEpoch).length;
  }
}

type ExponentialLRArguments = ScheduleArguments & { gamma: number };

const EXPONENTIAL_LR = /* @__PURE__ */ parameters<ExponentialLRArguments>('ExponentialLR', () => ({
  optimizer: optimizerKind,
  gamma: numberFrom(0),
  lastEpoch: lastEpochKind(),
}));

/** lr = base · gamma^epoch. */
export class ExponentialLR extends LRScheduler {
  /** @internal */
  static readonly _parameters = EXPONENTIAL_LR;
  readonly gamma: number;

  constructor(...args: Arguments<ExponentialLRArguments, ['optimizer', 'gamma', 'lastEpoch']>) {
    const { optimizer, gamma, lastEpoch } = EXPONENTIAL_LR.read(args);
    super(optimizer, lastEpoch);
    this.gamma = gamma;
    this.apply();
  }

  protected override next(lr: number): number {
    return this.isInitial ? lr : lr * this.gamma;
  }

  protected override closedForm(baseLr: number): number {
    return baseLr * this.gamma ** this.lastEpoch;
  }
}

interface LinearOptions {
  startFactor: number;
  endFactor: number;
  totalIters: number;
}

type LinearLRArguments = ScheduleArguments & Partial<LinearOptions>;

const LINEAR_LR = /* @__PURE__ */ parameters<LinearLRArguments>('LinearLR', () => ({
  optimizer: optimizerKind,
  startFactor: number.or(1 / 3),
  endFactor: number.or(1),
  totalIters: integerFrom(0).or(5),
  lastEpoch: lastEpochKind(),
}));

/** lr = base · a factor that goes from `startFactor` to `endFactor` along a line, over `totalIters` epochs. */
export class LinearLR extends LRScheduler {
  /** @internal */
  static readonly _parameters = LINEAR_LR;
  readonly #options: LinearOptions;

  constructor(...args: Arguments<LinearLRArguments, ['optimizer', 'startFactor', 'endFactor', 'totalIters', 'lastEpoch']>) {
    const { optimizer, startFactor, endFactor, totalIters, lastEpoch } = LINEAR_LR.read(args);
    super(optimizer, lastEpoch);
    this.#options = { startFactor, endFactor, totalIters };
    if (!(startFactor > 0 && startFactor <= 1)) throw new UsageError(`LinearLR: startFactor must be in (0, 1], got ${startFactor}`, 'LinearLR');
    if (!(endFactor >= 0 && endFactor <= 1)) throw new UsageError(`LinearLR: endFactor must be in [0, 1], got ${endFactor}`, 'LinearLR');
    this.apply();
  }

  protected override next(lr: number): number {
    const { startFactor, endFactor, totalIters } = this.#options;
    const epoch = this.lastEpoch;
    if (epoch === 0) return lr * startFactor;
    if (this.isInitial || epoch > totalIters) return lr;
    const rise = endFactor - startFactor;
    return lr * (1 + rise / (totalIters * startFactor + (epoch - 1) * rise));
  }

  protected override closedForm(baseLr: number): number {
    const { startFactor, endFactor, totalIters } = this.#options;
    return baseLr * (startFactor + ((endFactor - startFactor) * Math.min(totalIters, this.lastEpoch)) / totalIters);
  }
}

type PolynomialLRArguments = ScheduleArguments & { totalIters?: number; power?: number };

const POLYNOMIAL_LR = /* @__PURE__ */ parameters<PolynomialLRArguments>('PolynomialLR', () => ({
  optimizer: optimizerKind,
  totalIters: integerFrom(0).or(5),
  power: number.or(1),
  lastEpoch: lastEpochKind(),
}));

/** lr = base · (1 − epoch / totalIters)^power, 0 from then on. */
export class PolynomialLR extends LRScheduler {
  /** @internal */
  static readonly _parameters = POLYNOMIAL_LR;
  readonly #options: { totalIters: number; power: number };

  constructor(...args: Arguments<PolynomialLRArguments, ['optimizer', 'totalIters', 'power', 'lastEpoch']>) {
    const { optimizer, totalIters, power, lastEpoch } = POLYNOMIAL_LR.read(args);
    super(optimizer, lastEpoch);
    this.#options = { totalIters, power };
    this.apply();
  }

  protected override next(lr: number): number {
    const { totalIters, power } = this.#options;
    const epoch = this.lastEpoch;
    if (this.isInitial || epoch > totalIters) return lr;
    return lr * ((1 - epoch / totalIters) / (1 - (epoch - 1) / totalIters)) ** power;
  }

  protected override closedForm(baseLr: number): number {
    const { totalIters, power } = this.#options;
    return baseLr * (1 - Math.min(totalIters, this.lastEpoch) / totalIters) ** power;
  }
}

type CosineAnnealingLRArguments = ScheduleArguments & { TMax: number; etaMin?: number };

const COSINE_ANNEALING_LR = /* @__PURE__ */ parameters<CosineAnnealingLRArguments>('CosineAnnealingLR', () => ({
  optimizer: optimizerKind,
  TMax: integerFrom(1),
  etaMin: number.or(0),
  lastEpoch: lastEpochKind(),
}));

/**
 * lr = etaMin + (base − etaMin) · (1 + cos(π · epoch / TMax)) / 2, and up again after `TMax` epochs.
 *
 * Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
 */
export class CosineAnnealingLR extends LRScheduler {
  /** @internal */
  static readonly _parameters = COSINE_ANNEALING_LR;
  readonly TMax: number;
  readonly etaMin: number;

  constructor(...args: Arguments<CosineAnnealingLRArguments, ['optimizer', 'TMax', 'etaMin', 'lastEpoch']>) {
    const { optimizer, TMax, etaMin, lastEpoch } = COSINE_ANNEALING_LR.read(args);
    super(optimizer, lastEpoch);
    this.TMax = TMax;
    this.etaMin = etaMin;
    this.apply();
  }

  protected override next(lr: number, baseLr: number): number {
    const { etaMin, TMax, lastEpoch: epoch } = this;
    if (this.isInitial) return lr;
    // At the turn the quotient below would be 0 / 0.
    if ((epoch - 1 - TMax) % (2 * TMax) === 0) return lr + ((baseLr - etaMin) * (1 - Math.cos(Math.PI / TMax))) / 2;
    return ((1 + Math.cos((Math.PI * epoch) / TMax)) / (1 + Math.cos((Math.PI * (epoch - 1)) / TMax))) * (lr - etaMin) + etaMin;
  }
  protected override closedForm(baseLr: number): number {
    const { etaMin, TMax, lastEpoch } = this;
    return etaMin + ((baseLr - etaMin) * (1 + Math.cos((Math.PI * lastEpoch) / TMax))) / 2;
  }
}
