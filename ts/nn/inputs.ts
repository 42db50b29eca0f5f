// What `forward` of a module takes: names and kinds, so that `call` takes them by name too and refuses what there is not.
import { UsageError } from '../core/errors';
import { anyObject } from '../core/kinds';
import { parameters, type Arguments, type ParameterList } from '../core/options';
import { isOptions } from '../core/plain-object';
import { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';

/** The inputs `T` of a `forward` that takes them in the order `K`. */
export type Inputs<T extends object, K extends readonly (keyof T)[]> = ParameterList<T> & { readonly _order?: K };

/** The argument lists of a module's `call` that give inputs by name. */
// By key: comparing a module's type with another asks for its call signature, which this is part of.
export type InputsByName<M> = '_inputs' extends keyof M ? ByName<M['_inputs' & keyof M]> : never;

type ByName<I> = I extends Inputs<infer T, infer K> ? Arguments<T, K> : never;

/** One tensor. */
export const INPUT: Inputs<{ input: Tensor }, ['input']> = /* @__PURE__ */ parameters('forward', () => ({ input: tensor }));

/** One value of any kind. */
export const ANY_INPUT: Inputs<{ input: Tensor }, ['input']> = /* @__PURE__ */ parameters('forward', () => ({ input: anyObject }));

/** What a loss takes. */
export const INPUT_AND_TARGET: Inputs<{ input: Tensor; target: Tensor }, ['input', 'target']> = /* @__PURE__ */ parameters('forward', () => ({
  input: tensor,
  target: tensor,
}));

interface Stating {
  readonly forward: unknown;
  readonly _inputs?: ParameterList<object>;
  readonly constructor: { readonly name: string };
}

/** The inputs each `forward` states, null where it states none. */
const stated = new WeakMap<object, ParameterList<object> | null>();

/** A list of inputs goes with the `forward` beside it: one that a subclass writes has inputs of its own. */
function find(module: Stating): ParameterList<object> | null {
  let at: object | null = module;
  while (at !== null && !Object.hasOwn(at, 'forward')) at = Object.getPrototypeOf(at) as object | null;
  return at !== null && Object.hasOwn(at, '_inputs') ? (module._inputs ?? null) : null;
}

/** The arguments of a call as `forward` takes them, by position. Where it does not state its inputs, they are what was given. */
export function inputsOf(module: Stating, args: readonly unknown[]): readonly unknown[] {
  const forward = module.forward as object;
  let list = stated.get(forward);
  if (list === undefined) stated.set(forward, (list = find(module)));
  if (list === null) return args;
  try {
    return list.readList(args, module.constructor.name);
  } catch (error) {
    const [first] = args;
    // An object of a class where a tensor belongs is most often the one whose method calls a module that it holds.
    const isOfClass = /Object|Function/.test(Object.prototype.toString.call(first)) && !isOptions(first) && !(first instanceof Tensor);
    if (isOfClass && error instanceof UsageError) {
      error.message += '; a build for older targets makes this.#model(x) model.call(this, x): write (0, this.#model)(x)';
    }
    throw error;
  }
}
