// Calls of custom functions in the graph: how one is written into it, and how its backward runs.
import { describe } from '../core/describe';
import { AutogradError, UsageError } from '../core/errors';
import { isOptions } from '../core/plain-object';
import { CALLBACK_THREW, OUTPUT_DIFFERENTIABLE, OUTPUT_DIRTY } from '../generated/abi';
import { disposedError } from '../runtime/disposed';
import { GraphTable } from '../runtime/graph-table';
import { checked, rememberThrown } from '../runtime/last-error';
import { scratch } from '../runtime/scratch';
import { handToTape } from '../runtime/tape-held';
import { crashed, release, setHost, wasm } from '../runtime/wasm';
import { Tensor, wrap } from '../tensor/tensor';
import type { AutogradFunction } from './function';
import { tensorOf, type FunctionCtx } from './function-ctx';
import { nodeKey } from './hooks';
import { SavedOutputs } from './saved-outputs';

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

/** Writes a finished call into the graph; returns the outputs as the caller gets them. */
export function record(call: Call, inputs: readonly (Tensor | null)[], outputs: readonly Tensor[]): Tensor[] {
  const { type, ctx } = call;
  const words = [inputs.length, ...inputs.map((t) => t?._handle ?? 0), outputs.length];
  for (const t of outputs) {
    const flags = (ctx._nonDifferentiable.includes(t) ? 0 : OUTPUT_DIFFERENTIABLE) | (ctx._dirty.includes(t) ? OUTPUT_DIRTY : 0);
    words.push(tensorOf(type.name, t)._handle, flags);
  }
  // The other properties are the tape's too.
  const own = Object.entries(ctx).filter(([name, value]) => !name.startsWith('_') && (value instanceof Tensor || Array.isArray(value) || isOptions(value)));
  const savedOutputs = new SavedOutputs(own, outputs);
  const saved = [...ctx._saved, ...savedOutputs.tensors];
  ctx._savedCount = ctx._saved.length;
  words.push(saved.length);
  for (const t of saved) words.push(t === null ? 0 : tensorOf('saveForBackward', t)._handle);
  const id = ++lastId;
  ctx._id = id;
  calls.set(id, call, null, 0);
  // From here on the node keeps them, if there is one.
  ctx._saved = ctx._nonDifferentiable = ctx._dirty = [];
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
  if (recorded > 0) savedOutputs.install(ctx);
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
      return CALLBACK_THREW;
    }
  },
  forgetFunction: forget,
});
