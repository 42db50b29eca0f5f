// Hooks around the state dict: what runs before and after it is made or loaded.
import { UsageError } from '../core/errors';
import type { Tensor } from '../tensor/tensor';
import { Hooks } from './hooks';
import type { LoadResult, StateDict } from './state';
import type { Module } from './module';

/** Where PyTorch keeps versions of a module's format; nothing is kept here. */
type Metadata = Readonly<Record<string, unknown>>;

/** Runs before the state of `module` is collected; names start with `prefix`. */
export type StateDictPreHook = (module: Module, prefix: string, keepVars: boolean) => void;
/** Sees the state dict with all of `module` in it, and may change it; must return nothing. */
export type StateDictPostHook = (module: Module, state: StateDict, prefix: string, metadata: Metadata) => unknown;
/** Sees the state before `module` takes its part, and may change it: the whole for the outermost module, its own part for one below. */
export type LoadStateDictPreHook = (
  module: Module,
  state: StateDict,
  prefix: string,
  metadata: Metadata,
  strict: boolean,
  missingKeys: string[],
  unexpectedKeys: string[],
  errors: string[],
) => void;
/** Sees, and may change, the names that did not meet, after the values were copied; must return nothing. */
export type LoadStateDictPostHook = (module: Module, incompatible: { missingKeys: string[]; unexpectedKeys: string[] }) => unknown;

/** The state hooks of one module. */
export class StateHooks {
  readonly pre: Hooks<StateDictPreHook>;
  readonly post: Hooks<StateDictPostHook>;
  readonly loadPre: Hooks<LoadStateDictPreHook>;
  readonly loadPost: Hooks<LoadStateDictPostHook>;

  /** None, or those of another module. */
  constructor(like?: StateHooks) {
    this.pre = new Hooks(like?.pre);
    this.post = new Hooks(like?.post);
    this.loadPre = new Hooks(like?.loadPre);
    this.loadPost = new Hooks(like?.loadPost);
  }
}

const NONE: Metadata = Object.freeze({});

function returnsNothing(what: string, op: string, result: unknown): void {
  if (result !== undefined && result !== null) throw new UsageError(`${op}: ${what} must not return a value; change what it was given`, op);
}

/** A module as a state dict sees it. */
export interface StateOf {
  readonly module: Module;
  readonly hooks: StateHooks | null;
  /** Its own tensors by name. */
  readonly own: readonly (readonly [string, Tensor])[];
  /** Names of these that a state dict may lack: they keep their value. */
  readonly optional: readonly string[];
  readonly children: readonly (readonly [string, StateOf])[];
}

/** Calls `put` with the path and the value of every tensor of a state. */
export function collectTensors(of: StateOf, put: (path: string, value: Tensor) => void, prefix = ''): void {
  for (const [name, value] of of.own) put(prefix + name, value);
  for (const [name, child] of of.children) collectTensors(child, put, `${prefix}${name}.`);
}

/** The same with the hooks around each module; those at its end may change `state`, which `put` fills. */
export function collectState(of: StateOf, prefix: string, state: StateDict, put: (path: string, value: Tensor) => void): void {
  for (const { hook } of of.hooks?.pre.entries ?? []) hook(of.module, prefix, false);
  for (const [name, value] of of.own) put(prefix + name, value);
  for (const [name, child] of of.children) collectState(child, `${prefix}${name}.`, state, put);
  for (const { hook } of of.hooks?.post.entries ?? []) returnsNothing('a state dict post-hook', 'stateDict', hook(of.module, state, prefix, NONE));
}

/** What the modules find of `given` after their pre-hooks have run, and the names no module looks for. */
export function stateToLoad(of: StateOf, given: StateDict, strict: boolean): { state: StateDict; missing: string[]; unexpected: string[]; errors: string[] } {
  const state: StateDict = {};
  const missing: string[] = [];
  const unexpected: string[] = [];
  const errors: string[] = [];
  const visit = (at: StateOf, prefix: string, local: StateDict): void => {
    for (const [name, value] of at.own) if (at.optional.includes(name)) local[prefix + name] ??= value;
    for (const { hook } of at.hooks?.loadPre.entries ?? []) hook(at.module, local, prefix, NONE, strict, missing, unexpected, errors);
    const children = new Set(at.children.map(([name]) => name));
    for (const [key, value] of Object.entries(local)) {
      if (!key.startsWith(prefix)) continue;
      const [head, ...rest] = key.slice(prefix.length).split('.');
      // One that leads to a part is that part's to look for.
      if (rest.length === 0 || !children.has(head!)) state[key] = value;
    }
    for (const [name, child] of at.children) {
      const below = `${prefix}${name}.`;
      visit(child, below, Object.fromEntries(Object.entries(local).filter(([key]) => key.startsWith(below))));
    }
  };
  visit(of, '', { ...given });
  return { state, missing, unexpected, errors };
}

/** Whether a module of the tree wants to see the names that did not meet. */
export function hasLoadPostHooks(of: StateOf): boolean {
  return (of.hooks?.loadPost.entries.length ?? 0) > 0 || of.children.some(([, child]) => hasLoadPostHooks(child));
}

/** Runs the post-hooks, those of the parts before that of the whole. */
export function runLoadPostHooks(of: StateOf, result: LoadResult): void {
  for (const [, child] of of.children) runLoadPostHooks(child, result);
  const incompatible = result as { missingKeys: string[]; unexpectedKeys: string[] };
  for (const { hook } of of.hooks?.loadPost.entries ?? []) {
    returnsNothing('a load state dict post-hook', 'loadStateDict', hook(of.module, incompatible));
  }
}
