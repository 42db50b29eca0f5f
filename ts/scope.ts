// Lifetimes: which tensors are released when.
//
// Every tensor made goes on a list: that of the current scope, or the one of no scope. A scope releases its list at its
// end. What is on the other list is handed to a FinalizationRegistry when the synchronous run is over; until then no
// finaliser could run anyway, and what was disposed by then never costs a registration.
import { leaks } from './leaks';
import { scratch } from './scratch';
import { dispose } from './symbols';
import type { Tensor } from './tensor';
import { isStarted, release, wasm } from './wasm';

/** What the registry holds for a tensor; the handle becomes 0 when it is released before. */
interface Held {
  handle: number;
}

/** What few tensors have. */
export interface Extra {
  held: Held | null;
  /** No scope releases it. */
  kept: boolean;
  /** It stands for the gradient of another tensor, which owns it. */
  isGrad: boolean;
  /** The object that stands for its gradient. */
  grad: Tensor | null;
}

/** How many tensors outside scopes lie between two looks at memory. */
const LOOK_EVERY = 64;
/** The length at which a list is first searched for tensors that were disposed meanwhile. */
const COMPACT_AT = 4096;

const outside: Tensor[] = [];
let compactAt = COMPACT_AT;
/** The length of that list at which memory is looked at, and the list tidied if it is long. */
let outsideDue = 1;
let current: Tensor[] = outside;
/** The length of the current list at which something is due: `outsideDue`, or that at which a scope's list is tidied. */
let limit = outsideDue;
let top: Scope | null = null;

/** Puts a new tensor on the current list. */
export function track(t: Tensor): void {
  if (current.push(t) >= limit) due();
}

/** Puts a tensor that no scope may release on the list of those the garbage collector watches. */
export function adoptOutside(t: Tensor): void {
  if (outside.push(t) >= outsideDue) lookOutside();
}

/** Makes a list the current one. */
function use(scope: Scope | null): void {
  top = scope;
  current = scope === null ? outside : scope.list;
  limit = scope === null ? outsideDue : scope.limit;
}

function due(): void {
  if (top === null) lookOutside();
  else {
    // A long run that disposes by hand must not grow its scope's list: the objects on it cannot be collected.
    limit = top.limit = Math.max(COMPACT_AT, 2 * withoutDisposed(top.list));
  }
}

/** Drops what was disposed meanwhile from a list; the length that is left. */
function withoutDisposed(list: Tensor[]): number {
  let n = 0;
  for (const t of list) if (t._handle > 0) list[n++] = t;
  list.length = n;
  return n;
}

/** The object of this run that owns a handle for which `matches` says yes. */
export function findObject(matches: (handle: number) => boolean): Tensor | null {
  const search = (list: readonly Tensor[]) => list.find((t) => t._handle > 0 && matches(t._handle));
  for (let s = top; s !== null; s = s.parentScope) {
    const found = search(s.tensors);
    if (found !== undefined) return found;
  }
  return search(outside) ?? null;
}

/** The rest of a tensor's state, made at first use. */
export function extraOf(t: Tensor): Extra {
  return (t._extra ??= { held: null, kept: false, isGrad: false, grad: null });
}

function lookOutside(): void {
  if (outside.length === 1) {
    queueMicrotask(endOfRun);
    growth.start();
  } else {
    if (outside.length >= compactAt) compactAt = Math.max(COMPACT_AT, 2 * withoutDisposed(outside));
    growth.look();
  }
  outsideDue = outside.length + LOOK_EVERY;
  if (current === outside) limit = outsideDue;
}

const registry =
  typeof FinalizationRegistry === 'undefined'
    ? null
    : new FinalizationRegistry<Held>((held) => {
        if (held.handle <= 0 || !isStarted()) return;
        release(held.handle);
        if (leaks !== null) leaks.gone(undefined, held.handle);
      });

function endOfRun(): void {
  for (const t of outside) {
    if (t._handle <= 0 || registry === null) continue;
    const extra = extraOf(t);
    if (extra.held !== null) continue;
    extra.held = { handle: t._handle };
    registry.register(t, extra.held);
  }
  outside.length = 0;
  compactAt = COMPACT_AT;
  outsideDue = 1;
  if (current === outside) limit = outsideDue;
}

/** Says once that memory keeps growing where nothing can release it. */
const growth = (() => {
  const LOOKS = 16;
  const BYTES = 64 * 2 ** 20;
  let first = 0;
  let last = 0;
  let rises = 0;
  let warned = false;
  return {
    start(): void {
      if (warned || !isStarted()) return;
      first = last = wasm().live_bytes();
      rises = 0;
    },
    look(): void {
      if (warned || current !== outside) return;
      const bytes = wasm().live_bytes();
      rises = bytes > last ? rises + 1 : 0;
      if (rises === 0) first = bytes;
      last = bytes;
      if (rises < LOOKS || bytes - first < BYTES) return;
      warned = true;
      console.warn(
        `adjoint: memory grew by ${Math.round((bytes - first) / 2 ** 20)} MB in one synchronous run outside any scope. ` +
          'Tensors are released by scope(() => …), `using s = new Scope()` or dispose(); garbage collection cannot run in between.',
      );
    },
  };
})();

/** A tensor that stood for a gradient and does no longer: the current scope's from now on. */
export function handOver(t: Tensor): void {
  const extra = t._extra;
  if (t._handle <= 0 || extra === null || !extra.isGrad) return;
  extra.isGrad = false;
  track(t);
}

