// The graph as a program can change it: PyTorch's torch.autograd.graph.
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { disposedError } from '../runtime/disposed';
import { AutogradError, UsageError } from '../core/errors';
import { GradFn } from './grad-fn';
import { registerHook, type HookHandle } from './hooks';
import { boolean, callable, list, text, word } from '../core/kinds';
import { during, named, parameters, stating, within, type Arguments, type Stated, type Values } from '../core/options';
import { OURS, checkOurs } from '../core/ours';
import { SavedTensorsHooks, disableSavedTensorsHooks, savedTensorsHooks } from './saved-tensors';
import { scratch } from '../runtime/scratch';
import { Tensor } from '../tensor/tensor';
import { tensor, tensors } from '../tensor/tensor-kinds';
import { checked } from '../runtime/last-error';
import { wasm } from '../runtime/wasm';

export { GradientEdge, getGradientEdge } from './gradient-edge';
export { GradFn as Node, disableSavedTensorsHooks, savedTensorsHooks };

function tensorOf(op: string, t: unknown): Tensor {
  if (!(t instanceof Tensor)) throw new UsageError(`${op}: expected a tensor, got ${describe(t)}`, op);
  if (t._handle <= 0) throw disposedError(op, t);
  return t;
}

/** When a hook on several tensors runs. */
export interface MultiGradHookOptions {
  /** `'all'` (the default): once all gradients that this backward pass computes are there. `'any'`: at the first of them. */
  mode?: 'all' | 'any';
}

/**
 * Runs `hook` once a backward pass with the gradients of `tensors`, in their order, null for those the pass does not compute; in mode
 * `'any'`, with the first gradient that is known. What it returns is ignored.
 */
export const registerMultiGradHook: RegisterMultiGradHook = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<MultiGradHookArguments>(
    'registerMultiGradHook',
    () => ({ tensors: list('tensors', tensor), fn: callable, mode: word('all', 'any').or('all') }),
    1,
  ),
  watch,
);

/** The function `registerMultiGradHook`. */
interface RegisterMultiGradHook extends Stated {
  (tensors: readonly Tensor[], fn: (gradients: readonly (Tensor | null)[]) => void, options?: { mode?: 'all' }): HookHandle;
  (tensors: readonly Tensor[], fn: (gradient: Tensor) => void, options: { mode: 'any' }): HookHandle;
  (
    options: { tensors: readonly Tensor[] } & (
      | { fn: (gradients: readonly (Tensor | null)[]) => void; mode?: 'all' }
      | { fn: (gradient: Tensor) => void; mode: 'any' }
    ),
  ): HookHandle;
}

interface MultiGradHookArguments extends MultiGradHookOptions {
  tensors: readonly Tensor[];
  fn: ((gradients: readonly (Tensor | null)[]) => void) | ((gradient: Tensor) => void);
}

function watch({ tensors, fn: hook, mode }: Values<MultiGradHookArguments>): HookHandle {
  refuseInCapture('registerMultiGradHook', 'hook');
  const handles = tensors.map((t) => tensorOf('registerMultiGradHook', t)._handle);
  scratch(handles.length).set(handles);
  const group = checked(wasm().watch_group(handles.length));
  /** What the present backward pass brought, by how deep in other passes it is. */
  const running: { gradients: (Tensor | null)[]; missing: number }[] = [];
  const arrived = (i: number, g: Tensor): void => {
    const depth = wasm().group_passes(group);
    running.length = Math.min(running.length, depth);
    const passes = Array.from(scratch(0).subarray(0, tensors.length));
    const pass = (running[depth - 1] ??= { gradients: tensors.map(() => null), missing: passes.filter((p) => p !== 0).length });
    pass.gradients[i] = g;
    pass.missing -= 1;
    const isFirst = pass.gradients.filter((other) => other !== null).length === 1;
    const { gradients, missing } = pass;
    if (missing === 0) running.length = depth - 1;
    if (mode === 'any') {
      if (isFirst) (hook as (gradient: Tensor) => void)(g);
    } else if (missing === 0) (hook as (gradients: readonly (Tensor | null)[]) => void)(gradients);
  };
  const parts: HookHandle[] = [];
  const remove = (): void => {
    for (const part of parts) part.remove();
    wasm().forget_group(group);
  };
  try {
    for (const [i, t] of tensors.entries()) parts.push(registerHook(t, (g) => { arrived(i, g); }, 'gradient'));
  } catch (error) {
    // Where one tensor is refused, the others are not watched either.
    remove();
    throw error;
  }
  return { remove };
}

