// Cloudflare Workers: the binary's modules are imported as modules, compiled before the worker runs.
import primary from '../../../dist/wasm/adjoint.relaxed.wasm';
import secondary from '../../../dist/wasm/adjoint.relaxed.secondary.wasm';
import { hasSecondary, provide, setLoader } from '../wasm';

// workerd's engine has relaxed SIMD, and every module imported would count against the size of the worker.
setLoader({ primary: () => primary as WebAssembly.Module, secondary: () => secondary as WebAssembly.Module });

/** Never needed: both modules are there. For programs that run in pages too. */
export async function init(): Promise<void> {
  if (!hasSecondary()) provide(primary as WebAssembly.Module, secondary as WebAssembly.Module);
  return Promise.resolve();
}
