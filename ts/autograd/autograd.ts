// Gradients and grad modes.
import { describe, ours } from '../core/describe';
import { disposedError } from '../runtime/disposed';
import { UsageError } from '../core/errors';
import { stack } from '../generated/functions';
import { GradientEdge, standIn } from './gradient-edge';
import { anything, boolean, callable, only } from '../core/kinds';
import { during, isAlone, named, nothing, parameters, stating, within, type Arguments, type Stated, type Values } from '../core/options';
import { OURS, checkOurs } from '../core/ours';
import { isReadable } from '../core/plain-object';
import { scratch } from '../runtime/scratch';
import { dispose } from '../core/symbols';
import { MODE_GRAD, MODE_INFERENCE, PASS_ALLOW_UNUSED, PASS_CREATE_GRAPH, PASS_KEEP_GRAPH, PASS_MATERIALIZE } from '../generated/abi';
import { Tensor, wrap } from '../tensor/tensor';
import { checked } from '../runtime/last-error';
import { crashed, wasm } from '../runtime/wasm';

/** A tensor, or the place in the graph that stands for one (`autograd.graph.getGradientEdge`). */
export type Place = Tensor | GradientEdge;

/** How a backward pass runs. */
export interface BackwardOptions {
  /** Whether the graph is kept for another backward pass; as `createGraph` by default. */
  retainGraph?: boolean | null;
  /** Whether the gradients can be differentiated themselves. */
  createGraph?: boolean;
  /** The only tensors to accumulate into. */
  inputs?: Place | readonly Place[] | null;
}

/** How gradients are computed. */
export interface GradOptions {
  /** Gradients of the outputs; 1 for those of one element. */
  gradOutputs?: Tensor | null | readonly (Tensor | null)[];
  /** Whether the graph is kept for another backward pass; as `createGraph` by default. */
  retainGraph?: boolean | null;
  /** Whether the gradients can be differentiated themselves. */
  createGraph?: boolean;
  /** PyTorch's, which ignores it. */
  onlyInputs?: true;
  /** Whether inputs that took no part give `null` instead of an error. */
  allowUnused?: boolean | null;
  /** Whether `gradOutputs` hold many gradients each, along a dim in front; so do the results then. */
  isGradsBatched?: boolean;
  /** Whether inputs that took no part give zeros. */
  materializeGrads?: boolean;
}


function listOf<T>(value: T | readonly T[]): readonly T[] {
  // A copy has no holes.
  return Array.isArray(value) ? Array.from(value as readonly T[]) : [value as T];
}

function handleOf(op: string, what: string, given: unknown): number {
  const t = isReadable(given) && given instanceof GradientEdge ? standIn(given) : given;
  if (!isReadable(t) || !(t instanceof Tensor)) throw new UsageError(`${op}: ${what} must be a tensor, got ${describe(t)}`, op);
  if (t._handle <= 0) throw disposedError(op, t);
  return t._handle;
}

/** Writes what both kinds of backward pass read; returns how many words that is. */
function put(
  op: string,
  flags: number,
  roots: readonly Place[],
  grads: readonly (Tensor | null)[] | null,
  inputs: readonly Place[] | null,
): number {
  if (grads !== null && grads.length !== roots.length) {
    throw new UsageError(`${op}: got ${roots.length} tensor(s) but ${grads.length} gradient(s)`, op);
  }
  const words = [flags, roots.length];
  roots.forEach((root, i) => {
    const g = grads?.[i] ?? null;
    words.push(handleOf(op, 'every output', root), g == null ? 0 : handleOf(op, 'every gradient', g));
  });
  words.push(inputs === null ? -1 : inputs.length);
  for (const input of inputs ?? []) words.push(handleOf(op, 'every input', input));
  scratch(words.length).set(words);
  return words.length;
}

function passFlags(options: { retainGraph?: boolean | null; createGraph?: boolean }): number {
  const create = options.createGraph === true;
  return (options.retainGraph ?? create ? PASS_KEEP_GRAPH : 0) | (create ? PASS_CREATE_GRAPH : 0);
}

/** The usual backward pass: from one tensor, to all leaves. */
export function runBackward(root: Tensor, gradient: Tensor | null): void {
  const h = handleOf('backward', 'every output', root);
  const g = gradient === null ? 0 : handleOf('backward', 'every gradient', gradient);
  let result: number;
  try {
    result = wasm().backward_from(h, g);
  } catch (e) {
    throw crashed(e);
  }
  checked(result);
}

