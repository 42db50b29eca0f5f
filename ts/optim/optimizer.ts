// The base class of optimizers: groups of parameters, and state for each parameter.
import { enableGrad, noGrad } from '../autograd/autograd';
import { brand } from '../core/copies';
import { describe, ours } from '../core/describe';
import { hostPart, refuseInCapture } from '../core/capturing';
import { UsageError } from '../core/errors';
import { Kind, REFUSED, anyObject, anything, boolean, callable, numberFrom } from '../core/kinds';
import { checkArgument, parameters, withoutArguments, type Arguments, type ParameterList } from '../core/options';
import { isOptions } from '../core/plain-object';
import { keep, scope } from '../runtime/scope';
import { unrecorded } from '../runtime/unrecorded';
import { camelCase, declareKeys, keyOf, nameOf } from '../tensor/state-keys';
import { Tensor } from '../tensor/tensor';
import { iterable } from '../tensor/tensor-kinds';

/** Parameters that share options. */
export type ParamGroup<O> = O & { params: Tensor[] };

/** Parameters, or groups of them with options of their own; what a group leaves out is as for the optimizer. */
export type Params<O> = Iterable<Tensor> | Iterable<Partial<O> & { params: Tensor | Iterable<Tensor> }>;

/** What PyTorch's optimizers take to choose among ways of computing the same, of which there is one here. */
export interface WaysToCompute {
  foreach?: boolean | null;
  fused?: boolean | null;
  /** Whether steps are recorded: false, they are not. */
  differentiable?: false;
}

/** The parameters of an optimizer; the base class looks at them. */
export const paramsKind = anything;

/** Options whose learning rate may also be a tensor of one element, as in PyTorch. */
export type WithRate<O extends { lr: number }> = Omit<Partial<O>, 'lr'> & { lr?: number | Tensor };

/** A learning rate: a number, or a tensor of one element that holds it. */
export function rateKind(least = 0): Kind<number | Tensor> {
  const rate = numberFrom(least);
  return new Kind<number | Tensor>(rate.expected, (value) =>
    value instanceof Tensor && value._handle > 0 ? (value.numel() === 1 ? value : REFUSED) : rate.take(value),
  );
}

/** Has `group.lr` read and write the tensor that was given for it: one that is shared by groups, or changed by a program, is so for all. */
function bindRate(group: object): void {
  const { lr } = group as { lr?: unknown };
  if (!(lr instanceof Tensor)) return;
  keep(lr);
  Object.defineProperty(group, 'lr', {
    get: () => Number(lr.item()),
    set: (rate: number | Tensor) => void noGrad(() => lr.fill_(rate instanceof Tensor ? Number(rate.item()) : rate)),
    enumerable: true,
    configurable: true,
  });
}

/** What schedules of learning rates leave in groups. */
const RATES = ['initialLr', 'maxLr', 'minLr', 'baseMomentum', 'maxMomentum', 'swaLr'];

type GroupOf<O> = Partial<O> & { params: Tensor | Iterable<Tensor> };

const METHODS = {
  addParamGroup: /* @__PURE__ */ parameters<{ paramGroup: unknown }>('addParamGroup', () => ({ paramGroup: anyObject })),
  zeroGrad: /* @__PURE__ */ parameters<{ setToNone?: boolean }>('zeroGrad', () => ({ setToNone: boolean.or(true) })),
  step: /* @__PURE__ */ parameters<{ closure?: (() => unknown) | null }>('step', () => ({ closure: callable.orNull() })),
  loadStateDict: /* @__PURE__ */ parameters<{ stateDict: unknown }>('loadStateDict', () => ({ stateDict: anyObject })),
};

/** What an optimizer remembers of a parameter: tensors and numbers, or lists of them, by name. */
export type ParamState = Record<string, Tensor | number | readonly (Tensor | number)[]>;

/**
 * State and options as plain data, PyTorch's: parameters are numbered in the order of the groups, and what an optimizer of this
 * package remembers and is told has PyTorch's names, `exp_avg`, `weight_decay`.
 */
export interface OptimizerState {
  state: Record<number, ParamState>;
  param_groups: (Record<string, unknown> & { params: number[] })[];
}

