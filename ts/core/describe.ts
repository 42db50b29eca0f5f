// Words for values in error messages.
import { OF_ANOTHER_COPY, isForeign } from './copies';
import { UsageError } from './errors';
import { isObject } from './plain-object';

/** A string is shown up to this many letters. */
const LONGEST = 100;

/** A few words for a value of any type. Never throws, whatever the value does when it is looked at. */
export function describe(value: unknown): string {
  try {
    return wordsFor(value);
  } catch {
    return 'an object that cannot be read';
  }
}

function wordsFor(value: unknown): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'object':
      return Array.isArray(value) ? 'an array' : wordsForInstance(value);
    case 'function':
      // A module is one, of a class of its own.
      return value instanceof Function || Object.getPrototypeOf(value) === null ? 'a function' : wordsForInstance(value);
    case 'string':
      return `the string ${JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value)}`;
    case 'undefined':
      return 'undefined';
    case 'bigint':
      // Writing out the digits of a huge one takes minutes.
      return BigInt.asIntN(64, value) === value ? `the bigint ${value}` : 'a bigint of more than 64 bits';
    case 'number':
    case 'boolean':
      return `the ${typeof value} ${value}`;
    default:
      return 'a symbol';
  }
}

/** An object by its class. */
function wordsForInstance(value: object): string {
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name;
  const kind = typeof name !== 'string' || name === '' || name === 'Object' ? 'an object' : name === 'Function' ? 'a function' : `a ${name}`;
  return isForeign(value) ? `${kind} ${OF_ANOTHER_COPY}` : kind;
}

/** `value`, which `where` was given or a function returned to it; throws where it, or a part of an array, is of another copy of the package. */
export function ours<T>(where: string, value: T): T {
  if (isForeign(value)) throw new UsageError(`${where}: cannot use ${describe(value)}`, where);
  // Most values are a tensor, and this runs in every call of a module.
  if (Array.isArray(value)) partsOurs(where, value);
  return value;
}

/** The same for the parts of an array: a loop, since arrays may be nested as deep as memory allows, and in a circle. */
function partsOurs(where: string, array: readonly unknown[]): void {
  const seen = new Set<unknown>([array]);
  for (const part of seen) {
    if (isForeign(part)) throw new UsageError(`${where}: cannot use ${describe(part)}`, where);
    // Lists of tensors are short; long ones are of numbers.
    if (Array.isArray(part) && isObject(part[0])) for (const inner of part as readonly unknown[]) seen.add(inner);
  }
}

/** What was wrong, of anything that can be thrown. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return describe(thrown);
  }
}
