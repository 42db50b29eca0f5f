// Lifetimes: which tensors are released when.
//
// A tensor belongs to a scope or to none. Of its tensors a scope has the handles, not the objects: an object nobody holds is then
// the garbage collector's at once, after a million operations as after ten. The handles are a list in the instance, which results of
// operations join by themselves; the end of a scope gives them back in one call and marks the scope as over, which is what tells its
// tensors that they are gone.
//
// What belongs to no scope is handed to a FinalizationRegistry when the synchronous run is over; until then no finaliser could
// run anyway, and what was disposed by then never costs a registration.
import { isForeign } from '../core/copies';
import { ours } from '../core/describe';
import { holdForJob } from './graph-table';
import { leaks } from '../diagnostics/leaks';
import { anyObject, callable } from '../core/kinds';
import { notCloned } from '../core/not-data';
import { isAlone, nothing, parameters } from '../core/options';
import { scratch } from './scratch';
import { dispose } from '../core/symbols';
import type { Tensor } from '../tensor/tensor';
import { checked, isStarted, release, scopeEnd, scopeEnter, scopeOpen, scopeTake, setAfterStart, wasm } from './wasm';

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
  /** The tensor it was made a window on, perhaps. */
  of: Tensor | null;
  /** The scope that knows of all this. */
  notedBy: Owner | null;
}

const NOT_CLONED = /* @__PURE__ */ notCloned("a tensor's memory", 'clone t.toJSON() or t.toTypedArray()');

/** What a tensor belongs to. */
export class Owner {
  /** @internal Makes `structuredClone` of a tensor an error that says what to do, instead of an object of internals. */
  readonly notCloned: symbol = NOT_CLONED;

  /** @internal Whether all its tensors were released. */
  isOver = false;
}

/** What tensors belong to that no scope releases. */
export const NOBODY = new Owner();

/** How many tensors outside scopes lie between two looks at memory. */
const LOOK_EVERY = 64;
/** The length at which the list of tensors outside scopes is first searched for those that were disposed meanwhile. */
const COMPACT_AT = 4096;

/** Tensors of this run that belong to nobody. */
const outside: Tensor[] = [];
let compactAt = COMPACT_AT;
/** The length of that list at which memory is looked at, and the list tidied if it is long. */
let outsideDue = 1;

let top: Scope | null = null;
let endsWithJob = false;

/** The scope whose a tensor is that is made now. */
export function innermost(): Scope | null {
  return top;
}

/** The list of the innermost scope; 0 where there is none. */
function topList(): number {
  return top === null ? 0 : top.list;
}

/** Gives a tensor to the innermost scope, or where there is none to nobody. */
function give(t: Tensor): void {
  t._owner = top ?? NOBODY;
  scopeTake(topList(), t._id);
  noteGiven(t);
}

/** Gives a tensor to a scope. */
function giveTo(scope: Scope, t: Tensor): void {
  t._owner = scope;
  scopeTake(scope.list, t._id);
  noteGiven(t);
}

/** What else there is to do with a tensor whose handle has changed hands. */
function noteGiven(t: Tensor): void {
  if (t._owner === NOBODY) adoptOutside(t);
  else if (t._extra !== null) note(t);
}

/** Takes a tensor away from its scope. */
function untrack(t: Tensor): void {
  if (t._owner === NOBODY) return;
  t._owner = NOBODY;
  scopeTake(0, t._id);
}

/** Has the scope of a tensor know that there is more to it than a handle. */
export function note(t: Tensor): void {
  const scope = t._owner;
  const extra = extraOf(t);
  if (!(scope instanceof Scope) || extra.notedBy === scope) return;
  extra.notedBy = scope;
  (scope.noted ??= []).push(t);
}

/** What is watched for tensors that belong to no scope. */
let unscoped: Set<Tensor> | null = null;

/** Runs `fn` outside of every scope and adds to `made` the tensors it makes. */
export function outsideScopes<T>(made: Set<Tensor>, fn: () => T): T {
  const before = [unscoped, top] as const;
  unscoped = made;
  top = null;
  scopeEnter(0);
  try {
    return fn();
  } finally {
    [unscoped, top] = before;
    scopeEnter(topList());
  }
}

