// What may not be called while a function is captured: a record of it would replay the numbers of the first run.
import { UsageError } from './errors';

let active = false;

/** The modules that were called since a capture began; null where there is none. */
export let owners: Set<object> | null = null;

/** The modules whose parts or parameters were listed since a capture began; null where there is none. */
let listed: Set<object> | null = null;

/** Notes that the parts of `owner` are listed, on which what comes next may depend. */
export function noteListed(owner: object): void {
  listed?.add(owner);
}

/** Notes the modules of a call: all of `modules`, which is no listing of their parts. */
export function noteCalled(modules: () => Iterable<object>): void {
  const before = listed;
  listed = null;
  try {
    for (const module of modules()) owners?.add(module);
  } finally {
    listed = before;
  }
}

/** What is told of replacements. */
export interface ReplacementWatch {
  /** `owner[name]` held `before`, a tensor or a module, and holds something else now. */
  replaced(owner: object, name: string, before: object): void;
  /** `t` is about to stand for other values: another `data`, or another dtype. */
  rebound(t: object): void;
}

/** Told of replacements while there is a record of a function, which holds the tensors that were there. */
export let replacements: ReplacementWatch | null = null;

/** How often a name of a module came to hold something else while there was a record of a function. */
export let memberChanges = 0;

/** Notes that `owner[name]` held `before` and holds `value` now, where there is a record of a function. */
export function noteReplaced(owner: object, name: string, before: unknown, value: unknown): void {
  if (replacements === null || before === value) return;
  memberChanges++;
  if ((typeof before === 'object' && before !== null) || typeof before === 'function') replacements.replaced(owner, name, before);
}

/** Says what is told of replacements. */
export function watchReplacements(by: ReplacementWatch | null): void {
  replacements = by;
}

/**
 * The part of an optimizer's step that is no call of an op: which numbers the step takes, and what is remembered as numbers. A replay
 * does it again, so that steps are counted and learning rates read as ever.
 */
export interface HostPart {
  /** What the parameters' state is kept by. */
  readonly state: Map<object, Record<string, unknown>>;
  /** Does it; while a replay does, ops of steps are not called. */
  readonly run: () => void;
  /** The parameters that had gradients, list by list. */
  readonly withGradients: (readonly object[])[];
  /** The tensors of each call of a step's op: parameters, then what is remembered of them. */
  readonly taken: (readonly (readonly object[])[])[];
}

/** Those of the function that is being captured. */
export let hostParts: HostPart[] = [];

/** A replay that does such a part again. */
export interface HostReplay {
  readonly part: HostPart;
  /** How many of its lists and calls there were so far. */
  lists: number;
  calls: number;
  /** What the calls take, one number after the other. */
  readonly numbers: number[];
}

/** The one that goes on. */
export let hostReplay: HostReplay | null = null;

/** Does parts again; the numbers that their calls take. */
export function runAgain(parts: readonly HostPart[]): number[] {
  const numbers: number[] = [];
  try {
    for (const part of parts) {
      hostReplay = { part, lists: 0, calls: 0, numbers };
      part.run();
    }
  } finally {
    hostReplay = null;
  }
  return numbers;
}

/** Does the part of a step that is the host's, and keeps it for replays of what is being captured. */
export function hostPart(state: HostPart['state'], run: () => void): void {
  if (active) hostParts.push({ state, run, withGradients: [], taken: [] });
  run();
}

/** Whether a function is being captured. */
export function isCapturing(): boolean {
  return active;
}

/** Says whether a function is being captured. */
export function setCapturing(on: boolean): void {
  active = on;
  owners = on ? new Set() : null;
  listed = on ? new Set() : null;
  hostParts = [];
}

/** The modules that were called, and those whose parts were listed, since a capture began. */
export function modulesUsed(): { called: ReadonlySet<object>; listed: ReadonlySet<object> } {
  return { called: owners ?? new Set(), listed: listed ?? new Set() };
}

/** Why calls are refused, and what to do. */
export const REFUSED = {
  transform: 'what a function transform does is not recorded; capture the function itself and transform what calls run()',
  read: 'a replay would not read the value again; return the tensor and read it outside, or use operations such as where()',
  print: 'printing reads values, and a replay would not read them again; print shape and dtype, or return the tensor and print it outside',
  gradient: 'the gradient of a computed tensor is not kept by a replay; take it with grad()',
  hook: 'a replay would not run the hook; register it outside of the captured function',
  custom: 'the backward of a custom function is not recorded; call it outside of the captured function',
  checkpoint: 'a replay would keep what a checkpoint drops; wrap what calls run() instead',
  random: 'the state of a generator is not recorded; seed it outside of the captured function',
  step: 'a replay would not change the schedule again; take its step outside of the captured function',
  update: 'this optimizer reads values or counts steps in ways that a replay would not do again; take its step outside of the captured function',
  leaf: 'a replay could not change the tensor itself; do it outside of the captured function',
} as const;

/** Whether operations may be put off. A flag: bundlers leave out what goes by it in pages that never set it. */
let mayWait = false;

/** Called before something whose operations cannot be put off. */
let untracked = (): void => undefined;

/** Says what is called before transforms, custom functions and checkpoints. */
export function whenUntracked(then: () => void): void {
  mayWait = true;
  untracked = then;
}

/** Throws where a function is being captured. */
export function refuseInCapture(op: string, why: keyof typeof REFUSED): void {
  if (mayWait && (why === 'transform' || why === 'custom' || why === 'checkpoint')) untracked();
  if (active) throw new UsageError(`${op}: cannot be captured: ${REFUSED[why]}`, op);
}
