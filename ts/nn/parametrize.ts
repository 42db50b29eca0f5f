// Tensors of modules that are computed from others: the namespace `nn.utils.parametrize`.
import { noGrad } from '../autograd/autograd';
import { UsageError } from '../core/errors';
import { describe } from '../core/describe';
import { boolean, instanceOf, text, type Kind } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { isReadable } from '../core/plain-object';
import { swapHandle } from '../runtime/ownership';
import { scope } from '../runtime/scope';
import { keyOf, nameOf } from '../tensor/state-keys';
import { Tensor } from '../tensor/tensor';
import { iterable, tensor } from '../tensor/tensor-kinds';
import { ModuleList } from './containers';
import { ownBuffers, ownParameters } from './listings';
import { Module } from './module';
import { ModuleDict } from './module-dict';
import { Parameter } from './parameter';
import { computed } from './parametrize-cache';
import { modulesIn } from './parts';

/** A module that computes a tensor from one, or from those that its `rightInverse` gives. */
export interface Parametrization extends Module {
  /** Tensors of which `forward` makes this one, or comes near. */
  rightInverse?(value: Tensor): Tensor | readonly Tensor[];
}

const run = (module: Module, originals: readonly Tensor[]): Tensor => (module.call as (...args: unknown[]) => Tensor)(...originals);

/** What the modules, the last one first, make `value` of; a module without `rightInverse` is passed over. */
function inverted(modules: readonly Parametrization[], value: Tensor): Tensor | readonly Tensor[] {
  let given: Tensor | readonly Tensor[] = value;
  for (const module of modules) {
    const { name } = module.constructor;
    const inverse = (module as { rightInverse?: unknown }).rightInverse;
    if (inverse === undefined) continue;
    if (!(given instanceof Tensor)) throw new UsageError(`${name}: only the first parametrization may be of several tensors`, 'rightInverse');
    if (typeof inverse !== 'function') throw new UsageError(`${name}: rightInverse must be a function, got ${describe(inverse)}`, 'rightInverse');
    const made: unknown = (inverse as (value: Tensor) => unknown).call(module, given);
    if (!isTensors(made)) throw new UsageError(`${name}: rightInverse must return a tensor or a list of tensors, got ${describe(made)}`, 'rightInverse');
    given = made;
  }
  return given;
}

const isTensors = (value: unknown): value is Tensor | readonly Tensor[] =>
  value instanceof Tensor || (Array.isArray(value) && value.length > 0 && value.every((one) => isReadable(one) && one instanceof Tensor));

interface ListArguments {
  /** The modules that compute it. */
  modules: Iterable<Module>;
  /** The tensor there was. */
  original: Tensor;
  /** Whether results are not checked; false by default. */
  unsafe?: boolean;
}

const LIST = /* @__PURE__ */ parameters<ListArguments>('ParametrizationList', () => ({
  modules: iterable as Kind<Iterable<Module>>,
  original: tensor,
  unsafe: boolean.or(false),
}));

/** More computations of one tensor inside of each other have no end: the stack would. */
const MOST_RUNNING = 64;

/** What a parametrised tensor is computed from, and the modules that compute it, one after the other. */
export class ParametrizationList extends ModuleList {
  /** @internal */
  static override readonly _parameters = LIST as never;
  /** Whether results are not checked. */
  readonly unsafe: boolean;
  /** @internal How many times it is being computed, one in the other; not private, so that a clone can be made. */
  _running = 0;
  /** How many tensors it is computed from, where the first module takes a list; null for one. */
  readonly ntensors: number | null;

