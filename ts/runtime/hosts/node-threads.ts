// Threads of Node, Deno and Bun.
import type * as workerThreads from 'node:worker_threads';
import { compiled } from '../given-binary';
import { help, type Given, type Said } from '../helping-thread';
import { hasModules, hostModule } from '../host-modules';
import { settingThreads, type Helper, type SetNumThreads } from '../threads';

/** The program of a thread: no file, so that a bundle needs none beside it. */
function program(): string {
  return `const { parentPort, workerData } = require('node:worker_threads');\n(${help.toString()})(workerData, (what) => parentPort.postMessage(what));`;
}

/** Starts a thread of Node's. */
export function startInNode(given: Given, said: (what: Said) => void, ended: (error?: unknown) => void): Promise<Helper> {
  const { Worker } = hostModule('worker_threads') as typeof workerThreads;
  const worker = new Worker(program(), { eval: true, workerData: given, execArgv: [], name: `adjoint ${given.index}` });
  worker.on('message', (what: Said) => {
    // From now on it keeps no process alive.
    worker.unref();
    said(what);
  });
  worker.on('error', ended);
  worker.on('exit', () => { ended(); });
  return Promise.resolve({ end: () => void worker.terminate() });
}

/** `setNumThreads` of a host with Node's threads, which reads the binary as it reads the others. */
export function threadsOfNode(binary: () => Promise<WebAssembly.Module>): SetNumThreads {
  return settingThreads(() => ({
    obstacle: () => (hasModules() ? null : 'this version of Node cannot be asked for its workers; 20.16 can'),
    maySleep: canSleep,
    binary: (from) => (from === null ? binary() : compiled('setNumThreads', from)),
    start: startInNode,
  }));
}

/** Whether the engine lets this thread wait. */
export function canSleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}
