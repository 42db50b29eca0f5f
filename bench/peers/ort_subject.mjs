// onnxruntime-web for the bench: inference on its WebAssembly back end, on one thread.
import * as ort from 'onnxruntime-web/wasm';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { serve } from '../subjects/protocol.ts';
import { Onnx } from './onnx.mjs';
import { CONTEXT, HEADS, SIDE, VOCABULARY, WIDTH, products } from './shapes.mjs';

const require = createRequire(import.meta.url);
const dist = dirname(require.resolve('onnxruntime-web'));
ort.env.wasm.numThreads = 1;
ort.env.wasm.proxy = false;
ort.env.wasm.wasmBinary = readFileSync(join(dist, 'ort-wasm-simd-threaded.wasm'));
ort.env.logLevel = 'error';

let seed = 1;
const next = () => ((seed = (seed * 48271) % 2147483647), seed / 2147483647);
const size = (dims) => dims.reduce((n, d) => n * d, 1);
const uniform = (dims, low = 0, high = 1) => Float32Array.from({ length: size(dims) }, () => low + (high - low) * next());
const weights = (g, fanIn, ...dims) => g.constant(uniform(dims, -1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn)), dims);

/** Runs a graph on the same inputs at every call. */
async function session(build) {
  const g = new Onnx();
  const feeds = build(g);
  const made = await ort.InferenceSession.create(g.model(), { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
  return async () => {
    const results = await made.run(feeds);
    for (const tensor of Object.values(results)) tensor.dispose();
  };
}

const float = (dims, low, high) => new ort.Tensor('float32', uniform(dims, low, high), dims);

const product = (m, k, n, ...batch) => () =>
  session((g) => {
    const [a, b] = [[...batch, m, k], [...batch, k, n]];
    g.output(g.add('MatMul', [g.input('a', a), g.input('b', b)]), [...batch, m, n]);
    return { a: float(a), b: float(b) };
  });

const million = (build) => () =>
  session((g) => {
    const dims = [SIDE, SIDE];
    const [name, out = dims] = build(g, g.input('x', dims));
    g.output(name, out);
    return { x: float(dims, -2, 2) };
  });

const binary = (op) => () =>
  session((g) => {
    const dims = [SIDE, SIDE];
    g.output(g.add(op, [g.input('x', dims), g.input('y', dims)]), dims);
    return { x: float(dims), y: float(dims) };
  });

const linear = (g, x, inner, outer) => g.add('Add', [g.add('MatMul', [x, weights(g, inner, inner, outer)]), weights(g, inner, outer)]);
const gemm = (g, x, inner, outer) => g.add('Gemm', [x, weights(g, inner, inner, outer), weights(g, inner, outer)]);
const layerNorm = (g, x, width) => g.add('LayerNormalization', [x, g.constant(uniform([width])), g.constant(uniform([width]))], { axis: -1, epsilon: 1e-5 });

function digits(g) {
  const x = g.input('x', [1, 784]);
  const a = g.add('Relu', [gemm(g, x, 784, 256)]);
  const b = g.add('Relu', [gemm(g, a, 256, 128)]);
  g.output(gemm(g, b, 128, 10), [1, 10]);
  return { x: float([1, 784]) };
}

function lenet(g) {
  const conv = (x, inner, outer, pad) =>
    g.add('Relu', [g.add('Conv', [x, weights(g, inner * 25, outer, inner, 5, 5), weights(g, inner * 25, outer)], { kernel_shape: [5, 5], pads: [pad, pad, pad, pad] })]);
  const pooled = (x) => g.add('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  const seen = pooled(conv(pooled(conv(g.input('x', [1, 1, 28, 28]), 1, 6, 2)), 6, 16, 0));
  const a = g.add('Relu', [gemm(g, g.add('Flatten', [seen]), 400, 120)]);
  const b = g.add('Relu', [gemm(g, a, 120, 84)]);
  g.output(gemm(g, b, 84, 10), [1, 10]);
  return { x: float([1, 1, 28, 28]) };
}

function block(g, x) {
  const mask = g.constant(Float32Array.from({ length: CONTEXT * CONTEXT }, (_, i) => (i % CONTEXT <= Math.floor(i / CONTEXT) ? 0 : -1e9)), [CONTEXT, CONTEXT]);
  const apart = g.constant(Int32Array.of(1, CONTEXT, HEADS, WIDTH / HEADS));
  const together = g.constant(Int32Array.of(1, CONTEXT, WIDTH));
  const parts = g.add('Split', [linear(g, layerNorm(g, x, WIDTH), WIDTH, 3 * WIDTH)], { axis: 2, num_outputs: 3 }, 3);
  const heads = (part, perm) => g.add('Transpose', [g.add('Reshape', [part, apart])], { perm });
  const [q, k, v] = [heads(parts[0], [0, 2, 1, 3]), heads(parts[1], [0, 2, 3, 1]), heads(parts[2], [0, 2, 1, 3])];
  const scaled = g.add('Mul', [g.add('MatMul', [q, k]), g.constant(Float32Array.of(1 / Math.sqrt(WIDTH / HEADS)), [])]);
  const y = g.add('MatMul', [g.add('Softmax', [g.add('Add', [scaled, mask])], { axis: -1 }), v]);
  const joined = g.add('Reshape', [g.add('Transpose', [y], { perm: [0, 2, 1, 3] }), together]);
  const z = g.add('Add', [x, linear(g, joined, WIDTH, WIDTH)]);
  const up = g.add('Gelu', [linear(g, layerNorm(g, z, WIDTH), WIDTH, 4 * WIDTH)]);
  return g.add('Add', [z, linear(g, up, 4 * WIDTH, WIDTH)]);
}

function transformer(g) {
  const ids = g.input('ids', [1, CONTEXT], 'int64');
  const tokens = g.add('Gather', [weights(g, 1, VOCABULARY, WIDTH), ids]);
  const x = g.add('Add', [tokens, weights(g, 1, CONTEXT, WIDTH)]);
  g.output(linear(g, layerNorm(g, block(g, block(g, x)), WIDTH), WIDTH, VOCABULARY), [1, CONTEXT, VOCABULARY]);
  return { ids: new ort.Tensor('int64', BigInt64Array.from({ length: CONTEXT }, (_, i) => BigInt((i * 7919) % VOCABULARY)), [1, CONTEXT]) };
}

await serve({
  about: { name: 'onnxruntime-web', version: JSON.parse(readFileSync(join(dist, '..', 'package.json'))).version, node: process.versions.node },
  workloads: {
    ...products(product),
    'matvec.1024': product(SIDE, SIDE, 1),
    add: binary('Add'),
    mul: binary('Mul'),
    exp: million((g, x) => [g.add('Exp', [x])]),
    tanh: million((g, x) => [g.add('Tanh', [x])]),
    gelu: million((g, x) => [g.add('Gelu', [x])]),
    softmax: million((g, x) => [g.add('Softmax', [x], { axis: -1 })]),
    layerNorm: million((g, x) => [layerNorm(g, x, SIDE)]),
    sum: million((g, x) => [g.add('ReduceSum', [x], { keepdims: 0 }), []]),
    'sum.dim0': million((g, x) => [g.add('ReduceSum', [x, g.constant(Int32Array.of(0))], { keepdims: 0 }), [SIDE]]),
    'infer.digits': () => session(digits),
    'infer.lenet': () => session(lenet),
    'infer.transformer': () => session(transformer),
  },
});
