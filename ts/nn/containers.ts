// Modules made of others.
import { isOptions } from '../arguments';
import { IndexError, UsageError } from '../errors';
import { describe } from '../describe';
import { parameters, type Arguments } from '../options';
import type { Tensor } from '../tensor';
import { iterable } from '../tensor-kinds';
import { ANY_INPUT } from './inputs';
import { eachModule, ownModules, type Named } from './listings';
import { Module } from './module';

/** The item of `Items` at an index that the compiler knows, or any item. */
export type ItemAt<Items extends readonly Module[], I extends number> = number extends I
  ? Items[number]
  : `${I}` extends keyof Items
    ? Items[I]
    : Items[number];

function listOf(container: Module): Module[] {
  return ownModules<Module>(container).flatMap(([, module]) => module ?? []);
}

/** Modules under the names 0, 1, 2 …, in order; one that is held twice counts twice. */
abstract class Numbered<Items extends readonly Module[]> extends Module implements Iterable<Items[number]> {
  /** How many there are. */
  get length(): number {
    return listOf(this).length;
  }

  /** The module at `i`, which may count from the end. */
  at<const I extends number>(i: I): ItemAt<Items, I> {
    const all = listOf(this);
    const found = Number.isInteger(i) ? all.at(i) : undefined;
    if (found === undefined) throw new IndexError(`${this.constructor.name}: index ${i} is out of range for ${all.length} modules`, 'at', { index: i });
    return found as ItemAt<Items, I>;
  }

  /** Adds a module at the end. */
  append(module: Items[number]): this {
    if (!(module instanceof Module)) throw new UsageError(`${this.constructor.name}: expected a module, got ${describe(module)}`, 'append');
    this.addModule(String(eachModule(this, () => undefined)), module);
    return this;
  }

  /** Adds modules at the end. */
  extend(modules: Iterable<Items[number]>): this {
    for (const module of modules) this.append(module);
    return this;
  }

  [Symbol.iterator](): Iterator<Items[number]> {
    return listOf(this)[Symbol.iterator]();
  }
}

/**
 * Runs modules one after the other, each on the output of the one before.
 *
 * `new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10))`, or with names:
 * `new Sequential({ hidden: new Linear(784, 128), out: new Linear(128, 10) })`. It is indexed as an array is, by `net[0]`,
 * and from the end too by `net.at(-1)`.
 */
export class Sequential<Items extends readonly Module[] = Module[]> extends Numbered<Items> {
  // The names that its modules are registered under.
  [index: number]: Items[number];

  constructor(modules: Readonly<Record<string, Module>>);
  constructor(...modules: Items);
  constructor(...modules: unknown[]) {
    super();
    const [first] = modules;
    const byName = modules.length === 1 && isOptions(first) ? first : null;
    if (byName !== null) for (const [name, module] of Object.entries(byName)) this.addModule(name, module as Module);
    else this.extend(modules as Module[]);
  }

  /** @internal */
  get _inputs(): typeof ANY_INPUT {
    return ANY_INPUT;
  }

  override forward(input: Tensor): Tensor {
    let out = input;
    // As PyTorch, which runs a module as often as it is listed.
    eachModule(this, (module) => { out = (module as unknown as Module).call(out) as Tensor; });
    return out;
  }
}

const MODULE_LIST = /* @__PURE__ */ parameters<{ modules?: Iterable<Module> | null }>('ModuleList', () => ({ modules: iterable.orNull() }));

/** A list of modules that are found as parts of the module it belongs to. It has no `forward`. */
export class ModuleList<M extends Module = Module> extends Numbered<M[]> {
  [index: number]: M;

  /** @internal */
  static readonly _parameters = MODULE_LIST;

  constructor(...args: Arguments<{ modules?: Iterable<M> | null }, ['modules']>) {
    super();
    this.extend((MODULE_LIST.read(args).modules as Iterable<M> | null) ?? []);
  }

  /** Neighbours that read the same are told once, with their number. */
  protected override reprOfParts(): Named<string>[] {
    const runs: { first: string; last: string; count: number; text: string }[] = [];
    for (const [name, text] of super.reprOfParts()) {
      const run = runs.at(-1);
      if (run?.text === text) Object.assign(run, { last: name, count: run.count + 1 });
      else runs.push({ first: name, last: name, count: 1, text });
    }
    return runs.map(({ first, last, count, text }) => (count === 1 ? [first, text] : [`${first}-${last}`, `${count} x ${text}`]));
  }
}
