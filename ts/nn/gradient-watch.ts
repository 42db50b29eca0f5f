// Hooks of modules on gradients: what is put around one run of a module so that they see both sides of it.
import { AutogradError } from '../core/errors';
import { AutogradFunction } from '../autograd/function';
import type { FunctionCtx } from '../autograd/function-ctx';
import type { GradFn } from '../autograd/grad-fn';
import { Tensor } from '../tensor/tensor';
import type { BackwardHook, BackwardPreHook } from './hooks';
import type { Module } from './module';

type Gradients = readonly (Tensor | null)[];

/** Hands its arguments on; its node is where gradients are seen, all of one side together. */
class BackwardHookFunction extends AutogradFunction {
  static {
    // A bundler may have renamed the class, and nodes are named by it.
    Object.defineProperty(this, 'name', { value: 'BackwardHookFunction' });
  }

  static override forward(ctx: FunctionCtx, ...tensors: Tensor[]): Tensor[] {
    ctx.markNonDifferentiable(...tensors.filter((t) => !t.requiresGrad));
    return tensors;
  }

  static override backward(_ctx: FunctionCtx, ...gradients: Tensor[]): Tensor[] {
    return gradients;
  }

  static override jvp(_ctx: FunctionCtx, ...tangents: (Tensor | null)[]): (Tensor | null)[] {
    return tangents;
  }
}

/** The values with their tensors passed through a node, which `watch` is shown, and which of them are tensors; null where none requires grad. */
function passed(values: readonly unknown[], watch: (node: GradFn) => void): { values: readonly unknown[]; tensors: readonly number[] | null } {
  const tensors = [...values.keys()].filter((i) => values[i] instanceof Tensor);
  if (!tensors.some((i) => (values[i] as Tensor).requiresGrad)) return { values, tensors: null };
  const made = BackwardHookFunction.apply(...tensors.map((i) => values[i] as Tensor));
  const node = made.map((t) => t.gradFn).find((fn) => fn !== null);
  // Where nothing is recorded there is no node.
  if (node == null) return { values, tensors: null };
  watch(node);
  node.dispose();
  const after = [...values];
  tensors.forEach((i, k) => { after[i] = made[k]; });
  return { values: after, tensors };
}

/** As long a list as the values were, with the gradients at the places of the tensors. */
function spread(gradients: Gradients, tensors: readonly number[], count: number): (Tensor | null)[] {
  const list = new Array<Tensor | null>(count).fill(null);
  tensors.forEach((i, k) => { list[i] = gradients[k] ?? null; });
  return list;
}

/** The hooks on gradients around one run of a module. */
export class GradientWatch {
  readonly #module: Module;
  readonly #preHooks: readonly BackwardPreHook[];
  readonly #hooks: readonly BackwardHook[];
  #count = 0;
  #hasInputs = false;
  /** The gradients of the outputs, from when they are known until the hooks have run. */
  #gradOutput: (Tensor | null)[] | null = null;

  constructor(module: Module, preHooks: readonly BackwardPreHook[], hooks: readonly BackwardHook[]) {
    this.#module = module;
    this.#preHooks = preHooks;
    this.#hooks = hooks;
  }

  inputs(args: readonly unknown[]): readonly unknown[] {
    this.#count = args.length;
    let places: readonly number[] = [];
    const { values, tensors } = passed(args, (node) => {
      node.registerHook((gradInputs) => {
        // The gradient came in past the outputs.
        if (this.#gradOutput === null) return undefined;
        const replaced = this.#run(spread(gradInputs, places, this.#count));
        return places.map((i) => replaced[i] ?? null);
      });
    });
    this.#hasInputs = tensors !== null;
    places = tensors ?? [];
    return values;
  }

  outputs(out: unknown): unknown {
    const isList = Array.isArray(out);
    if (!isList && !(out instanceof Tensor)) return out;
    const list: readonly unknown[] = isList ? (out as readonly unknown[]) : [out];
    let places: readonly number[] = [];
    const { values, tensors } = passed(list, (node) => {
      node.registerPrehook((gradOutputs) => {
        const replaced = this.#before(spread(gradOutputs, places, list.length));
        if (!this.#hasInputs) this.#withoutInputs();
        return places.map((i) => replaced[i] ?? null);
      });
    });
    places = tensors ?? [];
    return isList ? values : values[0];
  }

  /** What runs when the gradients of the outputs are known. */
  #before(gradOutput: (Tensor | null)[]): Gradients {
    this.#gradOutput = gradOutput;
    for (const hook of this.#preHooks) {
      const replaced = hook(this.#module, this.#gradOutput);
      if (replaced == null) continue;
      this.#check('backward pre-hook', 'gradOutput', replaced, this.#gradOutput.length);
      this.#gradOutput = [...replaced];
    }
    return this.#gradOutput;
  }

  /** What runs when the gradients of the inputs are known. */
  #run(gradInput: (Tensor | null)[]): Gradients {
    const gradOutput = this.#gradOutput!;
    let current: Gradients = gradInput;
    for (const hook of this.#hooks) {
      const replaced = hook(this.#module, current, gradOutput);
      if (replaced == null) continue;
      this.#check('backward hook', 'gradInput', replaced, gradInput.length);
      current = replaced;
    }
    this.#gradOutput = null;
    return current;
  }

  /** Where no input wants a gradient, the hooks see the outputs' alone. */
  #withoutInputs(): void {
    const none = new Array<null>(this.#count).fill(null);
    for (const hook of this.#hooks) {
      const replaced = hook(this.#module, none, this.#gradOutput!);
      if (replaced != null && replaced.some((g) => g !== null)) {
        throw new AutogradError(
          `${this.#module.constructor.name}: a backward hook of a module where no input requires gradient must return nothing, or null for all gradients`,
          'registerFullBackwardHook',
        );
      }
    }
    this.#gradOutput = null;
  }

  #check(what: string, list: string, replaced: Gradients, expected: number): void {
    if (Array.isArray(replaced) && replaced.length === expected) return;
    const got = Array.isArray(replaced) ? replaced.length : 'no list';
    throw new AutogradError(
      `${this.#module.constructor.name}: a ${what} returned an invalid number of ${list}, got ${got}, but expected ${expected}`,
      'registerFullBackwardHook',
    );
  }
}
