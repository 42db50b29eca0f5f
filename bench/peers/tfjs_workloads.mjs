// What TensorFlow.js does for each workload of the bench. Nothing here needs Node: the page that measures in a browser has the same.
import * as tf from '@tensorflow/tfjs';
import { CHAIN, CONTEXT, HEADS, SIDE, VOCABULARY, WIDTH, products } from './shapes.mjs';

const repeated = (fn) => () => { tf.tidy(() => { fn(); }); };
const uniform = (...shape) => tf.randomUniform(shape);
const normal = (...shape) => tf.randomNormal(shape);
const scaled = (fanIn, ...shape) => tf.variable(tf.randomUniform(shape, -1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn)));
const whole = (n, count) => tf.tensor1d(Int32Array.from({ length: count }, (_, i) => (i * 7919) % n), 'int32');

const chain = (t, y) => {
  for (let i = 0; i < CHAIN; i++) t = tf.mul(t, y);
  return t;
};
const product = (m, k, n, ...batch) => () => {
  const [a, b] = [uniform(...batch, m, k), uniform(...batch, k, n)];
  return repeated(() => tf.matMul(a, b));
};
const million = (fn) => () => {
  const x = normal(SIDE, SIDE);
  return repeated(() => fn(x));
};
const binary = (fn) => () => {
  const [x, y] = [normal(SIDE, SIDE), normal(SIDE, SIDE)];
  return repeated(() => fn(x, y));
};
const gelu = (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
const layerNorm = (x, weight, bias) => {
  const mean = tf.mean(x, -1, true);
  const centred = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), weight), bias);
};

const dense = (inner, outer) => [scaled(inner, inner, outer), scaled(inner, outer)];
const linear = (x, [weight, bias]) => tf.add(tf.matMul(x, weight), bias);
const rows = (x, layer) => {
  const [b, t, inner] = x.shape;
  return tf.reshape(linear(tf.reshape(x, [b * t, inner]), layer), [b, t, layer[1].shape[0]]);
};

const tiny = () => [dense(2, 16), dense(16, 16), dense(16, 1)];
const runTiny = ([a, b, c], x) => linear(tf.tanh(linear(tf.tanh(linear(x, a)), b)), c);
const digits = () => [dense(784, 256), dense(256, 128), dense(128, 10)];
const runDigits = ([a, b, c], x) => linear(tf.relu(linear(tf.relu(linear(x, a)), b)), c);
const filters = (inner, outer) => [scaled(inner * 25, 5, 5, inner, outer), scaled(inner * 25, outer)];
const pooled = (x) => tf.maxPool(x, 2, 2, 'valid');
const convolved = (x, [weight, bias], padding) => tf.add(tf.conv2d(x, weight, 1, padding), bias);
const lenet = () => [filters(1, 6), filters(6, 16), dense(400, 120), dense(120, 84), dense(84, 10)];
const runLenet = ([a, b, c, d, e], x) => {
  const seen = pooled(tf.relu(convolved(pooled(tf.relu(convolved(x, a, 'same'))), b, 'valid')));
  return linear(tf.relu(linear(tf.relu(linear(tf.reshape(seen, [-1, 400]), c)), d)), e);
};

