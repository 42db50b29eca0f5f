// The schedule that reacts to how training goes.
import { refuseInCapture } from '../core/capturing';
import { ours } from '../core/describe';
import { UsageError } from '../core/errors';
import { integer, integerFrom, kind, number, numbers, record, word, type Kind } from '../core/kinds';
import { checkArgument, parameters, withoutArguments, type Arguments } from '../core/options';
import { Tensor } from '../tensor/tensor';
import { optimizerKind, type AnyOptimizer, type Scheduled } from './scheduler';

/** Options of `ReduceLROnPlateau`. */
export interface PlateauOptions {
  /** Whether the metric is to fall or to rise; `'min'` by default. */
  mode?: 'min' | 'max';
  /** The factor on the rates; 0.1 by default. */
  factor?: number;
  /** How many epochs without improvement are borne; 10 by default. */
  patience?: number;
  /** What counts as an improvement; 1e-4 by default. */
  threshold?: number;
  /** Whether the threshold is a part of the best metric or a difference; `'rel'` by default. */
  thresholdMode?: 'rel' | 'abs';
  /** Epochs after a reduction in which nothing is counted; 0 by default. */
  cooldown?: number;
  /** The least rate, one for all groups or one each; 0 by default. */
  minLr?: number | readonly number[];
  /** Changes smaller than this are not made; 1e-8 by default. */
  eps?: number;
}

/** The arguments of `ReduceLROnPlateau`. */
export interface PlateauArguments extends PlateauOptions {
  /** The optimizer whose rates are set. */
  optimizer: AnyOptimizer;
}

const PLATEAU = /* @__PURE__ */ parameters<PlateauArguments>('ReduceLROnPlateau', () => ({
  optimizer: optimizerKind,
  mode: word('min', 'max').or('min'),
  factor: number.or(0.1),
  patience: integerFrom(0).or(10),
  threshold: number.or(1e-4),
  thresholdMode: word('rel', 'abs').or('rel'),
  cooldown: integer.or(0),
  minLr: numbers.or(0),
  eps: number.or(1e-8),
}));

interface StepArguments {
  /** The metric of the epoch that ended. */
  metrics: number | Tensor;
  /** The epoch that ended, where they are not counted one by one: PyTorch's older way. */
  epoch?: number | null;
}

const metric = /* @__PURE__ */ kind<number | Tensor>('a number or a tensor', (value) => typeof value === 'number' || value instanceof Tensor);

const METHODS = {
  step: /* @__PURE__ */ parameters<StepArguments>('step', () => ({ metrics: metric, epoch: integer.orNull() })),
  loadStateDict: /* @__PURE__ */ parameters<{ stateDict: PlateauState }>('loadStateDict', () => ({ stateDict: record as Kind<never> })),
};

/** What `ReduceLROnPlateau` needs to resume. */
export interface PlateauState {
  /** The best metric so far; infinite before the first, for which null stands in JSON. */
  best: number | null;
  numBadEpochs: number;
  cooldownCounter: number;
  lastEpoch: number;
}

/** Multiplies the learning rates by `factor` when a metric has not improved for `patience` epochs. */
export class ReduceLROnPlateau {
  /** @internal */
  static readonly _parameters = PLATEAU;
  /** @internal */
  static readonly _methods = METHODS;

  static {
    withoutArguments(this.prototype, 'getLastLr stateDict');
  }

  readonly optimizer: AnyOptimizer;
  /** The best metric so far. */
  best: number;
  /** Epochs since then. */
  numBadEpochs = 0;
  /** Epochs left in which nothing is counted. */
  cooldownCounter = 0;
  /** How many steps were made. */
  lastEpoch = 0;
  readonly #options: Required<PlateauOptions>;

  constructor(
    ...args: Arguments<PlateauArguments, ['optimizer', 'mode', 'factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'minLr', 'eps']>
  ) {
    const { optimizer, ...options } = PLATEAU.read(args);
    const { factor, mode, minLr } = options;
    this.optimizer = optimizer;
    this.#options = options;
    if (!(factor < 1)) throw new UsageError(`ReduceLROnPlateau: factor must be less than 1, got ${factor}`, 'ReduceLROnPlateau');
    const groups = (optimizer as Scheduled).paramGroups.length;
    if (typeof minLr !== 'number' && minLr.length !== groups) {
      throw new UsageError(`ReduceLROnPlateau: expected ${groups} minLr, one for each parameter group, got ${minLr.length}`, 'ReduceLROnPlateau');
    }
    this.best = mode === 'min' ? Infinity : -Infinity;
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === 'min' ? -1 : 1;
    const bar = thresholdMode === 'rel' ? this.best * (1 + sign * threshold) : this.best + sign * threshold;
    return mode === 'min' ? metric < bar : metric > bar;
  }

  /** Tells the metric of the epoch that ended. */
  step(options: StepArguments): void;
  step(metrics: number | Tensor, epoch?: number | null): void;
  step(...args: unknown[]): void {
    refuseInCapture('step', 'step');
    const { metrics, epoch } = METHODS.step.read(args);
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    const value = metrics instanceof Tensor ? metrics.item() : ours<number>('ReduceLROnPlateau', metrics);
    if (this.#isBetter(value)) {
      this.best = value;
      this.numBadEpochs = 0;
    } else this.numBadEpochs += 1;
    if (this.cooldownCounter > 0) {
      this.cooldownCounter -= 1;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.#options.patience) {
      this.#reduce();
      this.cooldownCounter = this.#options.cooldown;
      this.numBadEpochs = 0;
    }
  }

  #reduce(): void {
    const { factor, minLr, eps } = this.#options;
    (this.optimizer as Scheduled).paramGroups.forEach((group, i) => {
      const least = typeof minLr === 'number' ? minLr : (minLr[i] ?? 0);
      const next = Math.max(group.lr * factor, least);
      if (group.lr - next > eps) group.lr = next;
    });
  }

  /** The rates, by group. */
  getLastLr(): number[] {
    return (this.optimizer as Scheduled).paramGroups.map((group) => group.lr);
  }

  /** What is needed to resume; the rates themselves are in the state dict of the optimizer. */
  stateDict(): PlateauState {
    const { best, numBadEpochs, cooldownCounter, lastEpoch } = this;
    return { best, numBadEpochs, cooldownCounter, lastEpoch };
  }

  /** What `JSON.stringify` takes: the state dict, with null for a best metric that is infinite. */
  toJSON(): PlateauState {
    return this.stateDict();
  }

  /** Resumes where `state` was saved. The optimizer's own state is to be loaded too. */
  loadStateDict(...args: Arguments<{ stateDict: PlateauState }, ['stateDict']>): void {
    const state = METHODS.loadStateDict.read(args).stateDict;
    for (const name of ['numBadEpochs', 'cooldownCounter', 'lastEpoch'] as const) checkArgument('loadStateDict', `stateDict.${name}`, state[name], integer);
    checkArgument('loadStateDict', 'stateDict.best', state.best, number.orNull());
    // JSON has no infinite numbers.
    this.best = state.best ?? (this.#options.mode === 'min' ? Infinity : -Infinity);
    ({ numBadEpochs: this.numBadEpochs, cooldownCounter: this.cooldownCounter, lastEpoch: this.lastEpoch } = state);
  }
}
