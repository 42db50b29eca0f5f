// jax-js, measured in a worker: its WebAssembly back end, each workload compiled with jit.
import { defaultDevice, init } from '@jax-js/jax';
import { compile, workloads } from '../../../bench/peers/jax_workloads.mjs';
import { version } from '../../node_modules/@jax-js/jax/package.json';
import { serve } from './serve';

async function about(): Promise<{ name: string; version: string; backend: string }> {
  compile();
  await init('wasm');
  defaultDevice('wasm');
  return { name: 'jax-js', version, backend: 'WebAssembly, compiled with jit' };
}

void serve(about, workloads);
