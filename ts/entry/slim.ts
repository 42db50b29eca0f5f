// The package without a binary: the caller hands it to init().
import { UsageError } from '../errors';
import { describe } from '../describe';
import { instantiate } from '../wasm';

/** Where the binary comes from: a compiled module, its bytes, an address to fetch, or the answer to a request. */
export type Binary = WebAssembly.Module | BufferSource | URL | string | Response | Promise<Response>;

/** Starts the library; to be awaited before anything else. */
export async function init(binary: Binary): Promise<void> {
  instantiate(await compile(binary));
}

/** Starts the library with a module or bytes, at once. */
export function initSync(binary: WebAssembly.Module | BufferSource): void {
  instantiate(binary instanceof WebAssembly.Module ? binary : new WebAssembly.Module(binary));
}

async function compile(binary: Binary): Promise<WebAssembly.Module> {
  const source = await binary;
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const isAddress = typeof source === 'string' || source instanceof URL;
  if (!isAddress && !(typeof Response === 'function' && source instanceof Response)) {
    throw new UsageError(`init: must be given a WebAssembly module, bytes or an address, got ${describe(source)}`, 'init');
  }
  const response = isAddress ? await fetch(source) : source;
  if (!response.ok) throw new UsageError(`init: fetching the binary failed with status ${response.status}`, 'init');
  // Not compileStreaming: it insists on a content type that many servers do not send.
  return WebAssembly.compile(await response.arrayBuffer());
}

export * from '../index';