  constructor(...args: Arguments<ListArguments, ['modules', 'original', 'unsafe']>) {
    const { modules, original, unsafe } = LIST.read(args);
    super(modules);
    this.unsafe = unsafe;
    const value = noGrad(() => inverted(this.parametrizations().reverse(), original));
    const { shape, dtype } = original;
    this.ntensors = value instanceof Tensor ? null : value.length;
    if (value instanceof Tensor) this.hold('original', original, value);
    else value.forEach((part, i) => { this.hold(`original${i}`, null, part, original); });
    if (unsafe) return;
    const result = scope(() => noGrad(() => {
      const made: unknown = this.evaluate();
      return made instanceof Tensor ? { shape: made.shape, dtype: made.dtype } : describe(made);
    }));
    if (typeof result === 'string') throw new UsageError(`registerParametrization: a parametrization must return a tensor, got ${result}`, 'registerParametrization');
    if (result.shape.join() !== shape.join() || result.dtype !== dtype) {
      const [from, to] = [`${dtype} [${shape.join(', ')}]`, `${result.dtype} [${result.shape.join(', ')}]`];
      throw new UsageError(
        `registerParametrization: a parametrization must keep shape and dtype, got ${to} for ${from}; pass unsafe: true if that is meant`,
        'registerParametrization',
      );
    }
  }

  /** Registers a tensor under `name`: `owner`, the same object, with the values of `value`, or a new one of the kind of `like`. */
  private hold(name: string, owner: Tensor | null, value: Tensor, like: Tensor | null = null): void {
    if (owner === null) {
      const isParameter = like instanceof Parameter;
      const copied = noGrad(() => value.detach().clone());
      if (isParameter) this.registerParameter(name, new Parameter(copied, like.requiresGrad));
      else this.registerBuffer(name, copied);
      return;
    }
    if (value !== owner) replace(owner, value);
    if (owner instanceof Parameter) this.registerParameter(name, owner);
    else this.registerBuffer(name, owner);
  }

  /** The tensors it is computed from. */
  originals(): Tensor[] {
    const fields = this as unknown as Record<string, Tensor>;
    return this.ntensors === null ? [fields['original']!] : Array.from({ length: this.ntensors }, (_, i) => fields[`original${i}`]!);
  }

  /** The modules, none of which may be null here. */
  private parametrizations(): Parametrization[] {
    return modulesIn<Parametrization>(this, '', this);
  }

  /**
   * The tensor, computed now.
   *
   * @throws UsageError where that reads the tensor itself, again and again.
   */
  evaluate(): Tensor {
    if (this._running === MOST_RUNNING) {
      throw new UsageError('parametrize: a parametrization reads the tensor that it computes, without end; have it read what it is given', 'parametrize');
    }
    this._running += 1;
    try {
      let originals: readonly Tensor[] = this.originals();
      for (const module of this.parametrizations()) originals = [run(module, originals)];
      return originals[0]!;
    } finally {
      this._running -= 1;
    }
  }

  /** Sets the tensors it is computed from so that the result is `value`. */
  assign(value: Tensor): void {
    noGrad(() => {
      const modules = this.parametrizations().reverse();
      const without = modules.find((module) => module.rightInverse === undefined);
      if (without !== undefined) {
        const { name } = without.constructor;
        throw new UsageError(`${name}: a parametrised tensor is assigned to by rightInverse, which ${name} does not define`, 'rightInverse');
      }
      const given = inverted(modules, value);
      const parts = given instanceof Tensor ? [given] : given;
      this.originals().forEach((original, i) => { original.copy_(parts[i]!); });
    });
  }

  override forward(): Tensor {
    return this.evaluate();
  }
}

/** Gives a tensor other values, perhaps of another shape; it stays the same object. */
function replace(t: Tensor, value: Tensor): void {
  const { requiresGrad } = t;
  swapHandle(t, noGrad(() => value.detach().clone()));
  if (requiresGrad) t.requiresGrad = true;
}

type Parametrised = Module & { parametrizations?: ModuleDict<ParametrizationList> };

/** The list of one tensor, by the name of the property or PyTorch's. */
function listOf(module: Module, name: string): ParametrizationList | null {
  const { parametrizations } = module as Parametrised;
  const key = keyOf(module, nameOf(module, name));
  return parametrizations instanceof ModuleDict && parametrizations.has(key) ? parametrizations.get(key) : null;
}

