import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

setWasmPaths('/');
await tf.setBackend('wasm');
const [x, y] = [tf.randomNormal([64, 2]), tf.randomNormal([64, 1])];
const [a, b] = [tf.variable(tf.randomNormal([2, 16])), tf.variable(tf.randomNormal([16, 1]))];
const optimizer = tf.train.adam(0.01);
for (let i = 0; i < 100; i++) {
  const loss = optimizer.minimize(() => tf.losses.meanSquaredError(y, tf.matMul(tf.tanh(tf.matMul(x, a)), b)), true);
  globalThis.document.title = String(loss.dataSync()[0]);
}
