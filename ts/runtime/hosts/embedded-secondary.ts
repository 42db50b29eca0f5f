// The text of the secondary module, in a file of its own: `adjoint/inline` carries it, pages import it where they need it. Empty in a
// quick build, which is not split.
import secondary from '../../../dist/wasm/adjoint.simd128.secondary.wasm';

export default secondary as string;