/** Puts a tensor that no scope may release on the list of those the garbage collector watches. */
export function adoptOutside(t: Tensor): void {
  if (unscoped !== null) unscoped.add(t);
  if (outside.push(t) >= outsideDue) lookOutside();
}

/** Drops what was disposed meanwhile, or belongs to a scope now, from the list; the length that is left. */
function tidyOutside(): number {
  let n = 0;
  for (const t of outside) if (t._handle > 0 && t._owner === NOBODY) outside[n++] = t;
  outside.length = n;
  return n;
}

/** An object that owns a handle for which `matches` says yes, among those of this run that are known. */
export function findObject(matches: (handle: number) => boolean): Tensor | null {
  const search = (list: readonly Tensor[]) => list.find((t) => t._handle > 0 && matches(t._handle));
  for (let s = top; s !== null; s = s.parent) {
    const found = search(s.noted ?? []);
    if (found !== undefined) return found;
  }
  return search(outside) ?? null;
}

/** The rest of a tensor's state, made at first use. */
export function extraOf(t: Tensor): Extra {
  return (t._extra ??= { held: null, kept: false, isGrad: false, grad: null, of: null, notedBy: null });
}

function lookOutside(): void {
  if (outside.length === 1) {
    holdForJob();
    queueMicrotask(endOfRun);
    growth.start();
  } else {
    if (outside.length >= compactAt) compactAt = Math.max(COMPACT_AT, 2 * tidyOutside());
    growth.look();
  }
  outsideDue = outside.length + LOOK_EVERY;
}

const registry =
  typeof FinalizationRegistry === 'undefined'
    ? null
    : new FinalizationRegistry<Held>((held) => {
        if (held.handle <= 0 || !isStarted()) return;
        release(held.handle);
        holdForJob();
        if (leaks !== null) leaks.gone(undefined, held.handle);
      });

function endOfRun(): void {
  for (const t of outside) {
    if (t._handle <= 0 || t._owner !== NOBODY || registry === null) continue;
    const extra = extraOf(t);
    if (extra.held !== null) continue;
    extra.held = { handle: t._handle };
    registry.register(t, extra.held);
  }
  outside.length = 0;
  compactAt = COMPACT_AT;
  outsideDue = 1;
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
      if (warned || top !== null) return;
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
  if (top !== null) give(t);
}

/** A tensor was released: nothing else may release it, and the object for its gradient goes to `next`. */
export function forget(extra: Extra, next: (grad: Tensor) => void): void {
  if (extra.held !== null) extra.held.handle = 0;
  const grad = extra.grad;
  extra.grad = null;
  if (grad !== null && grad._extra?.isGrad === true) next(grad);
}

/** All tensors in a value: in arrays, maps, sets, plain objects and the outputs of ops, however deep. */
function tensorsIn(where: string, value: object): Set<Tensor> {
  const found = new Set<Tensor>();
  // Those that are added while the loop runs are visited too.
  const seen = new Set<object>([value]);
  for (const whole of seen) {
    if (isForeign(whole)) ours(where, whole);
    if ('_handle' in whole) found.add(whole as Tensor);
    else if (!ArrayBuffer.isView(whole)) {
      const parts: Iterable<unknown> =
        whole instanceof Map ? whole.values() : Array.isArray(whole) || whole instanceof Set ? whole : Object.values(whole);
      for (const part of parts) if (typeof part === 'object' && part !== null) seen.add(part);
    }
  }
  return found;
}

function keptOf(where: string, value: unknown): ReadonlySet<Tensor> | readonly [Tensor] | null {
  if (typeof value !== 'object' || value === null) return null;
  return '_handle' in value ? [ours(where, value) as Tensor] : tensorsIn(where, value);
}

const NEW_SCOPE = /* @__PURE__ */ nothing('Scope');

/** The end of a synchronous job: what is still open collects no longer. */
function endOfJob(): void {
  endsWithJob = false;
  while (top !== null) top.leave();
}

/**
 * A stretch of a program whose tensors are released at its end: `using s = new Scope()`.
 *
 * It is current until its end, but only during the synchronous job that opened it: after an `await`, tensors made by
 * this or other tasks are not its. In asynchronous code `scope(async () => …)` is the better form.
 */
