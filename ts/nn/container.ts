// What Sequential and ModuleList are: modules in order, by position and by name.
import { describe } from '../core/describe';
import { IndexError, UsageError } from '../core/errors';
import { integer, kind, text } from '../core/kinds';
import { parameters, withoutArguments, type Arguments, type ParameterList } from '../core/options';
import { appended, endOf, hasGone } from './appending';
import { ownModules, type Named } from './listings';
import { replaceModules, type Member, type Slots } from './members';
import { Module } from './module';

/** The item of `Items` at an index that the compiler knows, or any item. */
export type ItemAt<Items extends readonly Module[], I extends number> = number extends I
  ? Items[number]
  : `${I}` extends keyof Items
    ? Items[I]
    : Items[number];

const moduleOrNull = /* @__PURE__ */ kind<Module | null>('a module or null', isModuleOrNull);

/** The parameters of the methods. */
const METHODS: Readonly<{
  at: ParameterList<{ index: number }>;
  get: ParameterList<{ key: string }>;
  append: ParameterList<{ module: Module | null }>;
  insert: ParameterList<{ index: number; module: Module | null }>;
  pop: ParameterList<{ key: number }>;
}> = {
  at: /* @__PURE__ */ parameters<{ index: number }>('at', () => ({ index: integer })),
  get: /* @__PURE__ */ parameters<{ key: string }>('get', () => ({ key: text })),
  append: /* @__PURE__ */ parameters<{ module: Module | null }>('append', () => ({ module: moduleOrNull })),
  insert: /* @__PURE__ */ parameters<{ index: number; module: Module | null }>('insert', () => ({ index: integer, module: moduleOrNull })),
  pop: /* @__PURE__ */ parameters<{ key: number }>('pop', () => ({ key: integer })),
};

function isModuleOrNull(value: unknown): boolean {
  return value === null || value instanceof Module;
}

/** Throws unless all of `modules` are modules or null, as PyTorch's may be None. */
export function checkModules(where: string, modules: readonly unknown[]): void {
  const other = modules.findIndex((module) => !isModuleOrNull(module));
  if (other >= 0) throw new UsageError(`${where}: expected a module, got ${describe(modules[other])} at position ${other}`, where);
}

/** The position of an index that may count from the end; -1 where there is none. */
function positionOf(index: number, count: number): number {
  const at = index < 0 ? index + count : index;
  return Number.isInteger(at) && at < count ? at : -1;
}

/**
 * Modules in order, under the names 0, 1, 2 … unless others were given; one that is held twice counts twice, and null, which may
 * stand for a module, counts too.
 */
export abstract class ModuleContainer<Items extends readonly Module[], Item extends Module> extends Module implements Iterable<Items[number]> {
  /** @internal */
  static override readonly _methods = { ...Module._methods, ...METHODS };

  static {
    withoutArguments(this.prototype, 'keys');
  }

  /** How many there are. */
  override get length(): number {
    return ownModules(this).length;
  }

  /** The module at `i`, which may count from the end. */
  at<const I extends number>(...args: [index: I | { index: I }]): ItemAt<Items, I> {
    const { index: i } = METHODS.at.read(args);
    const all = ownModules<Module>(this);
    const at = positionOf(i, all.length);
    if (at < 0) throw outOfRange(this, 'at', i, all.length);
    return all[at]![1] as ItemAt<Items, I>;
  }

  /** The module with this name. */
  get(...args: Arguments<{ key: string }, ['key']>): Items[number] {
    const { key } = METHODS.get.read(args);
    const all = ownModules<Module>(this);
    const found = all.find(([name]) => name === key);
    if (found === undefined) {
      const where = this.constructor.name;
      throw new IndexError(`${where}: there is no module with the name ${describe(key)}; the names are ${all.map(([name]) => name).join(', ')}`, 'get', { key });
    }
    return found[1] as Items[number];
  }

