// Jacobian-vector products by forward mode: PyTorch's torch.func.jvp.
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { unpackAt } from '../autograd/dual';
import { UsageError } from '../core/errors';
import { zerosLike } from '../generated/functions';
import { anything, boolean, callable } from '../core/kinds';
import { named, parameters, type Stated, type Values } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { wrap } from '../tensor/tensor';
import { checked } from '../runtime/last-error';
import { wasm } from '../runtime/wasm';
import { Level, outputsOf, splitAux } from './level';
import { mapTensors, tensorsIn, withTensors } from '../tensor/tree';
import type { Aux, Fn, Main } from './types';

/** The options of `jvp`. */
export interface JvpOptions {
  /** Whether an output that does not depend on the inputs is an error instead of having a zero tangent. */
  strict?: boolean;
  /** Whether the function returns `[output, aux]`. */
  hasAux?: boolean;
}

interface JvpArguments extends JvpOptions {
  func: Fn;
  primals: readonly unknown[];
  tangents: readonly unknown[];
}

/** The function `jvp`. */
interface Jvp extends Stated {
  <F extends Fn>(f: F, primals: Parameters<F>, tangents: Parameters<F>, options: JvpOptions & { hasAux: true }): [Main<F>, Main<F>, Aux<F>];
  <F extends Fn>(f: F, primals: Parameters<F>, tangents: Parameters<F>, strict?: boolean | (JvpOptions & { hasAux?: false })): [ReturnType<F>, ReturnType<F>];
  <F extends Fn>(options: JvpOptions & { func: F; primals: Parameters<F>; tangents: Parameters<F>; hasAux: true }): [Main<F>, Main<F>, Aux<F>];
  <F extends Fn>(options: JvpOptions & { func: F; primals: Parameters<F>; tangents: Parameters<F>; hasAux?: false }): [ReturnType<F>, ReturnType<F>];
}

/**
 * Returns `[f(...primals), J v]` for the direction `v` that `tangents` hold, which have the structure of the primals; with
 * `hasAux`, `f` returns `[output, aux]` and the result is `[output, J v, aux]`.
 *
 * The tangents are computed along with the values, and no graph is kept: memory does not grow with the number of operations.
 * PyTorch's `torch.func.jvp`.
 */
export const jvp: Jvp = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<JvpArguments>('jvp', () => ({
    func: callable,
    primals: anything,
    tangents: anything,
    strict: boolean.or(false),
    hasAux: boolean.or(false),
  })),
  pushForward,
);

function pushForward({ func: f, primals, tangents, strict, hasAux }: Values<JvpArguments>): unknown[] {
  refuseInCapture('jvp', 'transform');
  for (const [name, list] of [['primals', primals], ['tangents', tangents]] as const) {
    if (!Array.isArray(list)) throw new UsageError(`jvp: ${name} must be a list, one a parameter of the function, got ${describe(list)}`, 'jvp');
  }
  const [values, directions] = [tensorsIn(primals, 'jvp'), tensorsIn(tangents, 'jvp')];
  if (values.length === 0) throw new UsageError('jvp: got no inputs to differentiate; give the arguments of the function', 'jvp');
  if (values.length !== directions.length || primals.length !== tangents.length) {
    throw new UsageError(
      `jvp: primals and tangents must have the same structure, got ${values.length} tensor(s) and ${directions.length}`,
      'jvp',
    );
  }
  const level = new Level();
  const dual = wasm().enter_dual_level();
  try {
    return level.run(primals, () => {
      for (const [i, t] of values.entries()) level.inputs.push(wrap(checked(wasm().make_dual(t._handle, directions[i]!._handle, dual))));
      const [out, aux] = splitAux('jvp', f(...(withTensors(primals, level.inputs) as unknown[])), hasAux);
      outputsOf('jvp', out);
      const parts: Tensor[] = [];
      const value = mapTensors(out, (t) => {
        const { primal, tangent } = unpackAt(t, dual);
        if (tangent === null && strict) {
          throw new UsageError('jvp: an output does not depend on the inputs; leave strict out to get a zero tangent', 'jvp');
        }
        parts.push(tangent ?? zerosLike(primal));
        return primal;
      });
      const results = [value, withTensors(value, parts), mapTensors(aux, (t) => unpackAt(t, dual).primal)];
      for (const t of level.inputs) t.dispose();
      const watched = level.isWatched([...tensorsIn(value), ...parts]);
      return results.slice(0, hasAux ? 3 : 2).map((part) => level.leave(part, watched));
    });
  } finally {
    wasm().exit_dual_level();
  }
}
