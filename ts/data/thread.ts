// Threads of the host: worker_threads in Node, Deno and Bun, Web Workers in browsers. Looked up when they are first needed, so that
// pages carry no import of a module they do not have.
import { messageOf } from '../core/describe';
import { LoadError } from '../core/errors';
import { hasModules, hostModule } from '../runtime/host-modules';

/** The part of `node:worker_threads` that is used. */
interface WorkerThreads {
  readonly isMainThread: boolean;
  readonly workerData: unknown;
  readonly parentPort: NodePort | null;
  readonly Worker: new (url: URL | string, options: object) => NodePort & { terminate(): Promise<number> };
}

interface NodePort {
  on(event: string, listener: (value: never) => void): unknown;
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
}

/** A running thread, as Web Workers and those of Node have it in common. */
export interface Thread {
  post(message: unknown, transfer: readonly ArrayBuffer[]): void;
  end(): void;
}

/** What happens in a thread. */
export interface Listener {
  message(data: unknown): void;
  /** It is over or cannot go on, and why. */
  gone(why: string): void;
}

/** A worker that a program made itself: of Node or of the web. */
export interface WorkerLike {
  postMessage(message: unknown, transfer?: never): void;
  terminate(): unknown;
}

/** What marks a thread of Node that serves datasets. */
const SERVES = 'adjoint: serves datasets';

/** Options that go with every worker. */
export interface WorkerOptionsGiven {
  readonly type: 'module';
  readonly name: string;
  readonly workerData: unknown;
}

function nodeThreads(): WorkerThreads | null {
  if (hasModules()) return hostModule('worker_threads') as WorkerThreads | null;
  const node = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node;
  if (node !== undefined && typeof Worker === 'undefined') {
    throw new LoadError(`DataLoader: workers need Node 20.16 or newer, this is ${node}; leave numWorkers at 0`, 'DataLoader');
  }
  return null;
}

function start(threads: WorkerThreads | null, address: URL | string, options: WorkerOptionsGiven): Worker | InstanceType<WorkerThreads['Worker']> {
  try {
    return threads !== null ? new threads.Worker(address, options) : new Worker(address, options);
  } catch (cause) {
    // Deno asks for a permission to read the module, and says which; pages start modules of their own origin only.
    throw new LoadError(`DataLoader: no worker can be started with ${String(address)} (${messageOf(cause)})`, 'DataLoader', { cause });
  }
}

/** Starts a thread with a module, or has the program start it. */
export function startThread(module: URL | string | ((options: WorkerOptionsGiven) => WorkerLike), name: string, listener: Listener): Thread {
  const threads = nodeThreads();
  const options: WorkerOptionsGiven = { type: 'module', name, workerData: SERVES };
  // Node takes the text of an address for a path.
  const address = typeof module === 'string' && /^[a-z]+:/i.test(module) ? new URL(module) : module;
  const worker = typeof address === 'function' ? address(options) : start(threads, address, options);
  if ('on' in worker) {
    const port = worker as NodePort;
    port.on('message', (data: never) => { listener.message(data); });
    port.on('error', (error: Error) => { listener.gone(String(error.stack ?? error)); });
    port.on('messageerror', (error: Error) => { listener.gone(String(error)); });
    port.on('exit', (code: number) => { listener.gone(`it ended with exit code ${code}`); });
  } else {
    const web = worker as Worker;
    web.addEventListener('message', ({ data }) => { listener.message(data); });
    web.addEventListener('error', (event) => { listener.gone(event.message); });
    web.addEventListener('messageerror', () => { listener.gone('a message could not be read'); });
  }
  return {
    post(message, transfer) { worker.postMessage(message, transfer as never); },
    end() { void worker.terminate(); },
  };
}

/** Where the thread that runs is one of those, has `serve` answer what it is asked, and says so. */
export function whenServing(serve: (data: unknown, post: Thread['post']) => void): boolean {
  if (hasModules()) {
    const { parentPort, workerData } = nodeThreads() ?? { parentPort: null, workerData: null };
    if (parentPort === null || workerData !== SERVES) return false;
    parentPort.on('message', (data: never) => { serve(data, (message, transfer) => { parentPort.postMessage(message, transfer); }); });
    return true;
  }
  if ('WorkerGlobalScope' in globalThis) {
    const self = globalThis as unknown as Worker;
    self.addEventListener('message', ({ data }) => { serve(data, (message, transfer) => { self.postMessage(message, [...transfer]); }); });
    return true;
  }
  return false;
}
