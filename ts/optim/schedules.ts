// Schedules that are a formula of the epoch. Each documents its closed form and, as PyTorch does, computes a rate from the one
// before, so that several schedules of one optimizer multiply.
import { UsageError } from '../errors';
import { atLeast, integerAtLeast, withDefaults, type Suffix } from '../options';
import { LRScheduler, type AnyOptimizer } from './scheduler';

/** lr = base · lambda(epoch); one function for all groups or one for each. */
export class LambdaLR extends LRScheduler {
  readonly #lambdas: readonly ((epoch: number) => number)[];

  constructor(optimizer: AnyOptimizer, lrLambda: ((epoch: number) => number) | readonly ((epoch: number) => number)[]) {
    super(optimizer);
    this.#lambdas = typeof lrLambda === 'function' ? this.baseLrs.map(() => lrLambda) : lrLambda;
    if (this.#lambdas.length !== this.baseLrs.length) {
      throw new UsageError(`LambdaLR: got ${this.#lambdas.length} functions for ${this.baseLrs.length} parameter groups`, 'LambdaLR');
    }
    this.apply();
  }

  protected override next(_lr: number, baseLr: number, i: number): number {
    return baseLr * this.#lambdas[i]!(this.lastEpoch);
  }
}

/** lr = base · gamma^⌊epoch / stepSize⌋. */
export class StepLR extends LRScheduler {
  readonly stepSize: number;
  readonly gamma: number;

  constructor(optimizer: AnyOptimizer, stepSize: number, ...args: Suffix<{ gamma: number }, ['gamma']>) {
    super(optimizer);
    integerAtLeast('StepLR', 'stepSize', stepSize, 1);
    this.stepSize = stepSize;
    this.gamma = withDefaults('StepLR', { gamma: 0.1 }, ['gamma'], args).gamma;
    this.apply();
  }

  protected override next(lr: number): number {
    return this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0 ? lr : lr * this.gamma;
  }
}

/** lr = base · gamma^(number of milestones reached). */
export class MultiStepLR extends LRScheduler {
  readonly milestones: readonly number[];
  readonly gamma: number;

  constructor(optimizer: AnyOptimizer, milestones: readonly number[], ...args: Suffix<{ gamma: number }, ['gamma']>) {
    super(optimizer);
    this.milestones = [...milestones];
    this.gamma = withDefaults('MultiStepLR', { gamma: 0.1 }, ['gamma'], args).gamma;
    this.apply();
  }

  protected override next(lr: number): number {
    return lr * this.gamma ** this.milestones.filter((m) => m === this.lastEpoch).length;
  }
}

/** lr = base · gamma^epoch. */
export class ExponentialLR extends LRScheduler {
  readonly gamma: number;

  constructor(optimizer: AnyOptimizer, gamma: number) {
    super(optimizer);
    atLeast('ExponentialLR', 'gamma', gamma, 0);
    this.gamma = gamma;
    this.apply();
  }

  protected override next(lr: number): number {
    return this.lastEpoch === 0 ? lr : lr * this.gamma;
  }
}

/** lr = base · a factor that goes from `startFactor` to `endFactor` along a line, over `totalIters` epochs. */
export class LinearLR extends LRScheduler {
  readonly #options: { startFactor: number; endFactor: number; totalIters: number };

  constructor(
    optimizer: AnyOptimizer,
    ...args: Suffix<{ startFactor: number; endFactor: number; totalIters: number }, ['startFactor', 'endFactor', 'totalIters']>
  ) {
    super(optimizer);
    const defaults = { startFactor: 1 / 3, endFactor: 1, totalIters: 5 };
    this.#options = withDefaults('LinearLR', defaults, ['startFactor', 'endFactor', 'totalIters'], args);
    const { startFactor, endFactor } = this.#options;
    if (!(startFactor > 0 && startFactor <= 1)) throw new UsageError(`LinearLR: startFactor must be in (0, 1], got ${startFactor}`, 'LinearLR');
    if (!(endFactor >= 0 && endFactor <= 1)) throw new UsageError(`LinearLR: endFactor must be in [0, 1], got ${endFactor}`, 'LinearLR');
    this.apply();
  }

  protected override next(lr: number): number {
    const { startFactor, endFactor, totalIters } = this.#options;
    const epoch = this.lastEpoch;
    if (epoch === 0) return lr * startFactor;
    if (epoch > totalIters) return lr;
    const rise = endFactor - startFactor;
    return lr * (1 + rise / (totalIters * startFactor + (epoch - 1) * rise));
  }
}

/** lr = base · (1 − epoch / totalIters)^power, 0 from then on. */
export class PolynomialLR extends LRScheduler {
  readonly #options: { totalIters: number; power: number };

  constructor(optimizer: AnyOptimizer, ...args: Suffix<{ totalIters: number; power: number }, ['totalIters', 'power']>) {
    super(optimizer);
    this.#options = withDefaults('PolynomialLR', { totalIters: 5, power: 1 }, ['totalIters', 'power'], args);
    this.apply();
  }

  protected override next(lr: number): number {
    const { totalIters, power } = this.#options;
    const epoch = this.lastEpoch;
    if (epoch === 0 || epoch > totalIters) return lr;
    return lr * ((1 - epoch / totalIters) / (1 - (epoch - 1) / totalIters)) ** power;
  }
}

/**
 * lr = etaMin + (base − etaMin) · (1 + cos(π · epoch / TMax)) / 2, and up again after `TMax` epochs.
 *
 * Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
 */
export class CosineAnnealingLR extends LRScheduler {
  readonly TMax: number;
  readonly etaMin: number;

  constructor(optimizer: AnyOptimizer, TMax: number, ...args: Suffix<{ etaMin: number }, ['etaMin']>) {
    super(optimizer);
    integerAtLeast('CosineAnnealingLR', 'TMax', TMax, 1);
    this.TMax = TMax;
    this.etaMin = withDefaults('CosineAnnealingLR', { etaMin: 0 }, ['etaMin'], args).etaMin;
    this.apply();
  }

  protected override next(lr: number, baseLr: number): number {
    const { etaMin, TMax, lastEpoch: epoch } = this;
    if (epoch === 0) return lr;
    // At the turn the quotient below would be 0 / 0.
    if ((epoch - 1 - TMax) % (2 * TMax) === 0) return lr + ((baseLr - etaMin) * (1 - Math.cos(Math.PI / TMax))) / 2;
    return ((1 + Math.cos((Math.PI * epoch) / TMax)) / (1 + Math.cos((Math.PI * (epoch - 1)) / TMax))) * (lr - etaMin) + etaMin;
  }
}
