// The package without a binary: the caller hands it to init().
import { UsageError } from '../../core/errors';
import { compiled, type Binary } from '../given-binary';
import { instantiate, setLoader, type Loader } from '../wasm';

export type { Binary };

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
  const modules = await Promise.all([compiled('init', binary), secondary === undefined ? null : compiled('init', secondary)]);
  instantiate(...modules);
}

/** Starts the library with modules or bytes, at once. */
export function initSync(binary: WebAssembly.Module | BufferSource, secondary?: WebAssembly.Module | BufferSource): void {
  const module = (source: WebAssembly.Module | BufferSource) => (source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source));
  instantiate(module(binary), secondary === undefined ? null : module(secondary));
}
