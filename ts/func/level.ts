// One run of a transform, and what the world outside of it wants of its results.
import { isGradEnabled } from '../autograd/autograd';
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { disposedError } from '../runtime/disposed';
import { UsageError, under } from '../core/errors';
import { anything, type Kind } from '../core/kinds';
import { Tensor, wrap } from '../tensor/tensor';
import { checked } from '../runtime/last-error';
import { wasm } from '../runtime/wasm';
import { eachLeaf, mapTensors, tensorsIn } from '../tensor/tree';

let depth = 0;

/**
 * A run of a transform that differentiates. Arguments are taken in by `fresh`: the same values as something new to
 * differentiate with respect to, through which the gradients of outer transforms flow.
 */
export class Level {
  /** Whether operations were recorded where the transform was called. */
  private readonly isRecorded = isGradEnabled();
  /** Whether another transform is at work around this one. */
  private readonly isInner = depth > 0 || wasm().dual_level() > 0;
  /** What was made for the program's function to be given. */
  readonly inputs: Tensor[] = [];

  /**
   * Runs `fn`, which calls the program's function with `args`, inside the level. Where it throws, what was made for the function goes at
   * once: a hook may hold it for as long as a tensor outside lives.
   */
  run<T>(args: unknown, fn: () => T): T {
    wasm().enter_transform();
    depth += 1;
    try {
      // What it captures it may not write; its arguments it may.
      for (const t of tensorsIn(args)) checked(wasm().admit(t._handle));
      return fn();
    } catch (error) {
      for (const t of this.inputs) t.dispose();
      throw error;
    } finally {
      wasm().exit_transform();
      depth -= 1;
    }
  }

  /** `value` with its tensors made new. */
  fresh(where: string, value: unknown): unknown {
    refuseInCapture(where, 'transform');
    const before = this.inputs.length;
    const made = mapTensors(value, (t) => {
      if (t._handle <= 0) throw disposedError(where, t);
      const t2 = wrap(under(where, () => checked(wasm().fresh(t._handle))));
      this.inputs.push(t2);
      return t2;
    }, where);
    if (this.inputs.length === before) {
      throw new UsageError(`${where}: the arguments to differentiate must be tensors, got ${describe(value)}`, where);
    }
    return made;
  }

  /** Whether code outside may differentiate what `outputs` depend on: then gradients must be differentiable. */
  isWatched(outputs: readonly Tensor[]): boolean {
    if (!this.isRecorded) return false;
    return this.isInner || outputs.some((t) => checked(wasm().depends_on_user_leaves(t._handle)) === 1);
  }

  /** `value` as the caller of the transform gets it: without the history of this level where no code outside differentiates. */
  leave(value: unknown, isWatched: boolean): unknown {
    return isWatched ? value : mapTensors(value, (t) => wrap(checked(wasm().without_history(t._handle))));
  }
}

/** Which arguments to differentiate; `positionsOf` looks at them when it is known how many there are. */
export const argnumsKind: Kind<unknown> = anything;

/** The positions that `argnums` stand for among `count` arguments. */
export function positionsOf(where: string, argnums: unknown, count: number): number[] {
  const list: readonly unknown[] = Array.isArray(argnums) ? argnums : [argnums];
  if (list.length === 0) throw new UsageError(`${where}: argnums is empty; name at least one argument`, where);
  const positions = list.map((n) => {
    if (!Number.isInteger(n)) throw new UsageError(`${where}: argnums must be an integer or a list of integers, got ${describe(n)}`, where);
    if ((n as number) < -count || (n as number) >= count) {
      throw new UsageError(`${where}: got argnums ${String(n)}, but the function was called with ${count} argument(s)`, where, { argnums: n });
    }
    return (n as number) < 0 ? (n as number) + count : (n as number);
  });
  if (new Set(positions).size !== positions.length) {
    throw new UsageError(`${where}: argnums must be different from each other, got [${positions.join(', ')}]`, where);
  }
  return positions;
}

/** Throws unless `f` is a function. */
export function checkFunction(where: string, f: unknown): void {
  refuseInCapture(where, 'transform');
  if (typeof f !== 'function') throw new UsageError(`${where}: the first argument must be a function, got ${describe(f)}`, where);
}

/** What a function returned, apart from the auxiliary part. */
export function splitAux(where: string, out: unknown, hasAux: boolean): [out: unknown, aux: unknown] {
  if (!hasAux) return [out, undefined];
  if (!Array.isArray(out) || out.length !== 2) {
    throw new UsageError(`${where}: the function must return [output, aux] where hasAux is true, got ${describe(out)}`, where);
  }
  return [out[0], out[1]];
}

/** Throws unless all of `value` is tensors; gives them. */
export function outputsOf(where: string, value: unknown): Tensor[] {
  const found: Tensor[] = [];
  eachLeaf(where, value, (part) => {
    if (!(part instanceof Tensor)) throw new UsageError(`${where}: expected the function to return tensors, got ${describe(part)}`, where);
    if (part._handle <= 0) throw disposedError(where, part);
    found.push(part);
  });
  if (found.length === 0) throw new UsageError(`${where}: expected the function to return tensors, got none`, where);
  return found;
}
