// From a record to kernels: values stay expressions until something needs them in memory.
import { UsageError } from '../../../core/errors';
import { count, dense, permuted, type Layout } from './layout';
import {
  cast, cost, folded, formula, isWhole, number, pendingIn, spread, stored, storesOf, viewed, whole,
  type Factors, type Kind, type Lazy, type Pending, type Store, type Stored,
} from './lazy';
import { productKernel } from './product';
import { kindOf, type Call, type FunctionalRecord } from './record';
import { rowsKernel, type Rows, type Stage } from './rows';
import { MOST_BUFFERS, type Dispatch } from './shader';

/** A copy of all elements of one store to another. */
export interface Copy {
  readonly is: 'copy';
  readonly from: Store;
  readonly to: Store;
}

export type Action = Dispatch | Copy;

/** How an op is done: what its outputs are. An output may be left out where nothing reads it. */
export type Lowering = (planner: Planner, call: Call) => readonly (Lazy | undefined)[];

/** The most buffers an expression reads before a part of it goes to memory: a kernel binds its outputs, too. */
const MOST_READ = MOST_BUFFERS - 3;

/** The most steps of an expression that several kernels compute again. */
const CHEAP = 6;

/** The most steps of an expression. */
const LONGEST = 96;

/** A kernel of folds: where it is among the actions, and the stage of each of its results. */
interface Folded {
  readonly at: number;
  readonly rows: Rows;
  readonly results: ReadonlyMap<Store, number>;
}

/** What an action writes. */
export function writesOf(action: Action): Store[] {
  return action.is === 'copy' ? [action.to] : action.bindings.filter(({ writes }) => writes).map(({ store }) => store);
}

/** What kernels are written of. */
export class Planner {
  readonly record: FunctionalRecord;
  readonly actions: Action[] = [];
  readonly stores: Store[] = [];
  /** Of each value, how many calls, outputs and updates read it. */
  readonly #uses: number[];
  readonly #values: (Lazy | undefined)[];
  /** The stores of inputs, constants and outputs, by value and by place. */
  readonly inputs = new Map<number, Store>();
  readonly constants = new Map<number, Store>();
  readonly outputs: Store[] = [];
  readonly #memory = new Map<Lazy, Stored>();
  readonly #float16: boolean;
  /** The kernels that results of folds come from. */
  readonly #folds = new Map<Store, Folded>();

