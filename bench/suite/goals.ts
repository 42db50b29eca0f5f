// What the library is meant to reach, as ratios within one run on one thread. Times are the best of many on both sides.

/** A goal on a workload's time, or on a figure. Of several conditions one is enough. */
export interface Goal {
  readonly workload: string;
  /** At most this many times PyTorch's time. */
  readonly ofTorch?: number;
  /** At least this part of the multiply-add peak of the same process. */
  readonly ofPeak?: number;
  /** At least this part of the bytes a second that a copy in the same process reads and writes. */
  readonly ofCopy?: number;
}

/** Goals on times; the relaxed binary's, and those of shares also of the baseline binary. */
export const GOALS: readonly Goal[] = [
  { workload: 'chain.forward', ofTorch: 1 / 25 },
  { workload: 'chain.backward', ofTorch: 1 / 40 },
  { workload: 'numbers.forward', ofTorch: 1 / 20 },
  { workload: 'numbers.backward', ofTorch: 1 / 35 },
  { workload: 'product.64', ofPeak: 0.7 },
  ...[128, 256, 512, 1024].map((n) => ({ workload: `product.${n}`, ofPeak: 0.85 })),
  { workload: 'product.batched', ofPeak: 0.6 },
  { workload: 'matvec.1024', ofCopy: 0.8 },
  { workload: 'add', ofTorch: 1.2, ofCopy: 0.8 },
  { workload: 'mul', ofTorch: 1.2, ofCopy: 0.8 },
  { workload: 'exp', ofTorch: 1 },
  { workload: 'tanh', ofTorch: 1 },
  { workload: 'gelu', ofTorch: 1 },
  { workload: 'clamp', ofTorch: 2 },
  { workload: 'softmax', ofTorch: 1 },
  { workload: 'layerNorm', ofTorch: 1.2 },
  ...['pow.2', 'pow.3', 'pow.2.5', 'pow.5', 'pow.float64', 'pow.int64', 'pow.tensor', 'pow.2.backward', 'pow.3.backward', 'pow.2.5.backward'].map((workload) => ({ workload, ofTorch: 2 })),
  ...['transposed.add', 'transposed.mul', 'transposed.relu', 'transposed.exp', 'mixed.mul', 'permuted.mul', 'permuted.relu'].map((workload) => ({ workload, ofTorch: 2 })),
  { workload: 'sum', ofTorch: 1.2, ofCopy: 0.8 },
  { workload: 'sum.dim0', ofTorch: 1.2, ofCopy: 0.8 },
  ...[
    ...['int64', 'int32', 'int16', 'int8', 'uint8', 'bool', 'float16', 'bfloat16'],
    ...['fromFloat16', 'fromBfloat16', 'fromInt8', 'fromUint8', 'transposed'],
  ].map((name) => ({ workload: `cast.${name}`, ofTorch: 2 })),
  { workload: 'pool.global', ofTorch: 2 },
  { workload: 'train.tiny', ofTorch: 1 / 20 },
  { workload: 'train.digits', ofTorch: 1.25 },
  { workload: 'train.lenet', ofTorch: 1 },
  { workload: 'train.transformer', ofTorch: 1.3 },
  { workload: 'infer.digits', ofTorch: 1 },
  { workload: 'infer.transformer', ofTorch: 1.3 },
];

/** Every workload: at least this many times as fast as every JavaScript library. */
export const TIMES_FASTER_THAN_JAVASCRIPT = 2;

/** Goals on figures that are no time of a call. */
export const LIMITS = {
  /** Milliseconds from the start of Node to the first gradient, above an empty script. */
  importMs: 15,
  /** Bytes of a bundled training page, JavaScript and binary, with brotli. */
  bundleBytes: 200 * 1024,
  slimBundleBytes: 72 * 1024,
  /** Time an operation in a chain of a million, in those of one in a chain of a thousand. */
  growth: 1.3,
  /** Steps a second after a million steps, at least this part of those among the first thousands. */
  endurance: 0.95,
} as const;

/**
 * What stands in the way of goals that were not met, by workload or figure; `.javascript` behind a workload's name means its goal against
 * other JavaScript libraries. The experiments are in bench/notebooks, by the number of their decision.
 */
