// Tensors that change hands: from scope to scope, or to none.
import { UNSCOPED, extraOf, forget, innermost, scopeOf, topList, type Collector, type Owned } from './owner';
import { trackForFinalization, findOutside } from './unscoped';
import { release, scopeTake } from './wasm';

/** Gives a tensor to the innermost scope; without one it is unscoped. */
export function give(t: Owned): void {
  t._owner = innermost() ?? UNSCOPED;
  scopeTake(topList(), t._id);
  noteGiven(t);
}

/** Gives a tensor to a scope. */
export function giveTo(scope: Collector, t: Owned): void {
  t._owner = scope;
  scopeTake(scope.list, t._id);
  noteGiven(t);
}

/** What else there is to do with a tensor whose handle has changed hands. */
export function noteGiven(t: Owned): void {
  if (t._owner === UNSCOPED) trackForFinalization(t);
  else if (t._extra !== null) note(t);
}

/** Takes a tensor away from its scope. */
export function untrack(t: Owned): void {
  if (t._owner === UNSCOPED) return;
  t._owner = UNSCOPED;
  scopeTake(0, t._id);
}

/** Has the scope of a tensor know that there is more to it than a handle. */
export function note(t: Owned): void {
  const scope = scopeOf(t._owner);
  const extra = extraOf(t);
  if (scope === null || extra.notedBy === scope) return;
  extra.notedBy = scope;
  (scope.noted ??= []).push(t);
}

/** An object that owns a handle for which `matches` says yes, among those of this run that are known. */
export function findObject(matches: (handle: number) => boolean): Owned | null {
  const isIt = (t: Owned) => t._handle > 0 && matches(t._handle);
  for (let s = innermost(); s !== null; s = s.parent) {
    const found = s.noted?.find(isIt);
    if (found !== undefined) return found;
  }
  return findOutside(isIt);
}

/** A tensor that stood for a gradient and does no longer: the current scope's from now on. */
export function transfer(t: Owned): void {
  const extra = t._extra;
  if (t._handle <= 0 || extra === null || !extra.isGrad) return;
  extra.isGrad = false;
  if (innermost() !== null) give(t);
}

/** @internal Makes `t` stand for what `source` stands for, and `source` for nothing. */
export function swapHandle(t: Owned, source: Owned): void {
  const before = t._handle;
  const handle = source._handle;
  if (source._extra !== null) forget(source._extra, transfer);
  source._owner = UNSCOPED;
  source._id = 0;
  t._id = handle;
  t._meta = null;
  scopeTake(scopeOf(t._owner)?.list ?? 0, handle);
  if (t._extra?.held != null) t._extra.held.handle = handle;
  release(before);
}
