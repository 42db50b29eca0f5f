// Numbers of a graph, as data and as labels.
import type { Nested } from '../core/types';

type Cell = number | string;

/** A row-major list as nested arrays; a 0-dim one as its number. */
export function nested(flat: readonly Cell[], shape: readonly number[]): Nested<Cell> {
  if (shape.length === 0) return flat[0] as Nested<Cell>;
  const [rows = 0, ...rest] = shape;
  const size = rest.reduce((product, n) => product * n, 1);
  return Array.from({ length: rows }, (_, i) => nested(flat.slice(i * size, (i + 1) * size), rest));
}

/** The most characters of a label. */
const WIDTH = 28;

/** Numbers with four digits, cut where a label would get too long. */
export function short(value: Nested<Cell>): string {
  const text = write(value);
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 1)}…`;
}

function write(value: Nested<Cell>): string {
  if (Array.isArray(value)) return `[${value.map((part) => write(part as Nested<Cell>)).join(', ')}]`;
  if (typeof value !== 'number') return String(value);
  const rounded = Number(value.toPrecision(4));
  return Math.abs(rounded) >= 1e6 || (rounded !== 0 && Math.abs(rounded) < 1e-4) ? rounded.toExponential() : String(rounded);
}
