// TensorFlow.js for the bench, on its WebAssembly back end with SIMD, on one thread.
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { dirname } from 'node:path';
import { createRequire } from 'node:module';
import { serve } from '../subjects/protocol.ts';
import { workloads } from './tfjs_workloads.mjs';

const require = createRequire(import.meta.url);
setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
setThreadsCount(1);
await tf.setBackend('wasm');
await tf.ready();

await serve({
  about: { name: 'TensorFlow.js', version: tf.version.tfjs, backend: tf.getBackend(), simd: await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'), node: process.versions.node },
  workloads,
});
