// Datasets without indices: streams of items.
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { kind, type Kind } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { hasItems } from './dataset';

/** Items one after another, or promises of them. */
export type Stream<T> = Iterable<T> | AsyncIterable<T>;

/** Whether a value is a stream of items, and not a dataset with items by index. */
export function isStream(value: unknown): value is Stream<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || hasItems(value)) return false;
  return Symbol.iterator in value || Symbol.asyncIterator in value || value instanceof IterableDataset;
}

/**
 * The base class of datasets that are read from start to end: a subclass has `*[Symbol.iterator]()`, or
 * `async *[Symbol.asyncIterator]()` for loops with `for await`, and may have a `length`. Any other iterable will do as well.
 * PyTorch's `torch.utils.data.IterableDataset`.
 */
export abstract class IterableDataset<T> {
  /** Starts from the first item. */
  [Symbol.iterator]?(): Iterator<T>;
  /** The same for items that have to be waited for. */
  [Symbol.asyncIterator]?(): AsyncIterator<T>;
}

interface ChainArguments<T> {
  /** The datasets, in order. */
  datasets: Iterable<Stream<T>>;
}

const streams = /* @__PURE__ */ kind<never>(
  'an iterable of iterable datasets',
  (value) => typeof value === 'object' && value !== null && Symbol.iterator in value && typeof value[Symbol.iterator] === 'function',
) as Kind<Iterable<Stream<never>>>;

const CHAIN = /* @__PURE__ */ parameters<ChainArguments<never>>('ChainDataset', () => ({ datasets: streams }));

/** Streams one after another. PyTorch's `torch.utils.data.ChainDataset`. */
export class ChainDataset<T> extends IterableDataset<T> {
  /** @internal */
  static readonly _parameters = CHAIN;
  readonly datasets: Iterable<Stream<T>>;

  constructor(...args: Arguments<ChainArguments<T>, ['datasets']>) {
    super();
    this.datasets = CHAIN.read(args).datasets;
  }

  /** The sum of the lengths; an error where one has none. */
  get length(): number {
    let total = 0;
    for (const stream of this.streams()) total += lengthOf('ChainDataset', stream);
    return total;
  }

  override *[Symbol.iterator](): Iterator<T> {
    for (const stream of this.streams()) yield* readNow('ChainDataset', stream);
  }

  override async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (const stream of this.streams()) yield* readLater(stream);
  }

  private *streams(): Iterable<Stream<T>> {
    for (const stream of this.datasets as Iterable<unknown>) {
      if (!isStream(stream)) throw new UsageError(`ChainDataset: expected iterable datasets, got ${describe(stream)}; ConcatDataset joins those with get()`, 'ChainDataset');
      yield stream as Stream<T>;
    }
  }
}

/** How many items a stream says it has. */
export function lengthOf(where: string, stream: object): number {
  const { length } = stream as { length?: unknown };
  if (typeof length === 'number') return length;
  throw new UsageError(`${where}: the dataset has no length; give ${describe(stream)} a length, or do not ask for it`, where);
}

/** The items of a stream, for a loop that does not wait. */
export function readNow<T>(where: string, stream: Stream<T>): Iterable<T> {
  if (typeof (stream as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function') return stream as Iterable<T>;
  const has = Symbol.asyncIterator in stream ? 'has items that must be waited for; loop with for await' : 'has no [Symbol.iterator]()';
  throw new UsageError(`${where}: ${describe(stream)} ${has}`, where);
}

/** The items of a stream, for a loop that waits for them. */
export async function* readLater<T>(stream: Stream<T>): AsyncGenerator<Awaited<T>> {
  const has = (stream as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator];
  yield* (typeof has === 'function' ? (stream as AsyncIterable<T>) : readNow('DataLoader', stream)) as AsyncIterable<Awaited<T>>;
}
