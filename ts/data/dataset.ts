// Datasets: things that have a length and can be asked for the item at an index.
import { IndexError, ShapeError, UsageError } from '../core/errors';
import { brand, isForeign } from '../core/copies';
import { describe } from '../core/describe';
import { tensor } from '../tensor/create';
import { Kind, REFUSED, integer, list } from '../core/kinds';
import { parameters, type Arguments, type ParameterList } from '../core/options';
import { keep } from '../runtime/scope';
import { Tensor } from '../tensor/tensor';

/** Items by index: what a loader needs of a dataset. */
export interface Items<T> {
  /** How many items there are. */
  readonly length: number;
  /** The item at an index from 0 on; or a promise of it, for loops with `for await`. */
  get(index: number): T;
  /** Many items at once, each part with a new first dim, or a promise of them; optional. */
  getBatch?(indices: readonly number[]): T;
}

/** Whether a value has items by index. */
export function hasItems(value: unknown): value is Items<unknown> {
  if (isForeign(value)) return false;
  const given = value as { length?: unknown; get?: unknown } | null | undefined;
  return typeof given === 'object' && given !== null && Number.isSafeInteger(given.length) && (given.length as number) >= 0 && typeof given.get === 'function';
}

/** A dataset; it may be an object written for the call. */
export const items = /* @__PURE__ */ new Kind<Items<unknown>>(
  'a dataset, with a length and a function get',
  (value) => (hasItems(value) ? value : REFUSED),
  undefined,
  true,
);

/** The parameters of `get`. */
export const GET = /* @__PURE__ */ parameters<{ index: number }>('get', () => ({ index: integer }));
/** The parameters of `getBatch`. */
export const GET_BATCH: ParameterList<{ indices: readonly number[] }> = /* @__PURE__ */ parameters('getBatch', () => ({ indices: list('integers', integer) }));

/** The base class of datasets, PyTorch's. Any object with the same members will do as well. */
export abstract class Dataset<T> implements Items<T> {
  static {
    brand(this.prototype);
  }

  /** How many items there are. */
  abstract get length(): number;

  /** The item at an index from 0 on. */
  abstract get(index: number): T;

  /** Many items at once, each part with a new first dim, where that is cheaper than one by one; or undefined. */
  getBatch?(indices: readonly number[]): T;
}

/** As many tensors as there are in `Ts`. */
export type Rows<Ts extends readonly Tensor[]> = { -readonly [K in keyof Ts]: Tensor };

/** The rows of tensors that have the same length: item i is the list of their rows i. */
export class TensorDataset<Ts extends readonly Tensor[] = Tensor[]> extends Dataset<Rows<Ts>> {
  /** The tensors. */
  readonly tensors: Readonly<Ts>;

  constructor(...tensors: Ts) {
    super();
    const [first] = tensors;
    if (first === undefined) throw new UsageError('TensorDataset: needs at least one tensor', 'TensorDataset');
    for (const t of tensors as readonly unknown[]) {
      if (!(t instanceof Tensor)) throw new UsageError(`TensorDataset: expected tensors, got ${describe(t)}`, 'TensorDataset');
    }
    for (const t of tensors) {
      if (t.ndim === 0 || t.size(0) !== first.size(0)) {
        const shapes = tensors.map((u) => `[${u.shape.join(', ')}]`).join(' and ');
        throw new ShapeError(`TensorDataset: tensors must agree in their first size, got shapes ${shapes}`, 'TensorDataset');
      }
    }
    this.tensors = keep(tensors);
  }

  get length(): number {
    return this.tensors[0]!.size(0);
  }

  get(...args: Arguments<{ index: number }, ['index']>): Rows<Ts> {
    const { index } = GET.read(args);
    checkIndex('TensorDataset', index, this.length);
    return this.tensors.map((t) => t.select(0, index)) as Rows<Ts>;
  }

  override getBatch(...args: Arguments<{ indices: readonly number[] }, ['indices']>): Rows<Ts> {
    const { indices } = GET_BATCH.read(args);
    const index = tensor(BigInt64Array.from(indices, BigInt));
    const rows = this.tensors.map((t) => t.indexSelect(0, index));
    index.dispose();
    return rows as Rows<Ts>;
  }
}

interface SubsetArguments<T> {
  dataset: Items<T>;
  /** Which items, in which order. */
  indices: readonly number[];
}

const SUBSET = /* @__PURE__ */ parameters<SubsetArguments<unknown>>('Subset', () => ({
  dataset: items,
  indices: list('integers', integer),
}));

/** Part of a dataset: the items at `indices`. */
export class Subset<T> extends Dataset<T> {
  /** @internal */
  static readonly _parameters = SUBSET;
  readonly dataset: Items<T>;
  readonly indices: readonly number[];

  constructor(...args: Arguments<SubsetArguments<T>, ['dataset', 'indices']>) {
    super();
    const { dataset, indices } = SUBSET.read(args) as { dataset: Items<T>; indices: readonly number[] };
    this.dataset = dataset;
    this.indices = indices;
    for (const index of indices) checkIndex('Subset', index, dataset.length);
    if (dataset.getBatch !== undefined) this.getBatch = (list) => dataset.getBatch!(list.map((i) => indices[i]!));
  }

  get length(): number {
    return this.indices.length;
  }

  get(...args: Arguments<{ index: number }, ['index']>): T {
    const { index } = GET.read(args);
    checkIndex('Subset', index, this.length);
    return this.dataset.get(this.indices[index]!);
  }
}

/** Throws unless `index` is that of one of `length` items. */
export function checkIndex(where: string, index: number, length: number): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw new IndexError(`${where}: index ${index} is out of range for ${length} items`, where, { index, length });
}
