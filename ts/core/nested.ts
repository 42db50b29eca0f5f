// Values in values, however deep: a loop, so that no depth overflows the stack.
import { UsageError } from './errors';

type Key = string | number;

/** How values lie in one another. */
export interface Nesting<T> {
  /** The names of a value's parts, or null where it has none. */
  keys(value: T): readonly Key[] | null;
  /** The part of that name. */
  part(value: T, key: Key): T;
  /** The object that holds the parts. */
  holder(value: T): object;
  /** What gets the results for the parts; without it they are dropped. */
  copy?(value: T): Record<Key, unknown>;
}

interface Open<T> {
  readonly value: T;
  readonly keys: readonly Key[];
  readonly copy: Record<Key, unknown> | null;
  next: number;
}

/**
 * Calls `leaf` with each value that has no parts, in order, and returns the root with the results in their places.
 *
 * @throws UsageError for a value that holds itself.
 */
export function mapNested<T>(where: string, root: T, nesting: Nesting<T>, leaf: (value: T) => unknown): unknown {
  const path: Open<T>[] = [];
  const holders = new Set<object>();
  const enter = (value: T): unknown => {
    const keys = nesting.keys(value);
    if (keys === null) return leaf(value);
    const holder = nesting.holder(value);
    if (holders.has(holder)) throw new UsageError(`${where}: an array or object holds itself, so it has no end; pass one that does not`, where);
    holders.add(holder);
    const copy = nesting.copy?.(value) ?? null;
    path.push({ value, keys, copy, next: 0 });
    return copy;
  };
  const result = enter(root);
  for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
    if (at.next === at.keys.length) {
      holders.delete(nesting.holder(at.value));
      path.pop();
      continue;
    }
    const key = at.keys[at.next++]!;
    const made = enter(nesting.part(at.value, key));
    if (at.copy !== null) at.copy[key] = made;
  }
  return result;
}

/** The keys of an array or object. */
export function keysOf(value: object): readonly Key[] {
  return Array.isArray(value) ? [...value.keys()] : Object.keys(value);
}
