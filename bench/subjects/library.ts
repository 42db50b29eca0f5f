// What the library does for each workload, through its public API.
import { autograd, nn, rand, randint, randn, scope, tensor, type DType, type Tensor } from 'adjoint';
import { growthOf } from '../growth';
import { inferences, trainings } from './models';
import { CHAIN, SIDE, products } from '../peers/shapes.mjs';
import type { Call } from './protocol';


const inScope = (fn: () => unknown): Call => () => { scope(() => { fn(); }); };

function chain(t: Tensor, y: Tensor): Tensor {
  for (let i = 0; i < CHAIN; i++) t = t.mul(y);
  return t;
}

/** The same number of operations, each with a number. */
function numbers(t: Tensor): Tensor {
  for (let i = 0; i < CHAIN; i += 2) t = t.mul(1.0001).add(0.001);
  return t;
}

function product(...shape: readonly [number, number, number] | readonly [number, number, number, number]): () => Call {
  return () => {
    const [m, k, n, batch] = shape;
    const of = (...sizes: number[]) => rand(batch === undefined ? sizes : [batch, ...sizes]);
    const [a, b] = [of(m, k), of(k, n)];
    return inScope(() => a.matmul(b));
  };
}

/** Work on a million numbers around 0. */
const million = (fn: (x: Tensor) => unknown, view = (x: Tensor): Tensor => x): (() => Call) => () => {
  const x = view(randn([SIDE, SIDE]));
  return inScope(() => fn(x));
};

const binary = (fn: (x: Tensor, y: Tensor) => unknown, view = (x: Tensor): Tensor => x): (() => Call) => () => {
  const [x, y] = [view(randn([SIDE, SIDE])), view(randn([SIDE, SIDE]))];
  return inScope(() => fn(x, y));
};

const transposed = (x: Tensor): Tensor => x.t();

/** A cast to float32. */
const castFrom = (dtype: DType): (() => Call) => () => {
  const x = rand([SIDE, SIDE]).mul(100).to(dtype);
  return inScope(() => x.to('float32'));
};

/** Images with the channels innermost in memory. */
const permuted = (x: Tensor): Tensor => x.reshape([16, 32, 32, 64]).permute([0, 3, 1, 2]);

/** The gradient of a function of positive numbers, of which the result is kept. */
const gradient = (fn: (x: Tensor) => Tensor): (() => Call) => () => {
  const [x, g] = [rand([SIDE, SIDE]).requiresGrad_(), rand([SIDE, SIDE])];
  const y = fn(x);
  return inScope(() => autograd.grad(y, [x], g, { retainGraph: true }));
};

/** Steps of the tiny network a second, among the first and after many. */
export function stepsPerSecond(): { first: number; last: number; steps: number } {
  const MANY = 1_000_000;
  const EACH = 1000;
  const step = trainings['train.tiny']!();
  const rate = () => {
    const start = performance.now();
    for (let i = 0; i < EACH; i++) step();
    return (EACH * 1000) / (performance.now() - start);
  };
  rate(); // the engine compiles
  // Of several thousands each: one spell of the machine is not growth.
  const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1]!;
  const first = median(Array.from({ length: 9 }, rate));
  for (let i = 20 * EACH; i < MANY; i++) step();
  return { first, last: median(Array.from({ length: 9 }, rate)), steps: MANY };
}

/** Nanoseconds an operation, forward and backward, of chains of a thousand and of a million. */
export function growth(): { short: number; long: number } {
  const time = (operations: number) => {
    const { forwardTime, backwardTime } = growthOf(operations);
    return forwardTime + backwardTime;
  };
  time(10_000);
  // In turns, since the machine may be quick at one time and slow at another.
  const [short, long] = [[] as number[], [] as number[]];
  for (let turn = 0; turn < 3; turn++) {
    for (let i = 0; i < 100; i++) short.push(time(1000));
    long.push(time(1_000_000));
    for (let i = 0; i < 100; i++) short.push(time(1000));
  }
  return { short: Math.min(...short), long: Math.min(...long) };
}

