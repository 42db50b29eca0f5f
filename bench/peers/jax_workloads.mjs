// What jax-js does for each workload of the bench, eagerly or compiled. Nothing here needs Node: the page that measures in a browser has the same.
// Arrays are consumed by what they are given to; `.ref` is one more use.
import { blockUntilReady, grad, jit, lax, nn, numpy as np, random, tree, valueAndGrad } from '@jax-js/jax';
import { CHAIN, CONTEXT, HEADS, SIDE, VOCABULARY, WIDTH, products } from './shapes.mjs';

let isCompiled = false;
const made = (fn) => (isCompiled ? jit(fn) : fn);

/** What follows is compiled as a whole. */
export function compile() {
  isCompiled = true;
}

let seed = 0;
const uniform = (...shape) => random.uniform(random.key(seed++), shape);
const normal = (...shape) => random.normal(random.key(seed++), shape);
const scaled = (fanIn, ...shape) => uniform(...shape).sub(0.5).mul(2 / Math.sqrt(fanIn));
const whole = (n, count) => Int32Array.from({ length: count }, (_, i) => (i * 7919) % n);
const own = (x) => tree.map((leaf) => leaf.ref, x);

/** Runs `fn` on the same arrays at every call, and waits for the result. */
function repeated(fn, ...inputs) {
  const run = made(fn);
  return async () => {
    const out = run(...inputs.map((x) => own(x)));
    await blockUntilReady(out);
    tree.dispose(out);
  };
}

const chain = (t, y) => {
  for (let i = 0; i < CHAIN; i++) t = t.mul(y.ref);
  y.dispose();
  return t;
};

const product = (m, k, n, ...batch) => () => repeated(np.matmul, uniform(...batch, m, k), uniform(...batch, k, n));
const million = (fn) => () => repeated(fn, normal(SIDE, SIDE));
const gelu = (x) => nn.gelu(x, { approximate: false });
const layerNorm = (x, weight, bias) => nn.standardize(x, -1).mul(weight).add(bias);

const dense = (inner, outer) => [scaled(inner, inner, outer), scaled(inner, outer)];
const linear = (x, [weight, bias]) => np.matmul(x, weight).add(bias);

const tiny = () => [dense(2, 16), dense(16, 16), dense(16, 1)];
const runTiny = ([a, b, c], x) => linear(np.tanh(linear(np.tanh(linear(x, a)), b)), c);
const digits = () => [dense(784, 256), dense(256, 128), dense(128, 10)];
const runDigits = ([a, b, c], x) => linear(nn.relu(linear(nn.relu(linear(x, a)), b)), c);

const filters = (inner, outer) => [scaled(inner * 25, outer, inner, 5, 5), scaled(inner * 25, outer, 1, 1)];
// The largest of four slices: a maximum over reshaped dims has a slower gradient.
const pooled = (x) => {
  const [b, c, h, w] = x.shape;
  const cells = x.reshape([b, c, h / 2, 2, w / 2, 2]);
  const at = (i, j) => cells.ref.slice([], [], [], i, [], j);
  const [p, q, r, s] = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)];
  cells.dispose();
  return np.maximum(np.maximum(p, q), np.maximum(r, s));
};
const convolved = (x, [weight, bias], padding) => lax.conv(x, weight, [1, 1], padding).add(bias);
const lenet = () => [filters(1, 6), filters(6, 16), dense(400, 120), dense(120, 84), dense(84, 10)];
const runLenet = ([a, b, c, d, e], x) => {
  const count = x.shape[0];
  const seen = pooled(nn.relu(convolved(pooled(nn.relu(convolved(x, a, 'SAME'))), b, 'VALID')));
  return linear(nn.relu(linear(nn.relu(linear(seen.reshape([count, 400]), c)), d)), e);
};

const norm = () => [np.ones([WIDTH]), np.zeros([WIDTH])];
const block = () => [norm(), dense(WIDTH, 3 * WIDTH), dense(WIDTH, WIDTH), norm(), dense(WIDTH, 4 * WIDTH), dense(4 * WIDTH, WIDTH)];
const transformer = () => [scaled(1, VOCABULARY, WIDTH), scaled(1, CONTEXT, WIDTH), block(), block(), norm(), dense(WIDTH, VOCABULARY)];
// By products: dotProductAttention() of this version needs iterator helpers, which Node 20 lacks.
const attention = (q, k, v) => {
  const t = q.shape[2];
  const scores = np.matmul(q, k.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(WIDTH / HEADS));
  return np.matmul(nn.softmax(np.where(np.tri(t, t).astype(np.bool), scores, -Infinity), -1), v);
};
const runBlock = ([norm1, qkv, out, norm2, up, down], x) => {
  const [b, t] = x.shape;
  const [q, k, v] = np.split(linear(layerNorm(x.ref, ...norm1), qkv), 3, 2).map((part) => part.reshape([b, t, HEADS, WIDTH / HEADS]).transpose([0, 2, 1, 3]));
  const y = attention(q, k, v).transpose([0, 2, 1, 3]).reshape([b, t, WIDTH]);
  const z = x.add(linear(y, out));
  return z.ref.add(linear(gelu(linear(layerNorm(z, ...norm2), up)), down));
};
const runTransformer = ([tokens, positions, first, second, last, head], ids) => {
  // As a product with one-hot rows: the gradient of a look-up is one too.
  const x = np.matmul(nn.oneHot(ids, VOCABULARY), tokens).add(positions);
  return linear(layerNorm(runBlock(second, runBlock(first, x)), ...last), head);
};
const ids = (batch) => np.array(whole(VOCABULARY, batch * CONTEXT), { dtype: np.int32 }).reshape([batch, CONTEXT]);

