// x[...]: from items to calls of select, slice, unsqueeze, index and index_put_.
import { many, opId, two, withNumber } from './call';
import { tensor } from './create';
import { refuseInCapture } from './capturing';
import { describe } from './describe';
import { IndexError, UsageError } from './errors';
import { Tensor } from './tensor';
import type { Nested } from './types';

/** A range of a dim; what is left out is the whole dim, and negative numbers count from the end. */
export interface Slice {
  start?: number | null;
  stop?: number | null;
  step?: number | null;
}

/** What may stand between the brackets of `x[...]`. */
export type IndexItem = number | Slice | null | '...' | boolean | Tensor | readonly Nested<number | boolean>[];

type Items = readonly (IndexItem | readonly IndexItem[])[];

const ids = new Map<string, number>();
const id = (name: string): number => {
  let known = ids.get(name);
  if (known === undefined) ids.set(name, (known = opId(name)));
  return known;
};

/** The part of `x` that the items select. */
export function index(x: Tensor, items: Items): Tensor {
  const { view, gathers, temporary } = windows(x, listOf(items), 'index');
  if (gathers === null) return temporary ? view : whole(x);
  const result = many(id('index'), view, [gathers], false) as Tensor;
  if (temporary) view.dispose();
  return result;
}

/** Another window on all of `x`. */
function whole(x: Tensor): Tensor {
  return (x.ndim === 0 ? many(id('view'), x, [[]], false) : many(id('_slice'), x, [0, null, null, 1], false)) as Tensor;
}

/** Writes `value` into the part of `x` that `key` selects. */
export function setItem(x: Tensor, key: IndexItem | readonly IndexItem[], value: Tensor | number | boolean | bigint): void {
  const { view, gathers, temporary } = windows(x, listOf([key]), 'setitem');
  if (gathers === null) {
    if (value instanceof Tensor) assign(view, value);
    else many(id('copy') | 0x1_0000, view, [value], false);
  } else {
    const values = value instanceof Tensor ? value : tensor(value, { dtype: x.dtype });
    many(id('indexPut') | 0x1_0000, view, [gathers, values], false);
    if (values !== value) values.dispose();
  }
  if (temporary) view.dispose();
}

/** Writes `value`, whose leading dims of size 1 do not count, into `view`. */
function assign(view: Tensor, value: Tensor): void {
  const ones = value.shape.findIndex((n) => n !== 1);
  const extra = ones < 0 ? value.ndim : ones;
  if (extra === 0 || value.ndim <= view.ndim) {
    two(id('copy') | 0x1_0000, view, value);
    return;
  }
  const without = many(id('view'), value, [value.shape.slice(extra)], false) as Tensor;
  two(id('copy') | 0x1_0000, view, without);
  without.dispose();
}

/** An array as the only argument is the list of items, as a tuple is in Python. */
function listOf(items: Items): readonly IndexItem[] {
  return items.length === 1 && Array.isArray(items[0]) ? (items[0] as readonly IndexItem[]) : (items as readonly IndexItem[]);
}

interface Windows {
  readonly view: Tensor;
  /** Whether `view` was made here and may be disposed of. */
  readonly temporary: boolean;
  /** Index tensors by dim of `view`, or null where there are none. */
  readonly gathers: (Tensor | null)[] | null;
}

/** Applies the items that make windows, and collects those that gather. */
function windows(x: Tensor, items: readonly IndexItem[], op: string): Windows {
  const parts = items.map((item) => (Array.isArray(item) ? gatherOf(item) : (item as Exclude<IndexItem, readonly unknown[]>)));
  const used = parts.reduce<number>((n, part) => n + dimsOf(part), 0);
  if (used > x.ndim) {
    if (x.ndim === 0) throw new IndexError(`${op}: a 0-dim tensor cannot be indexed; use item() for its value`, op);
    const message = `${op}: too many indices for a tensor with ${x.ndim} dim(s), got ${used}`;
    throw new IndexError(message, op, { rank: x.ndim, indices: used });
  }
  let view = x;
  let dim = 0;
  let spanned = false;
  let gathers: (Tensor | null)[] | null = null;
  const step = (next: unknown): void => {
    if (view !== x) view.dispose();
    view = next as Tensor;
  };
  const gather = (t: Tensor): void => {
    gathers ??= [];
    while (gathers.length < dim) gathers.push(null);
    gathers.push(t);
    // A bool tensor stands for as many dims as it has, which the op itself works out.
    dim += dimsOf(t);
  };
  for (const part of parts) {
    if (typeof part === 'number') {
      if (!Number.isInteger(part)) throw new UsageError(`${op}: an index must be an integer, got ${part}`, op);
      const size = view.shape[dim]!;
      if (part < -size || part >= size) {
        const message = `${op}: index ${part} is out of bounds for dim ${dim} with size ${size}`;
        throw new IndexError(message, op, { index: part, dim, size });
      }
      step(many(id('select'), view, [dim, part], false));
    } else if (part === null) {
      step(withNumber(id('unsqueeze'), view, dim));
      dim += 1;
    } else if (part === '...') {
      if (spanned) throw new IndexError(`${op}: '...' may appear once`, op);
      spanned = true;
      dim += x.ndim - used;
    } else if (part instanceof Tensor) {
      if (part.ndim === 0 && part.dtype !== 'bool') refuseInCapture(op, 'read');
      if (part.ndim === 0 && part.dtype !== 'bool') step(many(id('select'), view, [dim, part.item()], false));
      else gather(part);
    } else if (typeof part === 'boolean') {
      step(withNumber(id('unsqueeze'), view, dim));
      gather(tensor([part]));
    } else if (typeof part === 'object') {
      step(slice(view, dim, part, op));
      dim += 1;
    } else {
      throw new UsageError(`${op}: cannot index with ${describe(part)}`, op);
    }
  }
  return { view, temporary: view !== x, gathers };
}

function slice(x: Tensor, dim: number, { start, stop, step }: Slice, op: string): unknown {
  for (const bound of [start, stop, step]) {
    if (bound != null && !Number.isInteger(bound)) throw new UsageError(`${op}: the bounds of a slice must be integers, got ${describe(bound)}`, op);
  }
  if (step != null && step <= 0) throw new UsageError(`${op}: the step of a slice must be greater than 0, got ${step}; use flip() to reverse`, op);
  return many(id('_slice'), x, [dim, start ?? null, stop ?? null, step ?? 1], false);
}

function gatherOf(list: readonly Nested<number | boolean>[]): Tensor {
  const t = tensor(list);
  if (t.dtype === 'bool') return t;
  const ints = tensor(t, { dtype: 'int64' });
  t.dispose();
  return ints;
}

function dimsOf(part: Exclude<IndexItem, readonly unknown[]>): number {
  if (part === null || part === '...' || typeof part === 'boolean') return 0;
  return part instanceof Tensor && part.dtype === 'bool' ? part.ndim : 1;
}
