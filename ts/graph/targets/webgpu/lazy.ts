// Values before they are in memory: elements are expressions until something needs them there.
import { count, dense, expanded, isDense, reshaped, type Layout } from './layout';

/** What a shader computes with. Integers have 32 bits there. */
export type Kind = 'f32' | 'i32' | 'bool';

/** A piece of memory of the device. */
export interface Store {
  readonly id: number;
  /** In elements of four bytes. */
  readonly size: number;
  readonly kind: Kind;
  /** What it is for; `temporary` ones share buffers. */
  readonly role: 'temporary' | 'constant' | 'input' | 'output' | 'numbers';
  /** The larger piece it is a part of, and where it begins in that. */
  readonly of?: { readonly arena: Store; readonly from: number };
}

/** The elements of memory at a layout. */
export interface Stored {
  readonly is: 'stored';
  readonly store: Store;
  readonly layout: Layout;
  readonly kind: Kind;
  readonly shape: readonly number[];
}

/** Elements that are their own place, by a layout without memory: coordinates and what is made of them. */
export interface Place {
  readonly is: 'place';
  readonly layout: Layout;
  readonly kind: 'i32';
  readonly shape: readonly number[];
}

/** One number everywhere. */
export interface Literal {
  readonly is: 'number';
  readonly value: number;
  readonly kind: Kind;
  readonly shape: readonly number[];
}

/** A formula in WGSL, in which `$0` is the first argument. */
export interface Formula {
  readonly is: 'formula';
  readonly text: string;
  readonly args: readonly Lazy[];
  readonly kind: Kind;
  readonly shape: readonly number[];
}

/** The elements of memory at computed places. */
export interface Loaded {
  readonly is: 'loaded';
  readonly store: Store;
  readonly at: Lazy;
  readonly kind: Kind;
  readonly shape: readonly number[];
}

/** What a stage of a kernel over rows has found for the row. */
export interface Carried {
  readonly is: 'carried';
  readonly stage: number;
  readonly kind: Kind;
  readonly shape: readonly number[];
}

/** What a kernel that is not written yet will make: a sum of products, which can be computed on before it goes to memory. */
export interface Pending {
  readonly is: 'pending';
  readonly product: Factors;
  readonly kind: 'f32';
  readonly shape: readonly number[];
}

/** `[b, m, n] = Σₖ left[b, m, k] · right[b, n, k]`; each letter stands for dims. */
export interface Factors {
  readonly label: string;
  readonly batch: readonly number[];
  readonly m: readonly number[];
  readonly n: readonly number[];
  readonly k: readonly number[];
  /** Of the shape `[...batch, ...m, ...k]`. */
  readonly left: Lazy;
  /** Of the shape `[...batch, ...n, ...k]`. */
  readonly right: Lazy;
}

export type Lazy = Stored | Place | Literal | Formula | Loaded | Carried | Pending;

export function stored(store: Store, layout: Layout): Stored {
  return { is: 'stored', store, layout, kind: store.kind, shape: layout.shape };
}

export function number(value: number, kind: Kind, shape: readonly number[] = []): Literal {
  return { is: 'number', value, kind, shape };
}

/** The coordinate along `dim` in `shape`. */
export function coordinate(shape: readonly number[], dim: number): Place {
  return { is: 'place', layout: { shape, strides: shape.map((_, i) => (i === dim ? 1 : 0)), offset: 0 }, kind: 'i32', shape };
}

/** `lazy` seen through a view; null where a layout of it cannot say that. */
export function viewed(lazy: Lazy, shape: readonly number[], view: (layout: Layout) => Layout | null): Lazy | null {
  switch (lazy.is) {
    case 'stored':
    case 'place': {
      const layout = view(lazy.layout);
      return layout === null ? null : { ...lazy, layout, shape };
    }
    case 'number':
    case 'carried':
      return { ...lazy, shape };
    case 'pending':
      return null;
    case 'loaded': {
      const at = viewed(lazy.at, shape, view);
      return at === null ? null : { ...lazy, at, shape };
    }
    case 'formula': {
      const args: Lazy[] = [];
      for (const arg of lazy.args) {
        const seen = viewed(arg, shape, view);
        if (seen === null) return null;
        args.push(seen);
      }
      return { ...lazy, args, shape };
    }
  }
}

