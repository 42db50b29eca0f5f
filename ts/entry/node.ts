// Node, Deno and Bun: the binary is a file beside this one, read when the first tensor is made.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setLoader } from '../wasm';
import { hasRelaxedSimd } from './relaxed';

setLoader(() => {
  const here = dirname(fileURLToPath(import.meta.url));
  // Below dist when bundled; from ts/entry when run from source.
  const folder = [join(here, 'wasm'), join(here, '..', '..', 'dist', 'wasm')].find((path) => existsSync(path)) ?? here;
  const name = hasRelaxedSimd() ? 'adjoint.relaxed.wasm' : 'adjoint.simd128.wasm';
  return new WebAssembly.Module(readFileSync(join(folder, name)));
});

export * from '../index';
