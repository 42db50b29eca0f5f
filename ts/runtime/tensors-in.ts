// The tensors in what a program returns from a scope, keeps or leaves on a context.
import { isForeign } from '../core/copies';
import { ours } from '../core/describe';
import { isObject, isReadable } from '../core/plain-object';
import type { Owned } from './owner';

/** All tensors in a value: in arrays, maps, sets, plain objects and the outputs of ops, however deep. */
function tensorsIn(where: string, value: object): Set<Owned> {
  const found = new Set<Owned>();
  // Those that are added while the loop runs are visited too.
  const seen = new Set<object>([value]);
  for (const whole of seen) {
    if (isForeign(whole)) ours(where, whole);
    // There is nothing to find in what cannot be read, such as a revoked proxy.
    if (!isReadable(whole)) continue;
    if ('_handle' in whole) found.add(whole as Owned);
    else if (!ArrayBuffer.isView(whole)) {
      const parts: Iterable<unknown> =
        whole instanceof Map ? whole.values() : Array.isArray(whole) || whole instanceof Set ? whole : Object.values(whole);
      for (const part of parts) if (isObject(part)) seen.add(part);
    }
  }
  return found;
}

/** The tensors in a value; null for what is no object. */
export function keptOf(where: string, value: unknown): ReadonlySet<Owned> | readonly [Owned] | null {
  if (!isObject(value) || !isReadable(value)) return null;
  return '_handle' in value ? [ours(where, value) as Owned] : tensorsIn(where, value);
}