export class Scope extends Owner implements Disposable {
  /** @internal The list of its handles in the instance that runs; 0 where none does. */
  list: number = checked(scopeOpen());
  /** @internal Its tensors of which more than the handle must be known. */
  noted: Tensor[] | null = null;
  /** @internal The scope around it. */
  readonly parent: Scope | null = top;
  private isCurrent = true;

  constructor();
  constructor(...none: unknown[]) {
    if (none.length > 0) NEW_SCOPE.read(none);
    super();
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the innermost scope is this one
    top = this;
    if (!endsWithJob) {
      holdForJob();
      endsWithJob = true;
      queueMicrotask(endOfJob);
    }
  }

  /** @internal Opens the scopes that collect, this one and those around it, in an instance that knows none. */
  openAgain(): void {
    this.parent?.openAgain();
    if (this.isCurrent) this.list = checked(scopeOpen());
  }

  /** Exempts the tensors in `value` from release by this and any other scope, and returns it. */
  keep<T>(value: T): T;
  keep(...args: unknown[]): unknown {
    return keep(...(args as [unknown]));
  }

  /** @internal No longer collects tensors. */
  leave(): void {
    if (!this.isCurrent) return;
    this.isCurrent = false;
    this.uncover();
    scopeEnter(topList());
  }

  /** Makes the next open scope the current one, if this one was. */
  private uncover(): void {
    if (top !== this) return;
    // Scopes below may have been left while this one was on top of them.
    let next = this.parent;
    while (next !== null && !next.isCurrent) next = next.parent;
    top = next;
  }

  /** @internal Releases all but what is in `result`, which `where` returned. */
  end(result?: unknown, where = 'scope'): void {
    if (this.isOver) return;
    this.isCurrent = false;
    this.uncover();
    if (typeof result !== 'object' || result === null) this.finish(null, 0);
    else if ('_handle' in result && !isForeign(result)) this.pass(result as Tensor);
    else this.passAll(result, where);
  }

  /** Ends with what is no tensor as the result. */
  private passAll(result: object, where: string): void {
    let kept: Iterable<Tensor> | null = null;
    try {
      kept = keptOf(where, result);
    } finally {
      this.finish(kept, 0);
    }
  }

  /** Ends with one tensor as the result. */
  private pass(t: Tensor): void {
    if (t._owner !== this || t._handle <= 0 || this.noted !== null || leaks !== null) {
      this.finish([t], 0);
      return;
    }
    t._owner = top ?? NOBODY;
    this.finish(null, t._id);
    noteGiven(t);
  }

  /** Releases all but the tensors `kept` and the handle `passed`, which are the next scope's from now on. */
  private finish(kept: Iterable<Tensor> | null, passed: number): void {
    if (kept !== null) {
      for (const t of kept) {
        const taped = onTape.get(t);
        if (t._owner === this && t._handle > 0) give(t);
        else if (taped?.owner === this) taped.owner = top ?? NOBODY;
      }
    }
    if (this.noted !== null) this.forgetNoted(kept);
    if (leaks !== null) for (const handle of this.handles()) leaks.gone(undefined, handle);
    this.isOver = true;
    scopeEnd(this.list, topList(), passed);
  }

  private handles(): Float64Array {
    const count = isStarted() ? wasm().scope_handles(this.list) : 0;
    return scratch(0).slice(0, count);
  }