  /** The names, in order. */
  keys(): string[] {
    return ownModules(this).map(([name]) => name);
  }

  /** Adds a module at the end. */
  append(...args: Arguments<{ module: Item | null }, ['module']>): this {
    return addAll(this, [METHODS.append.read(args).module]);
  }

  /** Puts a module in front of the one at `index`, which may count from the end; at the end where `index` is how many there are. */
  insert(...args: Arguments<{ index: number; module: Item | null }, ['index', 'module']>): this {
    const { index, module } = METHODS.insert.read(args);
    const all = ownModules<Module>(this);
    if (index === all.length) return addAll(this, [module]);
    const at = positionOf(index, all.length);
    if (at < 0) throw outOfRange(this, 'insert', index, all.length);
    if (all.some(([name], i) => name !== String(i))) {
      const names = all.map(([name]) => name).join(', ');
      throw new UsageError(`insert: only modules under numbers move up, got the names ${names}; append() adds one at the end`, 'insert');
    }
    return renumber(this, [...all.slice(0, at), ['', module], ...all.slice(at)]);
  }

  /** Takes the module at `key`, which may count from the end, out and returns it; the others are numbered anew. */
  pop(...args: Arguments<{ key: number }, ['key']>): Items[number] {
    const { key } = METHODS.pop.read(args);
    const all = ownModules<Module>(this);
    const at = positionOf(key, all.length);
    if (at < 0) throw outOfRange(this, 'pop', key, all.length);
    renumber(this, all.filter((_, i) => i !== at));
    return all[at]![1] as Items[number];
  }

  /** @internal After `delete list[1]` the others are numbered anew, as after PyTorch's `del`. */
  override _membersGone(gone: readonly Member[]): void {
    if (gone.some(({ kind, name }) => kind === 'module' && /^\d+$/.test(name))) renumber(this, ownModules<Module>(this));
  }

  /** @internal What was deleted moves the others before one of them is read. */
  override _readAt(): boolean {
    if (!hasGone(this)) return false;
    ownModules(this);
    return true;
  }

  [Symbol.iterator](): Iterator<Items[number]> {
    return ownModules<Module>(this).map(([, module]) => module as Items[number])[Symbol.iterator]();
  }
}

/** Adds modules at the end, each under its position. */
export function addAll<C extends Module & { readonly length: number }>(container: C, modules: readonly (Module | null)[]): C {
  let at = endOf(container);
  for (const module of modules) container.addModule(String(at++), module);
  appended(container, at);
  reach(at);
  return container;
}

function renumber<C extends Module>(container: C, entries: readonly Named<Module | null>[]): C {
  replaceModules(container, entries.map(([, module], i) => [String(i), module]));
  reach(entries.length);
  return container;
}

function outOfRange(container: Module, op: string, index: number, count: number): IndexError {
  return new IndexError(`${container.constructor.name}: index ${index} is out of range for ${count} modules`, op, { index });
}

/** How far positions past the last module are known, for `list[list.length] = module` to be refused and not to make a property. */
const BEYOND = 8;
let reached = 0;

/**
 * Makes `list[i]` read and write by position, from the end too, where no module is registered under the number `i`: where the
 * modules have names, or one was just deleted. Containers of up to `count` modules can be asked.
 */
function reach(count: number): void {
  for (; reached < count + BEYOND; reached++) {
    for (const i of [reached, -1 - reached]) {
      Object.defineProperty(ModuleContainer.prototype, i, {
        get(this: Module) {
          const all = ownModules<Module>(this);
          return all[positionOf(i, all.length)]?.[1];
        },
        set(this: Module, value: unknown) {
          const all = ownModules<Module>(this);
          const at = positionOf(i, all.length);
          if (at < 0) throw outOfRange(this, 'append', i, all.length);
          (this as unknown as Slots)[all[at]![0]] = value;
        },
        configurable: true,
      });
    }
  }
}
