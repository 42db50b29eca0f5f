// x[...]: from items to calls of select, slice, unsqueeze, index and index_put_.
import { isOptions } from './arguments';
import { many, opId, two, withNumber } from './call';
import { tensor } from './create';
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { DTypeError, IndexError, UsageError } from '../core/errors';
import { checkedIndex, indexListOf, isIndexList, isMask, type IndexList } from './index-list';
import { anyObject, anything } from '../core/kinds';
import { parameters } from '../core/options';
import { isReadable } from '../core/plain-object';
import { OP_IN_PLACE } from '../generated/abi';
import { Tensor } from './tensor';

/** A range of a dim; what is left out is the whole dim, and negative numbers count from the end. */
export interface Slice {
  start?: number | bigint | null | undefined;
  stop?: number | bigint | null | undefined;
  step?: number | bigint | null | undefined;
}

/** What may stand between the brackets of `x[...]`. An array is a list of indices, as a list is in Python. */
export type IndexItem = number | bigint | Slice | null | '...' | boolean | Tensor | IndexList;

/** What may be written into a part of a tensor. */
export type ItemValue = Tensor | number | boolean | bigint;

/** The arguments of `indexPut`: PyTorch's, where `indices` is one tensor or null a dim, or the items spread out. */
export type IndexPutArguments =
  | [indices: readonly (Tensor | null)[] | IndexList, values: Tensor, accumulate?: boolean | { accumulate?: boolean }]
  | [indices: readonly (Tensor | null)[] | IndexList, options: { values: Tensor; accumulate?: boolean }]
  | [options: { indices: readonly (Tensor | null)[] | IndexList; values: Tensor; accumulate?: boolean }]
  | [...items: (Tensor | null | IndexList)[], values: Tensor]
  | [...items: (Tensor | null | IndexList)[], values: Tensor, accumulate: boolean | { accumulate?: boolean }];

/** The part of `x` that the items select. */
export function index(x: Tensor, items: readonly IndexItem[]): Tensor {
  // Most often it is one integer.
  const [first] = items;
  if (items.length === 1 && Number.isInteger(first) && x.ndim > 0) return select(x, 0, first as number, 'index');
  const found = new Selection(x, items, 'index');
  const { view, gathers } = found;
  if (gathers === null) return view === x ? whole(x) : view;
  try {
    return many(opId('index'), view, [gathers], false) as Tensor;
  } finally {
    found.release();
  }
}

/** Another view of all of `x`. */
function whole(x: Tensor): Tensor {
  return (x.ndim === 0 ? many(opId('view'), x, [[]], false) : many(opId('_slice'), x, [0, null, null, 1], false)) as Tensor;
}

/** Writes the last of `args` into the part of `x` that the others select. */
export function setItem(x: Tensor, given: readonly unknown[]): void {
  const args = withoutNames(given);
  const value = args[args.length - 1];
  if (!(value instanceof Tensor) && typeof value !== 'number' && typeof value !== 'boolean' && typeof value !== 'bigint') {
    const given = args.length === 0 ? 'nothing' : describe(value);
    throw new UsageError(`setitem: the last argument is the value, a tensor, a number or a boolean, got ${given}`, 'setitem');
  }
  const found = new Selection(x, args.slice(0, -1), 'setitem');
  try {
    write(x, found, value);
  } finally {
    found.release();
  }
}

const SET_ITEM = /* @__PURE__ */ parameters<{ index: unknown; value: unknown }>('setitem', () => ({ index: anyObject, value: anything }));

/** The items and the value of `setitem`, which may be given by name. */
function withoutNames(args: readonly unknown[]): readonly unknown[] {
  const last = args[args.length - 1];
  if (!isOptions(last)) return args;
  if (args.length > 1) return [...args.slice(0, -1), SET_ITEM.read([null, last]).value];
  const { index, value } = SET_ITEM.read(args);
  return [index, value];
}

function write(x: Tensor, { view, gathers }: Selection, value: ItemValue): void {
  if (!(value instanceof Tensor)) {
    if (gathers === null) {
      // A number that the dtype does not have is refused; one of the halves takes it as infinite, as in PyTorch.
      const isHalf = x.dtype === 'float16' || x.dtype === 'bfloat16';
      many(opId(isHalf ? 'copy' : 'fill') | OP_IN_PLACE, view, [value], false);
      return;
    }
    const values = tensor(value, { dtype: x.dtype });
    many(opId('indexPut') | OP_IN_PLACE, view, [gathers, values], false);
    values.dispose();
    return;
  }
  // How many dims a gathered part has the op works out.
  let values = gathers === null && value.ndim <= view.ndim ? value : withoutOnes(value);
  const made = [values];
  if (gathers === null) two(opId('copy') | OP_IN_PLACE, view, values);
  else {
    if (values.dtype !== x.dtype) {
      // One value under a mask is cast, as where all of a view is written; PyTorch refuses other values of another dtype.
      const isFill = values.ndim === 0 && gathers.every((t) => t === null || isMask(t));
      if (!isFill) {
        const message = `setitem: expected a value with the dtype of the tensor, ${x.dtype}, got ${value.dtype}; cast it with to()`;
        throw new DTypeError(message, 'setitem', { dtype: value.dtype });
      }
      made.push((values = values.to(x.dtype)));
    }
    many(opId('indexPut') | OP_IN_PLACE, view, [gathers, values], false);
  }
  for (const t of made) if (t !== value) t.dispose();
}

