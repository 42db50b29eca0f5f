// The WebAssembly instance: its exports as functions of this module, and its life and death.
//
// The exports are module variables that at first start the instance and then call themselves anew, so importing the
// package compiles nothing, and a hot call is one call of a WebAssembly function.
import * as glue from '../dist/wasm/adjoint_wasm.js';
import { AdjointError, UsageError, errorOf, type Failure } from './errors';
import { TABLE_HASH } from './generated/table';

/** What the binary exports, as far as only numbers cross. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  call1(op: number, a: number): number;
  call2(op: number, a: number, b: number): number;
  call3(op: number, a: number, b: number, c: number): number;
  call2n(op: number, a: number, value: number, kind: number, side: number): number;
  call_n(op: number, words: number): number;
  meta(h: number): number;
  flags_of(h: number): number;
  new_empty(dtype: number, rank: number): number;
  data_ptr(h: number): number;
  read_ptr(h: number, dtype: number): number;
  unpark(): void;
  item(h: number): number;
  alias(h: number): number;
  release(h: number): void;
  release_many(n: number): void;
  scratch_reserve(words: number): number;
  scratch_capacity(): number;
  memory_stats(): void;
  live_bytes(): number;
  reset_peak_memory(): void;
  table_hash(): number;
  backward(words: number): number;
  grad(words: number): number;
  set_requires_grad(h: number, on: number): number;
  grad_of(h: number, known: number): number;
  set_grad(h: number, g: number): number;
  detach(h: number): number;
  retain_grad(h: number): number;
  base_of(h: number): number;
  same_tensor(a: number, b: number): number;
  set_mode(which: number, on: number): number;
  get_mode(which: number): number;
  manual_seed(high: number, low: number): void;
  capture_start(): void;
  capture_cancel(): void;
  capture_finish(words: number): number;
  program_free(id: number): void;
  program_constant(id: number, value: number): number;
  program_run(id: number, words: number): number;
  generator_new(high: number, low: number): number;
  generator_seed(id: number, high: number, low: number): number;
  generator_free(id: number): void;
  generator_bits(id: number): number;
  generator_permutation(id: number, n: number): number;
  grad_fn(h: number): number;
  node_next(node: number): number;
  node_variable(node: number): number;
  release_node(node: number): void;
  register_hook(h: number, id: number): number;
  register_post_accumulate_hook(h: number, id: number): number;
  remove_hook(h: number, hook: number): number;
  record_function(id: number, materialize: number, words: number): number;
  function_saved(id: number): number;
  level_of(h: number): number;
  push_saved_hooks(id: number): void;
  remove_saved_hooks(id: number): void;
  set_anomaly(bits: number): number;
  get_anomaly(): number;
  detach_in_place(h: number): number;
  enter_dual_level(): number;
  exit_dual_level(): void;
  dual_level(): number;
  make_dual(primal: number, tangent: number, level: number): number;
  unpack_dual(h: number, level: number): number;
  fresh(h: number): number;
  without_history(h: number): number;
  depends_on_user_leaves(h: number): number;
  refuse_random(on: number): number;
  checkpoint_start(id: number, count: number, preserveRandom: number): number;
  checkpoint_end(): void;
  rng_state(): number;
  set_rng_state(h: number): number;
}

/** The methods Rust calls. */
export interface Host {
  panicked(message: string): void;
  hook(id: number, gradient: number): number;
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

let loader: (() => WebAssembly.Module) | null = null;
let loaded: WebAssembly.Module | null = null;
let exports: Exports | null = null;
const host: Partial<Host> = { panicked };
let instances = 0;

/** The exports; starts the instance if there is none. */
export function wasm(): Exports {
  return exports ?? start();
}

export let call1: Exports['call1'] = (op, a) => start().call1(op, a);
export let call2: Exports['call2'] = (op, a, b) => start().call2(op, a, b);
export let call3: Exports['call3'] = (op, a, b, c) => start().call3(op, a, b, c);
export let call2n: Exports['call2n'] = (op, a, v, kind, side) => start().call2n(op, a, v, kind, side);
export let callN: Exports['call_n'] = (op, words) => start().call_n(op, words);
export let release: Exports['release'] = () => undefined;

function bindHot(to: Exports): void {
  ({ call1, call2, call3, call2n, release } = to);
  callN = to.call_n;
}

/** Says where the binary comes from; the entries of the package do. */
export function setLoader(load: () => WebAssembly.Module): void {
  loader = load;
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
  if (loaded === null) {
    if (loader === null) throw new UsageError('adjoint is not initialised; call init() with the WebAssembly binary first', 'init');
    loaded = loader();
  }
  return instantiate(loaded);
}

/** Makes an instance of `module`, the present one from now on. */
export function instantiate(module: WebAssembly.Module): Exports {
  loaded = module;
  instances += 1;
  const made = glue.initSync({ module }) as unknown as Exports;
  glue.set_host(host as never, instances);
  const hash = made.table_hash() >>> 0;
  if (hash !== TABLE_HASH) {
    throw new AdjointError(
      `the WebAssembly binary was built from another op table (${hash}) than the bindings (${TABLE_HASH}); run npm run gen and npm run build`,
      'init',
    );
  }
  exports = made;
  bindHot(made);
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
  release = () => undefined;
}

function panicked(message: string): never {
  throw bury(message);
}

/** Marks the instance dead: its memory may be in any state, so nothing may touch it again. */
function bury(why: string): AdjointError {
  const text = `the WebAssembly instance is dead after an internal error (a bug, please report it): ${why}; reset() makes a fresh one`;
  const die = (): never => {
    throw new AdjointError(text, '', { cause: why });
  };
  const dead = new Proxy({} as Exports, { get: () => die });
  exports = dead;
  bindHot(dead);
  release = () => undefined;
  return new AdjointError(text, '', { cause: why });
}

/** Turns what a call into the instance threw into what the caller sees. */
export function crashed(thrown: unknown): unknown {
  if (thrown instanceof AdjointError) return thrown;
  return bury(thrown instanceof Error ? thrown.message : String(thrown));
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
  return failure.code === 'CallbackError' && thrown !== null ? thrown.value : errorOf(failure);
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