const crossEntropy = (logits, oneHot, count) => nn.logSoftmax(logits, -1).mul(oneHot).sum().mul(-1 / count);
const oneHot = (classes, count) => nn.oneHot(np.array(whole(classes, count), { dtype: np.int32 }), classes);

/** One step of SGD a call, compiled as a whole where that is asked for. */
function sgd(first, loss, x, y) {
  let weights = first;
  const step = made((w, x, y) => {
    const [value, g] = valueAndGrad(loss)(own(w), x, y);
    value.dispose();
    return tree.map((p, d) => p.sub(d.mul(0.01)), w, g);
  });
  return async () => {
    weights = step(weights, x.ref, y.ref);
    await blockUntilReady(weights);
  };
}

function adam(first, loss, x, y) {
  let [weights, m, v, t] = [first, tree.map((p) => np.zerosLike(p.ref), first), tree.map((p) => np.zerosLike(p.ref), first), 0];
  const step = made((w, m, v, rate, root, x, y) => {
    const [value, g] = valueAndGrad(loss)(own(w), x, y);
    value.dispose();
    const m1 = tree.map((a, d) => a.mul(0.9).add(d.mul(0.1)), m, own(g));
    const v1 = tree.map((a, d) => a.mul(0.999).add(np.square(d).mul(0.001)), v, g);
    const w1 = tree.map((p, a, b) => p.sub(a.mul(rate.ref).div(np.sqrt(b).mul(root.ref).add(1e-8))), w, own(m1), own(v1));
    rate.dispose();
    root.dispose();
    return [w1, m1, v1];
  });
  return async () => {
    t += 1;
    const [rate, root] = [1e-3 / (1 - 0.9 ** t), 1 / Math.sqrt(1 - 0.999 ** t)].map((c) => np.array(c));
    [weights, m, v] = step(weights, m, v, rate, root, x.ref, y.ref);
    await blockUntilReady([weights, m, v]);
  };
}

/** By workload, what prepares a call of it. */
export const workloads = {
  'chain.forward': () => repeated(chain, np.arange(1, 9).astype(np.float32), np.ones([8])),
  'chain.backward': () => repeated(grad((x, y) => chain(x, y).sum()), np.arange(1, 9).astype(np.float32), np.ones([8])),
  ...products(product),
  'matvec.1024': () => repeated(np.matmul, uniform(SIDE, SIDE), uniform(SIDE)),
  add: () => repeated((x, y) => x.add(y), normal(SIDE, SIDE), normal(SIDE, SIDE)),
  mul: () => repeated((x, y) => x.mul(y), normal(SIDE, SIDE), normal(SIDE, SIDE)),
  exp: million(np.exp),
  tanh: million(np.tanh),
  gelu: million(gelu),
  softmax: million((x) => nn.softmax(x, -1)),
  layerNorm: () => repeated(layerNorm, normal(SIDE, SIDE), uniform(SIDE), uniform(SIDE)),
  sum: million((x) => x.sum()),
  'sum.dim0': million((x) => x.sum(0)),
  'train.tiny': () => sgd(tiny(), (w, x, y) => np.mean(np.square(runTiny(w, x).sub(y))), normal(32, 2), uniform(32, 1)),
  'train.digits': () => sgd(digits(), (w, x, y) => crossEntropy(runDigits(w, x), y, 64), uniform(64, 784), oneHot(10, 64)),
  'train.lenet': () => sgd(lenet(), (w, x, y) => crossEntropy(runLenet(w, x), y, 32), uniform(32, 1, 28, 28), oneHot(10, 32)),
  'train.transformer': () =>
    adam(transformer(), (w, x, y) => crossEntropy(runTransformer(w, x).reshape([8 * CONTEXT, VOCABULARY]), y, 8 * CONTEXT), ids(8), oneHot(VOCABULARY, 8 * CONTEXT)),
  'infer.digits': () => repeated(runDigits, digits(), uniform(1, 784)),
  'infer.lenet': () => repeated(runLenet, lenet(), uniform(1, 1, 28, 28)),
  'infer.transformer': () => repeated(runTransformer, transformer(), ids(1)),
};
