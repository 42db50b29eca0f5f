// Derivatives at a point, PyTorch's torch.autograd.functional: the results and not functions of them.
import { refuseInCapture } from '../core/capturing';
import { enableGrad, grad as gradients } from '../autograd/autograd';
import { describe } from '../core/describe';
import { AutogradError, UsageError } from '../core/errors';
import { anything, boolean, callable, only, word, type Kind } from '../core/kinds';
import { named, parameters, type Stated } from '../core/options';
import { onesLike } from '../generated/functions';
import { scope } from '../runtime/scope';
import { Tensor } from '../tensor/tensor';
import { grad } from './grad';
import { detached, jacfwd, jacrev } from './jacobian';
import { jvp as pushForward } from './jvp';
import { outputsOf } from './level';
import { tensorsIn, withTensors } from '../tensor/tree';
import type { Fn } from './types';
import { vjp as pullBack } from './vjp';

/** One tensor or several. */
export type Inputs = Tensor | readonly Tensor[];

/** How a derivative is given. */
export interface FunctionalOptions {
  /** Whether the result can be differentiated itself. */
  createGraph?: boolean;
  /** Whether an output that does not depend on an input is an error instead of having zeros. */
  strict?: boolean;
}

/** What is differentiated, and where. */
interface At {
  func: Fn;
  inputs: Inputs;
}

/** The function that gives a product with `v`, which has the type `V`. */
interface Product<V, Out> extends Stated {
  <T extends Inputs>(f: (...inputs: Tensor[]) => Tensor, inputs: T, v?: (V extends Tensor ? Tensor : T) | null, options?: FunctionalOptions): [Tensor, Out extends Tensor ? Tensor : T];
  <T extends Inputs>(f: (...inputs: Tensor[]) => Tensor, inputs: T, v: (V extends Tensor ? Tensor : T) | null, createGraph: boolean, strict?: boolean): [Tensor, Out extends Tensor ? Tensor : T];
  <T extends Inputs>(f: (...inputs: Tensor[]) => Tensor, inputs: T, options: FunctionalOptions & { v?: (V extends Tensor ? Tensor : T) | null }): [Tensor, Out extends Tensor ? Tensor : T];
  <T extends Inputs>(options: FunctionalOptions & { func: (...inputs: Tensor[]) => Tensor; inputs: T; v?: (V extends Tensor ? Tensor : T) | null }): [Tensor, Out extends Tensor ? Tensor : T];
}

const AT = () => ({ func: callable, inputs: anything });
const OPTIONS = () => ({ createGraph: boolean.or(false), strict: boolean.or(false) });
const PRODUCT = () => ({ ...AT(), v: (anything as Kind<Inputs>).orNull(), ...OPTIONS() });

/** How a Jacobian is worked out. */
export interface JacobianOptions extends FunctionalOptions {
  /** Needed, as in PyTorch, for the forward-mode strategy; it changes nothing else. */
  vectorize?: boolean;
  /** By one backward pass an output, or by one run of the function an input. */
  strategy?: 'reverse-mode' | 'forward-mode';
}

function listOf(where: string, value: Inputs): readonly Tensor[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const t of list) if (!(t instanceof Tensor)) throw new UsageError(`${where}: the inputs must be tensors, got ${describe(t)}`, where);
  return list as readonly Tensor[];
}

/** The inputs of a call that begins, which is refused while a function is captured. */
function started(where: string, value: Inputs): readonly Tensor[] {
  refuseInCapture(where, 'transform');
  return listOf(where, value);
}

function settle(value: unknown, options: { createGraph: boolean }): unknown {
  return options.createGraph ? value : detached(value);
}

/** `f`, which must return a 0-dim tensor or one of one element, as a function with a 0-dim result. */
function scalar(where: string, f: Fn): Fn {
  return (...args: unknown[]) => {
    const out: unknown = f(...args);
    if (!(out instanceof Tensor) || out.numel() !== 1) {
      const got = out instanceof Tensor ? `a tensor of shape [${out.shape.join(', ')}]` : describe(out);
      throw new AutogradError(`${where}: the function must return a tensor of one element, got ${got}`, where);
    }
    return out.ndim === 0 ? out : out.reshape([]);
  };
}

