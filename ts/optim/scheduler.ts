// The base class of learning rate schedules.
import { refuseInCapture } from '../core/capturing';
import { brand } from '../core/copies';
import { UsageError } from '../core/errors';
import { Kind, REFUSED, integer, list, number, record } from '../core/kinds';
import { checkArgument, parameters, withoutArguments, type Arguments } from '../core/options';
import { Optimizer } from './optimizer';

/** An optimizer whose groups have a learning rate, and remember that of the start once a schedule has changed it. */
export type Scheduled = Optimizer<{ lr: number; initialLr?: number }>;

/** Any optimizer with a learning rate, whatever its other options. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- options of groups are both read and written
export type AnyOptimizer = Optimizer<any>;

/** What every schedule takes. */
export interface ScheduleArguments {
  /** The optimizer whose rates are set. */
  optimizer: AnyOptimizer;
  /** The epoch that was the last when training stopped, to go on from; −1, the default, to start. */
  lastEpoch?: number;
}

/** An optimizer. */
export const optimizerKind: Kind<AnyOptimizer> = /* @__PURE__ */ new Kind<AnyOptimizer>('an optimizer', (value) => (value instanceof Optimizer ? value : REFUSED));

/** PyTorch's `last_epoch`. */
export const lastEpochKind = (): Kind<number> => integer.or(-1);

const rates = /* @__PURE__ */ list('numbers', number);

const METHODS = {
  step: /* @__PURE__ */ parameters<{ epoch?: number | null }>('step', () => ({ epoch: integer.orNull() })),
  loadStateDict: /* @__PURE__ */ parameters<{ stateDict: SchedulerState }>('loadStateDict', () => ({ stateDict: record as Kind<never> })),
};

/** What a schedule needs to resume. */
export interface SchedulerState {
  lastEpoch: number;
  baseLrs: number[];
  lastLrs: number[];
  /** What a kind of schedule remembers besides. */
  readonly [name: string]: unknown;
}

/** One number for all groups, or one for each. */
export type OfGroups = number | readonly number[];

/** The numbers of an argument for each group. */
export function ofGroups(where: string, name: string, optimizer: AnyOptimizer, given: OfGroups): readonly number[] {
  const count = (optimizer as Scheduled).paramGroups.length;
  if (typeof given === 'number') return new Array<number>(count).fill(given);
  if (given.length === count) return given;
  throw new UsageError(`${where}: expected ${count} values of ${name}, one for each parameter group, got ${given.length}`, where, { argument: name });
}

/**
 * Sets the learning rates of an optimizer's groups, once when it is made and then at every `step()`.
 *
 * Call `step()` after the optimizer's, as a rule once an epoch. As in PyTorch a schedule changes the rate it finds, so several
 * schedules of one optimizer multiply; a subclass says in `next` what a rate becomes in the present epoch.
 */
export abstract class LRScheduler {
  /** @internal */
  static readonly _methods = METHODS;

  /** The optimizer whose rates are set. */
  readonly optimizer: AnyOptimizer;
  /** The rates at the start, by group. */
  readonly baseLrs: number[];
  /** How many steps were made. */
  lastEpoch = 0;
  /** Whether no rate was set yet: what is found is then the rate of the epoch, as when training goes on. */
  protected isInitial = true;
  /** The rates set last, by group. */
  protected lastLrs: number[] = [];

  static {
    brand(this.prototype);
    withoutArguments(this.prototype, 'getLastLr stateDict');
  }

  protected constructor(optimizer: AnyOptimizer, lastEpoch = -1) {
    const { name } = new.target;
    if (typeof (this as unknown as Record<string, unknown>)['next'] !== 'function') {
      throw new UsageError(`${name}: next is not defined; make a schedule that derives from LRScheduler, such as StepLR`, name);
    }
    checkArgument(name, 'optimizer', optimizer, optimizerKind);
    this.optimizer = optimizer;
    this.baseLrs = (optimizer as Scheduled).paramGroups.map((group, i) => {
      if (lastEpoch >= 0 && group.initialLr === undefined) {
        throw new UsageError(`${name}: group ${i} of the optimizer has no initialLr, which going on from lastEpoch ${lastEpoch} needs`, name);
      }
      return (group.initialLr ??= group.lr);
    });
    this.lastEpoch = lastEpoch + 1;
  }

