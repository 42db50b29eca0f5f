// Arguments of classes that are not ops: positional in PyTorch's order, any suffix of them by name in one trailing object.
import { isOptions, notOnCpu } from './arguments';
import { describe } from './describe';
import type { Device } from './dtype';
import { UsageError } from './errors';

/**
 * The parameter list of a function with the options `T`, of which `K` may also be given by position, in that order.
 * `Suffix<{ lr: number; momentum: number }, ['lr']>` allows `()`, `(0.1)`, `(0.1, { momentum: 0.9 })` and `({ lr: 0.1 })`.
 */
export type Suffix<T, K extends readonly (keyof T)[]> = K extends readonly [
  infer Head extends keyof T,
  ...infer Tail extends readonly (keyof T)[],
]
  ? [options?: Options<T>] | [value: T[Head] | undefined, ...rest: Suffix<Omit<T, Head>, Tail extends readonly (keyof Omit<T, Head>)[] ? Tail : []>]
  : [options?: Options<T>];

/** Options by name. What has a dtype is made on a device, as PyTorch's `factory_kwargs` say. */
type Options<T> = Partial<T> & (T extends { dtype: unknown } ? { device?: Device | null } : unknown);

/**
 * Merges `args` into `defaults`. The names that may be given by position are `positional`; the last argument may be an object
 * of options. Unknown names, names given twice and too many arguments are UsageErrors of `where`.
 */
export function withDefaults<T extends object>(
  where: string,
  defaults: T,
  positional: readonly (keyof T & string)[],
  args: readonly unknown[],
): T {
  const last = args[args.length - 1];
  const options = isOptions(last) ? last : {};
  const given = isOptions(last) ? args.slice(0, -1) : args;
  if (given.length > positional.length) {
    throw new UsageError(`${where}: ${given.length} arguments by position, at most ${positional.length} are known`, where);
  }
  const merged: Record<string, unknown> = { ...(defaults as Record<string, unknown>) };
  given.forEach((value, i) => {
    if (value !== undefined) merged[positional[i]!] = value;
  });
  for (const [name, value] of Object.entries(options)) {
    if (name === 'device' && 'dtype' in defaults && !('device' in defaults)) {
      if (value != null && value !== 'cpu') throw notOnCpu(where, value);
      continue;
    }
    if (!(name in defaults)) {
      throw new UsageError(`${where}: there is no argument named ${name}; the names are ${Object.keys(defaults).join(', ')}`, where, {
        argument: name,
      });
    }
    const position = (positional as readonly string[]).indexOf(name);
    if (position >= 0 && given[position] !== undefined) {
      throw new UsageError(`${where}: argument ${name} was given by position and by name`, where, { argument: name });
    }
    if (value !== undefined) merged[name] = value;
  }
  return merged as T;
}

/** Throws a UsageError unless `value` is a finite number of at least `least`. */
export function atLeast(where: string, name: string, value: unknown, least: number): void {
  if (typeof value === 'number' && value >= least && value < Infinity) return;
  throw new UsageError(`${where}: ${name} must be a number of at least ${least}, got ${show(value)}`, where, { argument: name });
}

/** Throws a UsageError unless `value` is an integer of at least `least`. */
export function integerAtLeast(where: string, name: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  throw new UsageError(`${where}: ${name} must be an integer of at least ${least}, got ${show(value)}`, where, { argument: name });
}

/** A value in an error message: numbers as they are, anything else by kind. */
function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : describe(value);
}