/** What can be loaded: the names of groups and of their options may also be written in camelCase. */
export type LoadableOptimizerState = OptimizerState | { state: OptimizerState['state']; paramGroups: OptimizerState['param_groups'] };

/**
 * Changes parameters by their gradients. As a type, `Optimizer` alone is any optimizer whose groups have a learning rate.
 *
 * A subclass checks its options and writes `updateParam`, or `updateGroup` where all parameters change at once; groups, state,
 * saving and loading are here. The tensors made during
 * a step are released at its end, those kept in `state` are not.
 */
export abstract class Optimizer<O extends object = { lr: number }> {
  /** @internal */
  static readonly _methods = METHODS;

  /** The groups; options may be changed between steps. */
  readonly paramGroups: ParamGroup<O>[] = [];
  /** What is remembered of each parameter, from its first step on. */
  readonly state = new Map<Tensor, ParamState>();
  /** The options of groups that do not say otherwise. */
  readonly defaults: O;

  static {
    // Of all optimizers and of the schedules that change them.
    declareKeys(this, ['weightDecay', ...RATES]);
  }

  protected constructor(params: Params<O>, defaults: O) {
    if (typeof (this as unknown as Record<string, unknown>)['checkOptions'] !== 'function') {
      throw this.#usage('checkOptions is not defined; make an optimizer that derives from Optimizer, such as SGD');
    }
    this.defaults = defaults;
    if (params instanceof Tensor || typeof (params as { [Symbol.iterator]?: unknown } | null)?.[Symbol.iterator] !== 'function') {
      throw this.#usage(`the parameters must be an array or another iterable of tensors or groups, got ${describe(params)}`);
    }
    const list = [...(params as Iterable<unknown>)];
    if (list.length === 0) throw this.#usage('got an empty parameter list');
    const groups = isOptions(list[0]) ? list : [{ params: list }];
    for (const group of groups) this.addParamGroup(group as GroupOf<O>);
  }

  static {
    brand(this.prototype);
    withoutArguments(this.prototype, 'stateDict dispose toString');
  }

  /** Throws a UsageError if the options of a group make no sense. */
  protected abstract checkOptions(options: O): void;

  /** Changes one parameter that has gradient `g`; runs without recording. An optimizer writes this, or `updateGroup`. */
  protected updateParam(_p: Tensor, _g: Tensor, _state: ParamState, _group: O): void {
    throw this.#usage('neither updateParam nor updateGroup is defined; an optimizer must override one');
  }

  /** Changes all parameters of a group that have gradients; runs without recording. */
  protected updateGroup(group: ParamGroup<O>): void {
    refuseInCapture('step', 'update');
    for (const p of group.params) {
      const g = p.grad;
      if (g !== null) this.updateParam(p, g, this.stateOf(p), group);
    }
  }