export const LIMITED_BY: Readonly<Record<string, string>> = {
  'chain.forward': 'shapes, dtypes, versions and views, at twice the least that any such library takes (0002)',
  'chain.backward': 'the same and what a node keeps, at four times the least (0002)',
  'chain.backward.javascript': 'a compiled chain of 100 calls is one call there; each of ours is a call, a node and a visit (0002)',
  'train.tiny': '12 operations, their nodes and modules, in many parts of 1 to 3 %; products are 10 % (0002)',
  'train.digits': 'the products alone, at the multiply-add peak of vectors of 128 bits; PyTorch has 256 or 512 (0003)',
  'train.transformer': 'two thirds are products, at 46 GFLOP/s of a peak of 47 to 51; PyTorch has vectors twice as wide (0011)',
  'product.64': 'instructions beside multiply-adds, of which a core shared with neighbours issues fewer; on a quiet one 82 to 90 % (0003)',
  'product.128': 'instructions beside multiply-adds, of which a core shared with neighbours issues fewer; on a quiet one 82 to 90 % (0003)',
  'product.256': 'instructions beside multiply-adds, of which a core shared with neighbours issues fewer; on a quiet one 82 to 90 % (0003)',
  'product.512': 'instructions beside multiply-adds, of which a core shared with neighbours issues fewer; on a quiet one 82 to 90 % (0003)',
  'product.1024': 'instructions beside multiply-adds, of which a core shared with neighbours issues fewer; on a quiet one 82 to 90 % (0003)',
  ...Object.fromEntries(
    ['cast.float16', 'cast.fromFloat16', 'cast.transposed'].map((name) => [name, 'WebAssembly has no instruction for half floats, x86 has one a vector (0017)']),
  ),
  'product.batched': 'copies into panels are a third of products this small (0003)',
  ...Object.fromEntries(
    ['product.64', 'product.128', 'product.256', 'product.512', 'product.1024'].map((name) => [
      `${name}.javascript`,
      'twice the speed of TensorFlow.js, which has half of the multiply-add peak, would be the whole peak',
    ]),
  ),
  'matvec.1024': 'the third-level cache, which is shared: 78 to 90 % of a copy in runs of one day (0003)',
  'matvec.1024.javascript': 'both read the matrix at the speed of a copy',
  add: 'memory: two tensors read and a third written, at the speed of a copy (0001)',
  mul: 'memory: two tensors read and a third written, at the speed of a copy (0001)',
  'add.javascript': 'memory: both are at the speed of a copy',
  'mul.javascript': 'memory: both are at the speed of a copy',
  'softmax.javascript': 'the exponentials alone take 0.65 ms; twice the speed of TensorFlow.js is 0.7 (0001)',
  'infer.lenet.javascript': 'convolutions in their kernels are 27 of 65 µs, products 8; the rest is twelve operations and modules (0010)',
  'infer.digits.javascript': 'memory: both read 940 KB of weights once a call',
  layerNorm: 'three passes, of which the last, read and write, takes half; the mean has to be known before the variance (0001)',
  sum: 'one pass over the row at the speed of loads of 128 bits (0001)',
  import: 'compiling the JavaScript takes 12 ms, and the 130 functions of WebAssembly on the way 8 (0015)',
  bundle: 'what any training page runs of JavaScript, code and data (0009)',
  growth: 'pages touched for the first time: again in the same memory, 10⁶ operations take 1.05 times what 10³ take (0004)',
};

/** The short form, run by CI: parts of the ceiling of the same process, with room for a noisy machine. */
export const FLOORS = {
  /** Of the multiply-add peak, by workload. */
  ofPeak: { 'product.128': 0.6, 'product.256': 0.6, 'product.512': 0.6 },
  /** Of the bytes a second of a copy, by workload. */
  ofCopy: { add: 0.35, mul: 0.35, sum: 0.35 },
  /** One op, at most this many bare calls into WebAssembly. */
  bareCalls: { 'chain.forward': 40, 'chain.backward': 110 },
} as const;
