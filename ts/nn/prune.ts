// Pruning: parameters of which some elements are held at zero. The base of its methods, and what combines several.
import { noGrad } from '../autograd/autograd';
import { describe } from '../core/describe';
import { IndexError, ShapeError, UsageError } from '../core/errors';
import { instanceOf, integer, text, type Kind } from '../core/kinds';
import { parameters, type Arguments, type ParameterList } from '../core/options';
import { scope } from '../runtime/scope';
import { keyOf, nameOf } from '../tensor/state-keys';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { ownBuffers, ownParameters } from './listings';
import { Module } from './module';
import type { Parameter } from './parameter';

/** What a method looks at: single elements, whole slices of one dim, or it is given the mask. */
export type PruningType = 'unstructured' | 'structured' | 'global';

/** Where a module keeps its pruning methods, by the names of parameters in a state dict. */
const METHODS: unique symbol = Symbol('pruning methods');

interface Pruned {
  [METHODS]?: Map<string, BasePruningMethod>;
}

/** The pruning method of a parameter, or null. */
export function methodOf(module: Module, name: string): BasePruningMethod | null {
  return (module as Pruned)[METHODS]?.get(keyOf(module, nameOf(module, name))) ?? null;
}

/** Whether parameters of this module are pruned. */
export function hasPruned(module: Module): boolean {
  return ((module as Pruned)[METHODS]?.size ?? 0) > 0;
}

function noteMethod(module: Module, key: string, method: BasePruningMethod): void {
  const owner = module as Pruned;
  if (owner[METHODS] === undefined) Object.defineProperty(module, METHODS, { value: new Map(), configurable: true, enumerable: false });
  owner[METHODS]!.set(key, method);
}

interface MaskArguments {
  /** The tensor, or what is compared in its place. */
  t: Tensor;
  /** Elements that are 0 where they are pruned already. */
  defaultMask: Tensor;
}

/** What a `computeMask` of the package takes. */
export const COMPUTE_MASK = /* @__PURE__ */ parameters<MaskArguments>('computeMask', () => ({ t: tensor, defaultMask: tensor }));
export type ComputeMaskCall = Arguments<MaskArguments, ['t', 'defaultMask']>;

const moduleKind = (): Kind<Module> => instanceOf<Module>('a module', () => Module);
const METHOD_LISTS = {
  applyMask: /* @__PURE__ */ parameters<{ module: Module }>('applyMask', () => ({ module: moduleKind() })),
  prune: /* @__PURE__ */ parameters<{ t: Tensor } & PruneOptions>('prune', () => ({ t: tensor, defaultMask: tensor.orNull(), importanceScores: tensor.orNull() })),
  remove: /* @__PURE__ */ parameters<{ module: Module }>('remove', () => ({ module: moduleKind() })),
};
const APPLY = /* @__PURE__ */ parameters<{ module: Module; name: string }>('apply', () => ({ module: moduleKind(), name: text }));
const ADD = /* @__PURE__ */ parameters<{ method: BasePruningMethod }>('addPruningMethod', () => ({
  method: instanceOf<BasePruningMethod>('a pruning method', () => BasePruningMethod),
}));
const AT = /* @__PURE__ */ parameters<{ index: number }>('at', () => ({ index: integer }));

/** The arguments of `prune` besides the tensor. */
export interface PruneOptions {
  /** Elements that are 0 where they are pruned already; all 1 by default. */
  defaultMask?: Tensor | null;
  /** What is compared in place of the tensor; of its shape. */
  importanceScores?: Tensor | null;
}

function checkScores(where: string, scores: Tensor, t: Tensor): void {
  if (scores.shape.join() === t.shape.join()) return;
  throw new ShapeError(`${where}: importanceScores must have shape [${t.shape.join(', ')}], got [${scores.shape.join(', ')}]`, where);
}

/** A way to choose elements to prune. A subclass states its `pruningType` and overrides `computeMask`. */
export abstract class BasePruningMethod {
  abstract readonly pruningType: PruningType;
  /** @internal */
  static readonly _methods: Record<string, ParameterList<object>> = METHOD_LISTS;

  /** The parameter it prunes, by its name in a state dict; set by `apply`. */
  tensorName: string | null = null;

  constructor() {
    if (typeof (this as unknown as Record<string, unknown>)['computeMask'] !== 'function') {
      throw new UsageError(`${new.target.name}: computeMask is not defined; a subclass must override it`, new.target.name);
    }
  }

