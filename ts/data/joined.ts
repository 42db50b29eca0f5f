// Datasets made of other datasets.
import { describe } from '../core/describe';
import { IndexError, UsageError } from '../core/errors';
import { REFUSED, Kind } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { isOptions } from '../core/plain-object';
import { Dataset, GET, checkIndex, hasItems, type Items } from './dataset';

interface ConcatArguments<T> {
  /** The datasets, in order. */
  datasets: Iterable<Items<T>>;
}

/** At least one dataset with items by index. */
const datasets = /* @__PURE__ */ new Kind<Iterable<Items<unknown>>>('a list of datasets, each with a length and a function get', (value) => {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return REFUSED;
  const list = Array.from(value as Iterable<unknown>);
  return list.length > 0 && list.every(hasItems) ? list : REFUSED;
});

const CONCAT = /* @__PURE__ */ parameters<ConcatArguments<unknown>>('ConcatDataset', () => ({ datasets }));

/** Datasets one after another. A negative index counts from the end. PyTorch's `torch.utils.data.ConcatDataset`. */
export class ConcatDataset<T> extends Dataset<T> {
  /** @internal */
  static readonly _parameters = CONCAT;
  readonly datasets: readonly Items<T>[];
  /** How many items there are up to the end of each dataset. */
  readonly cumulativeSizes: readonly number[];

  constructor(...args: Arguments<ConcatArguments<T>, ['datasets']>) {
    super();
    this.datasets = CONCAT.read(args).datasets as Items<T>[];
    let total = 0;
    this.cumulativeSizes = this.datasets.map(({ length }) => (total += length));
  }

  get length(): number {
    return this.cumulativeSizes.at(-1)!;
  }

  get(...args: Arguments<{ index: number }, ['index']>): T {
    const { index } = GET.read(args);
    const { length, cumulativeSizes } = this;
    if (index < -length || index >= length) {
      throw new IndexError(`ConcatDataset: index ${index} is out of range for ${length} items`, 'ConcatDataset', { index, length });
    }
    const at = index < 0 ? index + length : index;
    const i = cumulativeSizes.findIndex((end) => at < end);
    return this.datasets[i]!.get(at - (cumulativeSizes[i - 1] ?? 0));
  }
}

/** Datasets by position or by name. */
type Parts = readonly Items<unknown>[] | Readonly<Record<string, Items<unknown>>>;

/** An item of each. */
export type Stacked<P> = { -readonly [K in keyof P]: P[K] extends Items<infer T> ? T : never };

/**
 * Datasets side by side: item i is the list of their items i or, of an object of datasets, the object of these. All must have
 * the same length. PyTorch's `torch.utils.data.StackDataset`.
 *
 * ```ts
 * new data.StackDataset(images, texts).get(0); // [images.get(0), texts.get(0)]
 * new data.StackDataset({ image: images, text: texts }).get(0); // { image: …, text: … }
 * ```
 */
export class StackDataset<P extends Parts = Parts> extends Dataset<Stacked<P>> {
  readonly datasets: P;

  constructor(...datasets: P extends readonly Items<unknown>[] ? P : never);
  constructor(datasets: P extends readonly Items<unknown>[] ? never : P);
  constructor(...args: unknown[]) {
    super();
    const [first] = args;
    const parts = args.length === 1 && isOptions(first) && !hasItems(first) ? first : args;
    const list = Object.values(parts);
    if (list.length === 0) throw new UsageError('StackDataset: needs at least one dataset', 'StackDataset');
    for (const part of list) {
      if (!hasItems(part)) throw new UsageError(`StackDataset: expected datasets, each with a length and a function get, got ${describe(part)}`, 'StackDataset');
    }
    const sizes = (list as Items<unknown>[]).map(({ length }) => length);
    if (sizes.some((size) => size !== sizes[0])) {
      throw new UsageError(`StackDataset: datasets must have the same length, got ${sizes.join(', ')}`, 'StackDataset');
    }
    this.datasets = parts as P;
    // Batches that every dataset has ready stand side by side as items do.
    if ((list as Items<unknown>[]).every((part) => part.getBatch !== undefined)) {
      this.getBatch = (indices) => this.fromEach((part) => part.getBatch!(indices));
    }
  }

  get length(): number {
    return (Object.values(this.datasets)[0] as Items<unknown>).length;
  }

  get(...args: Arguments<{ index: number }, ['index']>): Stacked<P> {
    const { index } = GET.read(args);
    checkIndex('StackDataset', index, this.length);
    return this.fromEach((part) => part.get(index));
  }

  private fromEach(of: (part: Items<unknown>) => unknown): Stacked<P> {
    const { datasets } = this;
    if (Array.isArray(datasets)) return (datasets as Items<unknown>[]).map(of) as Stacked<P>;
    return Object.fromEntries(Object.entries(datasets as Record<string, Items<unknown>>).map(([name, part]) => [name, of(part)])) as Stacked<P>;
  }
}
