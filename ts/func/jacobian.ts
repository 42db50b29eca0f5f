// Jacobians and Hessians as functions: PyTorch's torch.func.jacrev, jacfwd and hessian.
import { refuseInCapture } from '../core/capturing';
import { tensor } from '../tensor/create';
import { ours } from '../core/describe';
import { AutogradError } from '../core/errors';
import { stack, zeros } from '../generated/functions';
import { boolean, callable, integerFrom, only } from '../core/kinds';
import { named, parameters, type Stated } from '../core/options';
import { type Tensor } from '../tensor/tensor';
import { jvp } from './jvp';
import { argnumsKind, outputsOf, positionsOf } from './level';
import { mapTensors, tensorsIn, withTensors } from '../tensor/tree';
import type { Argnums, ArgnumsOptions, Aux, Chosen, Fn, Hessian, JacrevOptions, Jacobian } from './types';
import { vjpFor, type Pullback } from './vjp';

interface JacobianArguments {
  func: Fn;
  argnums?: unknown;
  hasAux?: boolean;
}

/** Gives, for an index, zeros of the shape and dtype of `t` with a one there. */
function unitsLike({ shape, dtype }: Tensor): (i: number) => Tensor {
  // One array for all: the values of a large one take longer than a backward pass. One of the dtype is copied as a whole.
  const values = new (dtype === 'float32' ? Float32Array : Float64Array)(shape.reduce((count, size) => count * size, 1));
  return (i) => {
    values[i] = 1;
    const flat = tensor(values, { dtype });
    values[i] = 0;
    const unit = flat.reshape(shape);
    flat.dispose();
    return unit;
  };
}

/** `f` as a function of the chosen arguments alone, called by `where`. */
function ofChosen(where: string, f: Fn, args: readonly unknown[], positions: readonly number[]): Fn {
  return (...chosen: unknown[]) => {
    const given = [...args];
    positions.forEach((position, i) => (given[position] = chosen[i]));
    return ours(where, f(...given) as unknown);
  };
}

function checkFloat(where: string, tensors: readonly Tensor[]): void {
  for (const t of tensors) {
    if (!t.isFloatingPoint()) throw new AutogradError(`${where}: expected the function to return floating-point tensors, got ${t.dtype}`, where);
  }
}

/** Rows or columns side by side along `dim`, as a tensor of `shape`. */
function assembled(parts: readonly Tensor[], dim: number, shape: readonly number[], like: Tensor): Tensor {
  if (parts.length === 0) return zeros(shape, { dtype: like.dtype });
  const table = stack(parts, dim);
  for (const t of parts) t.dispose();
  const result = table.reshape(shape);
  table.dispose();
  return result;
}

/** The function `jacrev`. */
interface Jacrev extends Stated {
  <F extends Fn>(f: F): (...args: Parameters<F>) => Jacobian<ReturnType<F>, Parameters<F>[0]>;
  <F extends Fn, N extends Argnums = 0>(f: F, options: JacrevOptions<N> & { hasAux: true }): (...args: Parameters<F>) => [Jacobian<unknown, unknown>, Aux<F>];
  <F extends Fn, const N extends Argnums = 0>(f: F, argnums: N | (JacrevOptions<N> & { hasAux?: false })): (...args: Parameters<F>) => Jacobian<ReturnType<F>, Chosen<F, N>>;
  <F extends Fn, N extends Argnums = 0>(options: JacrevOptions<N> & { func: F; hasAux: true }): (...args: Parameters<F>) => [Jacobian<unknown, unknown>, Aux<F>];
  <F extends Fn, const N extends Argnums = 0>(options: JacrevOptions<N> & { func: F; hasAux?: false }): (...args: Parameters<F>) => Jacobian<ReturnType<F>, Chosen<F, N>>;
}

/**
 * Returns the function that gives the Jacobian of `f` by reverse mode, one backward pass an element of the output: for
 * tensors a tensor of shape `[...output, ...argument]`. Where the output has structure, so has the result, with the
 * structure of the arguments `argnums` in each place. PyTorch's `torch.func.jacrev`.
 */
export const jacrev: Jacrev = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<JacobianArguments & { chunkSize?: number | null }>(
    'jacrev',
    () => ({ func: callable, argnums: argnumsKind.or(0), hasAux: boolean.or(false), chunkSize: integerFrom(1).orNull() }),
    2,
  ),
  ({ func, argnums, hasAux }) => (...args: unknown[]) => {
    refuseInCapture('jacrev', 'transform');
    const positions = positionsOf('jacrev', argnums, args.length);
    const chosen = positions.map((i) => args[i]);
    const inputs = tensorsIn(chosen, 'jacrev');
    const reduced = ofChosen('jacrev', func, args, positions);
    const [out, pull, aux] = vjpFor('jacrev', reduced, chosen, hasAux) as [unknown, Pullback<unknown[], unknown>, unknown];
    const outputs = outputsOf('jacrev', out);
    checkFloat('jacrev', outputs);
    const none = outputs.map((t) => zeros(t.shape, { dtype: t.dtype }));
    const blocks = outputs.map((t, o) => {
      const rows: Tensor[][] = inputs.map(() => []);
      const unitAt = unitsLike(t);
      for (let i = 0; i < t.numel(); i++) {
        const unit = unitAt(i);
        const grads = tensorsIn(pull(withTensors(out, none.map((zero, j) => (j === o ? unit : zero)))));
        grads.forEach((g, k) => rows[k]!.push(g));
        unit.dispose();
      }
      const found = inputs.map((x, k) => assembled(rows[k]!, 0, [...t.shape, ...x.shape], x));
      return withTensors(Array.isArray(argnums) ? chosen : chosen[0], found);
    });
    for (const zero of none) zero.dispose();
    const jacobian = withTensors(out, blocks);
    return hasAux ? [jacobian, aux] : jacobian;
  },
);