  #usage(message: string): UsageError {
    return new UsageError(`${this.constructor.name}: ${message}`, this.constructor.name);
  }

  /** Adds parameters with options of their own, for example a layer that was frozen. */
  addParamGroup(...args: Arguments<{ paramGroup: GroupOf<O> }, ['paramGroup']>): void {
    const group = METHODS.addParamGroup.read(args).paramGroup as GroupOf<O>;
    if (!isOptions(group) || !('params' in group)) throw this.#usage(`a parameter group must be an object with params, got ${describe(group)}`);
    const { params } = group;
    if (!(params instanceof Tensor)) checkArgument(this.constructor.name, 'params', params, iterable);
    const list = params instanceof Tensor ? [params] : [...params];
    const known = new Set(this.paramGroups.flatMap((g) => g.params));
    for (const p of list) {
      if (!(p instanceof Tensor)) throw this.#usage(`can only change tensors, one of the parameters is ${describe(p)}`);
      if (!p.isLeaf && !p.retainsGrad) throw this.#usage("can't optimize a non-leaf tensor");
      if (known.has(p)) throw this.#usage('a parameter appears twice');
      known.add(p);
    }
    const merged = { ...this.defaults, ...this.#named(group), params: list } as ParamGroup<O>;
    bindRate(merged);
    this.checkOptions(merged);
    this.paramGroups.push(merged);
  }

  /**
   * A group with its names in camelCase, where PyTorch's were given: `weight_decay`. Throws where it says what groups of this
   * optimizer do not have, or what its parameters do not take. A group of the optimizer may say more; an error says that it is `of` it.
   */
  #named(group: Readonly<Record<string, unknown>>, of = ''): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    const stated = (this.constructor as { readonly _parameters?: ParameterList<object> })._parameters;
    const names = new Set(['params', 'name', ...Object.keys(this.defaults), ...(stated?.names ?? []), ...RATES]);
    for (const [key, value] of Object.entries(group)) {
      const name = names.has(key) ? key : camelCase(key);
      if (name !== key && Object.hasOwn(group, name)) throw this.#usage(`a parameter group has ${key} and ${name}, which are one option`);
      if (of === '' && !names.has(name)) throw this.#usage(`a parameter group has no ${key}; the names are ${[...names].join(', ')}`);
      const kind = name === 'params' ? undefined : stated?.kindOf(name);
      // As where an argument is undefined, the option is that of the optimizer.
      if (value === undefined && of === '') continue;
      if (kind !== undefined) checkArgument(this.constructor.name, of + name, value, kind);
      out[name] = value;
    }
    return out;
  }

  /** Removes the gradients of all parameters, or sets them to zero. */
  zeroGrad(...args: Arguments<{ setToNone?: boolean }, ['setToNone']>): void {
    const setToNone = args.length === 0 || METHODS.zeroGrad.read(args).setToNone;
    for (const { params } of this.paramGroups) {
      for (const p of params) {
        if (setToNone) p.grad = null;
        else noGrad(() => p.grad?.zero_());
      }
    }
  }

  /**
   * Changes every parameter that has a gradient. A `closure` is run first, with recording on; it computes gradients and
   * returns the loss, which is returned.
   */
  step(): undefined;
  step<T>(closure: (() => T) | { closure: () => T }): T;
  step(...args: unknown[]): unknown {
    return this.stepWith(args.length === 0 ? null : METHODS.step.read(args).closure);
  }

  /** The step, given the closure: what asks for losses more than once overrides it. */
  protected stepWith(closure: (() => unknown) | null): unknown {
    const loss = closure === null ? undefined : enableGrad(closure);
    noGrad(() => {
      scope(() => {
        for (const group of this.paramGroups) {
          hostPart(this.state, () => {
            try {
              this.updateGroup(group);
            } catch (error) {
              // Where a step fails and not before each: programs may change options between steps, and few do.
              this._checkGroup(group);
              throw error;
            }
          });
        }
      });
    });
    return loss;
  }

  /** Throws a UsageError that names the group and the option, if a program gave one of its options a value of another kind. */
  protected _checkGroup(group: ParamGroup<O>): void {
    this.#named(group, `paramGroups[${this.paramGroups.indexOf(group)}].`);
  }

  /** What is remembered as a number, for which PyTorch has a tensor. */
  protected get numbersOfState(): readonly string[] {
    return ['step'];
  }

  /** What is remembered of a parameter. */
  protected stateOf(p: Tensor): ParamState {
    let state = this.state.get(p);
    if (state === undefined) this.state.set(p, (state = {}));
    return state;
  }

  /** The tensor `name` of a parameter's state; made by `first` when it is not there yet, and kept from then on. */
  protected remembered(state: ParamState, name: string, first: () => Tensor): Tensor {
    const have = state[name];
    if (have instanceof Tensor) return have;
    const made = keep(unrecorded(first));
    state[name] = made;
    return made;
  }

  /** Options and state as plain data, as PyTorch has them. The tensors are those of the optimizer itself, not copies. */
  stateDict(): OptimizerState {
    const numbers = new Map<Tensor, number>();
    const saved = <T>(of: object): Record<string, T> => Object.fromEntries(Object.entries(of).map(([name, value]: [string, T]) => [keyOf(this, name), value]));
    const groups = this.paramGroups.map(({ params, ...options }) => ({
      ...saved<unknown>(options),
      params: params.map((p) => {
        if (!numbers.has(p)) numbers.set(p, numbers.size);
        return numbers.get(p)!;
      }),
    }));
    const state = Object.fromEntries([...this.state].map(([p, of]) => [numbers.get(p)!, saved<ParamState[string]>(of)]));
    return { state, param_groups: groups };
  }

  /** What `JSON.stringify` takes: the state dict. */
  toJSON(): OptimizerState {
    return this.stateDict();
  }

  /** Takes over options and copies of the state of an optimizer with the same groups, PyTorch's too. Nothing changes if it throws. */
  loadStateDict(...args: Arguments<{ stateDict: LoadableOptimizerState }, ['stateDict']>): void {
    const saved: unknown = METHODS.loadStateDict.read(args).stateDict;
    const given = isOptions(saved) ? saved : {};
    const groups = (given['param_groups'] ?? given['paramGroups']) as OptimizerState['param_groups'] | undefined;
    const state = given['state'] as OptimizerState['state'] | null | undefined;
    if (!Array.isArray(groups) || typeof state !== 'object' || state === null) {
      throw this.#usage(`the state dict must be an object with state and param_groups, got ${describe(saved)}`);
    }
    if (groups.length !== this.paramGroups.length) {
      throw this.#usage(`the state dict has ${groups.length} parameter groups, the optimizer ${this.paramGroups.length}`);
    }
    const byNumber = new Map<number, Tensor>();
    groups.forEach((group: unknown, i) => {
      const own = this.paramGroups[i]!.params;
      if (!isSavedGroup(group)) throw this.#usage(`group ${i} of the state dict must be an object with a list params, got ${describe(group)}`);
      if (group.params.length !== own.length) {
        throw this.#usage(`group ${i} of the state dict has ${group.params.length} parameters, that of the optimizer ${own.length}`);
      }
      group.params.forEach((number, j) => byNumber.set(number, own[j]!));
    });
    for (const [number, of] of Object.entries(state)) {
      if (!isOptions(of)) throw this.#usage(`the state of parameter ${number} must be an object, got ${describe(of)}`);
    }
    this.#dropState();
    for (const [number, of] of Object.entries(state)) {
      const p = byNumber.get(Number(number));
      if (p === undefined) continue;
      const copies = Object.entries(of as Record<string, ParamState[string] | null>).flatMap(([key, value]) => {
        const name = nameOf(this, key);
        // PyTorch has tensors for these numbers, and null for what is not there yet.
        ours(this.constructor.name, value);
        const isNumber = this.numbersOfState.includes(name);
        const own = (v: Tensor | number): Tensor | number => (v instanceof Tensor ? (isNumber ? Number(v.item()) : this.#copy(v, p)) : v);
        return value === null ? [] : [[name, Array.isArray(value) ? value.map(own) : own(value as Tensor | number)] as const];
      });
      this.state.set(p, Object.fromEntries(copies));
    }
    groups.forEach((group, i) => {
      const own = this.paramGroups[i]!;
      const options = Object.entries(group).map(([key, value]) => [nameOf(this, key), value] as const);
      Object.assign(own, Object.fromEntries(options), { params: own.params });
      bindRate(own);
    });
  }

  #copy(value: Tensor, p: Tensor): Tensor {
    return keep(scope(() => noGrad(() => (value.isFloatingPoint() ? value.to(p.dtype).clone() : value.clone()))));
  }

  #dropState(): void {
    for (const value of [...this.state.values()].flatMap((of) => Object.values(of).flat())) if (value instanceof Tensor) value.dispose();
    this.state.clear();
  }

  /** Releases the state; the parameters are not touched. */
  dispose(): void {
    this.#dropState();
  }

  toString(): string {
    const groups = this.paramGroups.map((group, i) => {
      const options = Object.entries(group).filter(([name]) => name !== 'params');
      return `Parameter Group ${i}\n${options.map(([name, value]) => `    ${name}: ${shown(value)}`).join('\n')}\n`;
    });
    return `${this.constructor.name} (\n${groups.join('\n')})`;
  }
}

function isSavedGroup(group: unknown): group is OptimizerState['param_groups'][number] {
  return isOptions(group) && Array.isArray(group['params']);
}

/** An option of a group, which may be anything that a program has put there. */
function shown(value: unknown): string {
  try {
    return String(value);
  } catch {
    return describe(value);
  }
}
