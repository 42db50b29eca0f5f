// Schedules that multiply the rate they find by a factor.
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { integerFrom, number } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { LRScheduler, lastEpochKind, optimizerKind, type ScheduleArguments } from './scheduler';
import { lambdas, type Lambda } from './schedules';

type ConstantLRArguments = ScheduleArguments & { factor?: number; totalIters?: number };

const CONSTANT_LR = /* @__PURE__ */ parameters<ConstantLRArguments>('ConstantLR', () => ({
  optimizer: optimizerKind,
  factor: number.or(1 / 3),
  totalIters: integerFrom(0).or(5),
  lastEpoch: lastEpochKind(),
}));

/** lr = base · factor until `totalIters` epochs have passed, and then base. */
export class ConstantLR extends LRScheduler {
  /** @internal */
  static readonly _parameters = CONSTANT_LR;
  readonly factor: number;
  readonly totalIters: number;

  constructor(...args: Arguments<ConstantLRArguments, ['optimizer', 'factor', 'totalIters', 'lastEpoch']>) {
    const { optimizer, factor, totalIters, lastEpoch } = CONSTANT_LR.read(args);
    if (!(factor >= 0 && factor <= 1)) throw new UsageError(`ConstantLR: factor must be in [0, 1], got ${factor}`, 'ConstantLR', { factor });
    super(optimizer, lastEpoch);
    this.factor = factor;
    this.totalIters = totalIters;
    this.apply();
  }

  protected override next(lr: number): number {
    if (this.lastEpoch === 0) return lr * this.factor;
    return this.lastEpoch === this.totalIters ? lr * (1 / this.factor) : lr;
  }

  protected override closedForm(baseLr: number): number {
    return this.lastEpoch >= this.totalIters ? baseLr : baseLr * this.factor;
  }
}

type MultiplicativeLRArguments = ScheduleArguments & { lrLambda: Lambda | readonly Lambda[] };

const MULTIPLICATIVE_LR = /* @__PURE__ */ parameters<MultiplicativeLRArguments>('MultiplicativeLR', () => ({
  optimizer: optimizerKind,
  lrLambda: lambdas,
  lastEpoch: lastEpochKind(),
}));

/** lr of an epoch = lr of the one before · lambda(epoch); one function for all groups or one for each. */
export class MultiplicativeLR extends LRScheduler {
  /** @internal */
  static readonly _parameters = MULTIPLICATIVE_LR;
  readonly #lambdas: readonly Lambda[];

  constructor(...args: Arguments<MultiplicativeLRArguments, ['optimizer', 'lrLambda', 'lastEpoch']>) {
    const { optimizer, lrLambda, lastEpoch } = MULTIPLICATIVE_LR.read(args);
    super(optimizer, lastEpoch);
    this.#lambdas = typeof lrLambda === 'function' ? this.baseLrs.map(() => lrLambda) : lrLambda;
    if (this.#lambdas.length !== this.baseLrs.length) {
      const got = `got ${this.#lambdas.length} functions for ${this.baseLrs.length} parameter groups`;
      throw new UsageError(`MultiplicativeLR: ${got}`, 'MultiplicativeLR');
    }
    this.apply();
  }

  protected override next(lr: number, _baseLr: number, i: number): number {
    if (this.isInitial) return lr;
    const factor: unknown = this.#lambdas[i]!(this.lastEpoch);
    if (typeof factor !== 'number') throw new UsageError(`MultiplicativeLR: lrLambda must return a number, got ${describe(factor)}`, 'MultiplicativeLR');
    return lr * factor;
  }
}
