// Batches of a dataset, each with a scope of its own.
import { describe, ours } from '../core/describe';
import { UsageError } from '../core/errors';
import { Kind, REFUSED, boolean, callable, instanceOf, integerFrom, numberFrom, only } from '../core/kinds';
import { notCloned } from '../core/not-data';
import { parameters, type Arguments } from '../core/options';
import { dispose } from '../core/symbols';
import { eachInScope } from '../runtime/steps';
import { Generator, drawSeed } from '../tensor/generator';
import { iterable } from '../tensor/tensor-kinds';
import { eachAhead, type Ready } from './ahead';
import { converted, defaultCollate, type Collated } from './collate';
import { hasItems, type Items } from './dataset';
import { isStream, lengthOf, readLater, readNow, type Stream } from './iterable';
import { BatchSampler, RandomSampler, SequentialSampler, samplesOf } from './sampler';
import { startOf, type Workers } from './worker-source';

/** What a loader goes through: items by index, an array of items, or a stream of them. */
export type Source<T> = Items<T> | readonly T[] | Stream<T>;

/** Options of `DataLoader`. */
export interface DataLoaderOptions {
  /** How many items make a batch, 1 by default; with null items come one by one, as they are. */
  batchSize?: number | null;
  /** Whether each iteration visits the items in a new random order; false by default. */
  shuffle?: boolean | null;
  /** The indices of the items, in order: a sampler of `data`, or any other iterable. */
  sampler?: Iterable<number> | null;
  /** The indices of each batch. */
  batchSampler?: Iterable<readonly number[]> | null;
  /**
   * How many workers get the items in a loop with `for await`, of a dataset that `inWorkers` made known; 0 by default. Items of
   * other datasets, and those of a loop with `for`, are made where the loop runs.
   */
  numWorkers?: number;
  /** Joins items to a batch. It runs where the loop does. */
  collateFn?: ((items: readonly unknown[]) => unknown) | null;
  /** Changes nothing here. */
  pinMemory?: boolean;
  /** Whether a last batch that is not full is left out; false by default. */
  dropLast?: boolean;
  /** How many seconds a worker may take for a batch; without end by default, which is 0. */
  timeout?: number;
  /** Not supported: the module of the dataset runs in each worker, where `getWorkerInfo()` says which it is. */
  workerInitFn?: null;
  /** Not supported. */
  multiprocessingContext?: null;
  /** Draws the order and the seed of the workers; by default one that the default generator seeds. */
  generator?: Generator | null;
  /**
   * How many batches are asked for ahead in a loop with `for await`, of each worker where there are some: 2 with workers, else 1,
   * which is the one that is waited for.
   */
  prefetchFactor?: number | null;
  /** Whether workers go on after a loop, until `dispose()`; false by default. */
  persistentWorkers?: boolean;
}

/** The arguments of `DataLoader`. */
export interface DataLoaderArguments<T> extends DataLoaderOptions {
  /** Where the items come from: anything with a `length` and `get`, an array, or anything to iterate over. */
  dataset: Source<T>;
}

type Order = [
  'dataset', 'batchSize', 'shuffle', 'sampler', 'batchSampler', 'numWorkers', 'collateFn', 'pinMemory', 'dropLast', 'timeout', 'workerInitFn', 'multiprocessingContext', 'generator',
];

const source = /* @__PURE__ */ new Kind<Source<unknown>>(
  'a dataset, with a length and a function get, an array or an iterable',
  (value) => (hasItems(value) || Array.isArray(value) || isStream(value) ? value : REFUSED),
  undefined,
  true,
);

/** A count, or null for no batches; the error keeps to the usual case. */
const itemsOfBatch = /* @__PURE__ */ new Kind<number | null>(
  'an integer of at least 1',
  (value) => (value === null || (Number.isSafeInteger(value) && (value as number) >= 1) ? value : REFUSED),
  1,
);

