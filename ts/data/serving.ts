// The other side of workers.ts: what runs in a worker.
import { messageOf } from '../core/describe';
import { UsageError } from '../core/errors';
import { named, nothing, type Stated } from '../core/options';
import { isOptions } from '../core/plain-object';
import { scoped } from '../runtime/scope';
import { manualSeed } from '../tensor/random';
import { defaultCollate } from './collate';
import type { Items } from './dataset';
import { isStream, readLater, type Stream } from './iterable';
import { pack, transfers, type Packed } from './packed';
import { whenServing } from './thread';
import type { Ask, Reply } from './worker-source';

/** Marks messages of loaders to workers and back. */
export const MARK = 'adjoint.data';

/** What a loader posts. */
export interface Posted {
  readonly mark: typeof MARK;
  /** The name of the dataset. */
  readonly name: string;
  readonly start?: Omit<WorkerInfo, 'dataset'>;
  readonly restart?: true;
  readonly number?: number;
  readonly ask?: Ask;
}

/** What a worker posts back. */
export interface Answer {
  readonly mark: typeof MARK;
  readonly number: number;
  readonly packed?: Packed;
  readonly count?: number;
  readonly isOver?: boolean;
  readonly error?: { readonly message: string; readonly stack: string; readonly index: number | null };
}

/** A worker as the code in it sees it. */
export interface WorkerInfo {
  /** Its number, from 0 on. */
  readonly id: number;
  /** How many there are. */
  readonly numWorkers: number;
  /** What its default generator was seeded with: the seed of the loader's iteration plus its number. */
  readonly seed: bigint;
  /** The dataset it serves. */
  readonly dataset: unknown;
}

let info: WorkerInfo | null = null;

/** Which worker this is; null outside of workers. PyTorch's `torch.utils.data.get_worker_info`. */
export const getWorkerInfo: Stated & (() => WorkerInfo | null) = /* @__PURE__ */ named(/* @__PURE__ */ nothing('getWorkerInfo'), () => info);

/** The names of the datasets that this worker serves. */
const served = /* @__PURE__ */ new Set<string>();

/** In a worker answers what a loader asks of the dataset of this name; elsewhere does nothing. */
export function serve(dataset: Items<unknown> | Stream<unknown>, name: string): void {
  let queue = Promise.resolve();
  let stream: AsyncIterator<unknown> | null = null;
  const isServing = whenServing((data, post) => {
    if (!isOptions(data) || data['mark'] !== MARK || data['name'] !== name) return;
    const { start, restart, number, ask } = data as unknown as Posted;
    if (start !== undefined) {
      info = { ...start, dataset };
      manualSeed(start.seed);
    }
    if (restart === true) queue = queue.then(() => { stream = null; });
    if (ask === undefined) return;
    // One after another, so that random numbers are drawn in the order of the asks.
    queue = queue.then(async () => {
      const answer = { mark: MARK, number: number! } as const;
      try {
        const { value, count, isOver } = isStream(dataset) ? await itemsOf((stream ??= readLater(dataset)), ask) : await itemsAt(dataset, ask);
        const packed = scoped('DataLoader', () => pack(value));
        post({ ...answer, packed, count, isOver } satisfies Answer, transfers(packed));
      } catch (error) {
        const index = error instanceof ItemError ? error.index : null;
        const cause = error instanceof ItemError ? error.cause : error;
        const stack = cause instanceof Error ? String(cause.stack) : '';
        post({ ...answer, error: { message: messageOf(cause), stack, index } } satisfies Answer, []);
      }
    });
  });
  if (!isServing) return;
  if (served.has(name)) throw new UsageError(`inWorkers: this worker has a dataset named ${JSON.stringify(name)} already; give each a name`, 'inWorkers');
  served.add(name);
}

/** That an item could not be had, and which. */
class ItemError extends Error {
  constructor(
    readonly index: number,
    override readonly cause: unknown,
  ) {
    super();
  }
}

async function itemsAt(dataset: Items<unknown>, { indices = [], collate }: Ask): Promise<Reply> {
  const count = indices.length;
  if (collate && dataset.getBatch !== undefined) return { value: await dataset.getBatch(indices), count, isOver: false };
  const items: unknown[] = [];
  for (const index of indices) {
    try {
      items.push(await dataset.get(index));
    } catch (error) {
      throw new ItemError(index, error);
    }
  }
  return { value: collate ? defaultCollate(items) : items, count, isOver: false };
}

async function itemsOf(stream: AsyncIterator<unknown>, { count = 1, collate }: Ask): Promise<Reply> {
  const items: unknown[] = [];
  let isOver = false;
  while (items.length < count && !isOver) {
    const next = await stream.next();
    if (next.done === true) isOver = true;
    else items.push(next.value);
  }
  return { value: collate && items.length > 0 ? defaultCollate(items) : items, count: items.length, isOver };
}
