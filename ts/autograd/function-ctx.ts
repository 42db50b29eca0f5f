// What the forward of a custom function leaves for its backward.
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { boolean } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { checkOurs, type OURS } from '../core/ours';
import { disposedError } from '../runtime/disposed';
import { checked } from '../runtime/last-error';
import { scratch } from '../runtime/scratch';
import { wasm } from '../runtime/wasm';
import { Tensor, wrap } from '../tensor/tensor';

/* eslint-disable @typescript-eslint/no-explicit-any -- a function keeps whatever its author likes */

const MATERIALIZE = /* @__PURE__ */ parameters<{ value: boolean }>('setMaterializeGrads', () => ({ value: boolean }));

/** What `forward` leaves for `backward`. Any other property may be set on it: `ctx.scale = 2`. */
export class FunctionCtx {
  [key: string]: any;

  /** @internal */
  constructor(key: typeof OURS) {
    checkOurs(key, 'FunctionCtx', 'forward and backward of a custom Function are given one');
  }

  /** For each argument of `apply`, whether its gradient is wanted. */
  needsInputGrad: readonly boolean[] = [];
  /** @internal */
  _id = 0;
  /** @internal */
  _saved: readonly (Tensor | null)[] = [];
  /** @internal */
  _nonDifferentiable: readonly Tensor[] = [];
  /** @internal */
  _dirty: readonly Tensor[] = [];
  /** @internal */
  _materialize = true;
  /** @internal */
  _forForward: readonly (Tensor | null)[] | null = null;
  /** @internal How many of what the node saved was given to `saveForBackward`; the rest are outputs among the properties. */
  _savedCount = 0;

  /**
   * Keeps inputs and outputs of `forward` for `backward`, where `savedTensors` gives them back. Unlike a property set on
   * `ctx`, what is kept here is watched for in-place changes, freed with the graph and seen by `savedTensorsHooks()`.
   */
  saveForBackward(...tensors: (Tensor | null | undefined)[]): void {
    this._saved = tensors.map((t) => (t == null ? null : tensorOf('saveForBackward', t)));
  }

  /** Keeps inputs and outputs of `forward` for `jvp`, where `savedTensors` gives them back. */
  saveForForward(...tensors: (Tensor | null | undefined)[]): void {
    this._forForward = tensors.map((t) => (t == null ? null : tensorOf('saveForForward', t)));
  }

  /** What `saveForBackward` was given, in its order; in `jvp`, what `saveForForward` was. */
  get savedTensors(): any[] {
    if (this._forForward !== null) return [...this._forForward];
    return savedBy(this._id).slice(0, this._savedCount);
  }

  /** Says which outputs have no gradient; `backward` is still given one for them, of zeros. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    this._nonDifferentiable = tensors.map((t) => tensorOf('markNonDifferentiable', t));
  }

  /** Says which inputs `forward` changed in place; it must return them. */
  markDirty(...tensors: Tensor[]): void {
    this._dirty = tensors.map((t) => tensorOf('markDirty', t));
  }

  /** Whether missing gradients reach `backward` as zeros, as they do by default, or as null. */
  setMaterializeGrads(...args: Arguments<{ value: boolean }, ['value']>): void {
    this._materialize = MATERIALIZE.read(args).value;
  }
}

/** What the node of a call saved. */
export function savedBy(id: number): (Tensor | null)[] {
  const count = checked(wasm().function_saved(id));
  return Array.from(scratch(0).subarray(0, count), (handle) => (handle === 0 ? null : wrap(handle)));
}

/** The value, which `op` was given and must be a tensor that lives. */
export function tensorOf(op: string, value: unknown): Tensor {
  if (!(value instanceof Tensor)) throw new UsageError(`${op}: must be given tensors, got ${describe(value)}`, op);
  if (value._handle <= 0) throw disposedError(op, value);
  return value;
}
