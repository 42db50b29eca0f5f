// The WebAssembly instance: its exports as functions of this module, and its life and death.
//
// The exports are module variables that at first start the instance and then call themselves anew, so importing the
// package compiles nothing, and a hot call is one call of a WebAssembly function.
import * as glue from '../../dist/wasm/adjoint_wasm.js';
import { messageOf } from '../core/describe';
import { AdjointError, LoadError, UsageError } from '../core/errors';
import { ABI_HASH, type Host } from '../generated/abi';
import type { Exports } from './exports';

/** Where the two modules of the binary come from; what each method returns is kept. */
export interface Loader {
  /** What every program runs. */
  primary(): WebAssembly.Module;
  /** What the primary module lacks (scripts/build/split); asked for when it is first needed, and throws what a user can do if it cannot be had. */
  secondary(): WebAssembly.Module;
}

let loader: Loader | null = null;
let primary: WebAssembly.Module | null = null;
let secondary: WebAssembly.Module | null = null;
/** Whether the instance needs no secondary module. */
let isWhole = false;
let exports: Exports | null = null;
const host: Partial<Host> = { panicked, loadSecondary };
/** How many instances were made: the number of the present one. */
export let instances = 0;
/** The instance made last: `exports` before it is known to be the right one. */
let starting: Exports | null = null;
/** Where the stack of the instance begins. */
let stackStart = 0;

/** The exports; starts the instance if there is none. */
export function wasm(): Exports {
  return exports ?? start();
}

export let call1: Exports['call1'] = (op, a) => start().call1(op, a);
export let call2: Exports['call2'] = (op, a, b) => start().call2(op, a, b);
export let call3: Exports['call3'] = (op, a, b, c) => start().call3(op, a, b, c);
export let call2n: Exports['call2n'] = (op, a, v, kind, side) => start().call2n(op, a, v, kind, side);
export let callN: Exports['call_n'] = (op, words) => start().call_n(op, words);
// What follows has nothing to do while no instance runs.
export let release: Exports['release'] = nothing;
export let scopeOpen: Exports['scope_open'] = noScope;
export let scopeEnter: Exports['scope_enter'] = nothing;
export let scopeTake: Exports['scope_take'] = nothing;
export let scopeEnd: Exports['scope_end'] = nothing;

function nothing(): void {
  // So it is.
}

function noScope(): number {
  return 0;
}

function bindHot(to: Exports): void {
  ({ call1, call2, call3, call2n } = to);
  callN = to.call_n;
}

function bindLifetimes(to: Exports | null): void {
  release = to?.release ?? nothing;
  scopeOpen = to?.scope_open ?? noScope;
  scopeEnter = to?.scope_enter ?? nothing;
  scopeTake = to?.scope_take ?? nothing;
  scopeEnd = to?.scope_end ?? nothing;
}

let afterStart: () => void = nothing;
let beforeReset: () => void = nothing;

/** Has `run` called when the instance that runs is thrown away. */
export function setBeforeReset(run: () => void): void {
  beforeReset = run;
}

/** Has `run` called whenever an instance starts. */
export function setAfterStart(run: () => void): void {
  afterStart = run;
}

/** Says where the binary comes from; the entries of the package do. One that only says what is missing yields to one that knows. */
export function setLoader(from: Loader, { isLast = false } = {}): void {
  if (!isLast || loader === null) loader = from;
}

/** Gives methods Rust calls; each module that has some does so as it is loaded, before the instance starts. */
export function setHost(methods: Partial<Host>): void {
  Object.assign(host, methods);
}

/** Whether an instance runs. */
export function isStarted(): boolean {
  return exports !== null;
}

function start(): Exports {
  if (primary === null) {
    if (loader === null) throw new UsageError('init: adjoint is not initialised; import an entry of the package', 'init');
    primary = loader.primary();
  }
  return instantiate(primary, secondary);
}

/**
 * Makes an instance of the primary module, the present one from now on; without a secondary one the loader is asked for it when it is needed.
 * A binary with threads, which is whole, gets its memory: after `reset()` the next instance is that of the loader again.
 */