  constructor(record: FunctionalRecord, float16: boolean) {
    this.record = record;
    this.#float16 = float16;
    this.#values = new Array<Lazy | undefined>(record.values.length);
    this.#uses = new Array<number>(record.values.length).fill(0);
    const read = [...record.calls.flatMap(({ inputs }) => inputs), ...record.outputs, ...record.updates.map(({ value }) => value)];
    for (const value of read) if (value !== null) this.#uses[value]!++;
    for (const value of record.inputs) this.inputs.set(value, this.#given(value, 'input'));
    const updated = new Set(record.updates.map(({ constant }) => constant));
    for (const { value, number: all, name, elements } of record.constants) {
      const { dtype, shape } = record.values[value]!;
      const kind = kindOf(dtype)!;
      const row = elements === undefined || kind !== 'i32' || updated.has(value) ? null : inSteps(elements, shape);
      if (row !== null) {
        this.#values[value] = row;
        continue;
      }
      // What has a name can be set from outside.
      if (all !== undefined && name === undefined && !updated.has(value)) this.#values[value] = number(all, kind, shape);
      else this.constants.set(value, this.#given(value, 'constant'));
    }
  }

  #given(value: number, role: 'input' | 'constant'): Store {
    const { dtype, shape } = this.record.values[value]!;
    const store = this.store(count(shape), kindOf(dtype)!, role);
    this.#values[value] = whole(store, shape);
    return store;
  }

  /** A new piece of memory. */
  store(size: number, kind: Kind, role: Store['role'] = 'temporary'): Store {
    const store: Store = { id: this.stores.length, size, kind, role };
    this.stores.push(store);
    return store;
  }

  /** What a value is. */
  value(value: number): Lazy {
    const known = this.#values[value];
    if (known === undefined) throw new UsageError(`webgpu: value ${value} of the record is read before it is made`, 'webgpu');
    return known;
  }

  /** The value of an input of a call. */
  input(call: Call, i: number): Lazy {
    const value = call.inputs[i];
    if (value === null || value === undefined) throw new UsageError(`webgpu: ${call.op} needs input ${i}, and the record has none`, 'webgpu');
    return this.value(value);
  }

  /** Whether one call alone reads the value, and is done with it. */
  isUsedOnce(value: number | null | undefined): boolean {
    return value !== null && value !== undefined && this.#uses[value] === 1;
  }

  /** Says what the outputs of a call are. */
  define(call: Call, made: readonly (Lazy | undefined)[]): void {
    call.outputs.forEach((value, i) => {
      const lazy = made[i];
      if (value === null || lazy === undefined || this.#uses[value] === 0) return;
      this.#values[value] = this.#kept(lazy, this.#uses[value]!);
    });
  }

  /** That a value is in memory by now. */
  remember(value: number, made: Lazy): void {
    this.#values[value] = made;
  }

  /** `lazy`, in memory where it would be computed too often. */
  #kept(lazy: Lazy, uses: number): Lazy {
    if (lazy.is === 'stored' || lazy.is === 'number' || lazy.is === 'place') return lazy;
    const steps = cost(lazy, LONGEST);
    const isOften = uses > 1 && (steps > CHEAP || pendingIn(lazy).size > 0);
    return isOften || steps >= LONGEST ? this.memory(lazy) : lazy;
  }

  /** An expression of others, which broadcast to `shape`. */
  formula(text: string, kind: Kind, shape: readonly number[], ...args: readonly Lazy[]): Lazy {
    let given = args.map((arg) => (pendingIn(arg).size > 0 && !hasShape(arg, shape) ? this.memory(arg) : arg));
    // One kernel makes one product.
    const pending = new Set(given.flatMap((arg) => [...pendingIn(arg)]));
    if (pending.size > 1) given = given.map((arg) => (pendingIn(arg).size > 0 ? this.memory(arg) : arg));
    while (new Set(given.flatMap((arg) => [...storesOf(arg)])).size > MOST_READ) {
      const sizes = given.map((arg) => (arg.is === 'stored' ? 0 : storesOf(arg).size));
      const largest = sizes.indexOf(Math.max(...sizes));
      if (sizes[largest] === 0) break;
      given = given.map((arg, i) => (i === largest ? this.memory(arg) : arg));
    }
    return formula(text, kind, shape, ...given);
  }

  /** `lazy` seen through a view. */
  view(lazy: Lazy, shape: readonly number[], view: (layout: Layout) => Layout | null): Lazy {
    return viewed(lazy, shape, view) ?? viewed(this.memory(lazy), shape, view)!;
  }

  /** `lazy` with dims in another order. */
  permute(lazy: Lazy, dims: readonly number[]): Lazy {
    return this.view(lazy, dims.map((d) => lazy.shape[d]!), (layout) => permuted(layout, dims));
  }

  reshape(lazy: Lazy, shape: readonly number[]): Lazy {
    return hasShape(lazy, shape) ? lazy : (folded(lazy, shape) ?? folded(this.memory(lazy), shape)!);
  }

  expand(lazy: Lazy, shape: readonly number[]): Lazy {
    return hasShape(lazy, shape) ? lazy : spread(pendingIn(lazy).size > 0 ? this.memory(lazy) : lazy, shape);
  }

  /** `lazy` as elements of memory, wherever they are there. */
  placed(lazy: Lazy): Stored {
    return lazy.is === 'stored' && lazy.kind === lazy.store.kind ? lazy : this.memory(lazy);
  }

  /** `lazy` in memory, all of a store and in order. */
  memory(lazy: Lazy): Stored {
    if (isWhole(lazy)) return lazy;
    const known = this.#memory.get(lazy);
    if (known !== undefined) return known;
    const store = this.store(count(lazy.shape), lazy.kind);
    this.write(lazy, store);
    const made = whole(store, lazy.shape);
    this.#memory.set(lazy, made);
    return made;
  }

  /** Computes `lazy` into a store. */
  write(lazy: Lazy, store: Store): void {
    const [pending] = pendingIn(lazy);
    if (pending !== undefined) {
      this.run(productKernel({ ...this.#bound(pending, lazy), value: lazy, out: store }, this.#float16));
      return;
    }
    const label = lazy.is === 'formula' ? 'elementwise' : 'copy';
    this.rows({ label, outer: lazy.shape, inner: [], stages: [], outputs: [{ store, value: lazy, per: 'row' }] });
  }

  /** Factors that read few enough buffers beside what is computed of the product. */
  #bound({ product }: Pending, lazy: Lazy): Factors {
    if (storesOf(lazy).size < MOST_BUFFERS) return product;
    const few = (factor: Lazy): Lazy => (storesOf(factor).size > 1 ? this.memory(factor) : factor);
    return { ...product, left: few(product.left), right: few(product.right) };
  }

  rows(rows: Rows): void {
    this.run(rowsKernel(rows));
  }

  /**
   * Folds over the rows of `outer`, whose elements are those of `inner`. What reads the result of another fold over the same rows becomes
   * a further stage of its kernel, as the sum of a softmax does of the greatest element.
   */
  fold(stage: Stage, outer: readonly number[], inner: readonly number[]): Stored {
    const store = this.store(count(outer), stage.value.kind);
    const made = whole(store, outer);
    const before = this.#kernelBefore(stage.value, outer, inner);
    const stages = before === null ? [] : before.rows.stages;
    const value = before === null ? stage.value : carried(stage.value, before.results, outer.length);
    const carry: Lazy = { is: 'carried', stage: stages.length, kind: value.kind, shape: outer };
    const rows: Rows = {
      label: before === null ? stage.fold : `${before.rows.label}, ${stage.fold}`, outer, inner,
      stages: [...stages, { fold: stage.fold, value }],
      outputs: [...(before?.rows.outputs ?? []), { store, value: carry, per: 'row' }],
    };
    const kernel = rowsKernel(rows);
    if (kernel === null) return made;
    const at = before?.at ?? this.actions.length;
    this.actions[at] = kernel;
    const results = new Map(before?.results).set(store, stages.length);
    for (const result of results.keys()) this.#folds.set(result, { at, rows, results });
    return made;
  }

  /** The kernel whose results `value` reads, if it can be a stage of that: the same rows, and all else it reads is there by then. */
  #kernelBefore(value: Lazy, outer: readonly number[], inner: readonly number[]): Folded | null {
    const stores = storesOf(value);
    for (const store of stores) {
      const found = this.#folds.get(store);
      if (found === undefined || found.rows.outer.join() !== outer.join() || found.rows.inner.join() !== inner.join()) continue;
      const bound = new Set([...found.rows.stages.flatMap((stage) => [...storesOf(stage.value)]), ...stores]);
      const others = [...stores].filter((other) => !found.results.has(other));
      const isThere = others.every((other) => !this.actions.slice(found.at).some((action) => writesOf(action).includes(other)));
      const fits = bound.size + 1 + found.rows.outputs.length <= MOST_BUFFERS;
      if (isThere && fits && readsByRow(value, found.results, outer.length)) return found;
    }
    return null;
  }

  run(dispatch: Dispatch | null): void {
    if (dispatch !== null) this.actions.push(dispatch);
  }

  /** A sum of products, which is computed together with what is made of it. */
  product(factors: Factors): Lazy {
    return { is: 'pending', product: factors, kind: 'f32', shape: [...factors.batch, ...factors.m, ...factors.n] };
  }

  /** Copies outputs to where they are read, and gives constants what they hold after a step. */
  finish(): void {
    for (const value of this.record.outputs) {
      const lazy = this.value(value);
      const store = this.store(count(lazy.shape), lazy.kind, 'output');
      this.write(lazy, store);
      this.outputs.push(store);
      // Others that read it read the copy, so that it is computed once.
      this.#values[value] = whole(store, lazy.shape);
    }
    this.#update();
  }

  #update(): void {
    interface Update { store: Store; value: Lazy; shape: readonly number[] }
    const written = new Set<Store>();
    const updates = this.record.updates.flatMap(({ constant, value }): Update[] => {
      const store = this.constants.get(constant);
      if (store === undefined) return [];
      written.add(store);
      const { shape } = this.record.values[constant]!;
      return [{ store, value: this.reshape(cast(this.value(value), store.kind), shape), shape }];
    });
    // What reads a constant elsewhere than where it writes is computed before any of them changes.
    for (const update of updates) {
      if (pendingIn(update.value).size > 0 || !readsInPlace(update.value, written)) update.value = this.memory(update.value);
    }
    // Updates of one shape that read the same are one kernel.
    const groups: Update[][] = [];
    for (const update of updates) {
      const stores = (group: readonly Update[]): number => new Set(group.flatMap(({ store, value }) => [store, ...storesOf(value)])).size;
      const group = groups.find((others) => hasShape(others[0]!.value, update.shape) && shareStores(others, update) && stores([...others, update]) <= MOST_BUFFERS);
      if (group === undefined) groups.push([update]);
      else group.push(update);
    }
    // Those come first that read what others write.
    const isRead = (group: Update[], others: readonly Update[][]): boolean =>
      others.some((other) => other !== group && other.some(({ value }) => group.some(({ store }) => storesOf(value).has(store))));
    while (groups.length > 0) {
      let next = groups.findIndex((group) => !isRead(group, groups));
      if (next < 0) {
        next = 0;
        for (const group of groups) for (const update of group) update.value = this.#copied(update.value, written);
      }
      const [group] = groups.splice(next, 1);
      this.rows({
        label: 'update', outer: group![0]!.shape, inner: [], stages: [],
        outputs: group!.map(({ store, value }) => ({ store, value, per: 'row' as const })),
      });
    }
  }

  /** `lazy` in memory that no update writes. */
  #copied(lazy: Lazy, written: ReadonlySet<Store>): Lazy {
    if (lazy.is === 'stored' && !written.has(lazy.store)) return lazy;
    const store = this.store(count(lazy.shape), lazy.kind);
    this.write(lazy, store);
    return stored(store, dense(lazy.shape));
  }
}

