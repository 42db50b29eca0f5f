// Lifetimes: which tensors are released when.
//
// A tensor belongs to a scope or is unscoped (unscoped.ts). A scope records handles, not objects, so unreferenced tensors can be
// collected immediately, after a million operations as after ten. The handles are a list in the instance, which results of operations
// join by themselves. The end of a scope releases them in one call and marks the scope as over, which tells its tensors that they are gone.
import { isForeign } from '../core/copies';
import { anyObject, callable } from '../core/kinds';
import { isAlone, nothing, parameters } from '../core/options';
import { isObject, isReadable } from '../core/plain-object';
import { dispose } from '../core/symbols';
import { holdForJob } from './graph-table';
import { leaks } from './leak-watch';
import { UNSCOPED, Owner, extraOf, forget, innermost, setInnermost, topList, type Collector, type Owned } from './owner';
import { give, noteGiven, untrack } from './ownership';
import { scratch } from './scratch';
import { onTape } from './tape-held';
import { keptOf } from './tensors-in';
import { trackForFinalization } from './unscoped';
import { checked } from './last-error';
import { isStarted, release, scopeEnd, scopeEnter, scopeOpen, setAfterStart, wasm } from './wasm';

let endsWithJob = false;

/** The innermost scope. */
function current(): Scope | null {
  return innermost() as Scope | null;
}

const NEW_SCOPE = /* @__PURE__ */ nothing('Scope');

/** The end of a synchronous job: what is still open collects no longer. */
function endOfJob(): void {
  endsWithJob = false;
  for (let top = current(); top !== null; top = current()) top.leave();
}

/**
 * A stretch of a program whose tensors are released at its end: `using s = new Scope()`.
 *
 * It is current until its end, but only during the synchronous job that opened it: after an `await`, tensors made by
 * this or other tasks are not its. In asynchronous code `scope(async () => …)` is the better form.
 */
export class Scope extends Owner implements Collector, Disposable {
  /** @internal The list of its handles in the instance that runs; 0 where none does. */
  list: number = checked(scopeOpen());
  /** @internal Its tensors of which more than the handle must be known. */
  noted: Owned[] | null = null;
  /** @internal The scope around it. */
  readonly parent: Scope | null = current();
  private isCurrent = true;
  /** @internal Whether it is that of a call of a module. */
  isCall = false;

  constructor();
  constructor(...none: unknown[]) {
    if (none.length > 0) NEW_SCOPE.read(none);
    super();
    setInnermost(this);
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
    if (innermost() !== this) return;
    // Scopes below may have been left while this one was on top of them.
    let next = this.parent;
    while (next !== null && !next.isCurrent) next = next.parent;
    setInnermost(next);
  }

  /** @internal Releases all but what is in `result`, which `where` returned. */
  end(result?: unknown, where = 'scope'): void {
    if (this.isOver) return;
    this.isCurrent = false;
    this.uncover();
    if (!isObject(result)) this.finish(null, 0);
    else if (isReadable(result) && '_handle' in result && !isForeign(result)) this.pass(result as Owned);
    else this.passAll(result, where);
  }

  /** Ends with what is no tensor as the result. */
  private passAll(result: object, where: string): void {
    let kept: Iterable<Owned> | null = null;
    try {
      kept = keptOf(where, result);
    } finally {
      this.finish(kept, 0);
    }
  }

  /** Ends with one tensor as the result. */
  private pass(t: Owned): void {
    if (t._owner !== this || t._handle <= 0 || this.noted !== null || leaks !== null) {
      this.finish([t], 0);
      return;
    }
    t._owner = innermost() ?? UNSCOPED;
    this.finish(null, t._id);
    noteGiven(t);
  }

  /** Releases all but the tensors `kept` and the handle `passed`, which are the next scope's from now on. */
  private finish(kept: Iterable<Owned> | null, passed: number): void {
    if (kept !== null) {
      for (const t of kept) {
        const taped = onTape.get(t);
        if (t._owner === this && t._handle > 0) give(t);
        else if (taped?.owner === this) taped.owner = innermost() ?? UNSCOPED;
      }
    }
    if (this.noted !== null) this.forgetNoted(kept);
    try {
      if (leaks !== null) for (const handle of this.handles()) leaks.gone(undefined, handle);
    } finally {
      this.isOver = true;
      scopeEnd(this.list, topList(), passed);
    }
  }

  private handles(): Float64Array {
    // A failure is a negative number everywhere; here the count comes without a sign.
    const count = isStarted() ? checked(wasm().scope_handles(this.list) | 0) : 0;
    return scratch(0).slice(0, count);
  }

  /** What hangs on its tensors that go: the objects for their gradients, which go too unless they are kept. */
  private forgetNoted(kept: Iterable<Owned> | null): void {
    const spared = new Set(kept);
    const go = (grad: Owned): void => {
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
  return isObject(value) && isReadable(value) && typeof (value as { then?: unknown }).then === 'function';
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
    trackForFinalization(t);
  }
  return value;
}

setAfterStart(() => current()?.openAgain());
