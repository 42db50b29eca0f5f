import { defaultDevice, grad, init, jit, nn, numpy as np, random, tree } from '@jax-js/jax';

await init('wasm');
defaultDevice('wasm');
const [x, y] = [random.normal(random.key(0), [64, 2]), random.normal(random.key(1), [64, 1])];
let w = [random.normal(random.key(2), [2, 16]), random.normal(random.key(3), [16, 1])];
const loss = ([a, b], x, y) => np.mean(np.square(np.matmul(nn.relu(np.matmul(x, a)), b).sub(y)));
const step = jit((w, x, y) => tree.map((p, g) => p.sub(g.mul(0.01)), tree.ref(w), grad(loss)(w, x, y)));
for (let i = 0; i < 100; i++) w = step(w, x.ref, y.ref);
globalThis.document.title = String(w[0].js());
