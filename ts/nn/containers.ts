// Modules made of others.
import { isOptions } from '../tensor/arguments';
import { UsageError } from '../core/errors';
import { integer } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { iterable } from '../tensor/tensor-kinds';
import { ModuleContainer, addAll, checkModules } from './container';
import { ANY_INPUT } from './inputs';
import { eachModule, ownModules, type Named } from './listings';
import { type Module } from './module';

interface SliceOptions {
  /** The position of the first, which may count from the end; the first by default. */
  start?: number;
  /** The position behind the last, which may count from the end; null, the default, for all. */
  stop?: number | null;
}

const SEQUENTIAL = {
  slice: /* @__PURE__ */ parameters<SliceOptions>('slice', () => ({ start: integer.or(0), stop: integer.orNull() })),
  extend: /* @__PURE__ */ parameters<{ sequential: Iterable<Module | null> }>('extend', () => ({ sequential: iterable })),
};

/** A `Sequential` whose modules go by number. */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- an object without names is just that
type NoNames = Readonly<Record<never, Module>>;

/** How many sequences run, one in the other. */
let running = 0;

/** At so many of them, and at each multiple, it is asked whether the innermost contains itself. */
const LOOK_EVERY = 64;

/**
 * Runs modules one after the other, each on the output of the one before.
 *
 * `new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10))`, or with names:
 * `new Sequential({ hidden: new Linear(784, 128), out: new Linear(128, 10) })`. It is indexed as an array is, by `net[0]`,
 * and from the end too by `net.at(-1)`; modules with names are also found by `net.get('hidden')`.
 */
class Sequential<Items extends readonly Module[] = Module[], Named extends Readonly<Record<string, Module>> = NoNames> extends ModuleContainer<Items, Module> {
  // The names that its modules are registered under; those below are known to the compiler one by one.
  [index: number]: Items[number];
  declare 0: Items extends { 0: infer M extends Module } ? M : Items[number];
  declare 1: Items extends { 1: infer M extends Module } ? M : Items[number];
  declare 2: Items extends { 2: infer M extends Module } ? M : Items[number];
  declare 3: Items extends { 3: infer M extends Module } ? M : Items[number];
  declare 4: Items extends { 4: infer M extends Module } ? M : Items[number];
  declare 5: Items extends { 5: infer M extends Module } ? M : Items[number];
  declare 6: Items extends { 6: infer M extends Module } ? M : Items[number];
  declare 7: Items extends { 7: infer M extends Module } ? M : Items[number];
  declare 8: Items extends { 8: infer M extends Module } ? M : Items[number];
  declare 9: Items extends { 9: infer M extends Module } ? M : Items[number];

  constructor(modules: Named);
  constructor(...modules: Items);
  constructor(...modules: unknown[]) {
    super();
    const [first] = modules;
    const byName = modules.length === 1 && isOptions(first) ? first : null;
    checkModules('Sequential', byName === null ? modules : Object.values(byName));
    addAll(this, byName === null ? (modules as Module[]) : []);
    for (const [name, module] of Object.entries(byName ?? {})) this.addModule(name, module as Module);
  }

  override get<Name extends keyof Named>(key: Name): Named[Name];
  override get(...args: Arguments<{ key: string }, ['key']>): Items[number];
  override get(...args: Arguments<{ key: string }, ['key']>): Items[number] {
    return super.get(...args);
  }

  /** The modules from `start` up to `stop` as another one, under the names they have: PyTorch's `net[start:stop]`. */
  slice(...args: Arguments<SliceOptions, ['start', 'stop']>): Sequential {
    const { start, stop } = SEQUENTIAL.slice.read(args);
    // As PyTorch: of a subclass, another of it.
    const part = new (this.constructor as typeof Sequential)();
    for (const [name, module] of ownModules<Module>(this).slice(start, stop ?? undefined)) part.addModule(name, module);
    return part;
  }