/** The arguments of `backward`. */
export interface BackwardArguments extends BackwardOptions {
  /** Where to start. */
  tensors: Place | readonly Place[];
  /** Their own gradients; `null` stands for 1 where there is one element. */
  gradTensors?: Tensor | null | readonly (Tensor | null)[];
  /** PyTorch's older name of `gradTensors`. */
  gradVariables?: Tensor | null | readonly (Tensor | null)[];
}

const BACKWARD = /* @__PURE__ */ parameters<BackwardArguments>('backward', () => ({
  tensors: anything,
  gradTensors: anything.orNull(),
  retainGraph: boolean.orNull(),
  createGraph: boolean.or(false),
  gradVariables: anything.orNull(),
  inputs: anything.orNull(),
}));

/**
 * Adds the gradients of `tensors` to the `.grad` of the leaves they were computed from, PyTorch's
 * `torch.autograd.backward`. `gradTensors` holds their own gradients; `null` stands for 1 where there is one element.
 */
export const backward: Stated &
  ((...args: Arguments<BackwardArguments, ['tensors', 'gradTensors', 'retainGraph', 'createGraph', 'gradVariables', 'inputs']>) => void) = /* @__PURE__ */ named(
  BACKWARD,
  ({ tensors, gradTensors, gradVariables, ...options }) => {
    if (gradTensors !== null && gradVariables !== null) {
      throw new UsageError('backward: gradTensors and gradVariables are one argument and were both given; leave out gradVariables', 'backward');
    }
    runBackwardFrom(tensors, gradTensors ?? gradVariables, options);
  },
);

/** The backward pass from `tensors` to the leaves, or to those asked for. */
export function runBackwardFrom(tensors: Place | readonly Place[], gradTensors: Tensor | null | readonly (Tensor | null)[], options: Values<BackwardOptions>): void {
  const roots = listOf(tensors);
  const grads = gradTensors === null ? null : listOf<Tensor | null>(gradTensors);
  const inputs = options.inputs === null ? null : listOf(options.inputs);
  const words = put('backward', passFlags(options), roots, grads, inputs);
  let result: number;
  try {
    result = wasm().backward(words);
  } catch (e) {
    throw crashed(e);
  }
  checked(result);
}

/** The arguments of `grad`. */
export interface GradArguments extends GradOptions {
  /** What is differentiated. */
  outputs: Place | readonly Place[];
  /** With respect to what. */
  inputs: Place | readonly Place[];
}

/** By position, in PyTorch's order. */
type GradOrder = ['outputs', 'inputs', 'gradOutputs', 'retainGraph', 'createGraph', 'onlyInputs', 'allowUnused', 'isGradsBatched', 'materializeGrads'];

/** Options that make a gradient null where an input took no part. */
type Unused = { allowUnused: true } | { allowUnused: boolean | null };

/** The gradients of the outputs themselves. */
type Gradients = GradOptions['gradOutputs'];
/** What follows these by position. */
type RestOrder = ['retainGraph', 'createGraph', 'onlyInputs', 'allowUnused', 'isGradsBatched', 'materializeGrads'];
/** The same where gradients may be null: with `allowUnused` by position, or by name behind any number of the others. */
type NullableRest =
  | [retainGraph: boolean | null | undefined, createGraph: boolean | undefined, onlyInputs: true | undefined, allowUnused: true, isGradsBatched?: boolean, materializeGrads?: false]
  | [options: Omit<GradOptions, 'gradOutputs'> & Unused & { materializeGrads?: false }]
  | [retainGraph: boolean | null | undefined, options: Omit<GradOptions, 'gradOutputs' | 'retainGraph'> & Unused & { materializeGrads?: false }]
  | [retainGraph: boolean | null | undefined, createGraph: boolean | undefined, options: Pick<GradOptions, 'onlyInputs' | 'isGradsBatched'> & Unused & { materializeGrads?: false }];

