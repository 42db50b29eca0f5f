// What is said about two Jacobians that differ.
import { tensor } from '../../tensor/create';
import type { Values } from './directions';

/** The difference allowed: `|a − n| ≤ atol + rtol |n|`. */
export interface Tolerances {
  readonly atol: number;
  readonly rtol: number;
}

/** The text of a mismatch and its facts. */
export interface Mismatch {
  readonly text: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Compares tables of `rows` elements of the input by `columns` of the output; null where they agree. */
export function mismatch(numerical: Values, analytical: Values, rows: number, columns: number, { atol, rtol }: Tolerances): Mismatch | null {
  let worst = -1;
  let excess = 0;
  for (let i = 0; i < numerical.length; i++) {
    const [n, a] = [numerical[i]!, analytical[i]!];
    if (a === n || (Number.isNaN(a) && Number.isNaN(n))) continue;
    const over = Math.abs(a - n) - (atol + rtol * Math.abs(n));
    if (over <= 0) continue;
    const size = Number.isNaN(over) ? Infinity : over;
    if (worst < 0 || size > excess) [worst, excess] = [i, size];
  }
  if (worst < 0) return null;
  const [row, column] = [Math.floor(worst / columns), worst % columns];
  const [n, a] = [numerical[worst]!, analytical[worst]!];
  const difference = Math.abs(a - n);
  const allowed = atol + rtol * Math.abs(n);
  return {
    text:
      `numerical:${show(numerical, rows, columns)}\nanalytical:${show(analytical, rows, columns)}\n` +
      `worst at element ${row} of the input and ${column} of the output: numerical ${n}, analytical ${a}, ` +
      `difference ${difference.toPrecision(4)}, allowed ${allowed.toPrecision(4)} (atol=${atol}, rtol=${rtol})`,
    details: { worst: [row, column], numerical: n, analytical: a, difference, allowed },
  };
}

function show(values: Values, rows: number, columns: number): string {
  const flat = tensor(values);
  const table = flat.reshape([rows, columns]);
  const text = table.toString();
  table.dispose();
  flat.dispose();
  return text;
}
