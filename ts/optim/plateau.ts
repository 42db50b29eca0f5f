// The schedule that reacts to how training goes.
import { UsageError } from '../errors';
import { integerAtLeast, withDefaults, type Suffix } from '../options';
import { Tensor } from '../tensor';
import type { AnyOptimizer, Scheduled } from './scheduler';

/** Options of `ReduceLROnPlateau`. */
export interface PlateauOptions {
  /** Whether the metric is to fall or to rise; `'min'` by default. */
  mode: 'min' | 'max';
  /** The factor on the rates; 0.1 by default. */
  factor: number;
  /** How many epochs without improvement are borne; 10 by default. */
  patience: number;
  /** What counts as an improvement; 1e-4 by default. */
  threshold: number;
  /** Whether the threshold is a part of the best metric or a difference; `'rel'` by default. */
  thresholdMode: 'rel' | 'abs';
  /** Epochs after a reduction in which nothing is counted; 0 by default. */
  cooldown: number;
  /** The least rate; 0 by default. */
  minLr: number;
  /** Changes smaller than this are not made; 1e-8 by default. */
  eps: number;
}

const POSITIONAL = ['mode', 'factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'minLr', 'eps'] as const;

/** Multiplies the learning rates by `factor` when a metric has not improved for `patience` epochs. */
export class ReduceLROnPlateau {
  readonly optimizer: AnyOptimizer;
  /** The best metric so far. */
  best: number;
  /** Epochs since then. */
  numBadEpochs = 0;
  #cooldownLeft = 0;
  readonly #options: PlateauOptions;

  constructor(
    optimizer: AnyOptimizer,
    ...args: Suffix<PlateauOptions, ['mode', 'factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'minLr', 'eps']>
  ) {
    const defaults: PlateauOptions = {
      mode: 'min',
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: 'rel',
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
    };
    this.optimizer = optimizer;
    this.#options = withDefaults('ReduceLROnPlateau', defaults, POSITIONAL, args);
    const { factor, patience, mode } = this.#options;
    if (!(factor < 1)) throw new UsageError(`ReduceLROnPlateau: factor must be less than 1, got ${factor}`, 'ReduceLROnPlateau');
    integerAtLeast('ReduceLROnPlateau', 'patience', patience, 0);
    this.best = mode === 'min' ? Infinity : -Infinity;
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === 'min' ? -1 : 1;
    const bar = thresholdMode === 'rel' ? this.best * (1 + sign * threshold) : this.best + sign * threshold;
    return mode === 'min' ? metric < bar : metric > bar;
  }

  /** Tells the metric of the epoch that ended. */
  step(metric: number | Tensor): void {
    const value = metric instanceof Tensor ? metric.item() : metric;
    if (this.#isBetter(value)) {
      this.best = value;
      this.numBadEpochs = 0;
    } else this.numBadEpochs += 1;
    if (this.#cooldownLeft > 0) {
      this.#cooldownLeft -= 1;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.#options.patience) {
      this.#reduce();
      this.#cooldownLeft = this.#options.cooldown;
      this.numBadEpochs = 0;
    }
  }

  #reduce(): void {
    const { factor, minLr, eps } = this.#options;
    for (const group of (this.optimizer as Scheduled).paramGroups) {
      const next = Math.max(group.lr * factor, minLr);
      if (group.lr - next > eps) group.lr = next;
    }
  }

  /** The rates, by group. */
  getLastLr(): number[] {
    return (this.optimizer as Scheduled).paramGroups.map((group) => group.lr);
  }
}