/** Whether all that `lazy` reads of `results` is the one of its row. */
function readsByRow(lazy: Lazy, results: ReadonlyMap<Store, number>, outer: number): boolean {
  if (lazy.is === 'formula') return lazy.args.every((arg) => readsByRow(arg, results, outer));
  if (lazy.is === 'loaded') return !results.has(lazy.store) && readsByRow(lazy.at, results, outer);
  if (lazy.is !== 'stored' || !results.has(lazy.store)) return true;
  const { shape, strides, offset } = lazy.layout;
  const plain = dense(shape.slice(0, outer)).strides;
  return offset === 0 && strides.every((stride, i) => shape[i] === 1 || stride === (i < outer ? plain[i] : 0));
}

/** `lazy` with what stages have found in place of what they wrote. */
function carried(lazy: Lazy, results: ReadonlyMap<Store, number>, outer: number, seen = new Map<Lazy, Lazy>()): Lazy {
  const known = seen.get(lazy);
  if (known !== undefined) return known;
  const stage = lazy.is === 'stored' ? results.get(lazy.store) : undefined;
  let made = lazy;
  if (stage !== undefined) made = { is: 'carried', stage, kind: lazy.kind, shape: lazy.shape };
  else if (lazy.is === 'formula') made = { ...lazy, args: lazy.args.map((arg) => carried(arg, results, outer, seen)) };
  else if (lazy.is === 'loaded') made = { ...lazy, at: carried(lazy.at, results, outer, seen) };
  seen.set(lazy, made);
  return made;
}

