// Gradients of functions as functions: PyTorch's torch.func.grad and grad_and_value.
import { enableGrad, grad as gradients } from '../autograd/autograd';
import { AutogradError, UsageError } from '../core/errors';
import { describe, ours } from '../core/describe';
import { boolean, callable } from '../core/kinds';
import { named, parameters, type Kinds, type Stated } from '../core/options';
import { zerosLike } from '../generated/functions';
import { Tensor } from '../tensor/tensor';
import { Level, argnumsKind, positionsOf, splitAux } from './level';
import { tensorsIn, withTensors } from '../tensor/tree';
import type { Argnums, ArgnumsOptions, Aux, Chosen, Fn, Main } from './types';

/** What `gradAndValue` and its kin work out: the chosen arguments' gradients, the value, and what is handed through. */
interface Found {
  grads: unknown;
  value: Tensor;
  aux: unknown;
  /** Whether the value is the very tensor the function returned. */
  isRaw: boolean;
}

function differentiate(where: string, f: Fn, argnums: unknown, hasAux: boolean, args: readonly unknown[]): Found {
  const positions = positionsOf(where, argnums, args.length);
  const level = new Level();
  const given = [...args];
  for (const i of positions) given[i] = level.fresh(where, args[i]);
  return level.run(given, () => {
    const [value, aux] = splitAux(where, enableGrad(() => ours(where, f(...given) as unknown)), hasAux);
    checkScalar(where, value);
    const watched = level.isWatched([value]);
    const found = value.requiresGrad
      ? gradients(value, level.inputs, { createGraph: watched, materializeGrads: true })
      : level.inputs.map((t) => zerosLike(t));
    const chosen = positions.map((i) => args[i]);
    const grads = withTensors(Array.isArray(argnums) ? chosen : chosen[0], found);
    const result = { grads, value: level.leave(value, watched) as Tensor, aux: level.leave(aux, watched), isRaw: watched };
    const returned = new Set(tensorsIn([result.value, result.aux]));
    for (const t of level.inputs) if (!returned.has(t)) t.dispose();
    return result;
  });
}

function checkScalar(where: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor)) {
    throw new UsageError(`${where}: expected f(...args) to return a tensor, got ${describe(value)}`, where);
  }
  if (value.ndim !== 0) {
    throw new AutogradError(
      `${where}: expected f(...args) to return a scalar tensor, got a tensor with ${value.ndim} dims; maybe you wanted vjp or jacrev`,
      where,
      { shape: value.shape },
    );
  }
  if (!value.isFloatingPoint()) {
    throw new AutogradError(`${where}: expected f(...args) to return a floating-point tensor, got ${value.dtype}`, where);
  }
}

interface GradArguments {
  func: Fn;
  argnums?: unknown;
  hasAux?: boolean;
}

const KINDS = (): Kinds<GradArguments> => ({ func: callable, argnums: argnumsKind.or(0), hasAux: boolean.or(false) });

/** The function `grad`. */
interface Grad extends Stated {
  <F extends Fn>(f: F): (...args: Parameters<F>) => Parameters<F>[0];
  <F extends Fn, N extends Argnums = 0>(f: F, argnums: N, hasAux: true): (...args: Parameters<F>) => [Chosen<F, N>, Aux<F>];
  <F extends Fn, N extends Argnums = 0>(f: F, options: ArgnumsOptions<N> & { hasAux: true }): (...args: Parameters<F>) => [Chosen<F, N>, Aux<F>];
  <F extends Fn, const N extends Argnums>(f: F, argnums: N, hasAux?: false): (...args: Parameters<F>) => Chosen<F, N>;
  <F extends Fn, const N extends Argnums = 0>(f: F, options: ArgnumsOptions<N> & { hasAux?: false }): (...args: Parameters<F>) => Chosen<F, N>;
  <F extends Fn, const N extends Argnums = 0>(options: ArgnumsOptions<N> & { func: F; hasAux: true }): (...args: Parameters<F>) => [Chosen<F, N>, Aux<F>];
  <F extends Fn, const N extends Argnums = 0>(options: ArgnumsOptions<N> & { func: F; hasAux?: false }): (...args: Parameters<F>) => Chosen<F, N>;
}

/**
 * Returns the function that gives the gradient of `f`, which must return a 0-dim tensor, with respect to the arguments
 * `argnums`. An argument may be a tensor or arrays and objects of tensors; the gradient has the same structure, and is zero
 * where `f` does not depend on it. `argnums` as a list gives a list.
 *
 * Transforms nest: `grad(grad(f))` is the second derivative, `vmap(grad(f))` the gradients of single samples, and a gradient
 * taken inside a recorded computation is itself recorded. With `hasAux`, `f` returns `[output, aux]` and the result is
 * `[gradient, aux]`. PyTorch's `torch.func.grad`.
 *
 * @throws AutogradError where `f` does not return a 0-dim floating-point tensor.
 */
