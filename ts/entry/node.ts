// Node, Deno and Bun: the binary is a file beside this one, read when the first tensor is made.
import { existsSync, readFileSync } from 'node:fs';
import { setLoader } from '../wasm';
import { hasRelaxedSimd } from './relaxed';

setLoader(() => {
  const name = hasRelaxedSimd() ? 'adjoint.relaxed.wasm' : 'adjoint.simd128.wasm';
  // In dist as published; beside a bundle somebody made of it; and from ts/entry when run from source.
  const places = ['wasm/', '', '../../dist/wasm/'].map((folder) => new URL(folder + name, import.meta.url));
  return new WebAssembly.Module(readFileSync(places.find((place) => existsSync(place)) ?? places[0]!));
});

export * from '../index';
