// Schedules made of others.
import { refuseInCapture } from '../core/capturing';
import { UsageError } from '../core/errors';
import { kind, integer, list, only } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { LRScheduler, lastEpochKind, optimizerKind, type AnyOptimizer, type ScheduleArguments, type SchedulerState, type Scheduled } from './scheduler';

const schedules = /* @__PURE__ */ list('schedules other than ReduceLROnPlateau', kind<LRScheduler>('a schedule', (value) => value instanceof LRScheduler));

const METHODS = {
  step: /* @__PURE__ */ parameters<{ epoch?: null }>('step', () => ({ epoch: only(null) })),
};

/** Throws unless there are schedules and all are of this optimizer. */
function checkSchedules(where: string, given: readonly LRScheduler[], optimizer: AnyOptimizer): void {
  if (given.length === 0) throw new UsageError(`${where}: expected at least one schedule, got none`, where);
  const other = given.findIndex((schedule) => schedule.optimizer !== optimizer);
  if (other >= 0) throw new UsageError(`${where}: all schedules must be of the same optimizer, that at position ${other} is of another`, where);
}

/** Schedules that are stepped by another one. */
abstract class Combined extends LRScheduler {
  protected readonly schedulers: readonly LRScheduler[];

  constructor(optimizer: AnyOptimizer, schedulers: readonly LRScheduler[], lastEpoch: number) {
    super(optimizer, lastEpoch);
    this.schedulers = [...schedulers];
  }

  protected override next(lr: number): number {
    return lr;
  }

  /** @internal */
  override _undo(): void {
    for (const schedule of this.schedulers) schedule._undo();
  }

  /** @internal */
  override _extraState(): Record<string, unknown> {
    return { schedulers: this.schedulers.map((schedule) => schedule.stateDict()) };
  }

  /** @internal */
  override _loadExtraState({ schedulers }: Readonly<Record<string, unknown>>): void {
    if (!Array.isArray(schedulers) || schedulers.length !== this.schedulers.length) {
      const { name } = this.constructor;
      throw new UsageError(`loadStateDict: the state of a ${name} must have those of its ${this.schedulers.length} schedulers`, 'loadStateDict');
    }
    this.schedulers.forEach((schedule, i) => { schedule.loadStateDict({ stateDict: schedulers[i] as SchedulerState }); });
  }
}

/** The arguments of `SequentialLR`. */
export interface SequentialLRArguments extends ScheduleArguments {
  /** The schedules, in order. */
  schedulers: readonly LRScheduler[];
  /** The epoch in which each but the first begins, rising. */
  milestones: readonly number[];
}

const SEQUENTIAL_LR = /* @__PURE__ */ parameters<SequentialLRArguments>('SequentialLR', () => ({
  optimizer: optimizerKind,
  schedulers: schedules,
  milestones: list('integers', integer),
  lastEpoch: lastEpochKind(),
}));

/** One schedule after the other; each begins with its epoch 0. */
export class SequentialLR extends Combined {
  /** @internal */
  static readonly _parameters = SEQUENTIAL_LR;
  readonly milestones: readonly number[];

  constructor(...args: Arguments<SequentialLRArguments, ['optimizer', 'schedulers', 'milestones', 'lastEpoch']>) {
    const { optimizer, schedulers, milestones, lastEpoch } = SEQUENTIAL_LR.read(args);
    checkSchedules('SequentialLR', schedulers, optimizer);
    if (milestones.length !== schedulers.length - 1) {
      const counts = `${schedulers.length} schedules and ${milestones.length} milestones`;
      throw new UsageError(`SequentialLR: there must be one milestone fewer than schedules, got ${counts}`, 'SequentialLR');
    }
    super(optimizer, schedulers, lastEpoch);
    this.milestones = [...milestones];
    // They have all begun already: that is undone, and the first begins again.
    for (const group of (optimizer as Scheduled).paramGroups) group.lr = group.initialLr ?? group.lr;
    this._undo();
    const first = this.schedulers[this.indexAt(0)]!;
    first._initialStep();
    this.lastLrs = first.getLastLr();
  }

  /** Which schedule an epoch belongs to. */
  private indexAt(epoch: number): number {
    return this.milestones.filter((m) => m <= epoch).length;
  }

  override step(...args: Arguments<{ epoch?: null }, ['epoch']>): void {
    METHODS.step.read(args);
    refuseInCapture('step', 'step');
    this.lastEpoch += 1;
    const i = this.indexAt(this.lastEpoch);
    const schedule = this.schedulers[i]!;
    if (i > 0 && this.milestones[i - 1] === this.lastEpoch) schedule._updateTo(0);
    else schedule.step();
    this.lastLrs = schedule.getLastLr();
  }
}

/** The arguments of `ChainedScheduler`. */
export interface ChainedSchedulerArguments {
  /** The schedules, each of which changes what the one before has set. */
  schedulers: readonly LRScheduler[];
  /** Their optimizer; that of the first by default. */
  optimizer?: AnyOptimizer | null;
}

const CHAINED = /* @__PURE__ */ parameters<ChainedSchedulerArguments>('ChainedScheduler', () => ({ schedulers: schedules, optimizer: optimizerKind.orNull() }));

/** Several schedules at once: their factors multiply. */
export class ChainedScheduler extends Combined {
  /** @internal */
  static readonly _parameters = CHAINED;

  constructor(...args: Arguments<ChainedSchedulerArguments, ['schedulers', 'optimizer']>) {
    const { schedulers, optimizer } = CHAINED.read(args);
    const of = optimizer ?? schedulers[0]?.optimizer;
    if (of === undefined) throw new UsageError('ChainedScheduler: expected at least one schedule, got none', 'ChainedScheduler');
    checkSchedules('ChainedScheduler', schedulers, of);
    super(of, schedulers, -1);
    this.lastLrs = (of as Scheduled).paramGroups.map((group) => group.lr);
  }

  override step(...args: Arguments<{ epoch?: null }, ['epoch']>): void {
    METHODS.step.read(args);
    refuseInCapture('step', 'step');
    this.lastEpoch += 1;
    for (const schedule of this.schedulers) schedule.step();
    this.lastLrs = (this.optimizer as Scheduled).paramGroups.map((group) => group.lr);
  }
}