/** `lazy` repeated to a shape it broadcasts to. */
export function spread(lazy: Lazy, shape: readonly number[]): Lazy {
  if (lazy.shape.length === shape.length && lazy.shape.every((size, i) => size === shape[i])) return lazy;
  return viewed(lazy, shape, (layout) => expanded(layout, shape))!;
}

/** `lazy` in another shape, of as many elements; null where it has to be in memory first. */
export function folded(lazy: Lazy, shape: readonly number[]): Lazy | null {
  return viewed(lazy, shape, (layout) => reshaped(layout, shape));
}

const CASTS: Readonly<Record<Kind, Readonly<Record<Kind, string>>>> = {
  f32: { f32: '$0', i32: 'f32($0)', bool: 'select(0.0, 1.0, $0)' },
  i32: { f32: 'i32($0)', i32: '$0', bool: 'select(0, 1, $0)' },
  bool: { f32: '($0 != 0.0)', i32: '($0 != 0)', bool: '$0' },
};

/** `lazy` as another kind of number. */
export function cast(lazy: Lazy, kind: Kind): Lazy {
  if (lazy.kind === kind) return lazy;
  if (lazy.is === 'number') {
    const value = kind === 'bool' ? Number(lazy.value !== 0) : kind === 'i32' ? Math.trunc(lazy.value) : lazy.value;
    return number(value, kind, lazy.shape);
  }
  return { is: 'formula', text: CASTS[kind][lazy.kind], args: [lazy], kind, shape: lazy.shape };
}

/** A formula of arguments that broadcast to `shape`. */
export function formula(text: string, kind: Kind, shape: readonly number[], ...args: readonly Lazy[]): Formula {
  return { is: 'formula', text, args: args.map((arg) => spread(arg, shape)), kind, shape };
}

/** The values that a value is computed from where it is computed. */
function partsOf(lazy: Lazy): readonly Lazy[] {
  if (lazy.is === 'loaded') return [lazy.at];
  return lazy.is === 'formula' ? lazy.args : [];
}

/** The stores that a value reads. */
export function storesOf(lazy: Lazy, found = new Set<Store>(), seen = new Set<Lazy>()): Set<Store> {
  if (seen.has(lazy)) return found;
  seen.add(lazy);
  if (lazy.is === 'stored' || lazy.is === 'loaded') found.add(lazy.store);
  const parts = lazy.is === 'pending' ? [lazy.product.left, lazy.product.right] : partsOf(lazy);
  for (const part of parts) storesOf(part, found, seen);
  return found;
}

/** The kernels that are not written yet and that a value is made of. */
export function pendingIn(lazy: Lazy, found = new Set<Pending>(), seen = new Set<Lazy>()): Set<Pending> {
  if (seen.has(lazy)) return found;
  seen.add(lazy);
  if (lazy.is === 'pending') found.add(lazy);
  for (const part of partsOf(lazy)) pendingIn(part, found, seen);
  return found;
}

/** How many steps it takes to compute an element, at most `limit`. */
export function cost(lazy: Lazy, limit: number): number {
  if (limit <= 0 || (lazy.is !== 'loaded' && lazy.is !== 'formula')) return 0;
  let sum = 1;
  for (const part of partsOf(lazy)) if (sum < limit) sum += cost(part, limit - sum);
  return sum;
}

/** Whether `lazy` is all of its store, in order. */
export function isWhole(lazy: Lazy): lazy is Stored {
  return lazy.is === 'stored' && lazy.store.size === count(lazy.shape) && isDense(lazy.layout) && lazy.kind === lazy.store.kind;
}

/** All of a store in this shape. */
export function whole(store: Store, shape: readonly number[]): Stored {
  return stored(store, dense(shape));
}
