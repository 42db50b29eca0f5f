// Threads that loops are spread over. See docs/decisions/0034 for what they share, and crates/kernels/src/exec/pool for how.
import { LoadError, UsageError } from '../core/errors';
import { messageOf } from '../core/describe';
import { integerFrom, kind } from '../core/kinds';
import { named, nothing, parameters, type Arguments, type Stated } from '../core/options';
import { DTYPE_UINT8, STATS_NODES, STATS_TENSORS } from '../generated/abi';
import type { Exports } from './exports';
import type { Binary } from './given-binary';
import type { Given, Said } from './helping-thread';
import { checked } from './last-error';
import { scratch } from './scratch';
import { instances, instantiate, isStarted, setBeforeReset, wasm } from './wasm';

/** What a host has of threads. */
export interface ThreadHost {
  /** Why there can be no other thread here; null where there can. */
  obstacle(): string | null;
  /** Whether the calling thread may sleep until others are done. */
  maySleep(): boolean;
  /** The binary with threads, from what the caller said of it. */
  binary(from: GivenBinary | null): Promise<WebAssembly.Module>;
  /** Starts a thread in `help`, of the program at `address` if it needs one; `ended` is called at its end, with an error where it has one. */
  start(given: Given, said: (what: Said) => void, ended: (error?: unknown) => void, address: string | URL | null): Promise<Helper>;
}

/** Where threads are from, for hosts that have no files beside the library. */
export interface ThreadSources {
  /** The binary with threads, `adjoint.threads.simd128.wasm.gz`: its address, bytes or compiled module. */
  binary?: GivenBinary | null;
  /** The address of `adjoint/thread`, the program of a worker in pages. */
  worker?: string | URL | null;
}

/** What a caller may give as the binary. */
export type GivenBinary = Exclude<Binary, Response | Promise<Response>>;

/** A thread, as who started it has it. */
export interface Helper {
  /** Ends it, whatever it does. */
  end(): void;
}

/** What only the binary with threads exports. */
interface ThreadExports extends Exports {
  threads_set(n: number, maySleep: number): void;
  threads_starting(n: number): void;
}

/** Most threads there can be (crates/kernels/src/exec/pool). */
const MOST = 64;

/** 64 KiB each: what the binary asks for at first, and all that 32-bit addresses reach. */
const PAGES = { initial: 32, maximum: 65_536 };

/** Bytes of the state of the default generator. */
const STATE_BYTES = 5056;

/** The instance with threads, by its number, and what helps it. */
interface Pool {
  readonly instance: number;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly maySleep: boolean;
  readonly helpers: Map<number, Helper>;
  /** Threads that were asked for. */
  wanted: number;
}

let pool: Pool | null = null;
/** What was asked for last is done last. */
let queue: Promise<void> = /* @__PURE__ */ Promise.resolve();

/** The pool of the instance that runs. */
function current(): Pool | null {
  return pool !== null && pool.instance === instances && isStarted() ? pool : null;
}

/** How many threads operations are spread over, `torch.get_num_threads()`: 1 until `setNumThreads` is called. */
export const getNumThreads: Stated & (() => number) = /* @__PURE__ */ named(/* @__PURE__ */ nothing('getNumThreads'), () => {
  const now = current();
  return now === null ? 1 : Math.min(now.wanted, 1 + now.helpers.size);
});

/** The type of `setNumThreads`. */
export type SetNumThreads = Stated & ((...args: Arguments<{ n: number } & ThreadSources, ['n']>) => Promise<void>);

const address = /* @__PURE__ */ kind<string | URL>('an address', (value) => typeof value === 'string' || value instanceof URL);
const source = /* @__PURE__ */ kind<GivenBinary>(
  'the address, bytes or module of a binary',
  (value) => typeof value === 'string' || value instanceof URL || value instanceof ArrayBuffer || ArrayBuffer.isView(value) || value instanceof WebAssembly.Module,
);

/** `setNumThreads` of a host. */
export function settingThreads(host: () => ThreadHost): SetNumThreads {
  return named(
    parameters<{ n: number } & ThreadSources>(
      'setNumThreads',
      () => ({ n: integerFrom(1), binary: source.orNull(), worker: address.orNull() }),
      2,
    ),
    ({ n, binary, worker }) => {
      const done = queue.then(() => spread(host(), n, binary, worker));
      queue = done.catch(() => {
        // The caller is told.
      });
      return done;
    },
  );
}