const LOADER = /* @__PURE__ */ parameters<DataLoaderArguments<unknown>>(
  'DataLoader',
  () => ({
    dataset: source,
    batchSize: itemsOfBatch,
    shuffle: boolean.orNull(),
    sampler: iterable.orNull(),
    batchSampler: iterable.orNull(),
    numWorkers: integerFrom(0).or(0),
    collateFn: callable.orNull(),
    pinMemory: boolean.or(false),
    dropLast: boolean.or(false),
    timeout: numberFrom(0).or(0),
    workerInitFn: only(null),
    multiprocessingContext: only(null),
    generator: instanceOf('a generator', () => Generator).orNull(),
    prefetchFactor: integerFrom(1).orNull(),
    persistentWorkers: boolean.or(false),
  }),
  2,
);

const NOT_CLONED = /* @__PURE__ */ notCloned('a DataLoader', 'make another one with its dataset and options');

/**
 * Goes through a dataset in batches.
 *
 * ```ts
 * for (const [x, y] of new DataLoader(train, { batchSize: 64, shuffle: true })) { … }
 * for await (const [x, y] of new DataLoader(photos, { batchSize: 32, numWorkers: 4 })) { … }
 * ```
 *
 * Each turn of a loop with `for` is a scope: the batch and everything made from it is released before the next one is made, and
 * when the loop ends, however it ends. What must live longer is given to `keep()`; parameters, gradients and the state of
 * optimizers live anyway. As with every scope this holds for loops that run in one go: after an `await` in its body, tensors
 * are no longer collected.
 *
 * A loop with `for await` waits for items: a dataset whose `get` or `getBatch` returns promises, a stream with
 * `[Symbol.asyncIterator]`, or workers. The batch is released when the next one is asked for; what the body makes of it is the
 * body's, in a `scope(() => …)`.
 *
 * With the same seed the batches are PyTorch's. `Batch` is the type of a batch: what `defaultCollate` makes of items, unless
 * `collateFn` makes something else of them.
 */
export class DataLoader<T, Batch = Collated<Awaited<T>>> implements Iterable<Batch>, AsyncIterable<Batch>, Disposable {
  /** @internal */
  static readonly _parameters = LOADER;

  /** Where the items come from. */
  readonly dataset: Source<T>;
  /** How many items make a batch; null where a sampler makes the batches, or there are none. */
  readonly batchSize: number | null;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly numWorkers: number;
  /** The indices of the items in order; null for a stream. */
  readonly sampler: Iterable<number> | null;
  /** The indices of each batch; null for a stream, and where there are no batches. */
  readonly batchSampler: Iterable<readonly number[]> | null;
  readonly #collate: ((items: readonly unknown[]) => unknown) | null;
  readonly #generator: Generator | null;
  readonly #timeout: number;
  readonly #ahead: number | null;
  readonly #persists: boolean;
  #workers: Workers | null = null;
  /** @internal Makes `structuredClone` an error: functions and generators would be left out. */
  readonly _notCloned: symbol = NOT_CLONED;

