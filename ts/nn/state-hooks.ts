// Hooks around the state dict: what runs before and after it is made or loaded.
import { UsageError } from '../core/errors';
import type { Tensor } from '../tensor/tensor';
import { Hooks } from './hooks';
import { depthFirst } from './listings';
import { emptyState, type LoadResult, type StateDict } from './state';
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
  children: readonly (readonly [string, StateOf])[];
}

/** A part of a state, under the prefix of its names. */
interface Part {
  readonly of: StateOf;
  readonly prefix: string;
}

function partsOf({ of, prefix }: Part): Part[] {
  return of.children.map(([name, child]) => ({ of: child, prefix: `${prefix}${name}.` }));
}

/** Calls `put` with the path, the value, the module and the name in it of every tensor of a state. */
export function collectTensors(of: StateOf, put: (path: string, value: Tensor, module: Module, name: string) => void): void {
  depthFirst<Part>({ of, prefix: '' }, (part) => {
    for (const [name, value] of part.of.own) put(part.prefix + name, value, part.of.module, name);
    return partsOf(part);
  });
}

/** The same with the hooks around each module; those at its end may change `state`, which `put` fills. */
export function collectState(of: StateOf, prefix: string, state: StateDict, put: (path: string, value: Tensor) => void): void {
  depthFirst<Part>(
    { of, prefix },
    (part) => {
      for (const { hook } of part.of.hooks?.pre.entries ?? []) hook(part.of.module, part.prefix, false);
      for (const [name, value] of part.of.own) put(part.prefix + name, value);
      return partsOf(part);
    },
    ({ of, prefix }) => {
      for (const { hook } of of.hooks?.post.entries ?? []) returnsNothing('a state dict post-hook', 'stateDict', hook(of.module, state, prefix, NONE));
    },
  );
}

/** A part that looks for its names in `local`. */
interface LoadingPart extends Part {
  readonly local: StateDict;
}

/** What the modules find of `given` after their pre-hooks have run, and the names no module looks for. */
export function stateToLoad(of: StateOf, given: StateDict, strict: boolean): { state: StateDict; missing: string[]; unexpected: string[]; errors: string[] } {
  const state = emptyState();
  const missing: string[] = [];
  const unexpected: string[] = [];
  const errors: string[] = [];
  depthFirst<LoadingPart>({ of, prefix: '', local: { ...given } }, (part) => {
    const { of: at, prefix, local } = part;
    for (const [name, value] of at.own) if (at.optional.includes(name)) local[prefix + name] ??= value;
    const hooks = at.hooks?.loadPre.entries ?? [];
    for (const { hook } of hooks) hook(at.module, local, prefix, NONE, strict, missing, unexpected, errors);
    // The names by the part they lead to, which is that part's to look for.
    const below = new Map<string, StateDict>(at.children.map(([name]) => [name, emptyState()]));
    for (const [key, value] of Object.entries(local)) {
      // Only hooks add other names; of a deep module comparing prefixes takes its time.
      if (hooks.length > 0 && !key.startsWith(prefix)) continue;
      const dot = key.indexOf('.', prefix.length);
      const found = dot < 0 ? undefined : below.get(key.slice(prefix.length, dot));
      (found ?? state)[key] = value;
    }
    return partsOf(part).map((child, i) => ({ ...child, local: below.get(at.children[i]![0])! }));
  });
  return { state, missing, unexpected, errors };
}

/** Whether a module of the tree wants to see the names that did not meet. */
export function hasLoadPostHooks(of: StateOf): boolean {
  let isWanted = false;
  depthFirst(of, (at) => {
    isWanted ||= (at.hooks?.loadPost.entries.length ?? 0) > 0;
    return childrenOf(at);
  });
  return isWanted;
}

/** Runs the post-hooks, those of the parts before that of the whole. */
export function runLoadPostHooks(of: StateOf, result: LoadResult): void {
  depthFirst(of, childrenOf, (at) => {
    for (const { hook } of at.hooks?.loadPost.entries ?? []) {
      returnsNothing('a load state dict post-hook', 'loadStateDict', hook(at.module, result as { missingKeys: string[]; unexpectedKeys: string[] }));
    }
  });
}

function childrenOf(of: StateOf): StateOf[] {
  return of.children.map(([, child]) => child);
}