/** By name; see bench/suite/workloads.ts. */
export const workloads: Readonly<Record<string, () => Call>> = {
  'chain.forward': () => {
    const [x, y] = [tensor([1, 2, 3, 4, 5, 6, 7, 8]), tensor([1, -1, 1, -1, 1, -1, 1, -1])];
    return inScope(() => chain(x, y));
  },
  'chain.backward': () => {
    const [x, y] = [tensor([1, 2, 3, 4, 5, 6, 7, 8], { requiresGrad: true }), tensor([1, -1, 1, -1, 1, -1, 1, -1])];
    return inScope(() => {
      chain(x, y).backward(y);
      x.grad = null;
    });
  },
  'numbers.forward': () => {
    const x = tensor([1, 2, 3, 4, 5, 6, 7, 8], { requiresGrad: true });
    return inScope(() => numbers(x));
  },
  'numbers.backward': () => {
    const [x, y] = [tensor([1, 2, 3, 4, 5, 6, 7, 8], { requiresGrad: true }), tensor([1, -1, 1, -1, 1, -1, 1, -1])];
    return inScope(() => {
      numbers(x).backward(y);
      x.grad = null;
    });
  },
  ...products(product),
  'matvec.1024': () => {
    const [a, x] = [rand([SIDE, SIDE]), rand([SIDE])];
    return inScope(() => a.matmul(x));
  },
  add: binary((x, y) => x.add(y)),
  mul: binary((x, y) => x.mul(y)),
  exp: million((x) => x.exp()),
  tanh: million((x) => x.tanh()),
  gelu: million((x) => nn.functional.gelu(x)),
  clamp: million((x) => x.clamp(0.25, 0.75)),
  softmax: million((x) => x.softmax(1)),
  layerNorm: () => {
    const [x, weight, bias] = [randn([SIDE, SIDE]), rand([SIDE]), rand([SIDE])];
    return inScope(() => nn.functional.layerNorm(x, [SIDE], weight, bias));
  },
  'pow.2': million((x) => x.pow(2)),
  'pow.3': million((x) => x.pow(3)),
  'pow.2.5': million((x) => x.pow(2.5)),
  'pow.5': million((x) => x.pow(5)),
  'pow.float64': () => {
    const x = rand([SIDE, SIDE], { dtype: 'float64' });
    return inScope(() => x.pow(2.5));
  },
  'pow.int64': () => {
    const [x, e] = [randint(-9, 10, [SIDE, SIDE]), randint(0, 8, [SIDE, SIDE])];
    return inScope(() => x.pow(e));
  },
  'pow.tensor': binary((x, y) => x.pow(y)),
  'pow.2.backward': gradient((x) => x.pow(2)),
  'pow.3.backward': gradient((x) => x.pow(3)),
  'pow.2.5.backward': gradient((x) => x.pow(2.5)),
  'transposed.add': binary((x, y) => x.add(y), transposed),
  'transposed.mul': binary((x, y) => x.mul(y), transposed),
  'transposed.relu': million((x) => x.relu(), transposed),
  'transposed.exp': million((x) => x.exp(), transposed),
  'mixed.mul': binary((x, y) => x.t().mul(y)),
  'permuted.mul': binary((x, y) => x.mul(y), permuted),
  'permuted.relu': million((x) => x.relu(), permuted),
  sum: million((x) => x.sum()),
  'sum.dim0': million((x) => x.sum(0)),
  'cast.int32': million((x) => x.to('int32')),
  'cast.int16': million((x) => x.to('int16')),
  'cast.int8': million((x) => x.to('int8')),
  'cast.int64': million((x) => x.to('int64')),
  'cast.uint8': million((x) => x.to('uint8')),
  'cast.bool': million((x) => x.to('bool')),
  'cast.float16': million((x) => x.to('float16')),
  'cast.bfloat16': million((x) => x.to('bfloat16')),
  'cast.fromFloat16': castFrom('float16'),
  'cast.fromBfloat16': castFrom('bfloat16'),
  'cast.fromInt8': castFrom('int8'),
  'cast.fromUint8': castFrom('uint8'),
  'cast.transposed': million((x) => x.t().to('float16')),
  'pool.global': () => {
    const planes = rand([16, 64, 32, 32]);
    return inScope(() => nn.functional.adaptiveAvgPool2d(planes, 1));
  },
  ...trainings,
  ...inferences,
};
