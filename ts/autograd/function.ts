// Functions of the user's with a derivative of their own: PyTorch's torch.autograd.Function.
import { refuseInCapture } from '../core/capturing';
import { ours } from '../core/describe';
import { AutogradError } from '../core/errors';
import { OURS } from '../core/ours';
import { zerosLike } from '../generated/functions';
import { wasm } from '../runtime/wasm';
import { Tensor } from '../tensor/tensor';
import { noGrad } from './autograd';
import { unpackAt } from './dual';
import { makeDual } from './forward-ad';
import { FunctionCtx, tensorOf } from './function-ctx';
import { record } from './function-record';

/* eslint-disable @typescript-eslint/no-explicit-any -- a function takes whatever its author likes */

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
    const levelOf = (arg: unknown): number => (arg instanceof Tensor ? wasm().level_of(tensorOf(type.name, arg)._handle) : 0);
    const level = args.reduce<number>((most, arg) => Math.max(most, levelOf(arg)), 0);
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