/** The function `jacfwd`. */
interface Jacfwd extends Stated {
  <F extends Fn>(f: F): (...args: Parameters<F>) => Jacobian<ReturnType<F>, Parameters<F>[0]>;
  <F extends Fn, N extends Argnums = 0>(f: F, options: ArgnumsOptions<N> & { hasAux: true }): (...args: Parameters<F>) => [Jacobian<unknown, unknown>, Aux<F>];
  <F extends Fn, const N extends Argnums = 0>(f: F, argnums: N | (ArgnumsOptions<N> & { hasAux?: false })): (...args: Parameters<F>) => Jacobian<ReturnType<F>, Chosen<F, N>>;
  <F extends Fn, N extends Argnums = 0>(options: ArgnumsOptions<N> & { func: F; hasAux: true }): (...args: Parameters<F>) => [Jacobian<unknown, unknown>, Aux<F>];
  <F extends Fn, const N extends Argnums = 0>(options: ArgnumsOptions<N> & { func: F; hasAux?: false }): (...args: Parameters<F>) => Jacobian<ReturnType<F>, Chosen<F, N>>;
}

/**
 * Returns the function that gives the Jacobian of `f` by forward mode, one run of `f` an element of the arguments: the better
 * choice where these are fewer than the outputs. The result is that of `jacrev`. PyTorch's `torch.func.jacfwd`.
 */
export const jacfwd: Jacfwd = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<JacobianArguments & { randomness?: 'error' }>(
    'jacfwd',
    () => ({ func: callable, argnums: argnumsKind.or(0), hasAux: boolean.or(false), randomness: only('error') }),
    1,
  ),
  ({ func, argnums, hasAux }) => (...args: unknown[]) => {
    refuseInCapture('jacfwd', 'transform');
    const positions = positionsOf('jacfwd', argnums, args.length);
    const chosen = positions.map((i) => args[i]);
    const reduced = ofChosen('jacfwd', func, args, positions);
    const inputs = tensorsIn(chosen, 'jacfwd');
    const none = inputs.map((t) => zeros(t.shape, { dtype: t.dtype }));
    const last: { found: readonly unknown[] | null } = { found: null };
    const along = (directions: readonly Tensor[]): Tensor[] => {
      const primals = chosen as never;
      const tangents = withTensors(chosen, directions) as never;
      const found = jvp(reduced, primals, tangents, { hasAux } as { hasAux: true }) as [unknown, unknown, unknown?];
      last.found = found;
      return tensorsIn(found[1]);
    };
    const columns: Tensor[][][] = inputs.map((x, k) => {
      const unitAt = unitsLike(x);
      return Array.from({ length: x.numel() }, (_, i) => {
        const unit = unitAt(i);
        const found = along(none.map((zero, j) => (j === k ? unit : zero)));
        unit.dispose();
        return found;
      });
    });
    // Without an element there was no run yet, but the shapes of the outputs are wanted.
    if (last.found === null) along(none);
    for (const zero of none) zero.dispose();
    const [out, , aux] = last.found!;
    const outputs = outputsOf('jacfwd', out);
    checkFloat('jacfwd', outputs);
    const blocks = outputs.map((t, o) => {
      const found = inputs.map((x, k) => assembled(columns[k]!.map((column) => column[o]!), -1, [...t.shape, ...x.shape], t));
      return withTensors(Array.isArray(argnums) ? chosen : chosen[0], found);
    });
    const jacobian = withTensors(out, blocks);
    return hasAux ? [jacobian, aux] : jacobian;
  },
);

/** The function `hessian`. */
interface HessianOf extends Stated {
  <F extends Fn>(f: F): (...args: Parameters<F>) => Hessian<ReturnType<F>, Parameters<F>[0]>;
  <F extends Fn, const N extends Argnums = 0>(f: F, argnums: N | { argnums?: N }): (...args: Parameters<F>) => Hessian<ReturnType<F>, Chosen<F, N>>;
  <F extends Fn, const N extends Argnums = 0>(options: { func: F; argnums?: N }): (...args: Parameters<F>) => Hessian<ReturnType<F>, Chosen<F, N>>;
}

/**
 * Returns the function that gives the Hessian of `f`, the Jacobian of its Jacobian, by forward mode over reverse mode: for
 * a 0-dim output and a tensor as argument, of shape `[...argument, ...argument]`. PyTorch's `torch.func.hessian`.
 */
export const hessian: HessianOf = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ func: Fn; argnums?: unknown }>('hessian', () => ({ func: callable, argnums: argnumsKind.or(0) })),
  ({ func, argnums }) => {
    const once = jacrev((...args: unknown[]) => ours('hessian', func(...args) as unknown), argnums as Argnums) as Fn;
    const twice = jacfwd(once, argnums as Argnums) as Fn;
    return (...args: unknown[]) => {
      refuseInCapture('hessian', 'transform');
      for (const arg of args) ours('hessian', arg);
      return twice(...args) as unknown;
    };
  },
);

/** The tensors of `value` without their history. */
export function detached(value: unknown): unknown {
  return mapTensors(value, (t) => t.detach());
}
