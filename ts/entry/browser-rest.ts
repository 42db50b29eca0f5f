// The rest of the binary in a file of its own that init() imports.
import rest from '../../dist/wasm/adjoint.simd128.rest.wasm';

export default rest as string;
