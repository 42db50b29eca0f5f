// Threads where no files lie beside the library: the caller says where the binary is, and in pages the program of a worker.
import { UsageError } from '../../core/errors';
import { compiled } from '../given-binary';
import type { Given, Said } from '../helping-thread';
import { hasModules } from '../host-modules';
import { settingThreads, type GivenBinary, type Helper, type SetNumThreads } from '../threads';
import { canSleep, startInNode } from './node-threads';

const OP = 'setNumThreads';

/** Why there are no threads here, or null. */
function obstacle(): string | null {
  if (hasModules()) return null;
  if (typeof Worker !== 'function') return 'this host has no workers';
  if ((globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true) return null;
  return (
    'this page is not cross-origin isolated, so memory cannot be shared; serve it with the headers ' +
    'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
  );
}

async function binary(from: GivenBinary | null): Promise<WebAssembly.Module> {
  if (from !== null) return compiled(OP, from);
  throw new UsageError(`${OP}: say where the binary with threads is, as in ${OP}(n, { binary: 'adjoint.threads.simd128.wasm.gz', worker: 'thread.js' })`, OP);
}

async function start(given: Given, said: (what: Said) => void, ended: (error?: unknown) => void, address: string | URL | null): Promise<Helper> {
  if (hasModules()) return startInNode(given, said, ended);
  if (address === null) throw new UsageError(`${OP}: say where adjoint/thread is, as in ${OP}(n, { binary, worker: 'thread.js' })`, OP);
  const worker = new Worker(address, { type: 'module', name: `adjoint ${given.index}` });
  worker.onmessage = ({ data }: MessageEvent<Said>) => { said(data); };
  worker.onerror = (event) => { ended(new Error(event.message || `${String(address)} could not be loaded`)); };
  worker.postMessage(given);
  return Promise.resolve({ end: () => { worker.terminate(); } });
}

/**
 * Spreads operations over `n` threads, the calling one among them, `torch.set_num_threads(n)`; to be awaited. Results have the same bits for
 * any `n`. The first call with more than 1 loads another binary, whose address, bytes or module `binary` is, and in pages starts module
 * workers from the address `worker`; so it comes before the first tensor: while tensors live it throws a UsageError. The state of the default
 * generator goes along. A page must be cross-origin isolated, or operations stay on one thread and a warning says why. `reset()` ends the
 * threads.
 */
export const setNumThreads: SetNumThreads = /* @__PURE__ */ settingThreads(() => ({ obstacle, maySleep: canSleep, binary, start }));
