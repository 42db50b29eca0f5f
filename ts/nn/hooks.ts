// Hooks of modules: what runs around `forward` and when gradients have passed.
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { callable } from '../core/kinds';
import { named, parameters, type Arguments, type ParameterList, type Stated } from '../core/options';
import { aroundCalls } from '../runtime/around-calls';
import type { Tensor } from '../tensor/tensor';
import { GradientWatch } from './gradient-watch';
import type { Module } from './module';

/** Sees the arguments; may return others: a list of them, or the one argument there is. */
export type ForwardPreHook = (module: Module, args: readonly unknown[]) => unknown;
/** Sees arguments and output; may return another output. */
export type ForwardHook = (module: Module, args: readonly unknown[], output: unknown) => unknown;
/** Sees the gradients of the arguments, null for those that have none, and of the outputs; may return other gradients of the arguments. */
export type BackwardHook = (
  module: Module,
  gradInput: readonly (Tensor | null)[],
  gradOutput: readonly (Tensor | null)[],
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- as above
) => readonly (Tensor | null)[] | undefined | void;

/** Sees the gradients of the outputs before those of the arguments are computed; may return others. */
export type BackwardPreHook = (
  module: Module,
  gradOutput: readonly (Tensor | null)[],
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- as above
) => readonly (Tensor | null)[] | undefined | void;

/** How a hook is registered. */
export interface HookOptions {
  /** Whether it runs before those that are registered already. */
  prepend?: boolean;
}

/** Takes a hook back. */
export interface RemovableHandle {
  remove(): void;
}

/** Hooks of one kind, in the order they run. A run goes over those there are when it starts. */
export class Hooks<H, O extends HookOptions = HookOptions> {
  entries: readonly { readonly hook: H; readonly options: O }[];

  constructor(like?: Hooks<H, O>) {
    this.entries = like?.entries ?? [];
  }

  add(hook: H, options: O): RemovableHandle {
    if (typeof hook !== 'function') throw new UsageError(`a hook of a module must be a function, got ${describe(hook)}`, 'registerHook');
    const entry = { hook, options };
    this.entries = options.prepend === true ? [entry, ...this.entries] : [...this.entries, entry];
    return {
      remove: () => {
        this.entries = this.entries.filter((other) => other !== entry);
      },
    };
  }
}

/** How a forward hook is registered. */
export interface ForwardHookOptions extends HookOptions {
  /** Whether it also runs, with the output null, where `forward` threw. */
  alwaysCall?: boolean;
}

/** The hooks of one module, or of all modules. */
export class ModuleHooks {
  readonly forwardPre: Hooks<ForwardPreHook>;
  readonly forward: Hooks<ForwardHook, ForwardHookOptions>;
  readonly backwardPre: Hooks<BackwardPreHook>;
  readonly backward: Hooks<BackwardHook>;

  /** None, or those of another module. */
  constructor(like?: ModuleHooks) {
    this.forwardPre = new Hooks(like?.forwardPre);
    this.forward = new Hooks(like?.forward);
    this.backwardPre = new Hooks(like?.backwardPre);
    this.backward = new Hooks(like?.backward);
  }
}

/** The hooks of all modules, which run before a module's own. */
const everywhere = new ModuleHooks();

/** Whether there are hooks of all modules. */
export let hooksEverywhere = false;

function addEverywhere<H>(hooks: Hooks<H>, hook: H): RemovableHandle {
  const handle = hooks.add(hook, {});
  hooksEverywhere = true;
  return {
    remove() {
      handle.remove();
      hooksEverywhere = [everywhere.forwardPre, everywhere.forward, everywhere.backwardPre, everywhere.backward].some(({ entries }) => entries.length > 0);
    },
  };
}

/** What registers a hook for all modules. */
type Everywhere<H> = Stated & ((...args: Arguments<{ hook: H }, ['hook']>) => RemovableHandle);

const hookOf = (where: string): ParameterList<{ hook: unknown }> => parameters(where, () => ({ hook: callable }));

/** Runs `hook` before the `forward` of every module. */
export const registerModuleForwardPreHook: Everywhere<ForwardPreHook> = /* @__PURE__ */ named(/* @__PURE__ */ hookOf('registerModuleForwardPreHook'), ({ hook }) => addEverywhere(everywhere.forwardPre, hook as ForwardPreHook));

/** Runs `hook` after the `forward` of every module. */
export const registerModuleForwardHook: Everywhere<ForwardHook> = /* @__PURE__ */ named(/* @__PURE__ */ hookOf('registerModuleForwardHook'), ({ hook }) => addEverywhere(everywhere.forward, hook as ForwardHook));

/** Runs `hook` before the gradients of every module's arguments are computed. */
export const registerModuleFullBackwardPreHook: Everywhere<BackwardPreHook> = /* @__PURE__ */ named(/* @__PURE__ */ hookOf('registerModuleFullBackwardPreHook'), ({ hook }) => addEverywhere(everywhere.backwardPre, hook as BackwardPreHook));

/** Runs `hook` when the gradients of a module's arguments are known, for every module. */
export const registerModuleFullBackwardHook: Everywhere<BackwardHook> = /* @__PURE__ */ named(/* @__PURE__ */ hookOf('registerModuleFullBackwardHook'), ({ hook }) => addEverywhere(everywhere.backward, hook as BackwardHook));

/** Runs `module.forward` with the hooks of all modules and its own. */
export function runWithHooks(module: Module, own: ModuleHooks | null, passed: readonly unknown[]): unknown {
  const of = <H, O extends HookOptions>(pick: (hooks: ModuleHooks) => Hooks<H, O>) => [...pick(everywhere).entries, ...(own === null ? [] : pick(own).entries)];
  const where = module.constructor.name;
  let args = passed;
  for (const { hook } of of((hooks) => hooks.forwardPre)) {
    const given = args;
    const replaced = aroundCalls(where, given, () => hook(module, given));
    if (replaced !== undefined) args = Array.isArray(replaced) ? (replaced as unknown[]) : [replaced];
  }
  const after = of((hooks) => hooks.forward);
  const called = new Set<ForwardHook>();
  try {
    const pre = of((hooks) => hooks.backwardPre).map(({ hook }) => hook);
    const backward = of((hooks) => hooks.backward).map(({ hook }) => hook);
    const watch = pre.length + backward.length > 0 ? new GradientWatch(module, pre, backward) : null;
    if (watch !== null) args = watch.inputs(args);
    let out = module.forward(...args) as unknown;
    for (const { hook } of after) {
      called.add(hook);
      const [given, made] = [args, out];
      const replaced = aroundCalls(where, [given, made], () => hook(module, given, made));
      if (replaced !== undefined) out = replaced;
    }
    return watch === null ? out : watch.outputs(out);
  } catch (error) {
    // What these throw now would hide what went wrong first.
    for (const { hook, options } of after) {
      if (options.alwaysCall !== true || called.has(hook)) continue;
      try {
        const given = args;
        aroundCalls(where, given, () => hook(module, given, null));
      } catch (second) {
        console.warn(`adjoint: a forward hook of ${module.constructor.name} with alwaysCall threw as well: ${String(second)}`);
      }
    }
    throw error;
  }
}
