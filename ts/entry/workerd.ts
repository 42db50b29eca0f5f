// Cloudflare Workers: the binaries are imported as modules, compiled before the worker runs.
import relaxed from '../../dist/wasm/adjoint.relaxed.wasm';
import { setLoader } from '../wasm';

// workerd's engine has relaxed SIMD, and every module imported would count against the size of the worker.
setLoader(() => relaxed as WebAssembly.Module);

export * from '../index';