/** Numbers along one dim that are the same step apart, which need no memory. */
function inSteps(elements: readonly number[], shape: readonly number[]): Lazy | null {
  const step = (elements[1] ?? 0) - (elements[0] ?? 0);
  if (shape.filter((size) => size !== 1).length > 1 || !elements.every((n, i) => n === elements[0]! + i * step)) return null;
  return { is: 'place', layout: { shape, strides: shape.map((size) => (size === 1 ? 0 : step)), offset: elements[0] ?? 0 }, kind: 'i32', shape };
}

function shareStores(group: readonly { readonly store: Store; readonly value: Lazy }[], update: { readonly store: Store; readonly value: Lazy }): boolean {
  const stores = new Set(group.flatMap(({ store, value }) => [store, ...storesOf(value)]));
  return [update.store, ...storesOf(update.value)].some((store) => stores.has(store));
}

/** Whether all that `lazy` reads of stores that are written is the element itself, or one number that is there for all. */
function readsInPlace(lazy: Lazy, written: ReadonlySet<Store>): boolean {
  if (lazy.is === 'stored') return !written.has(lazy.store) || lazy.store.size === 1 || isWhole(lazy);
  if (lazy.is === 'loaded') return !written.has(lazy.store) && readsInPlace(lazy.at, written);
  return lazy.is !== 'formula' || lazy.args.every((arg) => readsInPlace(arg, written));
}

export function hasShape(lazy: Lazy, shape: readonly number[]): boolean {
  return lazy.shape.length === shape.length && lazy.shape.every((size, i) => size === shape[i]);
}
