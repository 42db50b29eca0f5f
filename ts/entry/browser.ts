// Bundled pages: the binary's bytes are part of the bundle, so the import alone is enough.
import text from '../../dist/wasm/adjoint.simd128.wasm';
import { AdjointError } from '../errors';
import { instantiate, setLoader } from '../wasm';
import { unembed } from './embedded';

setLoader(() => {
  try {
    return new WebAssembly.Module(unembed(text as string));
  } catch (cause) {
    // Some browsers compile large modules on the main thread only asynchronously.
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AdjointError(`this browser does not compile WebAssembly at once (${why}); call await init() first`, 'init');
  }
});

/** Compiles the binary without blocking the page. Needed only where a browser forces it, and the error then says so. */
export async function init(): Promise<void> {
  instantiate(await WebAssembly.compile(unembed(text as string)));
}

export * from '../index';