/** A tensor was released: nothing else may release it, and the object for its gradient goes to `next`. */
export function forget(extra: Extra, next: (grad: Tensor) => void): void {
  if (extra.held !== null) extra.held.handle = 0;
  const grad = extra.grad;
  extra.grad = null;
  if (grad !== null && grad._extra?.isGrad === true) next(grad);
}

/** Releases the tensors of `list` that live and are not in `kept`; those go to the present list. */
function sweep(list: readonly Tensor[], kept: ReadonlySet<Tensor> | null): void {
  const going: number[] = [];
  const go = (t: Tensor): void => {
    const handle = t._handle;
    if (handle <= 0) return;
    if (kept?.has(t) === true) {
      if (t._extra !== null) t._extra.isGrad = false;
      pass(t);
      return;
    }
    const extra = t._extra;
    if (extra?.kept === true) return;
    t._handle = -1;
    going.push(handle);
    if (leaks !== null) leaks.gone(t, handle);
    if (extra !== null) forget(extra, go);
  };
  for (const t of list) go(t);
  if (going.length === 0) return;
  const words = scratch(going.length);
  // Not `set`: it walks an array of numbers an element at a time through the slow way.
  for (let i = 0; i < going.length; i++) words[i] = going[i]!;
  wasm().release_many(going.length);
}

/** Hands a tensor that outlives its scope to the list that is current now. */
function pass(t: Tensor): void {
  if (current === outside) adoptOutside(t);
  else current.push(t);
}

/** All tensors in a value: itself, or in arrays, maps, sets, plain objects and the outputs of ops, however deep. */
function tensorsIn(value: unknown, found: Set<Tensor>, seen: Set<unknown>): void {
  if (typeof value !== 'object' || value === null) return;
  if ('_handle' in value) {
    found.add(value as Tensor);
    return;
  }
  if (seen.has(value) || ArrayBuffer.isView(value)) return;
  seen.add(value);
  if (value instanceof Map) for (const part of value.values()) tensorsIn(part, found, seen);
  else if (Array.isArray(value) || value instanceof Set) for (const part of value) tensorsIn(part, found, seen);
  else for (const part of Object.values(value)) tensorsIn(part, found, seen);
}

function keptOf(value: unknown): ReadonlySet<Tensor> | null {
  if (typeof value !== 'object' || value === null) return null;
  const found = new Set<Tensor>();
  tensorsIn(value, found, new Set());
  return found;
}

/**
 * A stretch of a program whose tensors are released at its end: `using s = new Scope()`.
 *
 * It is current until its end, but only during the synchronous job that opened it: after an `await`, tensors made by
 * this or other tasks are not its. In asynchronous code `scope(async () => …)` is the better form.
 */
export class Scope implements Disposable {
  /** @internal */
  readonly list: Tensor[] = [];
  /** @internal The length of the list at which it is tidied. */
  limit = COMPACT_AT;
  private readonly parent: Scope | null;
  private isCurrent = true;

  constructor() {
    this.parent = top;
    use(this);
    queueMicrotask(() => { this.leave(); });
  }

  /** Exempts the tensors in `value` from release by this and any other scope, and returns it. */
  keep<T>(value: T): T {
    return keep(value);
  }

  /** @internal */
  get tensors(): readonly Tensor[] {
    return this.list;
  }

  /** @internal */
  get parentScope(): Scope | null {
    return this.parent;
  }

  /** @internal No longer collects tensors. */
  leave(): void {
    if (!this.isCurrent) return;
    this.isCurrent = false;
    if (top === this) {
      // Scopes below may have been left while this one was on top of them.
      let next = this.parent;
      while (next !== null && !next.isCurrent) next = next.parent;
      use(next);
    }
  }

  /** @internal Releases all but what is in `result`. */
  end(result?: unknown): void {
    this.leave();
    const list = this.list.splice(0);
    if (list.length > 0) sweep(list, keptOf(result));
  }

  /** Releases the tensors made since the scope was opened. Twice is harmless. */
  dispose(): void {
    this.end();
  }

  /** The same, at the end of a `using` block. */
  [dispose](): void {
    this.end();
  }
}


/**
 * Runs `fn` and releases the tensors it made, except those in what it returns: a tensor, or arrays, maps and plain objects
 * with tensors in them. Parameters, gradients and tensors given to `keep()` are never released.
 *
 * An asynchronous `fn` is collected up to its first `await`; the release comes when its promise settles.
 */
export function scope<T>(fn: () => T): T {
  const s = new Scope();
  let result: T;
  try {
    result = fn();
  } catch (error) {
    s.end();
    throw error;
  }
  if (!isThenable(result)) {
    s.end(result);
    return result;
  }
  s.leave();
  return result.then(
    (value: unknown) => {
      s.end(value);
      return value;
    },
    (error: unknown) => {
      s.end();
      throw error;
    },
  ) as T;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/**
 * Exempts the tensors in `value` from release by scopes, for good, and returns it. They are released by `dispose()`, or by
 * the garbage collector when nothing refers to them.
 */
export function keep<T>(value: T): T {
  for (const t of keptOf(value) ?? []) {
    const extra = extraOf(t);
    if (extra.kept) continue;
    extra.kept = true;
    extra.isGrad = false;
    adoptOutside(t);
  }
  return value;
}

/** @internal Makes `t` stand for what `source` stands for, and `source` for nothing. */
export function swapHandle(t: Tensor, source: Tensor): void {
  const before = t._handle;
  const { _handle: handle } = source;
  source._handle = 0;
  if (source._extra !== null) forget(source._extra, handOver);
  t._handle = handle;
  t._meta = null;
  if (t._extra?.held != null) t._extra.held.handle = handle;
  release(before);
}