/** `value` without its leading dims of size 1, which do not count where it is written. */
function withoutOnes(value: Tensor): Tensor {
  if (value.shape[0] !== 1) return value;
  const ones = value.shape.findIndex((n) => n !== 1);
  return many(opId('view'), value, [value.shape.slice(ones < 0 ? value.ndim : ones)], false) as Tensor;
}

/** `indexPut` of `x`, or with `inPlace` its in-place form. */
export function indexPut(x: Tensor, args: readonly unknown[], inPlace: boolean): Tensor {
  const op = inPlace ? 'indexPut_' : 'indexPut';
  const made: Tensor[] = [];
  const result = many(opId('indexPut') | (inPlace ? OP_IN_PLACE : 0), x, putArguments(op, args, made), false) as Tensor;
  for (const t of made) t.dispose();
  return result;
}

/** PyTorch's arguments of `index_put`, from those or from items spread out. */
function putArguments(op: string, args: readonly unknown[], made: Tensor[]): unknown[] {
  const last = args[args.length - 1];
  const options = isOptions(last) ? last : {};
  const given = isOptions(last) ? args.slice(0, -1) : [...args];
  const tail: unknown[] = Object.keys(options).length === 0 ? [] : [options];
  if (given.length === 0) {
    const { indices, ...others } = options;
    return Array.isArray(indices) || ArrayBuffer.isView(indices) ? [listOfIndices(op, [indices], made), others] : [options];
  }
  if (given.length > 1 && typeof given[given.length - 1] === 'boolean') tail.unshift(given.pop());
  const values = options['values'] === undefined ? [given.pop()] : [];
  return [listOfIndices(op, given, made), ...values, ...tail];
}

/** The index tensors of a list that is PyTorch's tuple of them, or of items. */
function listOfIndices(op: string, items: readonly unknown[], made: Tensor[]): unknown {
  const first = items[0];
  if (items.length === 1 && Array.isArray(first) && first.every((item) => item === null || item instanceof Tensor)) return first;
  return items.map((item) => {
    const part = partOf(item, op, made);
    if (part === null || part instanceof Tensor) return part;
    throw new UsageError(`${op}: an index must be a tensor, null or an array, got ${describe(item)}; setitem() takes the others`, op);
  });
}

/** An item, arrays made into tensors. */
type Part = number | { start: number | null; stop: number | null; step: number } | null | '...' | boolean | Tensor;

/** What a list of items selects of a tensor: a view, and what is gathered from it. */
class Selection {
  /** What the items that make views leave. */
  view: Tensor;
  /** Index tensors by dim of `view`, or null where there are none. */
  gathers: (Tensor | null)[] | null = null;
  private readonly of: Tensor;
  private readonly op: string;
  /** Index tensors that were made here. */
  private readonly made: Tensor[] = [];
  private dim = 0;
  /** How many more dims than entries `gathers` stands for. */
  private extra = 0;