  /** Adds modules at the end. */
  extend(...args: Arguments<{ sequential: Iterable<Module | null> }, ['sequential']>): this {
    const all = [...(SEQUENTIAL.extend.read(args).sequential)];
    checkModules('extend', all);
    return addAll(this, all);
  }

  /** @internal */
  get _inputs(): typeof ANY_INPUT {
    return ANY_INPUT;
  }

  override forward(input: Tensor): Tensor {
    let out = input;
    running += 1;
    try {
      // One that contains itself says so, where the stack would overflow.
      if (running % LOOK_EVERY === 0) this.namedModules('', false);
      // As PyTorch, which runs a module as often as it is listed.
      eachModule(this, (module, name) => {
        if (module === null) throw new UsageError(`Sequential: module ${name} is null, which cannot be called; put an Identity there or pop() it`, 'Sequential');
        out = (module as unknown as Module).call(out) as Tensor;
      });
    } finally {
      running -= 1;
    }
    return out;
  }
}

/**
 * How a `Sequential` is made: of modules with names they are its properties, `net.fc`. The second parameter, which nothing infers, keeps
 * this signature from classes that derive from `Sequential`, whose base has one type.
 */
interface SequentialClass {
  new <Items extends readonly Module[] = Module[], Named extends Readonly<Record<string, Module>> = NoNames>(...modules: Items): Sequential<Items, Named>;
  new <Named extends Readonly<Record<string, Module>>, _Names extends 'by name', _Kind extends 'named'>(modules: Named): Sequential<Module[], Named> & Named;
  readonly prototype: Sequential;
}

const TypedSequential = Sequential as unknown as SequentialClass;
type TypedSequential<Items extends readonly Module[] = Module[], Named extends Readonly<Record<string, Module>> = NoNames> = Sequential<Items, Named>;
export { TypedSequential as Sequential };

const MODULE_LIST = /* @__PURE__ */ parameters<{ modules?: Iterable<Module | null> | null }>('ModuleList', () => ({ modules: iterable.orNull() }));
const LIST = {
  slice: /* @__PURE__ */ parameters<SliceOptions>('slice', () => ({ start: integer.or(0), stop: integer.orNull() })),
  extend: /* @__PURE__ */ parameters<{ modules: Iterable<Module | null> }>('extend', () => ({ modules: iterable })),
};

/** A list of modules that are found as parts of the module it belongs to. It has no `forward`. */
export class ModuleList<M extends Module = Module> extends ModuleContainer<M[], M> {
  [index: number]: M;

  /** @internal */
  static readonly _parameters = MODULE_LIST;

  constructor(...args: Arguments<{ modules?: Iterable<M> | null }, ['modules']>) {
    super();
    const all = [...((MODULE_LIST.read(args).modules ?? []) as Iterable<M>)];
    checkModules('ModuleList', all);
    addAll(this, all);
  }

  /** The modules from `start` up to `stop` as another list: PyTorch's `list[start:stop]`. */
  slice(...args: Arguments<SliceOptions, ['start', 'stop']>): ModuleList<M> {
    const { start, stop } = LIST.slice.read(args);
    return addAll(new (this.constructor as typeof ModuleList)<M>(), ownModules<M>(this).slice(start, stop ?? undefined).map(([, module]) => module));
  }

  /** Adds modules at the end. */
  extend(...args: Arguments<{ modules: Iterable<M | null> }, ['modules']>): this {
    const all = [...LIST.extend.read(args).modules];
    checkModules('extend', all);
    return addAll(this, all);
  }

  /** Neighbours that read the same are told once, with their number. */
  protected override reprOfParts(): Named<string>[] {
    const runs: { first: number; count: number; text: string }[] = [];
    for (const [i, [, text]] of super.reprOfParts().entries()) {
      const run = runs.at(-1);
      if (run?.text === text) run.count += 1;
      else runs.push({ first: i, count: 1, text });
    }
    return runs.map(({ first, count, text }) => (count === 1 ? [String(first), text] : [`${first}-${first + count - 1}`, `${count} x ${text}`]));
  }
}
