// Modules by name.
import { UsageError, IndexError } from '../core/errors';
import { describe } from '../core/describe';
import { Kind, REFUSED, kind, text } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import { isObject, isOptions } from '../core/plain-object';
import { ownModules, ownNamed } from './listings';
import { Module } from './module';

/** Modules by name: a plain object, pairs of name and module, a map, or another `ModuleDict`. */
export type NamedModules<M extends Module = Module> = Readonly<Record<string, M>> | Iterable<readonly [string, M]> | ModuleDict<M>;

const isIterable = (value: unknown): value is Iterable<unknown> =>
  isObject(value) && typeof (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function';

const isPair = (pair: unknown): boolean => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string' && pair[1] instanceof Module;

/** Pairs of name and module of what holds them. */
function pairsOf(value: unknown): unknown {
  if (value instanceof ModuleDict) return value.items();
  const pairs = isOptions(value) ? Object.entries(value) : isIterable(value) ? Array.from(value) : null;
  return pairs?.every(isPair) === true ? pairs : REFUSED;
}

const namedModules = /* @__PURE__ */ new Kind<NamedModules>('an object of modules or pairs of name and module', pairsOf, undefined, true);
const moduleKind = /* @__PURE__ */ kind<Module>('a module', (value) => value instanceof Module);

const METHODS = {
  get: /* @__PURE__ */ parameters<{ key: string }>('get', () => ({ key: text })),
  has: /* @__PURE__ */ parameters<{ key: string }>('has', () => ({ key: text })),
  set: /* @__PURE__ */ parameters<{ key: string; module: Module }>('set', () => ({ key: text, module: moduleKind })),
  pop: /* @__PURE__ */ parameters<{ key: string }>('pop', () => ({ key: text })),
  update: /* @__PURE__ */ parameters<{ modules: NamedModules }>('update', () => ({ modules: namedModules })),
};

/**
 * Modules by name that are found as parts of the module it belongs to. It has no `forward`.
 *
 * `new ModuleDict({ conv: new Conv2d(1, 8, 3), pool: new MaxPool2d(2) })`; a module is `dict.get('conv')`. As in PyTorch iterating
 * gives the names, and a name that is a property or method already is refused.
 */
export class ModuleDict<M extends Module = Module> extends Module implements Iterable<string> {
  /** @internal */
  static override readonly _methods = { ...Module._methods, ...METHODS };

  static {
    withoutArguments(this.prototype, 'keys values items clear');
  }

  constructor(modules?: NamedModules<M> | null);
  constructor(...args: unknown[]) {
    super();
    if (args.length > 1) throw new UsageError(`ModuleDict: ${args.length} arguments by position are too many, there is one`, 'ModuleDict');
    const [given] = args;
    const all = given === undefined || given === null ? [] : namedModules.take(given);
    if (typeof all === 'symbol') throw new UsageError(`ModuleDict: modules must be ${namedModules.expected}, got ${describe(given)}`, 'ModuleDict');
    for (const [name, module] of all as [string, M][]) this.addModule(name, module);
  }

  /** How many there are. */
  override get length(): number {
    return ownModules(this).length;
  }

  /** The module with this name. */
  get(...args: Arguments<{ key: string }, ['key']>): M {
    const { key } = METHODS.get.read(args);
    return this.find('get', key);
  }

  /** Whether there is a module with this name. */
  has(...args: Arguments<{ key: string }, ['key']>): boolean {
    const { key } = METHODS.has.read(args);
    return ownNamed(this, 'module', key) !== undefined;
  }

  /** Puts a module under a name, in place of the one there. */
  set(...args: Arguments<{ key: string; module: M }, ['key', 'module']>): this {
    const { key, module } = METHODS.set.read(args);
    this.addModule(key, module);
    return this;
  }

  /** Takes the module with this name out and returns it. */
  pop(...args: Arguments<{ key: string }, ['key']>): M {
    const { key } = METHODS.pop.read(args);
    const found = this.find('pop', key);
    Reflect.deleteProperty(this, key);
    return found;
  }

  /** Puts modules under their names. */
  update(...args: Arguments<{ modules: NamedModules<M> }, ['modules']>): this {
    const { modules } = METHODS.update.read(args);
    for (const [name, module] of modules as unknown as [string, M][]) this.addModule(name, module);
    return this;
  }

  /** Takes all modules out. */
  clear(): void {
    for (const name of this.keys()) Reflect.deleteProperty(this, name);
  }

  /** The names, in the order they were added. */
  keys(): string[] {
    return ownModules(this).map(([name]) => name);
  }

  /** The modules, in the order of their names. */
  values(): M[] {
    return ownModules<M>(this).map(([, module]) => module as M);
  }

  /** Names and modules. */
  items(): [string, M][] {
    return ownModules<M>(this).map(([name, module]) => [name, module as M]);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.keys()[Symbol.iterator]();
  }

  private find(op: string, key: string): M {
    const found = ownNamed(this, 'module', key);
    if (found !== undefined) return found as M;
    throw new IndexError(`ModuleDict: there is no module with the name ${describe(key)}; the names are ${this.keys().join(', ')}`, op, { key });
  }
}
