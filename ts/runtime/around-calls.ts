// What runs within the call of a module but belongs to the program around it: hooks.
import { innermost, setInnermost, topList, type Owner } from './owner';
import { give } from './ownership';
import { keptOf } from './tensors-in';
import { scopeEnter } from './wasm';

/**
 * Runs `fn`, a function of the program's, as if it were called around the calls of modules: what is in `given`, which it gets, and what
 * it makes are not released with the intermediates of these calls, since it may keep them anywhere.
 */
export function aroundCalls<T>(where: string, given: unknown, fn: () => T): T {
  const before = innermost();
  let around = before;
  const calls = new Set<Owner>();
  for (; around?.isCall === true; around = around.parent) calls.add(around);
  setInnermost(around);
  for (const t of keptOf(where, given) ?? []) if (t._handle > 0 && calls.has(t._owner)) give(t);
  scopeEnter(topList());
  try {
    return fn();
  } finally {
    setInnermost(before);
    scopeEnter(topList());
  }
}