  /** The new mask, of the shape of `t`: 0 where an element is pruned. What `defaultMask` has 0 for stays so. */
  abstract computeMask(t: Tensor, defaultMask: Tensor): Tensor;

  /** The parameter of `module` with its mask applied. */
  applyMask(...args: Arguments<{ module: Module }, ['module']>): Tensor {
    const { module } = METHOD_LISTS.applyMask.read(args);
    const { tensorName } = this;
    if (tensorName === null) throw new UsageError(`applyMask: a ${this.constructor.name} prunes nothing yet; call its class's apply() first`, 'applyMask');
    const fields = module as unknown as Record<string, Tensor>;
    const orig = fields[`${tensorName}_orig`];
    if (orig === undefined) throw new UsageError(`applyMask: ${module.constructor.name} has no pruned ${tensorName}`, 'applyMask');
    return fields[`${tensorName}_mask`]!.to(orig.dtype).mul(orig);
  }

  /** A pruned copy of a tensor of no module. */
  prune(...args: Arguments<{ t: Tensor } & PruneOptions, ['t', 'defaultMask', 'importanceScores']>): Tensor {
    const { t, defaultMask, importanceScores } = METHOD_LISTS.prune.read(args);
    if (importanceScores !== null) checkScores('prune', importanceScores, t);
    return scope(() => t.mul(noGrad(() => this.computeMask(importanceScores ?? t, defaultMask ?? t.newOnes(t.shape)))));
  }

  /** Makes the parameter an ordinary one again; what was pruned stays 0. */
  remove(...args: Arguments<{ module: Module }, ['module']>): void {
    const { module } = METHOD_LISTS.remove.read(args);
    const { tensorName } = this;
    const fields = module as unknown as Record<string, Parameter>;
    if (tensorName === null || methodOf(module, tensorName) !== this) {
      throw new UsageError(`remove: this ${this.constructor.name} does not prune a parameter of the ${module.constructor.name}`, 'remove');
    }
    const orig = fields[`${tensorName}_orig`]!;
    scope(() => { noGrad(() => { orig.copy_(this.applyMask(module)); }); });
    for (const name of [nameOf(module, tensorName), `${tensorName}_orig`, `${tensorName}_mask`]) Reflect.deleteProperty(module, name);
    // Has the module forget the names.
    ownParameters(module);
    ownBuffers(module);
    (module as Pruned)[METHODS]!.delete(tensorName);
    module.registerParameter(nameOf(module, tensorName), orig);
  }

  /**
   * Prunes the parameter `name` of a module by a new instance of this class, which is made with `args`. From now on `weight` is the
   * product of the parameter `weight_orig` and the buffer `weight_mask`. Applied again, it prunes of what is left.
   */
  static apply<A extends readonly unknown[]>(this: new (...args: A) => BasePruningMethod, module: Module, name: string, ...args: A): BasePruningMethod {
    const target = APPLY.read([module, name]);
    return applyTo(target.module, target.name, new this(...args), null);
  }
}

/** Prunes a parameter by `method`, after what pruned it before. */
export function applyTo(module: Module, name: string, method: BasePruningMethod, importanceScores: Tensor | null): BasePruningMethod {
  const where = method.constructor.name;
  const property = nameOf(module, name);
  const key = keyOf(module, property);
  const before = methodOf(module, name);
  const fields = module as unknown as Record<string, Tensor>;
  const parameter = ownParameters(module).find(([own]) => own === key)?.[1];
  if (before === null && parameter === undefined) {
    throw new UsageError(`${where}: ${module.constructor.name} has no parameter ${describe(name)}`, where, { name });
  }
  const current = before === null ? parameter! : fields[property]!;
  if (importanceScores !== null) checkScores(where, importanceScores, current);
  method.tensorName = key;
  const combined = before === null ? method : before instanceof PruningContainer ? before : new PruningContainer(before);
  const mask = scope(() => noGrad(() => {
    const scores = (importanceScores ?? current).detach();
    if (before === null) return method.computeMask(scores, current.newOnes(current.shape));
    return combine(method, scores, fields[`${key}_mask`]!.detach().clone());
  }));
  if (combined !== method) (combined as PruningContainer).addPruningMethod(method);
  if (before === null) {
    Reflect.deleteProperty(module, property);
    // Has the module forget the name before another property takes it.
    ownParameters(module);
    module.registerParameter(`${key}_orig`, parameter!);
    module.registerBuffer(`${key}_mask`, mask);
    Object.defineProperty(module, property, {
      get(this: Module) {
        return methodOf(this, key)!.applyMask(this);
      },
      set(this: Module) {
        throw new UsageError(`${this.constructor.name}: ${property} is pruned; change ${key}_orig, or remove the pruning first`, 'prune');
      },
      enumerable: false,
      configurable: true,
    });
  } else fields[`${key}_mask`] = mask;
  noteMethod(module, key, combined);
  return combined;
}

