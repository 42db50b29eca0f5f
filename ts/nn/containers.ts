// Modules made of others.
import { IndexError, UsageError } from '../errors';
import { describe } from '../describe';
import type { Tensor } from '../tensor';
import { Module } from './module';

/** Modules under the names 0, 1, 2 …, in order. */
abstract class Numbered extends Module implements Iterable<Module> {
  /** How many there are. */
  get length(): number {
    return this.children().length;
  }

  /** The module at `i`, which may count from the end. */
  at(i: number): Module {
    const all = this.children();
    const found = Number.isInteger(i) ? all.at(i) : undefined;
    if (found === undefined) throw new IndexError(`${this.constructor.name}: index ${i} is out of range for ${all.length} modules`, 'at', { index: i });
    return found;
  }

  /** Adds a module at the end. */
  append(module: Module): this {
    if (!(module instanceof Module)) throw new UsageError(`${this.constructor.name}: expected a module, got ${describe(module)}`, 'append');
    this.addModule(String(Object.keys(this).filter((key) => /^\d+$/.test(key)).length), module);
    return this;
  }

  /** Adds modules at the end. */
  extend(modules: Iterable<Module>): this {
    for (const module of modules) this.append(module);
    return this;
  }

  [Symbol.iterator](): Iterator<Module> {
    return this.children()[Symbol.iterator]();
  }
}

/**
 * Runs modules one after the other, each on the output of the one before.
 *
 * `new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10))`, or with names:
 * `new Sequential({ hidden: new Linear(784, 128), out: new Linear(128, 10) })`.
 */
export class Sequential extends Numbered {
  constructor(modules: Readonly<Record<string, Module>>);
  constructor(...modules: Module[]);
  constructor(...modules: (Readonly<Record<string, Module>> | Module)[]) {
    super();
    const [first] = modules;
    if (modules.length === 1 && first !== undefined && !(first instanceof Module)) {
      for (const [name, module] of Object.entries(first)) this.addModule(name, module);
    } else this.extend(modules as Module[]);
  }

  override forward(x: Tensor): Tensor {
    let out = x;
    // As PyTorch, which runs a module as often as it is listed.
    for (const name of Object.keys(this)) {
      const module = (this as unknown as Record<string, unknown>)[name];
      if (module instanceof Module) out = module.call(out) as Tensor;
    }
    return out;
  }
}

/** A list of modules that are found as parts of the module it belongs to. It has no `forward`. */
export class ModuleList extends Numbered {
  constructor(modules: Iterable<Module> = []) {
    super();
    this.extend(modules);
  }
}