const moduleKind = (): Kind<Module> => instanceOf<Module>('a module', () => Module);

interface RegisterArguments {
  module: Module;
  /** The name of a parameter or buffer. */
  tensorName: string;
  /** What computes it. */
  parametrization: Module;
  /** Whether the result may have another shape or dtype; false by default. */
  unsafe?: boolean;
}

/**
 * Has the tensor `tensorName` of a module computed by `parametrization` from now on, whenever it is read: from the parameter
 * `parametrizations.weight.original`, or several where `rightInverse` gives several. Registered again, it goes through one after the other.
 */
export const registerParametrization: Stated & {
  <M extends Module>(module: M, tensorName: string, parametrization: Module, unsafe?: boolean | { unsafe?: boolean }): M;
  (options: RegisterArguments): Module;
} = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<RegisterArguments>('registerParametrization', () => ({
    module: moduleKind(),
    tensorName: text,
    parametrization: moduleKind(),
    unsafe: boolean.or(false),
  })),
  ({ module, tensorName, parametrization, unsafe }) => register(module, tensorName, parametrization, unsafe),
);

function register(module: Module, tensorName: string, parametrization: Module, unsafe: boolean): Module {
  const where = 'registerParametrization';
  parametrization.train(module.training);
  const known = listOf(module, tensorName);
  if (known !== null) {
    if (!unsafe) {
      scope(() => { noGrad(() => {
        const before = known.evaluate();
        const after = run(parametrization, [before]);
        if (after.shape.join() !== before.shape.join() || after.dtype !== before.dtype) {
          throw new UsageError(`${where}: a parametrization must keep shape and dtype, got [${after.shape.join(', ')}] for [${before.shape.join(', ')}]`, where);
        }
      }); });
    }
    known.append(parametrization);
    return module;
  }
  const name = nameOf(module, tensorName);
  const key = keyOf(module, name);
  const original = [...ownParameters(module), ...ownBuffers(module)].find(([own]) => own === key)?.[1];
  if (original === undefined) throw new UsageError(`${where}: ${module.constructor.name} has no parameter or buffer ${describe(tensorName)}`, where, { tensorName });
  const list = new ParametrizationList([parametrization], original, unsafe).train(module.training);
  Reflect.deleteProperty(module, name);
  // Has the module forget the name before another property takes it.
  ownParameters(module);
  const owner = module as Parametrised;
  if (!(owner.parametrizations instanceof ModuleDict)) module.addModule('parametrizations', new ModuleDict());
  owner.parametrizations!.set(key, list);
  Object.defineProperty(module, name, {
    get(this: Module) {
      const list = listOf(this, name)!;
      return computed(list, () => list.evaluate());
    },
    set(this: Module, value: Tensor) {
      listOf(this, name)!.assign(value);
    },
    enumerable: false,
    configurable: true,
  });
  return module;
}

interface IsArguments {
  module: Module;
  /** Which tensor; null, the default, for any. */
  tensorName?: string | null;
}

/** Whether a tensor of a module is parametrised. */
export const isParametrized: Stated & ((...args: Arguments<IsArguments, ['module', 'tensorName']>) => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<IsArguments>('isParametrized', () => ({ module: moduleKind(), tensorName: text.orNull() })),
  ({ module, tensorName }) => {
    const { parametrizations } = module as Parametrised;
    if (tensorName === null) return parametrizations instanceof ModuleDict && parametrizations.length > 0;
    return listOf(module, tensorName) !== null;
  },
);

interface RemoveArguments {
  module: Module;
  tensorName: string;
  /** Whether the tensor keeps the values that were computed, and not those it was computed from; true by default. */
  leaveParametrized?: boolean;
}

