// What an example of the lecture is.
import { Tensor, scope, type Nested } from 'adjoint';

/** A value the library computed and the one the closed form gives. */
export interface Finding {
  /** What was computed, such as `dz/dw`. */
  readonly what: string;
  readonly value: Nested<number> | Tensor;
  readonly closed: Nested<number>;
  /** More to show below. */
  readonly note?: string;
}

/** An example. */
export interface Case {
  readonly title: string;
  /** The formulas, with shapes. */
  readonly text: readonly string[];
  readonly run: () => Finding[];
}

/** A finding as numbers. */
export type Compared = Finding & { readonly value: Nested<number> };

/** Runs an example and releases its tensors. */
export function findingsOf(example: Case): Compared[] {
  const numbers = (value: Nested<number> | Tensor): Nested<number> => (value instanceof Tensor ? value.tolist() : value);
  return scope(() => example.run().map((finding) => ({ ...finding, value: numbers(finding.value) })));
}

/** float32 has 24 bits; the examples lose a few of them. */
const TOLERANCE = 1e-5;

/** Whether two values agree up to rounding, element by element. */
export function isClose(a: Nested<number>, b: Nested<number>): boolean {
  if (typeof a === 'number' || typeof b === 'number') {
    return typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= TOLERANCE * (1 + Math.abs(b));
  }
  return a.length === b.length && a.every((part, i) => isClose(part, b[i]!));
}

/** A value with at most six digits a number. */
export function shown(value: Nested<number>): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  return `[${value.map(shown).join(', ')}]`;
}

/** ⟨a, b⟩. */
export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, v, i) => sum + v * b[i]!, 0);
}

/** A · B by rows. */
export function product(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] {
  return a.map((row) => b[0]!.map((_, j) => dot(row, b.map((line) => line[j]!))));
}

/** Aᵀ. */
export function transposed(a: readonly (readonly number[])[]): number[][] {
  return a[0]!.map((_, j) => a.map((row) => row[j]!));
}