export const grad: Grad = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters('grad', KINDS),
  ({ func, argnums, hasAux }) => (...args: unknown[]) => {
    const { grads, value, aux, isRaw } = differentiate('grad', func, argnums, hasAux, args);
    if (!isRaw) value.dispose();
    return hasAux ? [grads, aux] : grads;
  },
);

/** The function `gradAndValue`. */
interface GradAndValue extends Stated {
  <F extends Fn>(f: F): (...args: Parameters<F>) => [Parameters<F>[0], ReturnType<F>];
  <F extends Fn, N extends Argnums = 0>(f: F, argnums: N, hasAux: true): (...args: Parameters<F>) => [Chosen<F, N>, [Main<F>, Aux<F>]];
  <F extends Fn, N extends Argnums = 0>(f: F, options: ArgnumsOptions<N> & { hasAux: true }): (...args: Parameters<F>) => [Chosen<F, N>, [Main<F>, Aux<F>]];
  <F extends Fn, const N extends Argnums>(f: F, argnums: N, hasAux?: false): (...args: Parameters<F>) => [Chosen<F, N>, ReturnType<F>];
  <F extends Fn, const N extends Argnums = 0>(f: F, options: ArgnumsOptions<N> & { hasAux?: false }): (...args: Parameters<F>) => [Chosen<F, N>, ReturnType<F>];
  <F extends Fn, const N extends Argnums = 0>(options: ArgnumsOptions<N> & { func: F; hasAux: true }): (...args: Parameters<F>) => [Chosen<F, N>, [Main<F>, Aux<F>]];
  <F extends Fn, const N extends Argnums = 0>(options: ArgnumsOptions<N> & { func: F; hasAux?: false }): (...args: Parameters<F>) => [Chosen<F, N>, ReturnType<F>];
}

/**
 * As `grad`, but the function returns `[gradient, value]`, or `[gradient, [value, aux]]`: PyTorch's
 * `torch.func.grad_and_value`, in its order. `valueAndGrad` has the other one.
 */
export const gradAndValue: GradAndValue = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters('gradAndValue', KINDS),
  ({ func, argnums, hasAux }) => (...args: unknown[]) => {
    const { grads, value, aux } = differentiate('gradAndValue', func, argnums, hasAux, args);
    return [grads, hasAux ? [value, aux] : value];
  },
);

/** The function `valueAndGrad`. */
interface ValueAndGrad extends Stated {
  <F extends Fn>(f: F): (...args: Parameters<F>) => [ReturnType<F>, Parameters<F>[0]];
  <F extends Fn, N extends Argnums = 0>(f: F, argnums: N, hasAux: true): (...args: Parameters<F>) => [[Main<F>, Aux<F>], Chosen<F, N>];
  <F extends Fn, N extends Argnums = 0>(f: F, options: ArgnumsOptions<N> & { hasAux: true }): (...args: Parameters<F>) => [[Main<F>, Aux<F>], Chosen<F, N>];
  <F extends Fn, const N extends Argnums>(f: F, argnums: N, hasAux?: false): (...args: Parameters<F>) => [ReturnType<F>, Chosen<F, N>];
  <F extends Fn, const N extends Argnums = 0>(f: F, options: ArgnumsOptions<N> & { hasAux?: false }): (...args: Parameters<F>) => [ReturnType<F>, Chosen<F, N>];
  <F extends Fn, const N extends Argnums = 0>(options: ArgnumsOptions<N> & { func: F; hasAux: true }): (...args: Parameters<F>) => [[Main<F>, Aux<F>], Chosen<F, N>];
  <F extends Fn, const N extends Argnums = 0>(options: ArgnumsOptions<N> & { func: F; hasAux?: false }): (...args: Parameters<F>) => [ReturnType<F>, Chosen<F, N>];
}

/** As `gradAndValue`, with the value first: `[value, gradient]`, or `[[value, aux], gradient]`. */
export const valueAndGrad: ValueAndGrad = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters('valueAndGrad', KINDS),
  ({ func, argnums, hasAux }) => (...args: unknown[]) => {
    const { grads, value, aux } = differentiate('valueAndGrad', func, argnums, hasAux, args);
    return [hasAux ? [value, aux] : value, grads];
  },
);