/** The mask of `method` for what an earlier mask leaves, in that mask. */
function combine(method: BasePruningMethod, t: Tensor, before: Tensor): Tensor {
  const mask = before.to({ dtype: t.dtype, copy: true });
  const part = partOf(method, t, before);
  mask.setitem(...part, method.computeMask(t.index(...part), before.index(...part)).to(mask.dtype));
  return mask;
}

/** Which part of a tensor a method goes for, as items of an index. */
function partOf(method: BasePruningMethod, t: Tensor, mask: Tensor): (Tensor | Record<string, never>)[] {
  if (method.pruningType === 'unstructured') return [mask.eq(1)];
  const all = t.shape.map((): Tensor | Record<string, never> => ({}));
  if (method.pruningType === 'global') return all;
  const { dim } = method as { dim?: number };
  if (dim === undefined) throw new UsageError(`PruningContainer: a structured pruning method must have a dim, ${method.constructor.name} has none`, 'PruningContainer');
  const at = dim < 0 ? dim + t.ndim : dim;
  if (at < 0 || at >= t.ndim) throw new IndexError(`PruningContainer: dim ${dim} is out of range for a tensor with ${t.ndim} dim(s)`, 'PruningContainer', { dim });
  all[at] = mask.sum({ dim: t.shape.map((_, d) => d).filter((d) => d !== at) }).ne(0);
  return all;
}

/** Several pruning methods of one parameter, of which the last one prunes what the others left. */
export class PruningContainer extends BasePruningMethod implements Iterable<BasePruningMethod> {
  readonly pruningType = 'global';
  readonly #methods: BasePruningMethod[] = [];

  constructor(...methods: BasePruningMethod[]) {
    super();
    for (const method of methods) this.addPruningMethod(method);
  }

  /** Adds a method of the same parameter. */
  addPruningMethod(...args: Arguments<{ method: BasePruningMethod }, ['method']>): void {
    const { method } = ADD.read(args);
    if (this.#methods.length === 0) this.tensorName ??= method.tensorName;
    if (method.tensorName !== this.tensorName) {
      throw new UsageError(`addPruningMethod: the method must prune ${String(this.tensorName)}, it prunes ${String(method.tensorName)}`, 'addPruningMethod');
    }
    if (method instanceof PruningContainer && method.#holds(this)) {
      throw new UsageError('addPruningMethod: the method is this container or holds it, so that no mask would come to an end; add a method that does not', 'addPruningMethod');
    }
    this.#methods.push(method);
  }

  /** Whether `container` is this one, or among its methods however deep. */
  #holds(container: PruningContainer): boolean {
    const seen = new Set<BasePruningMethod>([this]);
    // What is added meanwhile is visited too.
    for (const method of seen) if (method instanceof PruningContainer) for (const inner of method.#methods) seen.add(inner);
    return seen.has(container);
  }

  /** How many there are. */
  get length(): number {
    return this.#methods.length;
  }

  /** The one at a position, which may count from the end. */
  at(...args: Arguments<{ index: number }, ['index']>): BasePruningMethod {
    const { index } = AT.read(args);
    const method = this.#methods.at(index);
    if (method === undefined) throw new IndexError(`PruningContainer: there are ${this.#methods.length} methods, and none at ${index}`, 'PruningContainer', { index });
    return method;
  }

  [Symbol.iterator](): Iterator<BasePruningMethod> {
    return this.#methods[Symbol.iterator]();
  }

  override computeMask(...args: ComputeMaskCall): Tensor {
    const { t, defaultMask } = COMPUTE_MASK.read(args);
    return combine(this.at(-1), t, defaultMask);
  }

  /** The same methods, for the clone of a module. */
  clone(): PruningContainer {
    const copy = new PruningContainer(...this.#methods);
    copy.tensorName = this.tensorName;
    return copy;
  }
}
