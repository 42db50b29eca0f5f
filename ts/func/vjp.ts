// Vector-Jacobian products: PyTorch's torch.func.vjp.
import { enableGrad, grad as gradients, isGradEnabled } from '../autograd/autograd';
import { describe, ours } from '../core/describe';
import { ShapeError, UsageError } from '../core/errors';
import { zerosLike } from '../generated/functions';
import { boolean } from '../core/kinds';
import { parameters, type Values } from '../core/options';
import { takeOptions } from '../core/trailing-options';
import type { Tensor } from '../tensor/tensor';
import { Level, checkFunction, outputsOf, splitAux } from './level';
import { tensorsIn, withTensors } from '../tensor/tree';
import type { Aux, Fn, Main } from './types';

/** How a pull-back runs its backward pass. */
export interface PullbackOptions {
  /** Whether it can be called again. */
  retainGraph?: boolean;
  /** Whether its results can be differentiated; by default where an outer transform or tape could. */
  createGraph?: boolean | null;
}

/** Gives the gradients of the primals, one each, for a gradient of the output (which has the output's structure). */
export type Pullback<P extends readonly unknown[], Out> = (cotangents: Out, options?: PullbackOptions) => [...P];

const VJP = /* @__PURE__ */ parameters<{ hasAux?: boolean }>('vjp', () => ({ hasAux: boolean.or(false) }));

const PULLBACK = /* @__PURE__ */ parameters<PullbackOptions>('vjp', () => ({ retainGraph: boolean.or(true), createGraph: boolean.orNull() }));

/**
 * Returns `[f(...primals), pullback]`; the pull-back takes a gradient of the output and returns the list of gradients of the
 * primals, `Jᵀ g`. It can be called any number of times. With `{ hasAux: true }` as the last argument, `f` returns
 * `[output, aux]` and the result is `[output, pullback, aux]`. PyTorch's `torch.func.vjp`.
 */
export function vjp<F extends Fn>(f: F, ...args: [...primals: Parameters<F>, options: { hasAux: true }]): [Main<F>, Pullback<Parameters<F>, Main<F>>, Aux<F>];
export function vjp<F extends Fn>(f: F, ...primals: Parameters<F>): [ReturnType<F>, Pullback<Parameters<F>, ReturnType<F>>];
export function vjp(f: Fn, ...args: unknown[]): unknown[] {
  checkFunction('vjp', f);
  const [primals, { hasAux }] = takeOptions(args, VJP);
  return vjpFor('vjp', f, primals, hasAux);
}

/** The same for the transform `where`, which errors name. */
export function vjpFor(where: string, f: Fn, primals: readonly unknown[], hasAux: boolean): unknown[] {
  checkFunction(where, f);
  if (primals.length === 0) throw new UsageError(`${where}: got no inputs to differentiate; give the arguments of the function`, where);
  const level = new Level();
  const given = primals.map((p) => level.fresh(where, p));
  return level.run(given, () => {
    const [raw, aux] = splitAux(where, enableGrad(() => ours(where, f(...given) as unknown)), hasAux);
    const outputs = outputsOf(where, raw);
    const watched = level.isWatched(outputs);
    const pull = (cotangents: unknown, options: PullbackOptions = {}): unknown[] => {
      const found = pullBack(level, outputs, tensorsIn(cotangents, where), watched, cotangents, PULLBACK.read([options]));
      return withTensors(primals, found) as unknown[];
    };
    const out = level.leave(raw, watched);
    return hasAux ? [out, pull, level.leave(aux, watched)] : [out, pull];
  });
}

function pullBack(
  level: Level,
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  watched: boolean,
  given: unknown,
  { retainGraph, createGraph }: Values<PullbackOptions>,
): Tensor[] {
  if (cotangents.length !== outputs.length) {
    throw new UsageError(
      `vjp: expected cotangents with the structure of the output, ${outputs.length} tensor(s), got ${describe(given)} with ${cotangents.length}`,
      'vjp',
    );
  }
  outputs.forEach((out, i) => {
    const { shape } = cotangents[i]!;
    if (shape.join() !== out.shape.join()) {
      throw new ShapeError(`vjp: cotangent ${i} has shape [${shape.join(', ')}] but the output has shape [${out.shape.join(', ')}]`, 'vjp');
    }
  });
  const used = outputs.map((out, i) => [out, cotangents[i]!] as const).filter(([out]) => out.requiresGrad);
  if (used.length === 0) return level.inputs.map((t) => zerosLike(t));
  const create = createGraph ?? (isGradEnabled() && (watched || cotangents.some((t) => t.requiresGrad)));
  return gradients(
    used.map(([out]) => out),
    level.inputs,
    { gradOutputs: used.map(([, g]) => g), retainGraph, createGraph: create, materializeGrads: true },
  );
}
