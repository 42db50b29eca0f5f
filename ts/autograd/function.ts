// Functions of the user's with a derivative of their own: PyTorch's torch.autograd.Function.
import { noGrad, isGradEnabled } from './autograd';
import { refuseInCapture } from '../core/capturing';
import { describe, ours } from '../core/describe';
import { disposedError } from '../runtime/disposed';
import { AutogradError, UsageError } from '../core/errors';
import { unpackAt } from './dual';
import { makeDual } from './forward-ad';
import { zerosLike } from '../generated/functions';
import { boolean, callable } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { isOptions } from '../core/plain-object';
import { OURS, checkOurs } from '../core/ours';
import { GraphTable } from '../runtime/graph-table';
import { nodeKey } from './hooks';
import { handToTape } from '../runtime/tape-held';
import { scratch } from '../runtime/scratch';
import { Tensor, wrap } from '../tensor/tensor';
import { checked, crashed, release, rememberThrown, setHost, wasm } from '../runtime/wasm';

/* eslint-disable @typescript-eslint/no-explicit-any -- a function takes and keeps whatever its author likes */

const DIFFERENTIABLE = 1;
const DIRTY = 2;

/** What a node of the graph knows of the call it stands for. */
interface Call {
  readonly type: typeof AutogradFunction;
  readonly ctx: FunctionCtx;
  /** For each argument, whether it was a tensor. */
  readonly tensors: readonly boolean[];
  /** For each value `forward` returned, which of its tensors it was; -1 for what was none. */
  readonly slots: readonly number[];
}

const calls = new GraphTable<Call>();
/** How the tensors among the properties of a context are let go of, by call. */
const letGo = new Map<number, () => void>();
/** Tensors made for the tape: here those of a scope are, so that they go back to it. */
const NONE: ReadonlySet<Tensor> = new Set();

function forget(id: number): void {
  calls.delete(id);
  letGo.get(id)?.();
  letGo.delete(id);
}
let lastId = 0;

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
    const count = checked(wasm().function_saved(this._id));
    return Array.from(scratch(0).subarray(0, count), (handle) => (handle === 0 ? null : wrap(handle)));
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

function tensorOf(op: string, value: unknown): Tensor {
  if (!(value instanceof Tensor)) throw new UsageError(`${op}: must be given tensors, got ${describe(value)}`, op);
  if (value._handle <= 0) throw disposedError(op, value);
  return value;
}

/** The statics of a class of function, as far as calling it needs them. */
interface Applicable<A extends unknown[], R> {
  readonly name: string;
  forward(ctx: FunctionCtx, ...args: A): R;
}

/** The same for one whose context is set up apart from `forward`. */
interface ApplicableWithSetup<A extends unknown[], R> {
  readonly name: string;
  forward(...args: A): R;
  setupContext(ctx: FunctionCtx, inputs: A, output: R): void;
}

/**
 * A function with a derivative of its own:
 *
 * ```ts
 * class Exp extends autograd.Function {
 *   static override forward(ctx: FunctionCtx, x: Tensor): Tensor {
 *     const y = x.exp();
 *     ctx.saveForBackward(y);
 *     return y;
 *   }
 *   static override backward(ctx: FunctionCtx, g: Tensor): Tensor {
 *     const [y] = ctx.savedTensors;
 *     return g.mul(y);
 *   }
 * }
 * const y = Exp.apply(x);
 * ```
 *
 * `forward` runs without recording and returns a tensor or an array of values. `backward` is given a gradient for each of
 * these and returns one for each argument of `apply`: null where there is none. It is recorded where the caller asks for
 * `createGraph`, so derivatives of any order work if it is written with differentiable operations. What either throws
 * reaches the caller unchanged.
 */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- statics are how PyTorch's functions are written
export class AutogradFunction {
  /** Computes the outputs, of `(ctx, ...args)`, or of `(...args)` alone where there is a static `setupContext`. */
  static forward(..._args: any[]): any {
    throw new AutogradError(`${this.name}: a custom Function must have a static forward`, this.name);
  }

  /**
   * Where a class has it, `forward` is given the arguments alone, and what `backward` needs is kept here:
   * `static setupContext(ctx, inputs, output)`.
   */
  static setupContext?: (ctx: FunctionCtx, inputs: any, output: any) => void;

  /** Computes the gradients of the arguments from those of the outputs. */
  static backward(_ctx: FunctionCtx, ..._grads: any[]): any {
    throw new AutogradError(`${this.name}: a custom Function must have a static backward to be differentiated`, this.name);
  }

  /** Computes the tangents of the outputs from those of the arguments, for forward mode. */
  static jvp(_ctx: FunctionCtx, ..._tangents: any[]): any {
    throw new AutogradError(`${this.name}: a custom Function must have a static jvp to be used in forward mode`, this.name);
  }

