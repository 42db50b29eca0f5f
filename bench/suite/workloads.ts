// What is measured: names, sizes and counts. How each subject does it is in bench/subjects and bench/peers.

/** One measured piece of work. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly group: 'overhead' | 'products' | 'elementwise' | 'training' | 'inference';
  /** Operations within a call; the time shown is that of one. */
  readonly each?: number;
  /** Floating-point operations a call, for GFLOP/s and the share of the multiply-add peak. */
  readonly flops?: number;
  /** Bytes read and written once, for the share of what a copy moves. */
  readonly bytes?: number;
  /** Calls before the first sample, beside one that makes sure it runs. */
  readonly warmUp: number;
  /** Calls a sample: so many that it takes the fastest subject a millisecond, or what counts is what the turn of another left in the caches. */
  readonly calls: number;
  /** Samples a round. */
  readonly samples: number;
  /** Times the subjects take turns. */
  readonly rounds: number;
}

const MILLION = 1024 * 1024;

/** What an engine needs of products until it has compiled them for good: a third of a second at 40 GFLOP/s. */
const WARM_FLOPS = 1.2e10;

function product(name: string, title: string, [batch, m, k, n]: readonly [number, number, number, number], calls: number): Workload {
  return {
    name,
    title,
    group: 'products',
    flops: 2 * batch * m * k * n,
    bytes: 4 * batch * (m * k + k * n + m * n),
    warmUp: Math.ceil(WARM_FLOPS / (2 * batch * m * k * n)),
    calls,
    // As many where one call is a sample: the first after another subject's turn finds nothing in cache.
    samples: 3,
    rounds: 24,
  };
}

/** Work on 1024 × 1024 numbers that reads `reads` and writes `writes` times that many. */
function million(name: string, title: string, reads: number, writes: number): Workload {
  return { name, title, group: 'elementwise', bytes: 4 * MILLION * (reads + writes), warmUp: 400, calls: 6, samples: 6, rounds: 12 };
}

/** The same, where PyTorch takes milliseconds. */
function slowMillion(...row: Parameters<typeof million>): Workload {
  return { ...million(...row), warmUp: 40, calls: 1, samples: 4 };
}

/** All of them, in the order they are shown. */
export const WORKLOADS: readonly Workload[] = [
  { name: 'chain.forward', title: 'one op of a chain on 8 numbers, forward', group: 'overhead', each: 100, warmUp: 4000, calls: 120, samples: 6, rounds: 36 },
  { name: 'chain.backward', title: 'one op of a chain on 8 numbers, forward + backward', group: 'overhead', each: 100, warmUp: 4000, calls: 40, samples: 4, rounds: 36 },
  { name: 'numbers.forward', title: 'one op with a number on 8 numbers, recorded, forward', group: 'overhead', each: 100, warmUp: 4000, calls: 60, samples: 6, rounds: 36 },
  { name: 'numbers.backward', title: 'one op with a number on 8 numbers, forward + backward', group: 'overhead', each: 100, warmUp: 4000, calls: 40, samples: 4, rounds: 36 },
  product('product.64', '64³', [1, 64, 64, 64], 60),
  product('product.128', '128³', [1, 128, 128, 128], 10),
  product('product.256', '256³', [1, 256, 256, 256], 3),
  product('product.512', '512³', [1, 512, 512, 512], 1),
  product('product.1024', '1024³', [1, 1024, 1024, 1024], 1),
  product('product.batched', '64 × (32³)', [64, 32, 32, 32], 10),
  product('matvec.1024', '1024² times vector', [1, 1024, 1024, 1], 10),
  million('add', 'add', 2, 1),
  million('mul', 'mul', 2, 1),
  million('exp', 'exp', 1, 1),
  million('tanh', 'tanh', 1, 1),
  million('gelu', 'gelu', 1, 1),
  million('clamp', 'clamp to two bounds', 1, 1),
  million('softmax', 'softmax over the last dim', 1, 1),
  million('layerNorm', 'layer norm over the last dim', 1, 1),
  million('pow.2', 'power 2', 1, 1),
  million('pow.3', 'power 3', 1, 1),
  slowMillion('pow.2.5', 'power 2.5', 1, 1),
  slowMillion('pow.5', 'power 5 of numbers of both signs', 1, 1),
  slowMillion('pow.float64', 'power 2.5 in float64', 2, 2),
  slowMillion('pow.int64', 'int64 with a tensor of exponents', 4, 2),
  slowMillion('pow.tensor', 'power with a tensor of exponents', 2, 1),
  million('pow.2.backward', 'gradient of power 2', 2, 1),
  million('pow.3.backward', 'gradient of power 3', 2, 1),
  slowMillion('pow.2.5.backward', 'gradient of power 2.5', 2, 1),
  million('transposed.add', 'add of transposed matrices', 2, 1),
  million('transposed.mul', 'mul of transposed matrices', 2, 1),
  million('transposed.relu', 'relu of a transposed matrix', 1, 1),
  million('transposed.exp', 'exp of a transposed matrix', 1, 1),
  million('mixed.mul', 'mul of a transposed matrix and another', 2, 1),
  million('permuted.mul', 'mul of images with channels last', 2, 1),
  million('permuted.relu', 'relu of images with channels last', 1, 1),
  million('sum', 'sum of all', 1, 0),
  million('sum.dim0', 'sum over dim 0', 1, 0),
  million('cast.int32', 'float32 to int32', 1, 1),
  million('cast.int16', 'float32 to int16', 1, 0.5),
  million('cast.int8', 'float32 to int8', 1, 0.25),
  million('cast.int64', 'float32 to int64', 1, 2),
  million('cast.uint8', 'float32 to uint8', 1, 0.25),
  million('cast.bool', 'float32 to bool', 1, 0.25),
  million('cast.float16', 'float32 to float16', 1, 0.5),
  million('cast.bfloat16', 'float32 to bfloat16', 1, 0.5),
  million('cast.fromFloat16', 'float16 to float32', 0.5, 1),
  million('cast.fromBfloat16', 'bfloat16 to float32', 0.5, 1),
  million('cast.fromInt8', 'int8 to float32', 0.25, 1),
  million('cast.fromUint8', 'uint8 to float32', 0.25, 1),
  million('cast.transposed', 'float32 to float16, of a transpose', 1, 0.5),
  million('pool.global', 'mean of each of 1024 planes of 32² by adaptive pooling', 1, 0),
  { name: 'train.tiny', title: '2-16-16-1 tanh, batch 32, SGD', group: 'training', warmUp: 2000, calls: 50, samples: 3, rounds: 12 },
  { name: 'train.digits', title: '784-256-128-10, batch 64, SGD', group: 'training', flops: 64_500_000, warmUp: 60, calls: 2, samples: 3, rounds: 12 },
  { name: 'train.lenet', title: 'LeNet-like, batch 32, SGD', group: 'training', warmUp: 80, calls: 1, samples: 3, rounds: 12 },
  { name: 'train.transformer', title: '2-layer transformer, batch 8 × 64, Adam', group: 'training', warmUp: 25, calls: 1, samples: 2, rounds: 24 },
  { name: 'infer.digits', title: '784-256-128-10, batch 1', group: 'inference', warmUp: 200, calls: 40, samples: 4, rounds: 36 },
  { name: 'infer.lenet', title: 'LeNet-like, batch 1', group: 'inference', warmUp: 100, calls: 20, samples: 3, rounds: 36 },
  { name: 'infer.transformer', title: '2-layer transformer, 1 × 64', group: 'inference', warmUp: 20, calls: 3, samples: 2, rounds: 48 },
];