/** Counts a change of the tensor's values that was made behind the library's back, so that derivatives notice it. */
export const incrementVersion: Stated & ((...args: Arguments<{ tensor: Tensor | readonly Tensor[] }, ['tensor']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ tensor: Tensor | Iterable<Tensor> }>('incrementVersion', () => ({ tensor: tensors })),
  ({ tensor }) => {
    refuseInCapture('incrementVersion', 'leaf');
    for (const t of tensor instanceof Tensor ? [tensor] : tensor) {
      checked(wasm().increment_version(tensorOf('incrementVersion', t)._handle));
    }
  },
);

/** What PyTorch's `save_on_cpu` takes; it changes nothing here. */
export interface SaveOnCpuOptions {
  pinMemory?: boolean;
  deviceType?: string;
}

const SAVE_ON_CPU = /* @__PURE__ */ parameters<SaveOnCpuOptions & { fn?: (() => unknown) | null }>('saveOnCpu', () => ({
  pinMemory: boolean.or(false),
  deviceType: text.or('cuda'),
  fn: callable.orNull(),
}));

/**
 * `savedTensorsHooks` that keep values in main memory, where they are anyway: for programs that say it for the sake of
 * accelerators.
 */
export const saveOnCpu: SaveOnCpu = /* @__PURE__ */ stating(SAVE_ON_CPU, ((...args: unknown[]): unknown => {
  const asItIs = (t: Tensor): Tensor => t;
  const { fn } = SAVE_ON_CPU.read(typeof args[0] === 'function' ? [undefined, undefined, ...args] : args);
  return fn === null ? savedTensorsHooks(asItIs, asItIs) : savedTensorsHooks(asItIs, asItIs, fn);
}) as SaveOnCpu);

/** The function `saveOnCpu`. */
interface SaveOnCpu extends Stated {
  (pinMemory?: boolean | SaveOnCpuOptions): SavedTensorsHooks;
  <T>(fn: () => T): T;
}

let mutationAllowed: object | null = null;

/** Ends `allowMutationOnSavedTensors` when it is disposed of. */
export class MutationGuard extends SavedTensorsHooks {
  private readonly context: object;

  /** @internal */
  constructor(key: typeof OURS) {
    checkOurs(key, 'MutationGuard', 'call allowMutationOnSavedTensors()');
    if (mutationAllowed !== null) {
      throw new AutogradError('allowMutationOnSavedTensors: contexts cannot be nested', 'allowMutationOnSavedTensors');
    }
    const context = {};
    super(OURS, {
      pack: (t) => t.clone(),
      unpack: (t: Tensor) => {
        if (mutationAllowed === context) return t;
        throw new AutogradError(
          'allowMutationOnSavedTensors: trying to backward outside of the context in which the graph was recorded',
          'allowMutationOnSavedTensors',
        );
      },
    });
    this.context = mutationAllowed = context;
  }

  override dispose(): void {
    super.dispose();
    if (mutationAllowed === this.context) mutationAllowed = null;
  }
}

/**
 * While `fn` runs, or until the returned guard is disposed of, values that a derivative needs may be changed in place: the
 * derivative uses what they were. The backward pass must run inside. Each saved value is copied when it is saved.
 */
export const allowMutationOnSavedTensors: AllowMutation = /* @__PURE__ */ named(
  /* @__PURE__ */ during('allowMutationOnSavedTensors'),
  ({ fn }) => within('allowMutationOnSavedTensors', new MutationGuard(OURS), fn),
);

/** The function `allowMutationOnSavedTensors`. */
interface AllowMutation extends Stated {
  (): MutationGuard;
  <T>(fn: (() => T) | { fn: () => T }): T;
}
