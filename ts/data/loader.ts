// Batches of a dataset, each with a scope of its own.
import { ours } from '../core/describe';
import { UsageError } from '../core/errors';
import { Generator, drawSeed } from '../tensor/generator';
import { boolean, callable, instanceOf, integerFrom, number, only } from '../core/kinds';
import { notCloned } from '../core/not-data';
import { parameters, type Arguments } from '../core/options';
import { eachInScope } from '../runtime/steps';
import { defaultCollate, type Collated } from './collate';
import { items, type Items } from './dataset';
import { inOrder, shuffled } from './sampler';

/** Options of `DataLoader`. */
export interface DataLoaderOptions {
  /** How many items make a batch; 1 by default. */
  batchSize?: number;
  /** Whether each iteration visits the items in a new random order; false by default. */
  shuffle?: boolean | null;
  /** Not supported: order the indices of a `Subset`. */
  sampler?: null;
  /** Not supported. */
  batchSampler?: null;
  /** Accepted for PyTorch's sake: items are made where the loop runs. */
  numWorkers?: number;
  /** Joins items to a batch. */
  collateFn?: ((items: readonly unknown[]) => unknown) | null;
  /** Changes nothing here. */
  pinMemory?: boolean;
  /** Whether a last batch that is not full is left out; false by default. */
  dropLast?: boolean;
  /** Changes nothing here. */
  timeout?: number;
  /** Not supported: there are no workers. */
  workerInitFn?: null;
  /** Not supported: there are no workers. */
  multiprocessingContext?: null;
  /** Draws the order; by default one that the default generator seeds. */
  generator?: Generator | null;
  /** Changes nothing here. */
  prefetchFactor?: number | null;
  /** Changes nothing here. */
  persistentWorkers?: boolean;
}

/** The arguments of `DataLoader`. */
export interface DataLoaderArguments<T> extends DataLoaderOptions {
  /** Where the items come from: anything with a `length` and `get`. */
  dataset: Items<T>;
}

type Order = [
  'dataset', 'batchSize', 'shuffle', 'sampler', 'batchSampler', 'numWorkers', 'collateFn', 'pinMemory', 'dropLast', 'timeout', 'workerInitFn', 'multiprocessingContext', 'generator',
];

const LOADER = /* @__PURE__ */ parameters<DataLoaderArguments<unknown>>(
  'DataLoader',
  () => ({
    dataset: items,
    batchSize: integerFrom(1).or(1),
    shuffle: boolean.orNull(),
    sampler: only(null),
    batchSampler: only(null),
    numWorkers: integerFrom(0).or(0),
    collateFn: callable.orNull(),
    pinMemory: boolean.or(false),
    dropLast: boolean.or(false),
    timeout: number.or(0),
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
 * ```
 *
 * Each turn of the loop is a scope: the batch and everything made from it is released before the next one is made, and when
 * the loop ends, however it ends. What must live longer is given to `keep()`; parameters, gradients and the state of
 * optimizers live anyway. As with every scope this holds for loops that run in one go: after an `await` in its body, tensors
 * are no longer collected.
 *
 * With the same seed the batches are PyTorch's. `Batch` is the type of a batch: what `defaultCollate` makes of items, unless
 * `collateFn` makes something else of them.
 */
export class DataLoader<T, Batch = Collated<T>> implements Iterable<Batch> {
  /** @internal */
  static readonly _parameters = LOADER;

  /** Where the items come from. */
  readonly dataset: Items<T>;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly #collate: ((items: readonly unknown[]) => unknown) | null;
  readonly #generator: Generator | null;
  /** @internal Makes `structuredClone` an error: functions and generators would be left out. */
  readonly _notCloned: symbol = NOT_CLONED;

  constructor(dataset: Items<T>, options: Omit<DataLoaderOptions, 'collateFn'> & { collateFn: (items: readonly T[]) => Batch });
  constructor(...args: Arguments<DataLoaderArguments<T>, Order>);
  constructor(...args: unknown[]) {
    const options = LOADER.read(args);
    const dataset = options.dataset as Items<T>;
    this.dataset = dataset;
    this.batchSize = options.batchSize;
    this.shuffle = options.shuffle ?? false;
    this.dropLast = options.dropLast;
    this.#collate = options.collateFn;
    this.#generator = options.generator;
    if (this.shuffle && dataset.length === 0) {
      throw new UsageError('DataLoader: a dataset with no items cannot be shuffled', 'DataLoader');
    }
  }

  /** The number of batches. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  [Symbol.iterator](): Iterator<Batch> {
    // PyTorch seeds its workers even when there are none, so its later random numbers depend on this draw.
    drawSeed(this.#generator);
    return eachInScope(this.#batches());
  }

  *#batches(): Iterator<Batch> {
    const order = this.shuffle ? shuffled(this.dataset.length, this.#generator) : inOrder(this.dataset.length);
    for (let start = 0; start < order.length; start += this.batchSize) {
      const indices = order.slice(start, start + this.batchSize);
      if (this.dropLast && indices.length < this.batchSize) return;
      yield this.#batch(indices);
    }
  }

  #batch(indices: readonly number[]): Batch {
    const { dataset } = this;
    if (this.#collate === null && dataset.getBatch !== undefined) return ours('DataLoader', dataset.getBatch(indices)) as unknown as Batch;
    return ours('DataLoader', (this.#collate ?? defaultCollate)(indices.map((i) => dataset.get(i)))) as Batch;
  }
}
