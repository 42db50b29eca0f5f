// Node, Deno and Bun: the binary's two parts are files beside this one, read when they are first needed.
import { existsSync, readFileSync } from 'node:fs';
import { setLoader } from '../wasm';
import { hasRelaxedSimd } from './relaxed';

function load(part: string): WebAssembly.Module {
  const name = `adjoint.${hasRelaxedSimd() ? 'relaxed' : 'simd128'}${part}.wasm`;
  // In dist as published; beside a bundle somebody made of it; and from ts/entry when run from source.
  const places = ['wasm/', '', '../../dist/wasm/'].map((folder) => new URL(folder + name, import.meta.url));
  return new WebAssembly.Module(readFileSync(places.find((place) => existsSync(place)) ?? places[0]!));
}

setLoader({ core: () => load(''), rest: () => load('.rest') });

export * from '../index';