  constructor(dataset: Source<T>, options: Omit<DataLoaderOptions, 'collateFn'> & { collateFn: (items: readonly Awaited<T>[]) => Batch });
  constructor(...args: Arguments<DataLoaderArguments<T>, Order>);
  constructor(...args: unknown[]) {
    const options = LOADER.read(args);
    const { batchSize, dropLast, sampler, batchSampler } = options;
    const dataset = options.dataset as Source<T>;
    this.dataset = dataset;
    this.shuffle = options.shuffle ?? false;
    this.numWorkers = options.numWorkers;
    this.#collate = options.collateFn;
    this.#generator = options.generator;
    this.#timeout = options.timeout;
    this.#ahead = options.prefetchFactor;
    this.#persists = options.persistentWorkers;
    checkTogether(options, this.shuffle);
    const length = isStream(dataset) ? null : dataset.length;
    if (this.shuffle && length === 0) throw new UsageError('DataLoader: a dataset with no items cannot be shuffled', 'DataLoader');
    this.sampler = sampler ?? (length === null ? null : this.shuffle ? new RandomSampler({ dataSource: dataset as Items<T>, generator: this.#generator }) : new SequentialSampler({ dataSource: dataset as Items<T> }));
    this.batchSize = batchSampler === null ? batchSize : null;
    this.dropLast = dropLast;
    this.batchSampler = batchSampler ?? (batchSize === null || this.sampler === null ? null : new BatchSampler(this.sampler, batchSize, dropLast));
  }

  /** The number of batches. */
  get length(): number {
    const order = this.batchSampler ?? this.sampler;
    if (order !== null) return samplesOf('DataLoader', order);
    const batches = lengthOf('DataLoader', this.dataset) / (this.batchSize ?? 1);
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  [Symbol.iterator](): Iterator<Batch> {
    const { dataset } = this;
    if (isStream(dataset)) {
      const items = readNow('DataLoader', dataset)[Symbol.iterator]();
      drawSeed(this.#generator);
      return eachInScope(this.#grouped(items));
    }
    const order = this.#order();
    // PyTorch seeds its workers even when there are none, so its later random numbers depend on this draw.
    drawSeed(this.#generator);
    return eachInScope(this.#each(order));
  }

  *#each(order: Iterator<unknown>): Iterator<Batch> {
    try {
      for (let next = order.next(); next.done !== true; next = order.next()) yield this.#finish(atOnce(this.#get(this.#indices(next.value))));
    } finally {
      order.return?.();
    }
  }

  *#grouped(items: Iterator<T>): Iterator<Batch> {
    const size = this.batchSize ?? 1;
    try {
      for (let isOver = false; !isOver; ) {
        const group: T[] = [];
        while (group.length < size && !isOver) {
          const next = items.next();
          if (next.done === true) isOver = true;
          else group.push(notPromised(next.value));
        }
        if (group.length === size || (group.length > 0 && !this.dropLast)) yield this.#finish({ value: group, isBatch: false });
      }
    } finally {
      items.return?.();
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Batch> {
    const { dataset } = this;
    const order = isStream(dataset) ? null : this.#order();
    const seed = drawSeed(this.#generator);
    const workers = this.#startWorkers(seed);
    const depth = (this.#ahead ?? (workers === null ? 1 : 2)) * (workers?.count ?? 1);
    const ask = order === null ? (workers === null ? this.#fromStream(dataset as Stream<T>) : this.#fromStreams(workers)) : this.#fromOrder(order, workers);
    return eachAhead(depth, ask, (ready) => this.#finish(ready), () => {
      order?.return?.();
      if (workers !== null && !this.#persists) workers.close();
    });
  }

  /** Asks for the next items by index; null when there are no more. */
  #fromOrder(order: Iterator<unknown>, workers: Workers | null): () => Promise<() => Ready> | null {
    let batch = 0;
    const indexOf = startOf(this.dataset)?.indexOf ?? ((index: number) => index);
    return () => {
      const next = order.next();
      if (next.done === true) return null;
      const indices = this.#indices(next.value);
      if (workers === null) return this.#later(indices);
      const collate = this.#collatesInWorkers;
      const asked = workers.ask(batch++ % workers.count, { indices: indices.map(indexOf), collate });
      return asked.then((reply) => () => ({ value: reply().value, isBatch: collate }));
    };
  }

  async #later(indices: readonly number[]): Promise<() => Ready> {
    const { value, isBatch } = this.#get(indices);
    const waited = isBatch ? await value : await Promise.all(value as unknown[]);
    return () => ({ value: waited, isBatch });
  }

  /** Asks for the next items of a stream; null when it is over. */
  #fromStream(stream: Stream<T>): () => Promise<() => Ready | null> | null {
    const items = readLater(stream);
    const size = this.batchSize ?? 1;
    let isOver = false;
    return () => {
      if (isOver) return null;
      const group = (async () => {
        const found: unknown[] = [];
        while (found.length < size && !isOver) {
          const next = await items.next();
          if (next.done === true) isOver = true;
          else found.push(next.value);
        }
        return found;
      })();
      return group.then((value) => () => (value.length === size || (value.length > 0 && !this.dropLast) ? { value, isBatch: false } : null));
    };
  }

  /** The same of workers, each with a stream: in turn, of those that are not over. */
  #fromStreams(workers: Workers): () => Promise<() => Ready | null> | null {
    const open = Array.from({ length: workers.count }, (_, worker) => worker);
    const size = this.batchSize ?? 1;
    const collate = this.#collatesInWorkers;
    let last = -1;
    return () => {
      if (open.length === 0) return null;
      const worker = open.find((id) => id > last) ?? open[0]!;
      last = worker;
      return workers.ask(worker, { count: size, collate }).then((reply) => {
        const { value, count, isOver } = reply();
        if (isOver && open.includes(worker)) open.splice(open.indexOf(worker), 1);
        return () => (count === size || (count > 0 && !this.dropLast) ? { value, isBatch: collate } : null);
      });
    };
  }

  #startWorkers(seed: bigint): Workers | null {
    const found = this.numWorkers === 0 ? null : startOf(this.dataset);
    if (found === null) return null;
    if (this.#workers !== null) {
      this.#workers.restart();
      return this.#workers;
    }
    const workers = found.start({ count: this.numWorkers, seed, timeout: this.#timeout });
    if (this.#persists) this.#workers = workers;
    return workers;
  }

  /** Ends workers that persist. Twice is harmless; the next loop starts others. */
  dispose(): void {
    this.#workers?.close();
    this.#workers = null;
  }

  [dispose](): void {
    this.dispose();
  }

  get #collatesInWorkers(): boolean {
    return this.#collate === null && this.#hasBatches;
  }

  get #hasBatches(): boolean {
    return this.batchSize !== null || this.batchSampler !== null;
  }

  #order(): Iterator<unknown> {
    return (this.batchSampler ?? this.sampler)![Symbol.iterator]();
  }

  /** The indices that a sampler gave. */
  #indices(given: unknown): readonly number[] {
    if (this.batchSampler === null) return [given as number];
    if (Array.isArray(given)) return given as number[];
    throw new UsageError(`DataLoader: batchSampler must give lists of indices, got ${describe(given)}`, 'DataLoader');
  }

  /** The items at these indices, or promises of them; or the batch, where the dataset has it ready. */
  #get(indices: readonly number[]): Ready {
    const { dataset } = this;
    if (Array.isArray(dataset)) return { value: indices.map((i) => (dataset as T[])[i]), isBatch: false };
    const items = dataset as Items<T>;
    if (this.#collatesInWorkers && items.getBatch !== undefined) return { value: items.getBatch(indices), isBatch: true };
    return { value: indices.map((i) => items.get(i)), isBatch: false };
  }

  /** The batch of what was got. */
  #finish({ value, isBatch }: Ready): Batch {
    if (isBatch) return ours('DataLoader', value) as Batch;
    const items = value as readonly unknown[];
    if (this.#hasBatches) return ours('DataLoader', (this.#collate ?? defaultCollate)(items)) as Batch;
    const [item] = items;
    return ours('DataLoader', this.#collate === null ? converted(item) : this.#collate(item as readonly unknown[])) as Batch;
  }
}

/** Throws for options that contradict one another, as PyTorch does. */
function checkTogether({ dataset, batchSize, sampler, batchSampler, dropLast }: Record<string, unknown>, shuffle: boolean): void {
  const fail = (what: string): never => {
    throw new UsageError(`DataLoader: ${what}`, 'DataLoader');
  };
  if (isStream(dataset)) {
    const strange = shuffle ? 'shuffle' : sampler !== null ? 'sampler' : batchSampler !== null ? 'batchSampler' : null;
    if (strange !== null) fail(`${strange} is for datasets with items by index, got ${describe(dataset)}, which is read from start to end`);
  }
  if (sampler !== null && shuffle) fail('sampler and shuffle both say the order; pass one of them');
  if (batchSampler !== null && (batchSize !== 1 || shuffle || sampler !== null || dropLast === true)) {
    fail('batchSampler says what batchSize, shuffle, sampler and dropLast say; pass it alone');
  }
  if (batchSampler === null && batchSize === null && dropLast === true) fail('without batches, batchSize: null, there is no last one to drop; leave dropLast out');
}

/** The same, where it can be had without waiting. */
function atOnce(ready: Ready): Ready {
  for (const part of ready.isBatch ? [ready.value] : (ready.value as unknown[])) notPromised(part);
  return ready;
}

function notPromised<V>(value: V): V {
  if (typeof value !== 'object' || value === null || typeof (value as { then?: unknown }).then !== 'function') return value;
  (value as unknown as Promise<unknown>).then(undefined, () => undefined);
  throw new UsageError('DataLoader: the dataset gives promises; loop with for await (const batch of loader)', 'DataLoader');
}
