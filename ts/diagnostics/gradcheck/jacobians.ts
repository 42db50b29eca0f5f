// Jacobians by finite differences, by reverse mode and by forward mode, as tables of [input, output].
//
// Each function also takes directions, one an input or an output; then there is one row (or column) instead of one an element.
import { grad, noGrad } from '../../autograd/autograd';
import { describe } from '../../core/describe';
import { UsageError } from '../../core/errors';
import { jvp } from '../../func/jvp';
import { tensorsIn } from '../../tensor/tree';
import { scope } from '../../runtime/scope';
import { type Tensor } from '../../tensor/tensor';
import { tensorOf, type Values } from './directions';

/** A function, its arguments, and the positions of those that are differentiated. */
export interface Call {
  readonly func: (...inputs: unknown[]) => unknown;
  readonly inputs: readonly unknown[];
  readonly wanted: readonly number[];
}

/** The floating-point tensors a function returned. */
export function outputsOf(value: unknown): Tensor[] {
  const all = tensorsIn(value);
  if (all.length === 0) throw new UsageError(`gradcheck: the function must return tensors, got ${describe(value)}`, 'gradcheck');
  return all.filter((t) => t.isFloatingPoint());
}

function valuesOf(t: Tensor): Values {
  return Float64Array.from(t.toTypedArray() as ArrayLike<number>);
}

function one(n: number, i: number): Values {
  const values = new Float64Array(n);
  values[i] = 1;
  return values;
}

/** The rows of a table, or the one row there is. */
function joined(rows: readonly Values[], width: number): Values {
  const table = new Float64Array(rows.length * width);
  rows.forEach((row, i) => { table.set(row, i * width); });
  return table;
}

/** With `[row, column]` exchanged. */
function transposed(rows: readonly Values[], width: number): Values {
  const table = new Float64Array(rows.length * width);
  rows.forEach((row, i) => { row.forEach((v, j) => (table[j * rows.length + i] = v)); });
  return table;
}

/** `(f(x + eps u) − f(x − eps u)) / 2 eps`: by output, by input; a row for each element of the input, or for its direction. */
export function numeric({ func, inputs, wanted }: Call, eps: number, directions?: readonly Values[]): Values[][] {
  const table: Values[][] = [];
  wanted.forEach((position, k) => {
    const x = inputs[position] as Tensor;
    const base = valuesOf(x);
    const at = (u: Values, step: number): Values[] =>
      scope(() => {
        const moved = tensorOf(base.map((v, i) => v + step * u[i]!), x).requiresGrad_();
        const args = inputs.map((input, i) => (i === position ? moved : input));
        return outputsOf(func(...args)).map((t) => noGrad(() => valuesOf(t)));
      });
    const steps = directions === undefined ? Array.from(base, (_, i) => one(base.length, i)) : [directions[k]!];
    const rows = steps.map((u) => {
      const [above, below] = [at(u, eps), at(u, -eps)];
      return above.map((values, o) => values.map((v, j) => (v - below[o]![j]!) / (2 * eps)));
    });
    const count = rows[0]?.length ?? scope(() => outputsOf(func(...inputs)).length);
    for (let o = 0; o < count; o++) {
      (table[o] ??= [])[k] = joined(rows.map((row) => row[o]!), rows[0]?.[o]?.length ?? 0);
    }
  });
  return table;
}

/** By backward passes: by output, by input. */
export function reverse({ inputs, wanted }: Call, outputs: readonly Tensor[], directions?: readonly Values[]): Values[][] {
  const xs = wanted.map((i) => inputs[i] as Tensor);
  return outputs.map((out, o) => {
    const n = out.numel();
    const seeds = directions === undefined ? Array.from({ length: n }, (_, j) => one(n, j)) : [directions[o]!];
    const rows = seeds.map((seed) =>
      scope(() => {
        if (!out.requiresGrad) return xs.map((x) => new Float64Array(x.numel()));
        const found = grad(out, xs, { gradOutputs: tensorOf(seed, out), retainGraph: true, allowUnused: true });
        return found.map((g, k) => (g === null ? new Float64Array(xs[k]!.numel()) : valuesOf(g)));
      }),
    );
    return xs.map((x, k) => transposed(rows.map((row) => row[k]!), x.numel()));
  });
}

/** By tangents: by output, by input. */
export function forward({ func, inputs, wanted }: Call, directions?: readonly Values[]): Values[][] {
  const xs = wanted.map((i) => inputs[i] as Tensor);
  const of = (...chosen: unknown[]): unknown => {
    const args = [...inputs];
    wanted.forEach((position, k) => (args[position] = chosen[k]));
    return outputsOf(func(...args));
  };
  const table: Values[][] = [];
  xs.forEach((x, k) => {
    const n = x.numel();
    const steps = directions === undefined ? Array.from({ length: n }, (_, i) => one(n, i)) : [directions[k]!];
    const rows = steps.map((u) =>
      scope(() => {
        const tangents = xs.map((y, j) => tensorOf(j === k ? u : new Float64Array(y.numel()), y));
        return tensorsIn(jvp(of, xs as never, tangents as never)[1]).map(valuesOf);
      }),
    );
    const count = rows[0]?.length ?? scope(() => outputsOf(func(...inputs)).length);
    for (let o = 0; o < count; o++) {
      (table[o] ??= [])[k] = joined(rows.map((row) => row[o]!), rows[0]?.[o]?.length ?? 0);
    }
  });
  return table;
}
