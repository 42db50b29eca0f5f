// What makes training faster where library and browser have it, and what forbids it where not.
import * as adjoint from 'adjoint';

/** Why something cannot be chosen; null where it can. This page has no use of the graphics card. */
export interface Abilities {
  readonly threads: string | null;
  readonly gpu: string;
}

/** What the library may have, by the names that it would have. */
const { setNumThreads, webgpu } = adjoint as Wished;

interface Wished {
  setNumThreads?: (count: number) => void;
  webgpu?: unknown;
}

/** In a worker: what of the library and of the browser there is. */
export function abilities(): Abilities {
  return {
    threads: setNumThreads === undefined ? 'this version of the library computes on one thread'
      : !self.crossOriginIsolated ? 'the site is served without the headers that shared memory asks for (Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy)'
      : null,
    gpu: webgpu === undefined ? 'this version of the library does not compute on graphics cards' : !('gpu' in navigator) ? 'this browser has no WebGPU' : 'this page trains on the processor',
  };
}

export const setThreads = (count: number): void => { setNumThreads?.(count); };
