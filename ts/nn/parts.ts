// The modules that a module is made of, where it calls them: programs may put null in their place, as in PyTorch, or delete them.
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { Module } from './module';

const refuse = (owner: Module, name: string, given: unknown, expected: string, remedy: string): UsageError => {
  const where = owner.constructor.name;
  const found = given === undefined ? 'missing' : describe(given);
  return new UsageError(`${where}: ${name} is ${found}, and ${expected} is called there; ${remedy}`, where, { part: name });
};

/** The module that `owner` has under a property; throws where something else is there by now. */
export function part<M extends Module, Name extends keyof M & string>(owner: M, name: Name): M[Name] {
  const given: unknown = owner[name];
  if (!(given instanceof Module)) throw refuse(owner, name, given, 'a module', 'assign one, for nothing to be done an nn.Identity');
  return given as M[Name];
}

/** The same for a module or a function, which is called with the tensor `x`. */
export function applied<M extends Module, X>(owner: M, name: keyof M & string, x: X): X {
  const given: unknown = owner[name];
  if (given instanceof Module) return (given.call as (x: X) => X)(x);
  if (typeof given !== 'function') throw refuse(owner, name, given, 'a module or a function', 'assign one, for nothing to be done an nn.Identity');
  return (given as (x: X) => X)(x);
}

/** The modules of the list that `owner` has under a property; throws where there is no list, or null stands for a module. */
export function partsOf<M extends Module>(owner: Module, name: string): M[] {
  const list: unknown = (owner as unknown as Record<string, unknown>)[name];
  if (!(list instanceof Module) || !(Symbol.iterator in list)) throw refuse(owner, name, list, 'a list of modules', 'assign an nn.ModuleList');
  return modulesIn(owner, `${name}.`, list as unknown as Iterable<M | null>);
}

/** The modules of `all`, none of which may be null; `prefix` says where they are. */
export function modulesIn<M extends Module>(owner: Module, prefix: string, all: Iterable<M | null>): M[] {
  const modules = [...all];
  const at = modules.findIndex((module) => !(module instanceof Module));
  if (at >= 0) throw refuse(owner, `${prefix}${at}`, modules[at], 'a module', 'put an nn.Identity there, or take it out');
  return modules as M[];
}

/** A tensor that a module may lack: null, also where its name was deleted. */
export const perhaps = <T>(tensor: T | null | undefined): T | null => tensor ?? null;
