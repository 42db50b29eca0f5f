// The WebAssembly instance: its exports as functions of this module, and its life and death.
//
// The exports are module variables that at first start the instance and then call themselves anew, so importing the
// package compiles nothing, and a hot call is one call of a WebAssembly function.
import * as glue from '../../dist/wasm/adjoint_wasm.js';
import { messageOf } from '../core/describe';
import { AdjointError, LoadError, UsageError, errorOf, type Failure } from '../core/errors';
import { TABLE_HASH } from '../generated/table';
import { leaks } from './leak-watch';

/** What the binary exports, as far as only numbers cross. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly call1: (op: number, a: number) => number;
  readonly call2: (op: number, a: number, b: number) => number;
  readonly call3: (op: number, a: number, b: number, c: number) => number;
  readonly call2n: (op: number, a: number, value: number, kind: number, side: number) => number;
  readonly call_n: (op: number, words: number) => number;
  readonly meta: (h: number) => number;
  readonly flags_of: (h: number) => number;
  readonly new_empty: (dtype: number, rank: number) => number;
  readonly data_ptr: (h: number) => number;
  readonly read_ptr: (h: number, dtype: number) => number;
  readonly unpark: () => void;
  readonly item: (h: number) => number;
  readonly enter_transform: (batches: number) => void;
  readonly exit_transform: () => void;
  readonly admit: (h: number, sample: number) => number;
  readonly is_sample: (h: number) => number;
  readonly alias: (h: number) => number;
  readonly release: (h: number) => void;
  readonly scope_open: () => number;
  readonly scope_enter: (scope: number) => void;
  readonly scope_take: (scope: number, h: number) => void;
  readonly scope_end: (scope: number, next: number, passed: number) => void;
  readonly scope_handles: (scope: number) => number;
  readonly scratch_reserve: (words: number) => number;
  readonly scratch_capacity: () => number;
  readonly memory_stats: () => void;
  readonly live_bytes: () => number;
  readonly reset_peak_memory: () => void;
  readonly table_hash: () => number;
  readonly load_secondary: () => void;
  readonly abandon_call: () => number;
  readonly __stack_pointer: WebAssembly.Global;
  readonly checking_stack: WebAssembly.Global;
  readonly check_stack: () => void;
  readonly backward: (words: number) => number;
  readonly backward_from: (h: number, gradient: number) => number;
  readonly grad: (words: number) => number;
  readonly set_requires_grad: (h: number, on: number) => number;
  readonly grad_of: (h: number, known: number) => number;
  readonly set_grad: (h: number, g: number) => number;
  readonly detach: (h: number) => number;
  readonly retain_grad: (h: number) => number;
  readonly base_of: (h: number) => number;
  readonly is_leaf: (h: number) => number;
  readonly become_view: (h: number, view: number) => number;
  readonly same_tensor: (a: number, b: number) => number;
  readonly set_mode: (which: number, on: number) => number;
  readonly get_mode: (which: number) => number;
  readonly manual_seed: (high: number, low: number) => void;
  readonly capture_start: (words: number) => number;
  readonly capture_cancel: () => void;
  readonly capture_finish: (words: number) => number;
  readonly profile_start: (mostEvents: number) => void;
  readonly profile_end: () => void;
  readonly program_free: (id: number) => void;
  readonly program_constant: (id: number, value: number) => number;
  readonly program_run: (id: number, words: number) => number;
  readonly generator_new: (high: number, low: number) => number;
  readonly generator_seed: (id: number, high: number, low: number) => number;
  readonly generator_free: (id: number) => void;
  readonly generator_bits: (id: number) => number;
  readonly generator_permutation: (id: number, n: number) => number;
  readonly grad_fn: (h: number) => number;
  readonly node_next: (node: number) => number;
  readonly node_variable: (node: number) => number;
  readonly node_key: (node: number) => number;
  readonly gradient_edge: (h: number) => number;
  readonly edge_tensor: (node: number, index: number) => number;
  readonly register_node_hook: (node: number, id: number, before: number) => number;
  readonly remove_node_hook: (node: number, hook: number) => void;
  readonly watch_group: (count: number) => number;
  readonly forget_group: (id: number) => void;
  readonly group_passes: (id: number) => number;
  readonly walk_is_unrestricted: () => number;
  readonly increment_version: (h: number) => number;
  readonly release_node: (node: number) => void;
  readonly register_hook: (h: number, id: number) => number;
  readonly register_post_accumulate_hook: (h: number, id: number) => number;
  readonly holds_hooks_alone: (h: number, node: number) => number;
  readonly remove_hook: (h: number, hook: number) => number;
  readonly record_function: (id: number, materialize: number, words: number) => number;
  readonly function_saved: (id: number) => number;
  readonly level_of: (h: number) => number;
  readonly push_saved_hooks: (id: number) => void;
  readonly remove_saved_hooks: (id: number) => void;
  readonly set_anomaly: (bits: number) => number;
  readonly get_anomaly: () => number;
  data_of(h: number): number;
  set_data(h: number, source: number): number;
  readonly detach_in_place: (h: number) => number;
  readonly enter_dual_level: () => number;
  readonly exit_dual_level: () => void;
  readonly dual_level: () => number;
  readonly make_dual: (primal: number, tangent: number, level: number) => number;
  readonly unpack_dual: (h: number, level: number) => number;
  readonly fresh: (h: number) => number;
  readonly without_history: (h: number) => number;
  readonly depends_on_user_leaves: (h: number) => number;
  readonly refuse_random: (on: number) => number;
  readonly checkpoint_start: (id: number, count: number, preserveRandom: number, earlyStop: number) => number;
  readonly checkpoint_end: () => void;
  readonly rng_state: () => number;
  readonly set_rng_state: (h: number) => number;
  readonly step_sgd: (words: number) => number;
  readonly step_adam: (words: number) => number;
}

/** The methods Rust calls. */
export interface Host {
  loadSecondary(): void;
  panicked(message: string): void;
  hook(id: number, gradient: number): number;
  nodeHook(id: number, inputs: number, outputs: number): number;
  forget(id: number): void;
  functionName(id: number): string;
  functionBackward(id: number, count: number): number;
  forgetFunction(id: number): void;
  pack(id: number, t: number): number;
  unpack(key: number): number;
  forgetPacked(key: number): void;
  keepTrace(): number;
  readTrace(key: number): string;
  forgetTrace(key: number): void;
  replay(id: number, count: number): number;
  forgetReplay(id: number): void;
}

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