/** The function `grad`. */
export interface Grad extends Stated {
  (outputs: Place | readonly Place[], inputs: Place, options: GradOptions & Unused & { materializeGrads?: false }): [Tensor | null];
  <I extends readonly Place[] | []>(outputs: Place | readonly Place[], inputs: I, options: GradOptions & Unused & { materializeGrads?: false }): { -readonly [K in keyof I]: Tensor | null };
  <I extends readonly Place[] | []>(outputs: Place | readonly Place[], inputs: I, gradOutputs: Gradients, ...rest: NullableRest): { -readonly [K in keyof I]: Tensor | null };
  <I extends readonly Place[] | []>(outputs: Place | readonly Place[], inputs: I, gradOutputs: Gradients, ...rest: Arguments<Omit<GradOptions, 'gradOutputs'>, RestOrder>): { -readonly [K in keyof I]: Tensor };
  (outputs: Place | readonly Place[], inputs: Place, gradOutputs: Gradients, ...rest: NullableRest): [Tensor | null];
  (outputs: Place | readonly Place[], inputs: Place, gradOutputs: Gradients, ...rest: Arguments<Omit<GradOptions, 'gradOutputs'>, RestOrder>): [Tensor];
  (options: GradArguments & Unused & { materializeGrads?: false }): (Tensor | null)[];
  (outputs: Place | readonly Place[], inputs: Place, options?: GradOptions): [Tensor];
  <I extends readonly Place[] | []>(outputs: Place | readonly Place[], inputs: I, options?: GradOptions): { -readonly [K in keyof I]: Tensor };
  (...args: Arguments<GradArguments, GradOrder>): Tensor[];
}

/**
 * The gradients of `outputs` with respect to `inputs`, in the order of `inputs`; no `.grad` is touched. PyTorch's
 * `torch.autograd.grad`.
 */
export const grad: Grad = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<GradArguments>('grad', () => ({
    outputs: anything,
    inputs: anything,
    gradOutputs: anything.orNull(),
    retainGraph: boolean.orNull(),
    createGraph: boolean.or(false),
    onlyInputs: only(true),
    allowUnused: boolean.orNull(),
    isGradsBatched: boolean.or(false),
    materializeGrads: boolean.or(false),
  })),
  gradients,
);

function gradients({ outputs, inputs, ...options }: Values<GradArguments>): (Tensor | null)[] {
  const { gradOutputs, allowUnused, materializeGrads } = options;
  if (materializeGrads && allowUnused === false) {
    throw new UsageError('grad: allowUnused must be true or left out where materializeGrads is true, got false', 'grad');
  }
  if (options.isGradsBatched) return batchedGrad(outputs, inputs, options);
  const flags = passFlags(options) | (allowUnused === true ? PASS_ALLOW_UNUSED : 0) | (materializeGrads ? PASS_MATERIALIZE : 0);
  const grads = gradOutputs === null ? null : listOf<Tensor | null>(gradOutputs);
  const words = put('grad', flags, listOf(outputs), grads, listOf(inputs));
  let count: number;
  try {
    count = wasm().grad(words);
  } catch (e) {
    throw crashed(e);
  }
  checked(count);
  return Array.from(scratch(0).subarray(0, count), (handle) => (handle === 0 ? null : wrap(handle)));
}

/** One backward pass for each of the gradients along the first dim of `gradOutputs`. */
function batchedGrad(outputs: Place | readonly Place[], inputs: Place | readonly Place[], options: Values<GradOptions>): (Tensor | null)[] {
  const batches = options.gradOutputs === null ? [] : listOf<Tensor | null>(options.gradOutputs);
  for (const g of batches) if (g != null) handleOf('grad', 'every gradient', g);
  const count = batches.find((g) => g != null)?.shape[0] ?? 0;
  if (count === 0 || batches.some((g) => g != null && g.shape[0] !== count)) {
    throw new UsageError('grad: with isGradsBatched, gradOutputs must be tensors with as many gradients, at least one, along their first dim', 'grad');
  }
  const rows: (Tensor | null)[][] = Array.from({ length: count }, (_, i) => {
    const isLast = i === count - 1;
    const retainGraph = isLast ? options.retainGraph : true;
    return gradients({ ...options, outputs, inputs, isGradsBatched: false, retainGraph, gradOutputs: batches.map((g) => g?.select(0, i) ?? null) });
  });
  return rows[0]!.map((first, k) => (first === null ? null : stack(rows.map((row) => row[k]!))));
}

/** Runs `fn` with the recording of operations switched on or off. */
function recording<T>(on: boolean, fn: () => T): T {
  const before = wasm().get_mode(MODE_GRAD);
  try {
    wasm().set_mode(MODE_GRAD, on ? 1 : 0);
    return ours(on ? 'enableGrad' : 'noGrad', fn());
  } finally {
    wasm().set_mode(MODE_GRAD, before);
  }
}

