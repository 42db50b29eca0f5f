// What makes training faster where the browser has it, and what forbids it where not.

/** Why something cannot be chosen; null where it can. */
export interface Abilities {
  readonly threads: string | null;
  readonly gpu: string | null;
}

interface Gpu { requestAdapter(): Promise<object | null> }

/** Memory is shared only with pages that came with two headers; from the second page on the site's service worker sends them. */
const threads = (): string | null => (self.crossOriginIsolated ? null : 'this page came without the headers that shared memory asks for (Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy)');

async function gpu(): Promise<string | null> {
  const found = (navigator as { gpu?: Gpu }).gpu;
  if (found === undefined) return self.isSecureContext ? 'this browser has no WebGPU' : 'WebGPU is there for pages by https only';
  try {
    return (await found.requestAdapter()) === null ? 'this browser has WebGPU, but no graphics card that it may use' : null;
  } catch (error) {
    return `WebGPU gives no device: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** In a worker: what of the browser there is. */
export const abilities = async (): Promise<Abilities> => ({ threads: threads(), gpu: await gpu() });
