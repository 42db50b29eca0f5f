// Words for values in error messages.
import { OF_ANOTHER_COPY, isForeign } from './copies';

/** A few words for a value of any type. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'object': {
      if (Array.isArray(value)) return 'an array';
      const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name;
      const kind = name === undefined || name === 'Object' ? 'an object' : `a ${name}`;
      return isForeign(value) ? `${kind} ${OF_ANOTHER_COPY}` : kind;
    }
    case 'function':
      return 'a function';
    case 'string':
      return `the string ${JSON.stringify(value)}`;
    case 'undefined':
      return 'undefined';
    case 'number':
    case 'bigint':
    case 'boolean':
      return `the ${typeof value} ${value}`;
    default:
      return 'a symbol';
  }
}

/** What was wrong, of anything that can be thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
