// Cloudflare Workers: the binary's parts are imported as modules, compiled before the worker runs.
import core from '../../dist/wasm/adjoint.relaxed.wasm';
import rest from '../../dist/wasm/adjoint.relaxed.rest.wasm';
import { setLoader } from '../wasm';

// workerd's engine has relaxed SIMD, and every module imported would count against the size of the worker.
setLoader({ core: () => core as WebAssembly.Module, rest: () => rest as WebAssembly.Module });

export * from '../index';