const norm = () => [tf.variable(tf.ones([WIDTH])), tf.variable(tf.zeros([WIDTH]))];
const block = () => [norm(), dense(WIDTH, 3 * WIDTH), dense(WIDTH, WIDTH), norm(), dense(WIDTH, 4 * WIDTH), dense(4 * WIDTH, WIDTH)];
const transformer = () => [scaled(1, VOCABULARY, WIDTH), scaled(1, CONTEXT, WIDTH), block(), block(), norm(), dense(WIDTH, VOCABULARY)];
// Made when it is first needed: by then a back end was chosen.
let made;
const mask = () => (made ??= tf.keep(tf.tensor2d(Array.from({ length: CONTEXT }, (_, i) => Array.from({ length: CONTEXT }, (_, j) => (j <= i ? 0 : -1e9))))));
const runBlock = ([norm1, qkv, out, norm2, up, down], x) => {
  const [b, t] = x.shape;
  const parts = tf.split(rows(layerNorm(x, ...norm1), qkv), 3, 2);
  const [q, k, v] = parts.map((part) => tf.transpose(tf.reshape(part, [b, t, HEADS, WIDTH / HEADS]), [0, 2, 1, 3]));
  const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(WIDTH / HEADS)), mask());
  const y = tf.reshape(tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]), [b, t, WIDTH]);
  const z = tf.add(x, rows(y, out));
  return tf.add(z, rows(gelu(rows(layerNorm(z, ...norm2), up)), down));
};
const runTransformer = ([tokens, positions, first, second, last, head], ids) => {
  const [b, t] = ids.shape;
  // As a product with one-hot rows: the wasm back end lacks the kernel of a look-up's gradient.
  const x = tf.add(tf.reshape(tf.matMul(tf.oneHot(tf.reshape(ids, [b * t]), VOCABULARY, 1, 0, 'float32'), tokens), [b, t, WIDTH]), positions);
  return rows(layerNorm(runBlock(second, runBlock(first, x)), ...last), head);
};
const ids = (batch) => tf.reshape(whole(VOCABULARY, batch * CONTEXT), [batch, CONTEXT]);

const crossEntropy = (logits, oneHot) => tf.losses.softmaxCrossEntropy(oneHot, logits);
const oneHot = (classes, count) => tf.oneHot(whole(classes, count), classes, 1, 0, 'float32');

const training = (optimizer, loss) => () => { tf.tidy(() => { optimizer.minimize(loss); }); };
const sgd = (loss) => training(tf.train.sgd(0.01), loss);

/** By workload, what prepares a call of it. */
export const workloads = {
  'chain.forward': () => {
    const [x, y] = [tf.range(1, 9), tf.ones([8])];
    return repeated(() => chain(x, y));
  },
  'chain.backward': () => {
    const [x, y] = [tf.range(1, 9), tf.ones([8])];
    const differentiated = tf.grad((t) => chain(t, y));
    return repeated(() => differentiated(x, y));
  },
  ...products(product),
  'matvec.1024': product(SIDE, SIDE, 1),
  add: binary(tf.add),
  mul: binary(tf.mul),
  exp: million(tf.exp),
  tanh: million(tf.tanh),
  gelu: million(gelu),
  softmax: million((x) => tf.softmax(x)),
  layerNorm: () => {
    const [x, weight, bias] = [normal(SIDE, SIDE), uniform(SIDE), uniform(SIDE)];
    return repeated(() => layerNorm(x, weight, bias));
  },
  sum: million((x) => tf.sum(x)),
  'sum.dim0': million((x) => tf.sum(x, 0)),
  'train.tiny': () => {
    const [w, x, y] = [tiny(), normal(32, 2), uniform(32, 1)];
    return sgd(() => tf.losses.meanSquaredError(y, runTiny(w, x)));
  },
  'train.digits': () => {
    const [w, x, y] = [digits(), uniform(64, 784), oneHot(10, 64)];
    return sgd(() => crossEntropy(runDigits(w, x), y));
  },
  'train.lenet': () => {
    const [w, x, y] = [lenet(), uniform(32, 28, 28, 1), oneHot(10, 32)];
    return sgd(() => crossEntropy(runLenet(w, x), y));
  },
  'train.transformer': () => {
    const [w, x, y] = [transformer(), ids(8), oneHot(VOCABULARY, 8 * CONTEXT)];
    return training(tf.train.adam(1e-3), () => crossEntropy(tf.reshape(runTransformer(w, x), [8 * CONTEXT, VOCABULARY]), y));
  },
  'infer.digits': () => {
    const [w, x] = [digits(), uniform(1, 784)];
    return repeated(() => runDigits(w, x));
  },
  'infer.lenet': () => {
    const [w, x] = [lenet(), uniform(1, 28, 28, 1)];
    return repeated(() => runLenet(w, x));
  },
  'infer.transformer': () => {
    const [w, x] = [transformer(), ids(1)];
    return repeated(() => runTransformer(w, x));
  },
};