  /** Calls the function and writes it into the graph. */
  static apply<A extends unknown[], R>(this: ApplicableWithSetup<A, R>, ...args: A): R;
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- of a union the arguments would not be inferred
  static apply<A extends unknown[], R>(this: Applicable<A, R>, ...args: A): R;
  static apply(this: unknown, ...args: unknown[]): unknown {
    const type = this as typeof AutogradFunction;
    refuseInCapture(type.name, 'custom');
    const { values, isList } = call(type, args);
    return isList ? values : values[0];
  }
}

/** What a call of a function gave. */
interface Called {
  readonly ctx: FunctionCtx;
  readonly values: readonly unknown[];
  readonly isList: boolean;
}

function call(type: typeof AutogradFunction, args: readonly unknown[]): Called {
  if (wasm().dual_level() > 0) {
    const levels = args.map((arg) => (arg instanceof Tensor ? wasm().level_of(tensorOf(type.name, arg)._handle) : 0));
    const level = Math.max(0, ...levels);
    if (level > 0) return callWithTangents(type, args, level);
  }
  return callPlainly(type, args);
}

/** A call with arguments that have tangents at `level`: their values through `forward`, the tangents through `jvp`. */
function callWithTangents(type: typeof AutogradFunction, args: readonly unknown[], level: number): Called {
  const parts = args.map((arg) => (arg instanceof Tensor ? unpackAt(arg, level) : null));
  const { ctx, values, isList } = call(
    type,
    args.map((arg, i) => parts[i]?.primal ?? arg),
  );
  const tangents = parts.map((part) => {
    if (part === null) return null;
    return part.tangent ?? (ctx._materialize && part.primal.isFloatingPoint() ? zerosLike(part.primal) : null);
  });
  // forward ran on plain values; seen from this level, what it kept has the tangents of the levels outside of it.
  const here = [...parts.map((part) => part?.primal), ...values].filter((value) => value instanceof Tensor);
  const asHere = (t: Tensor | null) => t && (here.find((other) => wasm().same_tensor(t._handle, other._handle) !== 0) ?? t);
  ctx._forForward = ctx._forForward?.map(asHere) ?? null;
  const returned: unknown = type.jvp(ctx, ...tangents);
  const list: readonly unknown[] = Array.isArray(returned) ? returned : [returned];
  if (list.length !== values.length) {
    const message = `${type.name}: jvp returned an incorrect number of tangents (expected ${values.length}, got ${list.length})`;
    throw new AutogradError(message, type.name, { expected: values.length, got: list.length });
  }
  const duals = values.map((value, i) => {
    if (!(value instanceof Tensor) || list[i] == null) return value;
    return makeDual(value, tensorOf('jvp', list[i]), { level });
  });
  return { ctx, values: duals, isList };
}

/** A call without tangents: through `forward`, and into the graph. */
function callPlainly(type: typeof AutogradFunction, args: readonly unknown[]): Called {
  const ctx = new FunctionCtx(OURS);
  const inputs = args.map((arg) => (arg instanceof Tensor ? tensorOf(type.name, arg) : null));
  ctx.needsInputGrad = inputs.map((t) => t !== null && t.requiresGrad);
  const result = noGrad((): unknown => {
    if (type.setupContext === undefined) return ours(type.name, type.forward(ctx, ...args) as unknown);
    const output = ours(type.name, type.forward(...args) as unknown);
    type.setupContext(ctx, args, output);
    return output;
  });
  const values: readonly unknown[] = Array.isArray(result) ? result : [result];
  const outputs = values.filter((value) => value instanceof Tensor);
  for (const t of ctx._dirty) {
    if (!inputs.includes(t)) throw new AutogradError(`${type.name}: only inputs can be given to markDirty()`, type.name);
    if (!outputs.includes(t)) {
      const message = `${type.name}: some tensors marked dirty were not returned; inputs modified in place must all be outputs`;
      throw new AutogradError(message, type.name);
    }
  }
  let tensor = 0;
  const slots = values.map((value) => (value instanceof Tensor ? tensor++ : -1));
  const placed = record({ type, ctx, slots, tensors: inputs.map((t) => t !== null) }, inputs, outputs);
  const finished = values.map((value, i) => (slots[i]! < 0 ? value : placed[slots[i]!]));
  return { ctx, values: finished, isList: Array.isArray(result) };
}

