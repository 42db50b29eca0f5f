// What a module holds, found by looking at its properties: no registration, no proxies.
import { isForeign } from '../copies';
import { describe } from '../describe';
import { UsageError } from '../errors';
import { Tensor } from '../tensor';
import type { Module } from './module';
import { Parameter } from './parameter';

/** A name and what it names. */
export type Named<T> = [name: string, value: T];

/** The properties of `owner` that are `kind`, in the order they were first assigned. */
export function propertiesOf<T>(owner: object, kind: abstract new (...args: never[]) => T): Named<T>[] {
  const found: Named<T>[] = [];
  for (const name of Object.keys(owner)) {
    const value = (owner as Record<string, unknown>)[name];
    if (value instanceof kind) found.push([name, value]);
    else refuseForeign(owner, name, value);
  }
  return found;
}

/** Throws for a module or tensor of another copy of the package: nothing here would find it among its own. */
function refuseForeign(owner: object, name: string, value: unknown): void {
  if (isForeign(value)) throw new UsageError(`${owner.constructor.name}: ${name} is ${describe(value)}`, owner.constructor.name);
}

/** `prefix.name`, or `name` where the prefix is empty. */
export function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}

/** `root` and all modules below it, each once, a module before its children. The path is a list of work, not a recursion. */
export function modulesBelow(root: Module, prefix: string, children: (m: Module) => Named<Module>[]): Named<Module>[] {
  const seen = new Set<Module>();
  const found: Named<Module>[] = [];
  const todo: Named<Module>[] = [[prefix, root]];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const [path, module] = next;
    if (seen.has(module)) continue;
    seen.add(module);
    found.push(next);
    for (const [name, child] of children(module).reverse()) todo.push([join(path, name), child]);
  }
  return found;
}

/** The first of each object under its first name. */
export function unique<T>(all: Iterable<Named<T>>): Named<T>[] {
  const seen = new Set<T>();
  const found: Named<T>[] = [];
  for (const entry of all) {
    if (seen.has(entry[1])) continue;
    seen.add(entry[1]);
    found.push(entry);
  }
  return found;
}

const NONE: readonly Tensor[] = [];

/** Tensors kept on a module that are neither parameters nor, yet, anything a scope knows to spare. Every call of a module asks. */
export function plainTensorsOf(owner: object): readonly Tensor[] {
  let found: Tensor[] | null = null;
  // Methods of classes are not enumerable, so these are the properties of the object itself.
  for (const name in owner) {
    const value = (owner as Record<string, unknown>)[name];
    if (value instanceof Tensor) {
      if (!(value instanceof Parameter)) (found ??= []).push(value);
    } else refuseForeign(owner, name, value);
  }
  return found ?? NONE;
}
