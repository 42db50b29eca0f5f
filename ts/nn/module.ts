// The base class of networks.
import { DTypeError, UsageError } from '../core/errors';
import { noteCalled, owners } from '../core/capturing';
import { brand } from '../core/copies';
import { describe } from '../core/describe';
import { codeOf, isFloatCode, type DType } from '../core/dtype';
import { noGrad } from '../autograd/autograd';
import { nothing, withoutArguments, type Arguments } from '../core/options';
import { Scope, keep, scope } from '../runtime/scope';
import { dispose } from '../core/symbols';
import { Tensor } from '../tensor/tensor';
import { makeFast, type ArgumentsAt, type ResultAt } from './callable';
import { castInPlace } from './cast';
import { DeepCopy } from './clone';
import {
  ModuleHooks,
  hooksEverywhere,
  runWithHooks,
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardPreHook,
  type RemovableHandle,
} from './hooks';
import { inputsOf, type InputsByName } from './inputs';
import {
  depthFirst,
  join,
  modulesBelow,
  ownBuffers,
  ownModules,
  ownParameters,
  plainTensorsOf,
  savedOf,
  tensorSlots,
  unique,
  type Named,
} from './listings';
import { MemberOwner, canRegister, register, registered, type Kind } from './members';
import {
  METHODS,
  type BufferArguments,
  type DuplicateOptions,
  type ForwardHookArguments,
  type HookArguments,
  type LoadStateDictArguments,
  type PrefixOptions,
  type RecurseOptions,
  type StateDictOptions,
  type ToArguments,
} from './module-parameters';
import type { TensorJson } from '../tensor/read';
import { Parameter } from './parameter';
import { checkIsState, checkNames, checkState, renamed, shapeless, shapesOf, type GiveShape, type LoadResult, type StateDict } from './state';
import {
  StateHooks,
  collectState,
  collectTensors,
  hasLoadPostHooks,
  runLoadPostHooks,
  stateToLoad,
  type LoadStateDictPostHook,
  type LoadStateDictPreHook,
  type StateDictPostHook,
  type StateDictPreHook,
  type StateOf,
} from './state-hooks';