  /** The rate of group `i` in epoch `lastEpoch`, from the rate `lr` it has and the one it had at the start. */
  protected abstract next(lr: number, baseLr: number, i: number): number;

  /** The rate of group `i` in epoch `lastEpoch` from that at the start alone; null for schedules that have no such formula. */
  protected closedForm(_baseLr: number, _i: number): number | null {
    return null;
  }

  /** @internal Goes back an epoch without a change of rates: the schedule waits for its turn. */
  _undo(): void {
    this.lastEpoch -= 1;
  }

  /** @internal Makes the first step again. */
  _initialStep(): void {
    this.isInitial = true;
    this.step();
  }

  /** @internal Sets the rates of an epoch, by the closed form where there is one. */
  _updateTo(epoch: number): void {
    this.lastEpoch = epoch;
    this.setRates((lr, baseLr, i) => this.closedForm(baseLr, i) ?? this.next(lr, baseLr, i));
  }

  /** @internal What a schedule remembers besides; plain data by name. */
  _extraState(): Record<string, unknown> {
    return {};
  }

  /** @internal Takes what `_extraState` gave. */
  _loadExtraState(_state: Readonly<Record<string, unknown>>): void {
    // Nothing is remembered.
  }

  /** Goes to the next epoch or, in PyTorch's older way, to the one that is given, past those between. */
  step(...args: Arguments<{ epoch?: number | null }, ['epoch']>): void {
    const { epoch } = METHODS.step.read(args);
    refuseInCapture('step', 'step');
    if (epoch !== null) {
      this._updateTo(epoch);
      return;
    }
    this.lastEpoch += 1;
    this.apply();
  }

  /** Sets the rates of the present epoch; constructors end with it. */
  protected apply(): void {
    this.setRates((lr, baseLr, i) => this.next(lr, baseLr, i));
    this.isInitial = false;
  }

  private setRates(rate: (lr: number, baseLr: number, i: number) => number): void {
    this.lastLrs = (this.optimizer as Scheduled).paramGroups.map((group, i) => {
      group.lr = rate(group.lr, this.baseLrs[i] ?? group.lr, i);
      return group.lr;
    });
  }

  /** The rates set last, by group. */
  getLastLr(): number[] {
    return [...this.lastLrs];
  }

  /** What is needed to resume; the rates themselves are in the state dict of the optimizer. */
  stateDict(): SchedulerState {
    return { lastEpoch: this.lastEpoch, baseLrs: [...this.baseLrs], lastLrs: [...this.lastLrs], ...this._extraState() };
  }

  /** What `JSON.stringify` takes: the state dict. */
  toJSON(): SchedulerState {
    return this.stateDict();
  }

  /** Resumes where `state` was saved. The optimizer's own state is to be loaded too. */
  loadStateDict(...args: Arguments<{ stateDict: SchedulerState }, ['stateDict']>): void {
    const state = METHODS.loadStateDict.read(args).stateDict;
    const { lastEpoch, baseLrs, lastLrs } = state;
    checkArgument('loadStateDict', 'stateDict.lastEpoch', lastEpoch, integer);
    checkArgument('loadStateDict', 'stateDict.baseLrs', baseLrs, rates);
    checkArgument('loadStateDict', 'stateDict.lastLrs', lastLrs, rates);
    this._loadExtraState(state);
    this.lastEpoch = lastEpoch;
    this.isInitial = false;
    const base = [...baseLrs];
    this.baseLrs.length = 0;
    for (const lr of base) this.baseLrs.push(lr);
    this.lastLrs = [...lastLrs];
  }
}
