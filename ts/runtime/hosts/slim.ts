// The package without a binary: the caller hands it to init().
import { UsageError } from '../../core/errors';
import { describe } from '../../core/describe';
import { instantiate, setLoader, type Loader } from '../wasm';

/** Where the binary comes from: a compiled module, its bytes, an address to fetch, or the answer to a request. */
export type Binary = WebAssembly.Module | BufferSource | URL | string | Response | Promise<Response>;

const nothing: Loader = {
  primary() {
    throw new UsageError('init: adjoint is not initialised; call init() with the WebAssembly binary first', 'init');
  },
  secondary() {
    throw new UsageError('it was not given; pass adjoint.simd128.secondary.wasm or adjoint.relaxed.secondary.wasm to init() as second argument', 'init');
  },
};
setLoader(nothing, { isLast: true });

/**
 * Starts the library; to be awaited before anything else. `binary` is the primary module, which has what networks and their training
 * need, `secondary` the secondary module of the same flavour, without which all other operations end in a LoadError.
 */
export async function init(binary: Binary, secondary?: Binary): Promise<void> {
  const modules = await Promise.all([compile(binary), secondary === undefined ? null : compile(secondary)]);
  instantiate(...modules);
}

/** Starts the library with modules or bytes, at once. */
export function initSync(binary: WebAssembly.Module | BufferSource, secondary?: WebAssembly.Module | BufferSource): void {
  const compiled = (source: WebAssembly.Module | BufferSource) => (source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source));
  instantiate(compiled(binary), secondary === undefined ? null : compiled(secondary));
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
