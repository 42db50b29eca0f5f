// Which datasets other threads can make for themselves. Apart from what starts threads, so that a loader without workers does not carry it.
import type { Items } from './dataset';
import { Subset } from './dataset';

/** What a worker is asked for: items by index, or so many of a stream. */
export interface Ask {
  readonly indices?: readonly number[];
  readonly count?: number;
  /** Whether the worker joins the items to a batch, as `defaultCollate` does. */
  readonly collate: boolean;
}

/** What it gave: a batch or items; or, of a stream that is over, nothing or the items that were left. */
export interface Reply {
  readonly value: unknown;
  /** How many items it is of. */
  readonly count: number;
  readonly isOver: boolean;
}

/** Running workers. */
export interface Workers {
  readonly count: number;
  /** What worker number `worker` gives. Asks of one worker are answered in order. */
  ask(worker: number, ask: Ask): Promise<() => Reply>;
  /** Starts streams from their first items. */
  restart(): void;
  /** Ends the workers; what they were asked for fails. Twice is harmless. */
  close(): void;
}

/** Starts workers that have a dataset. */
export type StartWorkers = (options: { count: number; seed: bigint; timeout: number }) => Workers;

const starts = /* @__PURE__ */ new WeakMap<object, StartWorkers>();

/** Says how workers for a dataset are started. */
export function setStart(dataset: object, start: StartWorkers): void {
  starts.set(dataset, start);
}

/** How workers for a dataset are started, and which items of theirs its items are; null where they cannot make it. */
export function startOf(dataset: object): { start: StartWorkers; indexOf: (index: number) => number } | null {
  let at = dataset;
  const lists: (readonly number[])[] = [];
  while (!starts.has(at) && at instanceof Subset) {
    lists.push(at.indices);
    at = at.dataset as Items<unknown>;
  }
  const start = starts.get(at);
  return start === undefined ? null : { start, indexOf: (index) => lists.reduce((i, indices) => indices[i]!, index) };
}
