// Classes that are exported for their types and `instanceof`, whose objects only the package itself makes.
import { UsageError } from './errors';

/** What the package gives constructors that are not for callers, and what callers cannot give them. */
export const OURS: unique symbol = Symbol('ours');

/** Throws unless it is the package that makes an object of the class `name`; `instead` says how callers get one. */
export function checkOurs(key: unknown, name: string, instead: string): void {
  if (key !== OURS) throw new UsageError(`${name}: cannot be made with new; ${instead}`, name);
}