/** Throws where some output does not depend on some input. */
function checkDependence(where: string, f: Fn, inputs: readonly Tensor[]): void {
  scope(() => {
    const given = inputs.map((t) => t.detach().requiresGrad_());
    const outputs = outputsOf(where, enableGrad(() => f(...given) as unknown));
    outputs.forEach((t, o) => {
      const found = t.requiresGrad ? gradients(t.sum(), given, { allowUnused: true, retainGraph: true }) : [];
      const i = given.findIndex((_, k) => (found[k] ?? null) === null);
      if (i < 0) return;
      throw new AutogradError(`${where}: output ${o} of the function is independent of input ${i}, which strict does not allow`, where, { output: o, input: i });
    });
  });
}

/** A `T` for each of a list. */
type EachOf<I, T> = { -readonly [K in keyof I]: T };

/** The function `jacobian`. */
interface JacobianAt extends Stated {
  (f: (...inputs: Tensor[]) => Tensor, inputs: Tensor, options?: JacobianOptions): Tensor;
  <I extends readonly Tensor[] | []>(f: (...inputs: Tensor[]) => Tensor, inputs: I, options?: JacobianOptions): EachOf<I, Tensor>;
  <I extends readonly Tensor[] | []>(f: (...inputs: Tensor[]) => readonly Tensor[], inputs: I, options?: JacobianOptions): EachOf<I, Tensor>[];
  (options: JacobianOptions & { func: (...inputs: Tensor[]) => Tensor; inputs: Tensor }): Tensor;
  (options: JacobianOptions & { func: (...inputs: Tensor[]) => Tensor; inputs: readonly Tensor[] }): Tensor[];
  (options: JacobianOptions & { func: (...inputs: Tensor[]) => readonly Tensor[]; inputs: readonly Tensor[] }): Tensor[][];
}

/**
 * The Jacobian of `f` at `inputs`: for a tensor in and a tensor out a tensor of shape `[...output, ...input]`, else lists, by
 * output first and by input second. PyTorch's `torch.autograd.functional.jacobian`.
 */
export const jacobian: JacobianAt = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<At & JacobianOptions>('jacobian', () => ({
    ...AT(),
    ...OPTIONS(),
    vectorize: boolean.or(false),
    strategy: word('reverse-mode', 'forward-mode').or('reverse-mode'),
  })),
  ({ func, inputs, strategy, ...options }) => {
    const list = started('jacobian', inputs);
    const isForward = strategy === 'forward-mode';
    if (isForward && (!options.vectorize || options.strict)) {
      throw new UsageError("jacobian: strategy 'forward-mode' needs vectorize: true and no strict; or use func.jacfwd", 'jacobian');
    }
    if (options.strict) checkDependence('jacobian', func, list);
    const transform = isForward ? jacfwd : jacrev;
    const argnums = Array.isArray(inputs) ? list.map((_, i) => i) : 0;
    return settle((transform(func, argnums as number) as Fn)(...list), options);
  },
);

/** The function `hessian`. */
interface HessianAt extends Stated {
  (f: (...inputs: Tensor[]) => Tensor, inputs: Tensor, options?: FunctionalOptions): Tensor;
  <I extends readonly Tensor[] | []>(f: (...inputs: Tensor[]) => Tensor, inputs: I, options?: FunctionalOptions): EachOf<I, EachOf<I, Tensor>>;
  (options: FunctionalOptions & { func: (...inputs: Tensor[]) => Tensor; inputs: Tensor }): Tensor;
  (options: FunctionalOptions & { func: (...inputs: Tensor[]) => Tensor; inputs: readonly Tensor[] }): Tensor[][];
}

/**
 * The Hessian of `f`, a function with a result of one element, at `inputs`: for one tensor a tensor of shape
 * `[...input, ...input]`, else a list of lists. PyTorch's `torch.autograd.functional.hessian`.
 */
