import { defaultDevice, grad, init, numpy as np } from '@jax-js/jax';

await init('wasm');
defaultDevice('wasm');
const g = grad((x) => x.ref.mul(x).sum())(np.array([1, 2, 3]));
if (g.js()[2] !== 6) process.exitCode = 1;
