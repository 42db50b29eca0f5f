// The text of the primary module, for entries that carry it.
import primary from '../../../dist/wasm/adjoint.simd128.wasm';

export default primary as string;
