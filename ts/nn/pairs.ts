// Sizes along one or two axes, as convolution and pooling take them: a number stands for all axes.
import { describe } from '../describe';
import { UsageError } from '../errors';

/** One number for all axes, or one each. */
export type Sizes = number | readonly number[];

/** `value` as a list of `axes` integers, each at least `least`. */
export function sizesOf(where: string, name: string, value: unknown, axes: number, least: number): number[] {
  const list: unknown[] = typeof value === 'number' ? new Array<number>(axes).fill(value) : Array.isArray(value) ? [...(value as unknown[])] : [];
  if (list.length === axes && list.every((v) => Number.isSafeInteger(v) && (v as number) >= least)) return list as number[];
  const given = Array.isArray(value) ? `[${value.join(', ')}]` : typeof value === 'number' ? String(value) : describe(value);
  const expected = axes === 1 ? 'an integer' : `an integer or a list of ${axes}`;
  throw new UsageError(`${where}: ${name} must be ${expected}, at least ${least}, got ${given}`, where, { argument: name });
}

/** A list in a representation: `[2, 2]`. */
export function listed(values: readonly number[]): string {
  return `[${values.join(', ')}]`;
}
