// What makes training faster where library and browser have it, and what forbids it where not.
import * as adjoint from 'adjoint';

/** Why something cannot be chosen; null where it can. This page has no use of the graphics card. */
export interface Abilities {
  readonly threads: string | null;
  readonly gpu: string;
}

type Threaded = { setNumThreads?: (count: number) => void };

/** In a worker: what of the library and of the browser there is. */
export function abilities(): Abilities {
  const hasThreads = typeof (adjoint as Threaded).setNumThreads === 'function';
  const hasGpu = 'webgpu' in adjoint;
  return {
    threads: !hasThreads ? 'this version of the library computes on one thread'
      : !self.crossOriginIsolated ? 'the site is served without the headers that shared memory asks for (Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy)'
      : null,
    gpu: !hasGpu ? 'this version of the library does not compute on graphics cards' : !('gpu' in navigator) ? 'this browser has no WebGPU' : 'this page trains on the processor',
  };
}

export const setThreads = (count: number): void => { (adjoint as Threaded).setNumThreads?.(count); };