/**
 * A network or a part of one.
 *
 * A subclass assigns its parameters (`nn.Parameter`) and parts (other modules) to properties and overrides `forward`. A field
 * initialiser is enough; what hides in a `#private` field or an array is not found (`nn.ModuleList` is the array that is).
 * A property that holds a parameter takes another parameter or null from then on, one that holds a module another module,
 * a parameter or null, and a buffer tensors; `delete` makes it free again.
 *
 * A module is a function: `model(x)`, or `model.call(x)`, runs the hooks around `forward` and, at the end, releases every
 * tensor that was made on the way except those returned and those assigned to properties. What backward needs is kept by the
 * graph, not by these tensors.
 *
 * @example
 * class Net extends nn.Module {
 *   hidden = new nn.Linear(784, 128);
 *   out = new nn.Linear(128, 10);
 *   override forward(x: Tensor): Tensor {
 *     return this.out(this.hidden(x).relu());
 *   }
 * }
 * const net = new Net();
 * const y = net(x);
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the constructor returns what can be called
export class Module extends MemberOwner implements Disposable {
  /** @internal */
  static readonly _methods = METHODS;

  /** Whether it is in training mode; `train()` and `eval()` switch it for the whole network. */
  training = true;

  /** @internal Names a state dict may lack, whatever `strict` says: what older versions of PyTorch did not save. */
  get _optionalState(): readonly string[] {
    return [];
  }

  /** @internal Buffers of a lazy module that have no shape yet, by their names in a state dict: what gives them one. */
  declare readonly _unshaped?: Readonly<Record<string, GiveShape>>;

  #hooks: ModuleHooks | null = null;
  #stateHooks: StateHooks | null = null;
  /** Whether a call has looked for fields of subclasses over registered names. */
  #isAsked = false;

  static {
    brand(this.prototype);
    withoutArguments(this.prototype, 'namedChildren children modules eval cpu half bfloat16 float double clone dispose toString');
    // Bundlers rename a class that refers to itself.
    Object.defineProperty(this, 'name', { value: 'Module' });
  }

  constructor();
  constructor(...none: unknown[]) {
    super();
    if (none.length > 0) nothing(new.target.name).read(none);
  }

  /** Computes the output. Overridden by every module; `model(x)` calls it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each module has arguments and results of its own
  forward(..._args: any[]): any {
    throw new UsageError(`${this.constructor.name}: forward is not defined; a module must override it`, 'forward');
  }

  /** Runs the module, as calling it does: hooks, `forward`, and the release of intermediate tensors. PyTorch's `model(x)`. */
  // A property of forward's own type: unlike a method that takes its parameters it can be called where `this` is not known.
  declare readonly call: ((...args: InputsByName<this>) => ReturnType<this['forward']>) & this['forward'];

  static {
    // As methods are, not enumerable: loops over the properties of a module do not meet it.
    Object.defineProperty(this.prototype, 'call', {
      value: function call(this: Module, ...given: unknown[]): unknown {
        // One tensor, the usual call, is by position.
        const args = given.length === 1 && given[0] instanceof Tensor ? given : inputsOf(this, given);
        if (!this.#isAsked) {
          registered(this);
          makeFast(this);
          this.#isAsked = true;
        }
        if (owners !== null) noteCalled(() => this.modules());
        const during = new Scope();
        during.isCall = true;
        let out: unknown;
        try {
          out = this.#hooks === null && !hooksEverywhere ? (this.forward(...args) as unknown) : runWithHooks(this, this.#hooks, args);
          const own = plainTensorsOf(this);
          if (own.length > 0) keep(own);
        } catch (error) {
          during.end();
          throw error;
        }
        during.end(out, this.constructor.name);
        return out;
      },
      writable: true,
      configurable: true,
    });
  }

  /** The arguments of the constructor as `toString` shows them. */
  extraRepr(): string {
    return '';
  }

  // --- what it holds ---

  /** The modules directly in this one, by name, each once. */
  namedChildren(): Named<Module>[] {
    return unique(ownModules<Module>(this).filter((entry): entry is Named<Module> => entry[1] !== null));
  }

  /** The modules directly in this one, each once. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** This module and all below, by path; a module comes before its parts. Each once, or with `removeDuplicate` false under every path. */
  namedModules(...args: Arguments<PrefixOptions & DuplicateOptions, ['prefix', 'removeDuplicate']>): Named<Module>[] {
    const { prefix, removeDuplicate } = METHODS.namedModules.read(args);
    return modulesBelow<Module>(this, prefix, removeDuplicate, (module) => ownModules<Module>(module));
  }

  /** This module and all below, each once. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** The parameters by path; `recurse` false looks at this module only. Each once, or with `removeDuplicate` false under every path. */
  namedParameters(...args: Arguments<PrefixOptions & RecurseOptions & DuplicateOptions, ['prefix', 'recurse', 'removeDuplicate']>): Named<Parameter>[] {
    const { prefix, recurse, removeDuplicate } = METHODS.namedParameters.read(args);
    return this.#collect(prefix, recurse, removeDuplicate, ownParameters);
  }

  /** The parameters, each once. */
  parameters(...args: Arguments<RecurseOptions, ['recurse']>): Parameter[] {
    const { recurse } = METHODS.parameters.read(args);
    return this.namedParameters('', recurse).map(([, parameter]) => parameter);
  }

  /** The buffers by path; otherwise as `namedParameters`. */
  namedBuffers(...args: Arguments<PrefixOptions & RecurseOptions & DuplicateOptions, ['prefix', 'recurse', 'removeDuplicate']>): Named<Tensor>[] {
    const { prefix, recurse, removeDuplicate } = METHODS.namedBuffers.read(args);
    return this.#collect(prefix, recurse, removeDuplicate, ownBuffers);
  }

  /** The buffers, each once. */
  buffers(...args: Arguments<RecurseOptions, ['recurse']>): Tensor[] {
    const { recurse } = METHODS.buffers.read(args);
    return this.namedBuffers('', recurse).map(([, buffer]) => buffer);
  }

  #collect<T>(prefix: string, recurse: boolean, removeDuplicate: boolean, own: (module: Module) => Named<T>[]): Named<T>[] {
    const modules = recurse ? this.namedModules(prefix, removeDuplicate) : [[prefix, this] as Named<Module>];
    const found = modules.flatMap(([path, module]) => own(module).map(([name, value]): Named<T> => [join(path, name), value]));
    return removeDuplicate ? unique(found) : found;
  }

  /**
   * Makes `tensor` the property `name`, as state that is saved and cast with the module but not learned. One that is not
   * `persistent` is left out of the state dict.
   */
  registerBuffer(...args: Arguments<BufferArguments, ['name', 'tensor', 'persistent']>): void {
    const { name, tensor, persistent } = METHODS.registerBuffer.read(args);
    if (tensor !== null && !(tensor instanceof Tensor)) {
      throw new UsageError(`registerBuffer: ${name} must be a tensor or null, got ${describe(tensor)}`, 'registerBuffer');
    }
    this.#register('registerBuffer', persistent ? 'buffer' : 'transient', name, tensor);
  }

  /** Makes `parameter` the property `name`; the same as assigning it, for names that are computed. */
  registerParameter(...args: Arguments<{ name: string; param: Parameter | null }, ['name', 'param']>): void {
    const { name, param: parameter } = METHODS.registerParameter.read(args);
    if (parameter !== null && !(parameter instanceof Parameter)) {
      throw new UsageError(`registerParameter: ${name} must be a nn.Parameter or null, got ${describe(parameter)}`, 'registerParameter');
    }
    this.#register('registerParameter', 'parameter', name, parameter);
  }

  /** Makes `module` the property `name`; the same as assigning it, for names that are computed. */
  addModule(...args: Arguments<{ name: string; module: Module | null }, ['name', 'module']>): void {
    const { name, module } = METHODS.addModule.read(args);
    if (module !== null && !(module instanceof Module)) {
      throw new UsageError(`addModule: ${name} must be a module or null, got ${describe(module)}`, 'addModule');
    }
    this.#register('addModule', 'module', name, module);
  }

  #register(op: string, kind: Kind, name: string, value: Tensor | Module | null): void {
    if (typeof name !== 'string') throw new UsageError(`${op}: a name must be a string, got ${describe(name)}`, op);
    if (name === '' || name.includes('.')) throw new UsageError(`${op}: a name must not be empty or contain a dot, got "${name}"`, op);
    if (!canRegister(this, kind, name)) throw new UsageError(`${op}: ${name} is already a member of ${this.constructor.name}`, op);
    register(this, kind, name, value);
  }

  // --- modes and gradients ---

  /** Switches this module and all below to training mode, or out of it. */
  train(...args: Arguments<{ mode?: boolean }, ['mode']>): this {
    const { mode } = METHODS.train.read(args);
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Switches to evaluation mode: dropout and the like do nothing. */
  eval(): this {
    return this.train(false);
  }

  /** Asks for gradients of all parameters, or freezes them. */
  requiresGrad_(...args: Arguments<{ requiresGrad?: boolean }, ['requiresGrad']>): this {
    const { requiresGrad } = METHODS.requiresGrad_.read(args);
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
  }

  /** Removes the gradients of all parameters, or sets them to zero. */
  zeroGrad(...args: Arguments<{ setToNone?: boolean }, ['setToNone']>): void {
    const { setToNone } = METHODS.zeroGrad.read(args);
    for (const parameter of this.parameters()) {
      if (setToNone) parameter.grad = null;
      else noGrad(() => parameter.grad?.zero_());
    }
  }

  /** Runs `fn` on every module, parts before the whole. */
  apply(...args: Arguments<{ fn: (module: Module) => void }, ['fn']>): this {
    const { fn } = METHODS.apply.read(args);
    this.#refuseCycles();
    // A class may have an `apply` of its own.
    const hasOwn = (module: Module): boolean => module !== this && module.apply !== Module.prototype.apply;
    depthFirst<Module>(
      this,
      (module) => (hasOwn(module) ? [] : module.children()),
      (module) => {
        if (hasOwn(module)) module.apply(fn);
        else fn(module);
      },
    );
    return this;
  }

  /**
   * Casts floating parameters and buffers to a floating dtype, which may be that of a tensor. Parameters stay the same objects,
   * so an optimizer keeps working.
   */
  to(dtype: DType | Tensor, nonBlocking?: boolean | { nonBlocking?: boolean }): this;
  to(...args: Arguments<ToArguments, ['device', 'dtype', 'nonBlocking']>): this;
  to(...args: unknown[]): this {
    const [first] = args;
    // The dtype may come without a device in front, or be that of a tensor.
    const isDType = first instanceof Tensor || codeOf(first) !== undefined;
    const { dtype, tensor } = METHODS.to.read(isDType ? [null, first instanceof Tensor ? first.dtype : first, ...args.slice(1)] : args);
    const asked = dtype ?? tensor?.dtype;
    if (asked === undefined) return this;
    if (!isFloatCode(codeOf(asked)!)) {
      throw new DTypeError(`to: a module is cast to floating-point dtypes only, got ${asked}; cast single tensors with their to()`, 'to', { dtype: asked });
    }
    return this.#cast(asked);
  }

  /** This module, which is on the CPU. */
  cpu(): this {
    return this;
  }

  #cast(dtype: DType): this {
    for (const parameter of this.parameters()) castInPlace(parameter, dtype);
    for (const module of this.modules()) {
      for (const [, slot] of tensorSlots(module)) {
        if (slot.isBuffer && slot.get().isFloatingPoint()) slot.set(keep(slot.get().to(dtype)));
      }
    }
    return this;
  }

  /** Casts to float32. */
  float(): this {
    return this.to('float32');
  }

  /** Casts to float64. */
  double(): this {
    return this.to('float64');
  }

  /** Casts to float16. */
  half(): this {
    return this.to('float16');
  }

  /** Casts to bfloat16. */
  bfloat16(): this {
    return this.to('bfloat16');
  }

  // --- state ---

  /** Parameters and persistent buffers by path. The tensors share memory with the module and have no history. */
  stateDict(...args: Arguments<StateDictOptions, ['prefix', 'keepVars']>): StateDict {
    const { prefix, keepVars } = METHODS.stateDict.read(args);
    const state: StateDict = {};
    this.#refuseCycles();
    collectState(this.#stateOf(), prefix, state, (path, t: Tensor) => { state[path] = keepVars ? t : t.detach(); });
    return state;
  }

  /**
   * Copies the values of `state` into the parameters and buffers of the same path. Everything is checked first: if it throws,
   * nothing was copied; only where a hook wants to see the names that did not meet, these are checked after it.
   *
   * A key that differs from the module's only by snake_case against camelCase is taken as well; `renamedKeys` of the result
   * has these. What has no shape yet, in a lazy module, gets that of the state, and keeps its values at the first call.
   *
   * @throws UsageError for names missing here or there unless `strict` is false; ShapeError where shapes differ.
   */
  loadStateDict(...args: Arguments<LoadStateDictArguments, ['stateDict', 'strict', 'assign']>): LoadResult {
    const { stateDict: state, strict } = METHODS.loadStateDict.read(args);
    const own: StateDict = {};
    this.#refuseCycles();
    const of = this.#stateOf();
    const name = this.constructor.name;
    const unshaped = new Map<string, GiveShape>();
    collectTensors(of, (path, t, module, key) => {
      own[path] = t.detach();
      const give = shapeless(module, key, t);
      if (give !== null) unshaped.set(path, give);
    });
    try {
      checkIsState(state);
      const { state: given, renamedKeys } = renamed(own, state);
      const found = stateToLoad(of, given, strict);
      if (found.errors.length > 0) throw new UsageError(`loadStateDict: the state does not fit ${name}: ${found.errors.join('; ')}`, 'loadStateDict');
      const isLate = hasLoadPostHooks(of);
      const shaped = shapesOf(unshaped, found.state);
      const { missingKeys, unexpectedKeys } = checkState(name, { ...own, ...shaped }, found.state, strict && !isLate);
      const result = {
        missingKeys: [...found.missing, ...missingKeys],
        unexpectedKeys: [...found.unexpected, ...unexpectedKeys],
        ...(Object.keys(renamedKeys).length > 0 ? { renamedKeys } : {}),
      };
      noGrad(() => {
        for (const [path, { shape }] of Object.entries(shaped)) {
          own[path]!.dispose();
          own[path] = unshaped.get(path)!.call(this, shape).detach();
        }
        for (const [path, target] of Object.entries(own)) {
          const source = found.state[path];
          if (source !== undefined) target.copy_(source);
        }
      });
      runLoadPostHooks(of, result);
      if (strict) checkNames(name, result);
      return result;
    } finally {
      for (const t of Object.values(own)) t.dispose();
    }
  }

  /** Throws where a module below contains itself. */
  #refuseCycles(): void {
    this.namedModules('', false);
  }

  #stateOf(): StateOf {
    const root = this.#statePart();
    depthFirst(root, ({ state, modules }) => {
      const parts = modules.map(([name, child]) => [name, child.#statePart()] as const);
      state.children = parts.map(([name, part]) => [name, part.state]);
      return parts.map(([, part]) => part);
    });
    return root.state;
  }

  /** What of this module is saved, without the modules in it, and these. */
  #statePart(): { state: StateOf; modules: readonly Named<Module>[] } {
    const { tensors, modules } = savedOf<Module>(this);
    return { state: { module: this, hooks: this.#stateHooks, own: tensors, optional: this._optionalState, children: [] }, modules };
  }

  /** Runs `hook(module, prefix, keepVars)` before the state of this module is collected. */
  registerStateDictPreHook(...args: Arguments<{ hook: StateDictPreHook }, ['hook']>): RemovableHandle {
    const { hook } = METHODS.registerStateDictPreHook.read(args);
    return (this.#stateHooks ??= new StateHooks()).pre.add(hook as StateDictPreHook, {});
  }

  /** Runs `hook(module, state, prefix, metadata)` when the state of this module is collected; it may change `state`. */
  registerStateDictPostHook(...args: Arguments<{ hook: StateDictPostHook }, ['hook']>): RemovableHandle {
    const { hook } = METHODS.registerStateDictPostHook.read(args);
    return (this.#stateHooks ??= new StateHooks()).post.add(hook as StateDictPostHook, {});
  }

  /**
   * Runs `hook(module, state, prefix, metadata, strict, missingKeys, unexpectedKeys, errors)` before this module takes its part
   * of a state dict; it may change `state`, a copy, and add to the lists.
   */
  registerLoadStateDictPreHook(...args: Arguments<{ hook: LoadStateDictPreHook }, ['hook']>): RemovableHandle {
    const { hook } = METHODS.registerLoadStateDictPreHook.read(args);
    return (this.#stateHooks ??= new StateHooks()).loadPre.add(hook as LoadStateDictPreHook, {});
  }

  /** Runs `hook(module, { missingKeys, unexpectedKeys })` after a state dict was loaded; clearing the lists forgives. */
  registerLoadStateDictPostHook(...args: Arguments<{ hook: LoadStateDictPostHook }, ['hook']>): RemovableHandle {
    const { hook } = METHODS.registerLoadStateDictPostHook.read(args);
    return (this.#stateHooks ??= new StateHooks()).loadPost.add(hook as LoadStateDictPostHook, {});
  }

  /**
   * A copy that shares nothing with this module, PyTorch's `copy.deepcopy(module)`: parameters (without their gradients),
   * buffers and parts, each as often as it is held here and shared where it is shared here; modes, hooks, and every other
   * property: tensors, generators, arrays, maps, sets, plain objects and instances of classes are copied, functions and what the
   * host made, such as a URL, are handed on.
   *
   * Constructors do not run. So functions among the properties still refer to the original, and a class with `#private`
   * members, which only its constructor makes, is refused: such a class has a `clone` of its own, which is also called where an
   * instance of it is part of another module.
   *
   * @throws AutogradError for a tensor that is no leaf; UsageError for a class with private members, and for iterators.
   */
  clone(): this {
    const copies = new DeepCopy(Module, (from, to) => {
      if (!(from instanceof Module) || !(to instanceof Module)) return;
      if (from.#hooks !== null) to.#hooks = new ModuleHooks(from.#hooks);
      if (from.#stateHooks !== null) to.#stateHooks = new StateHooks(from.#stateHooks);
    });
    return scope(() => copies.copy(this)) as this;
  }

  /** What `JSON.stringify` takes: the state dict, each tensor as its `toJSON()` gives it. */
  toJSON(): Record<string, TensorJson> {
    return scope(() => Object.fromEntries(Object.entries(this.stateDict()).map(([key, t]) => [key, t.toJSON()])));
  }

  /** Releases the parameters, their gradients and the buffers. The module cannot be used afterwards. */
  dispose(): void {
    for (const t of [...this.parameters(), ...this.buffers()]) t.dispose();
  }

  /** For `using` declarations. */
  [dispose](): void {
    this.dispose();
  }

  // --- hooks ---

  #ensureHooks(): ModuleHooks {
    return (this.#hooks ??= new ModuleHooks());
  }

  /** Runs `hook(module, args)` before `forward`; an array it returns replaces the arguments, anything else the one there is. */
  registerForwardPreHook(...args: Arguments<HookArguments<ForwardPreHook> & { withKwargs?: false }, ['hook']>): RemovableHandle {
    const { hook, prepend } = METHODS.registerForwardPreHook.read(args);
    return this.#ensureHooks().forwardPre.add(hook as ForwardPreHook, { prepend });
  }

  /**
   * Runs `hook(module, args, output)` after `forward`; what it returns, unless undefined, replaces the output. It may keep what it is
   * given and what it makes: that lives as long as what is made around the call of the outermost module.
   */
  registerForwardHook(...args: Arguments<ForwardHookArguments<ForwardHook>, ['hook']>): RemovableHandle {
    const { hook, prepend, alwaysCall } = METHODS.registerForwardHook.read(args);
    return this.#ensureHooks().forward.add(hook as ForwardHook, { prepend, alwaysCall });
  }

  /** Runs `hook(module, gradOutput)` before the module's gradients are computed; a list it returns replaces that of the output. */
  registerFullBackwardPreHook(...args: Arguments<HookArguments<BackwardPreHook>, ['hook', 'prepend']>): RemovableHandle {
    const { hook, prepend } = METHODS.registerFullBackwardPreHook.read(args);
    return this.#ensureHooks().backwardPre.add(hook as BackwardPreHook, { prepend });
  }

  /** Runs `hook(module, gradInput, gradOutput)` when the gradients with respect to the module's tensor arguments are known. */
  registerFullBackwardHook(...args: Arguments<HookArguments<BackwardHook>, ['hook', 'prepend']>): RemovableHandle {
    const { hook, prepend } = METHODS.registerFullBackwardHook.read(args);
    return this.#ensureHooks().backward.add(hook as BackwardHook, { prepend });
  }

  /** The module as PyTorch prints it. */
  override toString(): string {
    const name = this.constructor.name;
    // Python shows what contains itself so, and fails where modules are nested deeper.
    if (printing.has(this) || printing.size >= DEEPEST_SHOWN) return `${name}(...)`;
    printing.add(this);
    try {
      return this.#text(name);
    } finally {
      printing.delete(this);
    }
  }

  #text(name: string): string {
    const parts = this.reprOfParts().map(([name, text]) => `(${name}): ${indent(text)}`);
    const extra = this.extraRepr();
    if (parts.length === 0) return `${name}(${extra})`;
    const lines = extra === '' ? parts : [...extra.split('\n'), ...parts];
    return `${name}(\n  ${lines.join('\n  ')}\n)`;
  }

  /** What `toString` says of the modules directly in this one, as often as they are held. */
  protected reprOfParts(): Named<string>[] {
    return ownModules<Module>(this).map(([name, child]) => [name, String(child)]);
  }
}

/** `model(x)` is `model.call(x)`: a module is a function, of the type of its `forward`, to which inputs by name are added. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- as above
export interface Module {
  (...args: InputsByName<this>): ReturnType<this['forward']>;
  (...args: ArgumentsAt<this['forward'], 0>): ResultAt<this['forward'], 0>;
  (...args: ArgumentsAt<this['forward'], 1>): ResultAt<this['forward'], 1>;
  (...args: Parameters<this['forward']>): ReturnType<this['forward']>;
}

Object.defineProperty(Module.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Module) {
    return this.toString();
  },
  configurable: true,
});

/** The modules that are being printed. */
const printing = new Set<Module>();

/** How many levels of modules are printed: each is a call in a call, and a line is indented by all of them. */
const DEEPEST_SHOWN = 400;

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
