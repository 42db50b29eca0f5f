// TensorFlow.js, measured in a worker: its WebAssembly back end with SIMD, on one thread.
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { workloads } from '../../../bench/peers/tfjs_workloads.mjs';
import { serve } from './serve';

async function about(): Promise<{ name: string; version: string; backend: string }> {
  setWasmPaths({ 'tfjs-backend-wasm.wasm': plain, 'tfjs-backend-wasm-simd.wasm': simd, 'tfjs-backend-wasm-threaded-simd.wasm': threaded });
  setThreadsCount(1);
  await tf.setBackend('wasm');
  await tf.ready();
  const hasSimd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return { name: 'TensorFlow.js', version: tf.version.tfjs, backend: `${tf.getBackend() === 'wasm' ? 'WebAssembly' : tf.getBackend()}, ${hasSimd ? 'SIMD' : 'no SIMD'}, one thread` };
}

void serve(about, workloads);
