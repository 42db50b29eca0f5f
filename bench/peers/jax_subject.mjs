// jax-js for the bench, on its WebAssembly back end. Argument: eager or jit.
import { defaultDevice, init } from '@jax-js/jax';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serve } from '../subjects/protocol.ts';
import { compile, workloads } from './jax_workloads.mjs';

const mode = process.argv[2] === 'jit' ? 'jit' : 'eager';
if (mode === 'jit') compile();

await init('wasm');
defaultDevice('wasm');

await serve({
  about: { name: `jax-js ${mode}`, version: JSON.parse(readFileSync(fileURLToPath(new URL('./node_modules/@jax-js/jax/package.json', import.meta.url)))).version, node: process.versions.node },
  workloads,
});