/** Restores a mode when it is disposed of: `using _ = noGrad()`. */
export class ModeGuard implements Disposable {
  private readonly before: readonly (readonly [which: number, on: boolean])[];
  private isOver = false;

  /** @internal Sets the modes. */
  constructor(key: typeof OURS, modes: readonly (readonly [which: number, on: boolean])[]) {
    checkOurs(key, 'ModeGuard', 'call noGrad(), enableGrad(), setGradEnabled() or inferenceMode()');
    this.before = modes.map(([which]) => [which, wasm().get_mode(which) !== 0] as const);
    for (const [which, on] of modes) wasm().set_mode(which, on ? 1 : 0);
  }

  /** Restores what was before. Twice is harmless. */
  dispose(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const [which, on] of this.before) wasm().set_mode(which, on ? 1 : 0);
  }

  /** The same, at the end of a `using` block. */
  [dispose](): void {
    this.dispose();
  }
}


/** A function that runs another with recording switched on or off, or switches it until its guard is disposed of. */
export interface Recording extends Stated {
  (): ModeGuard;
  <T>(fn: (() => T) | { fn: () => T }): T;
}

function recordingWhile(where: string, on: boolean): Recording {
  const of = during(where);
  return stating(of, ((...args: unknown[]): unknown => {
    const fn = isAlone(args) ? args[0] : of.read(args).fn;
    return fn === null ? new ModeGuard(OURS, [[MODE_GRAD, on]]) : recording(on, fn);
  }) as Recording);
}

/**
 * Runs `fn` without recording operations; without `fn`, until the returned guard is disposed of (`using _ = noGrad()`).
 * An asynchronous `fn` is covered up to its first `await`.
 */
export const noGrad: Recording = /* @__PURE__ */ recordingWhile('noGrad', false);

/** Runs `fn` with operations recorded, also inside `noGrad()`. */
export const enableGrad: Recording = /* @__PURE__ */ recordingWhile('enableGrad', true);

/** Switches recording on or off: for good, for `fn`, or until the returned guard is disposed of. */
export const setGradEnabled: SetGradEnabled = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ mode: boolean; fn?: (() => unknown) | null }>('setGradEnabled', () => ({ mode: boolean, fn: callable.orNull() })),
  ({ mode, fn }) => within('setGradEnabled', new ModeGuard(OURS, [[MODE_GRAD, mode]]), fn),
);

/** The function `setGradEnabled`. */
export interface SetGradEnabled extends Stated {
  (mode: boolean | { mode: boolean }): ModeGuard;
  <T>(mode: boolean, fn: () => T): T;
}

const INFERENCE_MODE = /* @__PURE__ */ parameters<{ mode?: boolean; fn?: (() => unknown) | null }>('inferenceMode', () => ({
  mode: boolean.or(true),
  fn: callable.orNull(),
}));

/**
 * Runs `fn` so that its tensors can never take part in a recorded computation, which makes them cheaper. With `mode` false,
 * as if it were not on: in PyTorch, too, gradients are then recorded.
 */
export const inferenceMode: InferenceMode = /* @__PURE__ */ stating(INFERENCE_MODE, ((...args: unknown[]): unknown => {
  const { mode, fn } = INFERENCE_MODE.read(typeof args[0] === 'function' ? [true, ...args] : args);
  const modes = [
    [MODE_INFERENCE, mode],
    [MODE_GRAD, !mode],
  ] as const;
  return within('inferenceMode', new ModeGuard(OURS, modes), fn);
}) as InferenceMode);

/** The function `inferenceMode`. */
export interface InferenceMode extends Stated {
  (mode?: boolean | { mode?: boolean }): ModeGuard;
  <T>(fn: () => T): T;
  <T>(mode: boolean, fn: () => T): T;
}

/** Whether operations are recorded. */
export const isGradEnabled: Stated & (() => boolean) = /* @__PURE__ */ named(/* @__PURE__ */ nothing('isGradEnabled'), () => wasm().get_mode(MODE_GRAD) !== 0);

/** Whether inference mode is on. */
export const isInferenceModeEnabled: Stated & (() => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ nothing('isInferenceModeEnabled'),
  () => wasm().get_mode(MODE_INFERENCE) !== 0,
);