  constructor(x: Tensor, items: readonly unknown[], op: string) {
    this.view = this.of = x;
    this.op = op;
    try {
      this.apply(items.map((item) => partOf(item, op, this.made)));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Releases what was made on the way. */
  release(): void {
    if (this.view !== this.of) this.view.dispose();
    for (const t of this.made) t.dispose();
  }

  private apply(parts: readonly Part[]): void {
    const { ndim } = this.of;
    const op = this.op;
    const used = parts.reduce<number>((n, part) => n + dimsOf(part), 0);
    if (used > ndim) {
      if (ndim === 0) throw new IndexError(`${op}: a 0-dim tensor cannot be indexed; use item() for its value`, op);
      throw new IndexError(`${op}: too many indices for a tensor with ${ndim} dim(s), got ${used}`, op, { rank: ndim, indices: used });
    }
    for (const part of parts) {
      if (typeof part === 'number') this.select(part);
      else if (part === null) this.unsqueeze(1);
      else if (part === '...') {
        // PyTorch takes it more than once: each passes over as many dims.
        this.dim += ndim - used;
      } else if (typeof part === 'boolean') {
        this.mask(tensor([part]));
      } else if (part instanceof Tensor) {
        if (part.ndim > 0) this.gather(part);
        else if (isMask(part)) this.mask(this.ofOne(part));
        else {
          refuseInCapture(op, 'read');
          this.select(Number(part.item<number | bigint>()));
        }
      } else {
        this.step(many(opId('_slice'), this.view, [this.dim, part.start, part.stop, part.step], false));
        this.dim += 1;
      }
    }
  }

  private step(next: unknown): void {
    if (this.view !== this.of) this.view.dispose();
    this.view = next as Tensor;
  }

  private select(at: number): void {
    this.step(select(this.view, this.dim, at, this.op));
  }

  private unsqueeze(dims: number): void {
    this.step(withNumber(opId('unsqueeze'), this.view, this.dim));
    this.dim += dims;
  }

  /** A bool of no dims: a new dim, of size 1 where it is true and empty where it is not. */
  private mask(of1: Tensor): void {
    this.made.push(of1);
    this.unsqueeze(0);
    this.gather(of1);
  }

  /** A mask of no dims as one of a dim, of bools. */
  private ofOne(mask: Tensor): Tensor {
    const row = many(opId('view'), mask, [[1]], false) as Tensor;
    if (row.dtype === 'bool') return row;
    this.made.push(row);
    return row.to('bool');
  }

  private gather(t: Tensor): void {
    this.gathers ??= [];
    while (this.gathers.length + this.extra < this.dim) this.gathers.push(null);
    this.gathers.push(t);
    // A mask stands for as many dims as it has, which the op itself works out.
    this.dim += dimsOf(t);
    this.extra += dimsOf(t) - 1;
  }
}

/** Element `at` of dim `dim`. */
function select(x: Tensor, dim: number, at: number, op: string): Tensor {
  const size = x.shape[dim]!;
  if (at < -size || at >= size) {
    const message = `${op}: index ${at} is out of bounds for dim ${dim} with size ${size}`;
    throw new IndexError(message, op, { index: at, dim, size });
  }
  return many(opId('select'), x, [dim, at], false) as Tensor;
}

/** How many dims of the tensor a part uses. */
function dimsOf(part: Part): number {
  if (part === null || part === '...' || typeof part === 'boolean') return 0;
  return part instanceof Tensor && isMask(part) ? part.ndim : 1;
}

/** An item as a part; the tensors that are made of arrays are added to `made`. */
function partOf(item: unknown, op: string, made: Tensor[]): Part {
  switch (typeof item) {
    case 'number':
      if (Number.isInteger(item)) return item;
      throw new UsageError(`${op}: an index must be an integer, got ${item}`, op);
    case 'bigint':
      return Number(item);
    case 'boolean':
      return item;
    case 'string':
      if (item === '...') return item;
      break;
    case 'object':
      if (item === null) return null;
      if (!isReadable(item)) break;
      if (item instanceof Tensor) return checkedIndex(item, op);
      if (isIndexList(item)) {
        const list = indexListOf(item, op);
        made.push(list);
        return list;
      }
      if (isOptions(item)) return sliceOf(item, op);
  }
  throw new UsageError(
    `${op}: cannot index with ${describe(item)}; an index is an integer, { start, stop, step }, null, '...', a boolean, ` +
      'a tensor of integers or bools, or an array of them',
    op,
  );
}

const SLICE_KEYS = ['start', 'stop', 'step'];

function sliceOf(item: Readonly<Record<string, unknown>>, op: string): Part {
  const unknown = Object.keys(item).find((key) => !SLICE_KEYS.includes(key));
  if (unknown !== undefined) {
    throw new UsageError(`${op}: a slice is { start, stop, step } and has no ${unknown}`, op, { argument: unknown });
  }
  const step = boundOf(item['step'], op) ?? 1;
  if (step <= 0) throw new UsageError(`${op}: the step of a slice must be greater than 0, got ${step}; use flip() to reverse`, op);
  return { start: boundOf(item['start'], op), stop: boundOf(item['stop'], op), step };
}

function boundOf(bound: unknown, op: string): number | null {
  if (bound == null) return null;
  const isIndex = bound instanceof Tensor && bound.ndim === 0 && !bound.isFloatingPoint();
  if (isIndex) refuseInCapture(op, 'read');
  const value: unknown = isIndex ? bound.item<number | bigint>() : bound;
  if (typeof value === 'bigint') return Number(value);
  if (Number.isInteger(value)) return value as number;
  throw new UsageError(`${op}: the bounds of a slice must be integers, got ${describe(bound)}`, op);
}