async function spread(host: ThreadHost, n: number, binary: GivenBinary | null, worker: string | URL | null): Promise<void> {
  const wanted = Math.min(n, MOST);
  if (wanted === 1 && current() === null) return;
  const obstacle = host.obstacle();
  if (obstacle !== null) {
    warnOnce(`adjoint: setNumThreads(${n}): operations stay on one thread: ${obstacle}`);
    return;
  }
  if (current() === null) await startInstance(host, binary);
  const now = current()!;
  const exports = wasm() as ThreadExports;
  now.wanted = wanted;
  exports.threads_set(wanted, Number(now.maySleep));
  // Those above sleep until they are wanted again.
  const starts = Array.from({ length: wanted - 1 }, (_, i) => i + 1).filter((index) => !now.helpers.has(index));
  await Promise.all(starts.map((index) => startHelper(host, now, exports, index, worker)));
}

let hasWarned = false;

function warnOnce(text: string): void {
  if (!hasWarned) console.warn(text);
  hasWarned = true;
}

/** Starts the binary with threads in place of the one that runs, if it holds no tensors: their memory is another. */
async function startInstance(host: ThreadHost, binary: GivenBinary | null): Promise<void> {
  const module = await host.binary(binary);
  let state: Uint8Array | null = null;
  if (isStarted()) {
    const exports = wasm();
    exports.memory_stats();
    const stats = scratch(0);
    if (stats[STATS_TENSORS]! > 0 || stats[STATS_NODES]! > 0) {
      const remedy = 'call it before the first tensor is made, or dispose of all of them';
      throw new UsageError(`setNumThreads: ${stats[STATS_TENSORS]!} tensors live in the binary without threads and would be lost; ${remedy}`, 'setNumThreads');
    }
    state = generatorState(exports);
  }
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ ...PAGES, shared: true });
  } catch (cause) {
    throw new LoadError(`setNumThreads: this host gives no shared memory (${messageOf(cause)})`, 'setNumThreads', { cause });
  }
  endPool();
  const exports = instantiate(module, null, memory);
  if (state !== null) restoreGenerator(exports, state);
  pool = { instance: instances, module, memory, maySleep: host.maySleep(), helpers: new Map(), wanted: 1 };
  setBeforeReset(endPool);
}

/** The state of the default generator: a seed that was set holds on. */
function generatorState(exports: Exports): Uint8Array {
  const handle = checked(exports.rng_state());
  const bytes = new Uint8Array(exports.memory.buffer, exports.data_ptr(handle) >>> 0, STATE_BYTES).slice();
  exports.release(handle);
  return bytes;
}

function restoreGenerator(exports: Exports, state: Uint8Array): void {
  scratch(1)[0] = STATE_BYTES;
  const handle = checked(exports.new_empty(DTYPE_UINT8, 1));
  new Uint8Array(exports.memory.buffer, exports.data_ptr(handle) >>> 0, STATE_BYTES).set(state);
  checked(exports.set_rng_state(handle));
  exports.release(handle);
}

async function startHelper(host: ThreadHost, of: Pool, exports: ThreadExports, index: number, worker: string | URL | null): Promise<void> {
  exports.threads_starting(1);
  let state: 'starting' | 'helping' | 'gone' = 'starting';
  await new Promise<void>((resolve, reject) => {
    const leave = (cause?: unknown): void => {
      if (state === 'starting') {
        if (current() === of) exports.threads_starting(-1);
        const why = cause === undefined ? 'it ended' : messageOf(cause);
        reject(new LoadError(`setNumThreads: a thread could not be started: ${why}`, 'setNumThreads', { cause }));
      }
      state = 'gone';
      of.helpers.delete(index);
    };
    const said = (what: Said): void => {
      if (what === 'lost') {
        leave();
      } else {
        state = 'helping';
        resolve();
      }
    };
    host.start({ module: of.module, memory: of.memory, index }, said, leave, worker).then((helper) => {
      if (state !== 'gone') of.helpers.set(index, helper);
    }, leave);
  });
}

/** Ends the helpers of an instance that is thrown away. */
function endPool(): void {
  pool?.helpers.forEach((helper) => { helper.end(); });
  pool = null;
}
