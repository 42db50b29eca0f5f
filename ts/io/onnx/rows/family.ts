// A family of rows.
import type { Row } from '../node';

/** Rows by operator. */
export type Rows = Readonly<Record<string, Row>>;

/** A dim that may count from the end. */
export function dimOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** The product of sizes. */
export function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