/** Writes a finished call into the graph; returns the outputs as the caller gets them. */
function record(call: Call, inputs: readonly (Tensor | null)[], outputs: readonly Tensor[]): Tensor[] {
  const { type, ctx } = call;
  const words = [inputs.length, ...inputs.map((t) => t?._handle ?? 0), outputs.length];
  for (const t of outputs) {
    const flags = (ctx._nonDifferentiable.includes(t) ? 0 : DIFFERENTIABLE) | (ctx._dirty.includes(t) ? DIRTY : 0);
    words.push(tensorOf(type.name, t)._handle, flags);
  }
  words.push(ctx._saved.length, ...ctx._saved.map((t) => (t === null ? 0 : tensorOf('saveForBackward', t)._handle)));
  const id = ++lastId;
  ctx._id = id;
  calls.set(id, call, null, 0);
  // From here on the node keeps them, if there is one.
  ctx._saved = ctx._nonDifferentiable = ctx._dirty = [];
  // The other properties too; but outputs lead to the node, which would keep itself.
  const own = Object.entries(ctx).filter(([name, value]) => !name.startsWith('_') && (value instanceof Tensor || Array.isArray(value) || isOptions(value)));
  letGo.set(id, handToTape(type.name, own, NONE, outputs));
  scratch(words.length).set(words);
  let recorded: number;
  try {
    recorded = wasm().record_function(id, ctx._materialize ? 1 : 0, words.length);
  } catch (e) {
    throw crashed(e);
  }
  if (recorded <= 0) forget(id);
  checked(recorded);
  const handles = Array.from(scratch(0).subarray(0, outputs.length));
  const placed = handles.map((handle, i) => {
    const t = outputs[i]!;
    if (wasm().same_tensor(handle, t._handle) === 0) return wrap(handle);
    release(handle);
    return t;
  });
  // The context may hold the output, which leads to it.
  if (placed.length === 1) calls.hang(id, placed[0]!, nodeKey(placed[0]!));
  return placed;
}

/** Runs the backward of a call; the gradients are in the scratch area, and what it returns goes there. */
function runBackward(id: number, count: number): number {
  const { type, ctx, slots, tensors } = calls.need(id)!;
  const grads = Array.from(scratch(0).subarray(0, count), (handle) => (handle === 0 ? null : wrap(handle)));
  const returned: unknown = type.backward(ctx, ...slots.map((slot) => (slot < 0 ? null : grads[slot])));
  const list: unknown[] = Array.isArray(returned) ? returned : [returned];
  const name = `${type.name}Backward`;
  while (list.length > tensors.length && list[list.length - 1] == null) list.pop();
  if (list.length !== tensors.length) {
    const message = `function ${name} returned an incorrect number of gradients (expected ${tensors.length}, got ${list.length})`;
    throw new AutogradError(`backward: ${message}`, 'backward', { expected: tensors.length, got: list.length });
  }
  const handles = list.map((g, i) => {
    if (g == null) return 0;
    if (!tensors[i]) {
      const message = `function ${name} returned a gradient different from null at position ${i}, but that argument of apply() is not a tensor`;
      throw new AutogradError(`backward: ${message}`, 'backward', { position: i });
    }
    if (!(g instanceof Tensor)) throw new UsageError(`backward: function ${name} must return tensors or null, got ${describe(g)}`, 'backward');
    if (g._handle <= 0) throw disposedError('backward', g);
    return g._handle;
  });
  const owned = handles.map((handle) => (handle === 0 ? 0 : checked(wasm().alias(handle))));
  scratch(owned.length).set(owned);
  return owned.length;
}

setHost({
  functionName: (id) => `${calls.get(id)?.type.name ?? ''}Backward`,
  functionBackward(id, count) {
    try {
      return runBackward(id, count);
    } catch (error) {
      rememberThrown(error);
      return -1;
    }
  },
  forgetFunction: forget,
});

/** The node of gradients that cannot be differentiated again. */
class OnceDifferentiable extends AutogradFunction {
  static override forward(_ctx: FunctionCtx, ...grads: (Tensor | null)[]): (Tensor | null)[] {
    return grads.map((g) => g && g.detach());
  }

  static override backward(): never {
    throw new AutogradError('backward: trying to differentiate twice a function that was marked with onceDifferentiable()', 'backward');
  }
}

/**
 * Marks a `backward` that cannot be differentiated itself: it runs without recording, and a second derivative through it
 * is an error instead of a wrong number. Wraps a function, `static backward = onceDifferentiable((ctx, g) => …)`, or
 * decorates a method, `@onceDifferentiable static backward(ctx, g) { … }`.
 */
export function onceDifferentiable<A extends unknown[], R>(
  fn: Backward<A, R> | { fn: Backward<A, R> },
  ...context: [] | [of: { readonly kind: string }]
): Backward<A, R> {
  // As a decorator it is also told what it decorates.
  const isDecorator = context.length === 1 && isOptions(context[0]) && context[0].kind === 'method';
  const backward = ONCE.read(isDecorator ? [fn] : [fn, ...context]).fn as Backward<A, R>;
  return function (this: unknown, ctx, ...grads) {
    const result = noGrad(() => backward.call(this, ctx, ...grads));
    if (!isGradEnabled() || !grads.some((g) => g instanceof Tensor && g.requiresGrad)) return result;
    const list = (Array.isArray(result) ? result : [result]) as (Tensor | null | undefined)[];
    const marked = OnceDifferentiable.apply<(Tensor | null)[], (Tensor | null)[]>(...list.map((g) => (g == null ? null : g.detach().requiresGrad_())));
    return (Array.isArray(result) ? marked : marked[0]) as R;
  };
}

type Backward<A extends unknown[], R> = (ctx: FunctionCtx, ...grads: A) => R;

const ONCE = /* @__PURE__ */ parameters<{ fn: Backward<never, unknown> }>('onceDifferentiable', () => ({ fn: callable }));