  /** What hangs on its tensors that go: the objects for their gradients, which go too unless they are kept. */
  private forgetNoted(kept: Iterable<Tensor> | null): void {
    const spared = new Set(kept);
    const go = (grad: Tensor): void => {
      const handle = grad._handle;
      if (handle <= 0) return;
      grad._extra!.isGrad = false;
      if (spared.has(grad)) {
        give(grad);
        return;
      }
      grad._id = -1;
      release(handle);
      if (leaks !== null) leaks.gone(grad, handle);
      forget(grad._extra!, go);
    };
    for (const t of this.noted!) if (t._owner === this && t._handle > 0) forget(t._extra!, go);
    this.noted = null;
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

const SCOPE = /* @__PURE__ */ parameters<{ fn: () => unknown }>('scope', () => ({ fn: callable }));
const KEEP = /* @__PURE__ */ parameters<{ value: unknown }>('keep', () => ({ value: anyObject }));

/**
 * Runs `fn` and releases the tensors it made, except those in what it returns: a tensor, or arrays, maps and plain objects
 * with tensors in them. Parameters, gradients and tensors given to `keep()` are never released.
 *
 * An asynchronous `fn` is collected up to its first `await`; the release comes when its promise settles.
 */
export function scope<T>(fn: (() => T) | { fn: () => T }): T;
export function scope(...args: unknown[]): unknown {
  return scoped('scope', isAlone(args) ? args[0] : SCOPE.read(args).fn);
}

/** The same for a function that users call by another name. */
export function scoped<T>(where: string, fn: () => T): T {
  const s = new Scope();
  let result: T;
  try {
    result = fn();
  } catch (error) {
    s.end();
    throw error;
  }
  if (!isThenable(result)) {
    s.end(result, where);
    return result;
  }
  s.leave();
  return result.then(
    (value: unknown) => {
      s.end(value, where);
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
export function keep<T>(value: T): T;
export function keep(...args: unknown[]): unknown {
  const [value] = args;
  if (args.length !== 1) KEEP.read(args);
  for (const t of keptOf('keep', value) ?? []) {
    const extra = extraOf(t);
    if (extra.kept) continue;
    extra.kept = true;
    extra.isGrad = false;
    if (t._handle > 0) untrack(t);
    adoptOutside(t);
  }
  return value;
}

/** Tensors that the tape holds, with how many times it does and whose they are once it does no longer: null where they were made for it. */
const onTape = new Map<Tensor, { holders: number; owner: Owner | null }>();

/**
 * Hands the tensors in `value`, which `where` gave, over to the tape: no scope releases them until the function that is returned is
 * called, which gives them back to their scope or, where that is over or they were `made` for the tape, releases them. Where there
 * are none in it, `value` names something that is kept elsewhere: all of `made` may be that. The rest of `made` is the current scope's, and
 * those of `except` stay whose they are.
 */
export function handToTape(where: string, value: unknown, made: ReadonlySet<Tensor>, except: readonly Tensor[] = []): () => void {
  const held: Tensor[] = [];
  const found = [...(keptOf(where, value) ?? [])];
  // Outside of scopes nothing would release what is kept elsewhere.
  for (const t of found.length > 0 ? found : top !== null ? made : []) {
    if (except.includes(t)) continue;
    const known = onTape.get(t);
    if (known !== undefined) known.holders += 1;
    else if (t._handle > 0 && t._extra?.kept !== true && t._extra?.isGrad !== true && (t._owner !== NOBODY || made.has(t))) {
      onTape.set(t, { holders: 1, owner: !made.has(t) ? t._owner : found.length > 0 ? null : top });
      untrack(t);
    } else continue;
    held.push(t);
  }
  if (top !== null) for (const t of made) if (t._owner === NOBODY && t._handle > 0 && t._extra?.kept !== true && !onTape.has(t)) give(t);
  return () => {
    for (const t of held) {
      const taped = onTape.get(t)!;
      if ((taped.holders -= 1) > 0) continue;
      const { owner } = taped;
      onTape.delete(t);
      // Disposed of or kept by the program meanwhile, it is not the tape's any more.
      if (t._handle <= 0 || t._owner !== NOBODY || t._extra?.kept === true) continue;
      if (owner === NOBODY) adoptOutside(t);
      else if (owner instanceof Scope && !owner.isOver) giveTo(owner, t);
      else t.dispose();
    }
  };
}

/** @internal Makes `t` stand for what `source` stands for, and `source` for nothing. */
export function swapHandle(t: Tensor, source: Tensor): void {
  const before = t._handle;
  const handle = source._handle;
  if (source._extra !== null) forget(source._extra, handOver);
  source._owner = NOBODY;
  source._id = 0;
  t._id = handle;
  t._meta = null;
  scopeTake(t._owner instanceof Scope ? t._owner.list : 0, handle);
  if (t._extra?.held != null) t._extra.held.handle = handle;
  release(before);
}

setAfterStart(() => top?.openAgain());