export const hessian: HessianAt = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<At & FunctionalOptions & { vectorize?: boolean; outerJacobianStrategy?: 'reverse-mode' }>('hessian', () => ({
    ...AT(),
    ...OPTIONS(),
    vectorize: boolean.or(false),
    outerJacobianStrategy: only('reverse-mode'),
  })),
  ({ func, inputs, ...options }) => {
    const list = started('hessian', inputs);
    const argnums = (Array.isArray(inputs) ? list.map((_, i) => i) : 0) as number;
    return settle((jacfwd(grad(scalar('hessian', func), argnums) as Fn, argnums) as Fn)(...list), options);
  },
);

/**
 * Returns `[f(inputs), H v]`, the product of the Hessian with `v` without ever forming it, by forward mode over reverse mode.
 * `v` has the structure of `inputs` and may be left out for a single input of one element. PyTorch's
 * `torch.autograd.functional.hvp`.
 */
export const hvp: Product<Inputs, Inputs> = /* @__PURE__ */ named(/* @__PURE__ */ parameters('hvp', PRODUCT), ({ func: f, inputs, v, ...options }) => {
  const list = started('hvp', inputs);
  if (v === null && (list.length !== 1 || list[0]!.numel() !== 1)) {
    throw new UsageError('hvp: v can be left out only where there is one input of one element', 'hvp');
  }
  const directions = v === null ? [onesLike(list[0]!)] : listOf('hvp', v);
  const value = scalar('hvp', f);
  const gradient = grad((...xs: Tensor[]) => {
    const out = value(...xs) as Tensor;
    return [out, out];
  }, list.map((_, i) => i) as never, true) as Fn;
  const [, product, out] = pushForward(gradient, list as never, directions as never, { hasAux: true }) as unknown as [unknown, Tensor[], Tensor];
  return [settle(out, options), settle(Array.isArray(inputs) ? product : product[0], options)] as [Tensor, Inputs];
});

/**
 * Returns `[f(inputs), vᵀ H]`, which for a Hessian, symmetric as it is, equals `hvp`. PyTorch's
 * `torch.autograd.functional.vhp`.
 */
export const vhp: Product<Inputs, Inputs> = /* @__PURE__ */ named(/* @__PURE__ */ parameters('vhp', PRODUCT), ({ func, inputs, v, ...options }) => {
  refuseInCapture('vhp', 'transform');
  return hvp(func, inputs, v as never, options);
});

/** Returns `[f(inputs), vᵀ J]`; `v` may be left out for an output of one element. PyTorch's `torch.autograd.functional.vjp`. */
export const vjp: Product<Tensor, Inputs> = /* @__PURE__ */ named(/* @__PURE__ */ parameters('vjp', PRODUCT), ({ func: f, inputs, v, ...options }) => {
  const list = started('vjp', inputs);
  const [out, pull] = pullBack(f as Fn, ...list) as unknown as [Tensor, (g: unknown) => Tensor[]];
  const outputs = tensorsIn(out);
  if (v === null && (outputs.length !== 1 || outputs[0]!.numel() !== 1)) {
    throw new UsageError('vjp: v can be left out only for an output of one element', 'vjp');
  }
  const product = pull(v ?? withTensors(out, [onesLike(outputs[0]!)]));
  return [settle(out, options), settle(Array.isArray(inputs) ? product : product[0], options)] as [Tensor, Inputs];
});

/** Returns `[f(inputs), J v]`; `v` may be left out for one input of one element. PyTorch's `torch.autograd.functional.jvp`. */
export const jvp: Product<Inputs, Tensor> = /* @__PURE__ */ named(/* @__PURE__ */ parameters('jvp', PRODUCT), ({ func: f, inputs, v, ...options }) => {
  const list = started('jvp', inputs);
  if (v === null && (list.length !== 1 || list[0]!.numel() !== 1)) {
    throw new UsageError('jvp: v can be left out only where there is one input of one element', 'jvp');
  }
  const directions = v === null ? [onesLike(list[0]!)] : listOf('jvp', v);
  const [out, tangent] = pushForward(f as Fn, list as never, directions as never) as [unknown, unknown];
  return [settle(out, options), settle(tangent, options)] as [Tensor, Tensor];
});