/** Makes an instance of the primary module, the present one from now on; without a secondary one the loader is asked for it when it is needed. */
export function instantiate(primaryModule: WebAssembly.Module, secondaryModule: WebAssembly.Module | null): Exports {
  primary = primaryModule;
  secondary = secondaryModule;
  instances += 1;
  const made = glue.initSync({ module: primaryModule }) as unknown as Exports;
  starting = made;
  stackStart = made.__stack_pointer.value as number;
  glue.set_host(host, instances);
  const hash = made.table_hash() >>> 0;
  if (hash !== TABLE_HASH) {
    throw new AdjointError(
      `the WebAssembly binary was built from another op table (${hash}) than the bindings (${TABLE_HASH}); run npm run gen and npm run build`,
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
  exports = null;
  call1 = (op, a) => start().call1(op, a);
  call2 = (op, a, b) => start().call2(op, a, b);
  call3 = (op, a, b, c) => start().call3(op, a, b, c);
  call2n = (op, a, v, kind, side) => start().call2n(op, a, v, kind, side);
  callN = (op, words) => start().call_n(op, words);
  bindLifetimes(null);
}

/** Whether a secondary module was given, or has been loaded. */
export function hasSecondary(): boolean {
  return secondary !== null;
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
  if (isAbandoning) return bury(`${text}; the instance is lost, reset() makes a fresh one`, cause);
  isAbandoning = true;
  try {
    if (starting!.abandon_call() === 0) return bury(`${text}; the instance is lost, reset() makes a fresh one`, cause);
  } finally {
    isAbandoning = false;
  }
  starting!.__stack_pointer.value = stackStart;
  return new LoadError(text, 'init', { cause });
}

function panicked(message: string): never {
  throw buryBug(message);
}

/** Marks the instance dead after a bug. */
function buryBug(why: string): AdjointError {
  return bury(`the WebAssembly instance is dead after an internal error (a bug, please report it): ${why}; reset() makes a fresh one`, why);
}

/** Marks the instance dead: its memory may be in any state, so nothing may touch it again. */
function bury(text: string, cause: unknown): AdjointError {
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
  return buryBug(messageOf(thrown));
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

let thrownByCallback: { value: unknown } | null = null;

/** Remembers what a callback threw while Rust was running. */
export function rememberThrown(value: unknown): void {
  thrownByCallback = { value };
}

/** The error of the call that just failed; what a callback threw comes back as it was. */
export function lastError(): unknown {
  const text = glue.take_error();
  const thrown = thrownByCallback;
  thrownByCallback = null;
  if (text === '') return new AdjointError('a call failed without saying why; this is a bug, please report it');
  const failure = JSON.parse(text) as Failure;
  if (failure.code === 'OutOfMemoryError') {
    failure.message += ofNoScope(failure.details['unscopedTensors']!);
    collectSoon();
  }
  return failure.code === 'CallbackError' && thrown !== null ? thrown.value : errorOf(failure);
}

/** What an error for want of memory says of the tensors that no scope will release. */
function ofNoScope(count: string): string {
  const places = leaks?._unscoped() ?? '';
  const made = places === '' ? ' (trackLeaks() tells where they were made)' : `, most made: ${places}`;
  return count === '0' ? '' : `; ${count} tensors are outside any scope${made}`;
}

/** Takes so much memory, for nothing, that engines collect garbage. They do not fill it: it costs address space and less than a millisecond. */
function press(): void {
  try {
    for (let taken = 0; taken < 2 ** 30;) taken += new ArrayBuffer(2 ** 28).byteLength;
  } catch {
    // There is not even memory for that: the engine has collected.
  }
}

let isPressing = false;

/**
 * Has garbage collected in the next task. Engines do not see what tensors take, so without this those that nothing refers to would stay,
 * and no call after the first that ran out of memory would ever have some. They are released in the task after that.
 */
function collectSoon(): void {
  if (isPressing) return;
  isPressing = true;
  setTimeout(() => {
    isPressing = false;
    press();
  });
}

/** The result of a call that is a handle or a count, or throws what went wrong. */
export function checked(result: number): number {
  if (result < 0) throw lastError();
  return result;
}

/** The name of the node that made a tensor, PyTorch's; empty for leaves. */
export function gradFnName(h: number): string {
  wasm();
  return glue.grad_fn_name(h);
}

/** The name of a node. */
export function nodeName(node: number): string {
  wasm();
  return glue.node_name(node);
}

/** What lives, by the operation that made it. */
export function memoryByOp(): Record<string, { storages: number; bytes: number }> {
  wasm();
  return JSON.parse(glue.memory_by_op()) as Record<string, { storages: number; bytes: number }>;
}

/** A captured program as JSON. */
export function programJson(id: number): string {
  wasm();
  return glue.program_json(id);
}

/** The graph that the words in the scratch area ask for, as JSON. */
export function graphJson(words: number): string {
  wasm();
  const text = glue.graph_json(words);
  if (text === '') throw lastError();
  return text;
}

/** Begins a stretch of a profile. */
export function profileBegin(name: string): void {
  wasm();
  glue.profile_begin(name);
}

/** Ends the profile and returns it as JSON. */
export function profileFinish(): string {
  wasm();
  return glue.profile_finish();
}