export function instantiate(primaryModule: WebAssembly.Module, secondaryModule: WebAssembly.Module | null, memory?: WebAssembly.Memory): Exports {
  isWhole = memory !== undefined;
  if (!isWhole) {
    primary = primaryModule;
    secondary = secondaryModule;
  }
  instances += 1;
  // The declarations of the glue, those of the binary without threads, have no memory (scripts/build/glue.mjs).
  const given = { module: primaryModule, memory };
  const made = glue.initSync(given) as unknown as Exports;
  starting = made;
  stackStart = made.__stack_pointer.value as number;
  glue.set_host(host, instances);
  const hash = made.abi_hash() >>> 0;
  if (hash !== ABI_HASH) {
    throw new AdjointError(
      `the WebAssembly binary was built for other bindings (${hash}) than these (${ABI_HASH}); run npm run gen and npm run build`,
      'init',
    );
  }
  exports = made;
  bindHot(made);
  bindLifetimes(made);
  afterStart();
  return made;
}

/**
 * Throws away the instance, with every tensor in it, and starts a fresh one at the next call: the way on after an internal
 * error. Tensors made before are disposed.
 */
export function reset(): void {
  beforeReset();
  beforeReset = nothing;
  exports = null;
  isWhole = false;
  call1 = (op, a) => start().call1(op, a);
  call2 = (op, a, b) => start().call2(op, a, b);
  call3 = (op, a, b, c) => start().call3(op, a, b, c);
  call2n = (op, a, v, kind, side) => start().call2n(op, a, v, kind, side);
  callN = (op, words) => start().call_n(op, words);
  bindLifetimes(null);
}

/** Whether the instance has all functions or will find them: a secondary module was given, or has been loaded. */
export function hasSecondary(): boolean {
  return isWhole || secondary !== null;
}

/**
 * Hands over the modules: to the instance that runs, which then has the secondary one when it needs it and keeps its tensors,
 * or else to the next.
 */
export function provide(primaryModule: WebAssembly.Module, secondaryModule: WebAssembly.Module | null): void {
  if (exports === null || exports !== starting) instantiate(primaryModule, secondaryModule);
  else secondary ??= secondaryModule;
}

/** Instantiates the secondary module on the memory of the primary one. */
function loadSecondary(): void {
  const had = secondary;
  try {
    secondary ??= loader!.secondary();
    new WebAssembly.Instance(secondary, { primary: starting as unknown as WebAssembly.ModuleImports });
  } catch (cause) {
    secondary = had;
    throw abandonCall(`this call needs adjoint's secondary module, which could not be loaded: ${messageOf(cause)}`, cause);
  }
}

let isAbandoning = false;

/**
 * Ends the call that is running in Rust, whose frames the error returned is about to be thrown through. Their destructors do not run,
 * so what they would have put right is put right here, and the instance lives on.
 */
function abandonCall(text: string, cause: unknown): AdjointError {
  if (isAbandoning) return declareDead(`${text}; the instance is lost, reset() makes a fresh one`, cause);
  isAbandoning = true;
  try {
    if (starting!.abandon_call() === 0) return declareDead(`${text}; the instance is lost, reset() makes a fresh one`, cause);
  } finally {
    isAbandoning = false;
  }
  starting!.__stack_pointer.value = stackStart;
  return new LoadError(text, 'init', { cause });
}

function panicked(message: string): never {
  throw declareDeadByBug(message);
}

/** Marks the instance dead after a bug. */
function declareDeadByBug(why: string): AdjointError {
  return declareDead(`the WebAssembly instance is dead after an internal error (a bug, please report it): ${why}; reset() makes a fresh one`, why);
}

/** Marks the instance dead: its memory may be in any state, so nothing may touch it again. */
function declareDead(text: string, cause: unknown): AdjointError {
  const die = (): never => {
    throw new AdjointError(text, '', { cause });
  };
  const dead = new Proxy({} as Exports, { get: () => die });
  exports = dead;
  bindHot(dead);
  bindLifetimes(null);
  return new AdjointError(text, '', { cause });
}

/** Turns what a call into the instance threw into what the caller sees. */
export function crashed(thrown: unknown): unknown {
  if (thrown instanceof AdjointError || overflowedBefore(thrown)) return thrown;
  return declareDeadByBug(messageOf(thrown));
}

/**
 * Whether the stack overflowed before a call did anything. Every export checks first that there is room for all it needs
 * (scripts/build/stack-check.mjs), so that a recursion of the caller's ends there, and the instance lives on.
 */
function overflowedBefore(thrown: unknown): boolean {
  if (thrown instanceof WebAssembly.RuntimeError) return false;
  if (exports === null) return thrown instanceof RangeError || (thrown as Error | null)?.name === 'InternalError';
  if (starting!.checking_stack.value === 1) return true;
  try {
    starting!.check_stack();
    return false;
  } catch {
    // So the export had no room to begin.
    return true;
  }
}
