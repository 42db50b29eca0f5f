// Hooks of modules: what runs around `forward` and when gradients have passed.
import { UsageError } from '../errors';
import { Tensor } from '../tensor';
import type { Module } from './module';

/** Sees the arguments; may return others. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- most hooks only look and return nothing
export type ForwardPreHook = (module: Module, args: readonly unknown[]) => readonly unknown[] | undefined | void;
/** Sees arguments and output; may return another output. */
export type ForwardHook = (module: Module, args: readonly unknown[], output: unknown) => unknown;
/** Sees the gradients of the tensor arguments and of the outputs; may return another gradient of a single argument. */
export type BackwardHook = (
  module: Module,
  gradInput: readonly (Tensor | null)[],
  gradOutput: readonly (Tensor | null)[],
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- as above
) => readonly (Tensor | null)[] | undefined | void;

/** Takes a hook back. */
export interface RemovableHandle {
  remove(): void;
}

/** The hooks of one module, in the order they were registered. */
export class ModuleHooks {
  readonly #forwardPre = new Set<{ hook: ForwardPreHook }>();
  readonly #forward = new Set<{ hook: ForwardHook }>();
  readonly #backward = new Set<{ hook: BackwardHook }>();

  addForwardPre(hook: ForwardPreHook): RemovableHandle {
    return add(this.#forwardPre, hook);
  }

  addForward(hook: ForwardHook): RemovableHandle {
    return add(this.#forward, hook);
  }

  addBackward(hook: BackwardHook): RemovableHandle {
    return add(this.#backward, hook);
  }

  /** Runs `module.forward` with all hooks. */
  run(module: Module, given: readonly unknown[]): unknown {
    let args = given;
    for (const { hook } of this.#forwardPre) {
      const replaced = hook(module, args);
      if (replaced !== undefined) args = replaced;
    }
    const watch = this.#backward.size > 0 ? new GradientWatch(module, [...this.#backward]) : null;
    if (watch !== null) args = watch.inputs(args);
    let out = module.forward(...args) as unknown;
    for (const { hook } of this.#forward) {
      const replaced = hook(module, args, out);
      if (replaced !== undefined) out = replaced;
    }
    return watch === null ? out : watch.outputs(out);
  }
}

function add<H>(set: Set<{ hook: H }>, hook: H): RemovableHandle {
  const entry = { hook };
  set.add(entry);
  return { remove: () => void set.delete(entry) };
}

/**
 * Collects the gradients at both sides of one run. The tensors are passed through a view, so that only gradients that flow
 * through this module are seen.
 */
class GradientWatch {
  readonly #module: Module;
  readonly #hooks: readonly { hook: BackwardHook }[];
  #gradInput: (Tensor | null)[] = [];
  #gradOutput: (Tensor | null)[] = [];
  #missing = 0;

  constructor(module: Module, hooks: readonly { hook: BackwardHook }[]) {
    this.#module = module;
    this.#hooks = hooks;
  }

  inputs(args: readonly unknown[]): readonly unknown[] {
    let position = 0;
    return args.map((arg) => {
      if (!(arg instanceof Tensor)) return arg;
      const i = position++;
      this.#gradInput.push(null);
      if (!arg.requiresGrad) return arg;
      this.#missing += 1;
      const passed = arg.viewAs(arg);
      passed.registerHook((g) => {
        this.#gradInput[i] = g;
        this.#missing -= 1;
        return this.#missing === 0 ? this.#run(i) : undefined;
      });
      return passed;
    });
  }

  outputs(out: unknown): unknown {
    if (out instanceof Tensor) return this.#output(out, 0);
    if (Array.isArray(out)) return out.map((part: unknown, i) => (part instanceof Tensor ? this.#output(part, i) : part));
    return out;
  }

  #output(t: Tensor, i: number): Tensor {
    this.#gradOutput[i] = null;
    if (!t.requiresGrad) return t;
    const passed = t.viewAs(t);
    passed.registerHook((g) => {
      this.#gradOutput[i] = g;
      // Without an input that wants a gradient nothing comes after the outputs.
      if (this.#missing === 0) this.#run(null);
      return undefined;
    });
    return passed;
  }

  /** Runs the hooks; returns the replaced gradient of input `i`. */
  #run(i: number | null): Tensor | undefined {
    for (const { hook } of this.#hooks) {
      const replaced = hook(this.#module, this.#gradInput, this.#gradOutput);
      if (replaced === undefined) continue;
      if (i === null || this.#gradInput.filter((g) => g !== null).length !== 1) {
        throw new UsageError(
          `${this.#module.constructor.name}: a backward hook can replace the gradient of one tensor argument only; use registerHook on the tensors`,
          'registerFullBackwardHook',
        );
      }
      this.#gradInput = [...replaced];
    }
    return i === null ? undefined : (this.#gradInput[i] ?? undefined);
  }
}