/** Makes a parametrised tensor an ordinary one again. */
export const removeParametrizations: Stated & {
  <M extends Module>(module: M, tensorName: string, leaveParametrized?: boolean | { leaveParametrized?: boolean }): M;
  (options: RemoveArguments): Module;
} = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<RemoveArguments>('removeParametrizations', () => ({ module: moduleKind(), tensorName: text, leaveParametrized: boolean.or(true) })),
  ({ module, tensorName, leaveParametrized }) => {
    const where = 'removeParametrizations';
    const list = listOf(module, tensorName);
    if (list === null) throw new UsageError(`${where}: ${describe(tensorName)} of ${module.constructor.name} is not parametrised`, where, { tensorName });
    const originals = list.originals();
    if (!leaveParametrized && originals.length > 1) {
      throw new UsageError(`${where}: leaveParametrized must be true for a tensor that is computed from ${originals.length}`, where);
    }
    const name = nameOf(module, tensorName);
    let [result] = originals as [Tensor];
    if (leaveParametrized) {
      const value = noGrad(() => list.evaluate().detach().clone());
      if (originals.length === 1) replace(result, value);
      else result = result instanceof Parameter ? new Parameter(value, originals.some((t) => t.requiresGrad)) : value;
    }
    const owner = module as Parametrised;
    owner.parametrizations!.pop(keyOf(module, name));
    Reflect.deleteProperty(module, name);
    if (owner.parametrizations!.length === 0) Reflect.deleteProperty(module, 'parametrizations');
    ownParameters(module);
    if (result instanceof Parameter) module.registerParameter(name, result);
    else module.registerBuffer(name, result);
    return module;
  },
);

interface TransferArguments {
  fromModule: Module;
  toModule: Module;
  /** Which tensor; null, the default, for all that are parametrised. */
  tensorName?: string | null;
}

/**
 * Has the parametrised tensors of `toModule` computed as those of `fromModule` are, by the same modules from the same parameters, and returns
 * it. A parameter that `toModule` lacks is made; nothing happens where `fromModule` has no parametrisations.
 */
export const transferParametrizationsAndParams: Stated & {
  <M extends Module>(fromModule: Module, toModule: M, tensorName?: string | null | { tensorName?: string | null }): M;
  (options: TransferArguments): Module;
} = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<TransferArguments>('transferParametrizationsAndParams', () => ({
    fromModule: moduleKind(),
    toModule: moduleKind(),
    tensorName: text.orNull(),
  })),
  ({ fromModule, toModule, tensorName }) => {
    const { parametrizations } = fromModule as Parametrised;
    if (!(parametrizations instanceof ModuleDict) || parametrizations.length === 0) return toModule;
    for (const name of tensorName === null ? parametrizations.keys() : [tensorName]) transfer(fromModule, toModule, name);
    return toModule;
  },
);

function transfer(fromModule: Module, toModule: Module, tensorName: string): void {
  const where = 'transferParametrizationsAndParams';
  const from = listOf(fromModule, tensorName);
  if (from === null) throw new UsageError(`${where}: ${describe(tensorName)} of ${fromModule.constructor.name} is not parametrised`, where, { tensorName });
  const name = nameOf(toModule, tensorName);
  const held = (toModule as unknown as Readonly<Record<string, unknown>>)[name];
  if (held === undefined || held === null) {
    const value = noGrad(() => scope(() => from.evaluate().detach().clone()));
    toModule.registerParameter(name, new Parameter(value));
  }
  for (const module of from) register(toModule, name, module, false);
  const to = listOf(toModule, name) as unknown as Record<string, unknown>;
  // One is `original`, several are `original0`, `original1`, ….
  from.originals().forEach((original, i) => { to[from.ntensors === null ? 'original' : `original${i}`] = original; });
}

/** The class that a module had before its tensors were parametrised: its class, which that does not change here. */
export const typeBeforeParametrizations: Stated & ((...args: Arguments<{ module: Module }, ['module']>) => new (...args: never[]) => Module) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ module: Module }>('typeBeforeParametrizations', () => ({ module: moduleKind() })),
  ({ module }) => module.constructor,
);
