// The package without a binary: the caller hands it to init().
import { UsageError } from '../errors';
import { describe } from '../describe';
import { instantiate, setLoader, type Loader } from '../wasm';

/** Where the binary comes from: a compiled module, its bytes, an address to fetch, or the answer to a request. */
export type Binary = WebAssembly.Module | BufferSource | URL | string | Response | Promise<Response>;

const nothing: Loader = {
  core() {
    throw new UsageError('adjoint is not initialised; call init() with the WebAssembly binary first', 'init');
  },
  rest() {
    throw new UsageError('it was not given: pass adjoint.simd128.rest.wasm or adjoint.relaxed.rest.wasm to init() as second argument', 'init');
  },
};
setLoader(nothing, { isLast: true });

/**
 * Starts the library; to be awaited before anything else. `rest` is the second part of the same flavour; what networks and their
 * training need lies in the first, and without the second all other operations end in an error.
 */
export async function init(binary: Binary, rest?: Binary): Promise<void> {
  const modules = await Promise.all([compile(binary), rest === undefined ? null : compile(rest)]);
  instantiate(...modules);
}

/** Starts the library with modules or bytes, at once. */
export function initSync(binary: WebAssembly.Module | BufferSource, rest?: WebAssembly.Module | BufferSource): void {
  const compiled = (source: WebAssembly.Module | BufferSource) => (source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source));
  instantiate(compiled(binary), rest === undefined ? null : compiled(rest));
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
