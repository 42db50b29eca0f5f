// The base class of learning rate schedules.
import { UsageError } from '../errors';
import { describe } from '../describe';
import { Optimizer } from './optimizer';

/** An optimizer whose groups have a learning rate, and remember that of the start once a schedule has changed it. */
export type Scheduled = Optimizer<{ lr: number; initialLr?: number }>;

/** Any optimizer with a learning rate, whatever its other options. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- options of groups are both read and written
export type AnyOptimizer = Optimizer<any>;

/** What a schedule needs to resume. */
export interface SchedulerState {
  lastEpoch: number;
  baseLrs: number[];
  lastLrs: number[];
}

/**
 * Sets the learning rates of an optimizer's groups, once when it is made and then at every `step()`.
 *
 * Call `step()` after the optimizer's, as a rule once an epoch. As in PyTorch a schedule changes the rate it finds, so several
 * schedules of one optimizer multiply; a subclass says in `next` what a rate becomes in the present epoch.
 */
export abstract class LRScheduler {
  /** The optimizer whose rates are set. */
  readonly optimizer: AnyOptimizer;
  /** The rates at the start, by group. */
  readonly baseLrs: number[];
  /** How many steps were made. */
  lastEpoch = 0;
  #lastLrs: number[] = [];

  protected constructor(optimizer: AnyOptimizer) {
    if (!(optimizer instanceof Optimizer)) {
      throw new UsageError(`${new.target.name}: expected an optimizer, got ${describe(optimizer)}`, new.target.name);
    }
    this.optimizer = optimizer;
    this.baseLrs = (optimizer as Scheduled).paramGroups.map((group) => (group.initialLr ??= group.lr));
  }

  /** The rate of group `i` in epoch `lastEpoch`, from the rate `lr` it has and the one it had at the start. */
  protected abstract next(lr: number, baseLr: number, i: number): number;

  /** Goes to the next epoch. */
  step(): void {
    this.lastEpoch += 1;
    this.apply();
  }

  /** Sets the rates of the present epoch; constructors end with it. */
  protected apply(): void {
    this.#lastLrs = (this.optimizer as Scheduled).paramGroups.map((group, i) => {
      group.lr = this.next(group.lr, this.baseLrs[i] ?? group.lr, i);
      return group.lr;
    });
  }

  /** The rates set last, by group. */
  getLastLr(): number[] {
    return [...this.#lastLrs];
  }

  /** What is needed to resume; the rates themselves are in the state dict of the optimizer. */
  stateDict(): SchedulerState {
    return { lastEpoch: this.lastEpoch, baseLrs: [...this.baseLrs], lastLrs: [...this.#lastLrs] };
  }

  /** Resumes where `state` was saved. The optimizer's own state is to be loaded too. */
  loadStateDict({ lastEpoch, baseLrs, lastLrs }: SchedulerState): void {
    this.lastEpoch = lastEpoch;
    this.baseLrs.splice(0, this.baseLrs.length, ...baseLrs);
    this.#lastLrs = [...lastLrs];
  }
}
