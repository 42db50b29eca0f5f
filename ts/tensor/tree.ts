// Values with tensors in them: a tensor, or arrays and plain objects of such, however deep. Anything else is a constant.
import { NamedOutputs } from './call';
import { isForeign } from '../core/copies';
import { ours } from '../core/describe';
import { keysOf, mapNested, type Nesting } from '../core/nested';
import { isObject } from '../core/plain-object';
import { Tensor } from './tensor';

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || value instanceof NamedOutputs;
}

const HELD: Omit<Nesting<unknown>, 'keys'> = {
  part: (value, key) => (value as Record<string | number, unknown>)[key],
  holder: (value) => value as object,
};

/** Values in arrays and plain objects. */
const PLAIN: Nesting<unknown> = {
  ...HELD,
  keys: (value) => (Array.isArray(value) || isPlain(value) ? keysOf(value) : null),
  copy: (value) =>
    (Array.isArray(value) ? new Array(value.length) : Object.create(Object.getPrototypeOf(value) as object | null)) as Record<string | number, unknown>,
};

/** Values in any objects but tensors. */
const IN_OBJECTS: Nesting<unknown> = {
  ...HELD,
  keys: (value) => (!isObject(value) || value instanceof Tensor || isForeign(value) ? null : keysOf(value)),
};

/** The value with every part that is neither array nor plain object replaced. */
export function mapLeaves(value: unknown, f: (leaf: unknown) => unknown): unknown {
  return mapNested('func', value, PLAIN, f);
}

/** Calls `visit` with every part of a value that is a tensor or no object. */
export function eachLeaf(where: string, value: unknown, visit: (leaf: unknown) => void): void {
  mapNested(where, value, IN_OBJECTS, visit);
}

/** The value, which `where` was given or a function returned to it, with every tensor replaced. */
export function mapTensors(value: unknown, f: (t: Tensor) => unknown, where = 'func'): unknown {
  return mapNested(where, value, PLAIN, (leaf) => (leaf instanceof Tensor ? f(leaf) : ours(where, leaf)));
}

/** The tensors of a value, in order. */
export function tensorsIn(value: unknown, where?: string): Tensor[] {
  const found: Tensor[] = [];
  mapTensors(value, (t) => found.push(t), where);
  return found;
}

/** The value with its tensors, in order, replaced by `parts`. */
export function withTensors(value: unknown, parts: readonly unknown[]): unknown {
  let next = 0;
  return mapTensors(value, () => parts[next++]);
}
