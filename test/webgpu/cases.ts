// What each op of the target is tried on: shapes of 0, 1, odd, prime and large sizes, and operands that are views.
import { cat, nn, rand, randint, randn, tensor, type DType, type Tensor } from '../../ts/entry/node';
import type { Attribute, FunctionalRecord } from '../../ts/graph/targets/webgpu/record';

const F = nn.functional;

export interface Case {
  readonly title: string;
  readonly inputs: readonly Tensor[];
  readonly record: FunctionalRecord;
  readonly expected: readonly Tensor[];
  /** How far elements may be off, relative to the largest of the result. */
  readonly within: number;
}

interface Given {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly expected: Tensor | readonly Tensor[];
  readonly within?: number;
  readonly note?: string;
}

/** A record of one call; `views` says which operands are turned first, so that they are strided. */
function one({ op, inputs, attributes = {}, expected, within = 2e-6, note = '' }: Given, turned: boolean): Case {
  const results: readonly Tensor[] = Array.isArray(expected) ? (expected as readonly Tensor[]) : [expected as Tensor];
  const values: { dtype: DType; shape: readonly number[] }[] = [];
  const calls: FunctionalRecord['calls'][number][] = [];
  const fed: Tensor[] = [];
  const operands = inputs.map((t) => {
    const rank = t.shape.length;
    const isTurned = turned && rank >= 2;
    const order = Array.from({ length: rank }, (_, i) => rank - 1 - i);
    const given = isTurned ? t.permute(order).contiguous() : t;
    fed.push(given);
    return { value: values.push({ dtype: t.dtype, shape: [...given.shape] }) - 1, order, isTurned, t };
  });
  const read = operands.map(({ value, order, isTurned, t }) => {
    if (!isTurned) return value;
    const seen = values.push({ dtype: t.dtype, shape: [...t.shape] }) - 1;
    calls.push({ op: 'permute', inputs: [value], attributes: { dims: order }, outputs: [seen] });
    return seen;
  });
  const outputs = results.map((t) => values.push({ dtype: t.dtype, shape: [...t.shape] }) - 1);
  calls.push({ op, inputs: read, attributes, outputs });
  const shapes = inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' ');
  return {
    title: `${op} ${shapes}${Object.keys(attributes).length === 0 ? '' : ` ${JSON.stringify(attributes)}`}${turned ? ', turned' : ''}${note}`,
    inputs: fed,
    record: { values, inputs: operands.map(({ value }) => value), outputs, constants: [], calls, updates: [] },
    expected: results,
    within,
  };
}

const SHAPES: readonly (readonly number[])[] = [[], [1], [0], [7], [0, 3], [5, 3], [2, 3, 5], [67, 31], [70001]];

/** Numbers in (low, high). */
const within = (shape: readonly number[], low: number, high: number): Tensor => rand([...shape]).mul(high - low).add(low);

const UNARY: Readonly<Record<string, readonly [(x: Tensor) => Tensor, low?: number, high?: number]>> = {
  abs: [(x) => x.abs()], neg: [(x) => x.neg()], exp: [(x) => x.exp()], log: [(x) => x.log(), 0.01, 9], sqrt: [(x) => x.sqrt(), 0, 9],
  rsqrt: [(x) => x.rsqrt(), 0.01, 9], reciprocal: [(x) => x.reciprocal(), 0.1, 3], sin: [(x) => x.sin()], cos: [(x) => x.cos()],
  tan: [(x) => x.tan(), -1, 1], tanh: [(x) => x.tanh(), -12, 12], sigmoid: [(x) => x.sigmoid(), -20, 20], relu: [(x) => x.relu()],
  erf: [(x) => x.erf()], sign: [(x) => x.sign()], floor: [(x) => x.floor()], ceil: [(x) => x.ceil()], round: [(x) => x.round()],
  trunc: [(x) => x.trunc()], log1p: [(x) => x.log1p(), -0.5, 4], expm1: [(x) => x.expm1()], asin: [(x) => x.asin(), -0.9, 0.9],
  acos: [(x) => x.acos(), -0.9, 0.9], atan: [(x) => x.atan()], sinh: [(x) => x.sinh()], cosh: [(x) => x.cosh()], asinh: [(x) => x.asinh()],
  acosh: [(x) => x.acosh(), 1.1, 9], atanh: [(x) => x.atanh(), -0.9, 0.9],
};

const BINARY: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
  add: (x, y) => x.add(y), sub: (x, y) => x.sub(y), mul: (x, y) => x.mul(y), div: (x, y) => x.div(y), maximum: (x, y) => x.maximum(y),
  minimum: (x, y) => x.minimum(y), atan2: (x, y) => x.atan2(y), eq: (x, y) => x.eq(y), ne: (x, y) => x.ne(y), lt: (x, y) => x.lt(y),
  le: (x, y) => x.le(y), gt: (x, y) => x.gt(y), ge: (x, y) => x.ge(y),
};

/** The random number of a place, as the hash of place, call and run says. */
function hashed(stream: number, at: number, run: number): number {
  let [x, y, z, w] = [at, stream, run, 0x9e3779b9].map((n) => (Math.imul(n, 1664525) + 1013904223) | 0) as [number, number, number, number];
  const mix = (): void => {
    x = (x + Math.imul(y, w)) | 0;
    y = (y + Math.imul(z, x)) | 0;
    z = (z + Math.imul(x, y)) | 0;
    w = (w + Math.imul(y, z)) | 0;
  };
  mix();
  [x, y, z, w] = [x, y, z, w].map((n) => n ^ (n >>> 16)) as [number, number, number, number];
  mix();
  return (x >>> 8) / 2 ** 24;
}

/** Each case, once as it is and, where a view changes something, once with operands that are turned. */
export function cases(): Case[] {
  const all: Given[] = [];
  const put = (op: string, inputs: readonly Tensor[], expected: Given['expected'], attributes: Given['attributes'] = {}, within = 2e-6, note = ''): void => {
    all.push({ op, inputs, attributes, expected, within, note });
  };
  for (const [op, [f, low = -3, high = 3]] of Object.entries(UNARY)) {
    // What SwiftShader's own functions of angles are off by is in WGSL's bounds.
    const bound = ['sin', 'cos', 'tan', 'asin', 'acos', 'atan'].includes(op) ? 5e-4 : ['asinh', 'acosh', 'atanh', 'sinh', 'cosh'].includes(op) ? 1e-5 : 4e-6;
    for (const shape of SHAPES) {
      const x = within(shape, low, high);
      put(op, [x], f(x), {}, bound);
    }
    const special = tensor([NaN]);
    put(op, [special], f(special), {}, bound, ' NaN');
  }
  for (const [op, f] of Object.entries(BINARY)) {
    const pairs: (readonly [readonly number[], readonly number[]])[] = [[[7], [7]], [[5, 3], [3]], [[2, 1, 5], [3, 1]], [[0, 3], [3]], [[], [4]], [[67, 31], [67, 31]]];
    for (const [a, b] of pairs) {
      const [x, y] = [randn([...a]), randn([...b])];
      put(op, [x, y], f(x, y), {}, op === 'atan2' ? 5e-4 : 2e-6);
    }
    const [x, y] = [tensor([1, NaN, -Infinity, Infinity, 0]), tensor([NaN, 1, 2, Infinity, -0])];
    if (op !== 'atan2') put(op, [x, y], f(x, y), {}, 2e-6, ' special values');
    if (op !== 'div' && op !== 'atan2') {
      const [i, j] = [randint(-5, 5, [5, 3]), randint(-5, 5, [5, 3])];
      put(op, [i, j], f(i, j), {}, 0, ' of integers');
    }
  }
  for (const e of [0, 0.5, 1, 2, 3, 4, -1, 1.7]) {
    const [x, y] = [within([5, 3], 0.1, 2), tensor(e)];
    put('pow', [x, y], x.pow(y), {}, 1e-5);
  }
  const [base, exponent] = [tensor([-2, -2, 2, 0, -1.5]), tensor([3, 2, -1, 0, 0.5])];
  put('pow', [base, exponent], base.pow(exponent), {}, 1e-5, ' of negative numbers');
  const [c, a, b] = [randn([5, 3]).gt(0), randn([5, 3]), randn([3])];
  put('where', [c, a, b], a.where(c, b));
  put('logicalAnd', [c, c.logicalNot()], c.logicalAnd(c.logicalNot()));
  put('logicalOr', [c, c.logicalNot()], c.logicalOr(c.logicalNot()));
  put('logicalNot', [c], c.logicalNot());
  put('to', [c], c.to('float32'), { dtype: 'float32' });
  put('to', [a], a.to('int64'), { dtype: 'int64' });
  for (const [op, f] of [['sum', 'sum'], ['amax', 'amax'], ['amin', 'amin'], ['prod', 'prod']] as const) {
    const shapes: (readonly [readonly number[], readonly number[]])[] = [
      [[7], [0]], [[5, 3], [0]], [[5, 3], [1]], [[2, 3, 5], [0, 2]], [[67, 31], [1]], [[3, 401], [1]], [[401, 3], [0]], [[1, 1], [0, 1]], [[5, 33], [1]],
    ];
    for (const [shape, dim] of shapes) {
      const x = op === 'prod' ? within(shape, 0.9, 1.1) : randn([...shape]);
      const expected = op === 'prod' ? [...dim].reverse().reduce((t, d) => t.prod(d), x) : x[f as 'sum']([...dim] as never);
      put(op, [x], expected, { dim, keepdim: false }, 1e-5);
    }
  }
  const long = randn([70001]);
  put('sum', [long], long.sum(), { dim: [0], keepdim: false }, 1e-4);
  const square = randn([256, 256]);
  put('sum', [square], square.sum(), { dim: [0, 1], keepdim: false }, 1e-4);
  put('amax', [square], square.amax(), { dim: [0, 1], keepdim: false });
  for (const [shape, run] of [[[], 0], [[0, 3], 1], [[5, 3], 7], [[67, 31], -3]] as const) {
    const numbers = Array.from({ length: shape.reduce((n, size) => n * size, 1) }, (_, at) => hashed(2, at, run));
    put('rand', [tensor(run, { dtype: 'int64' })], tensor(numbers).reshape([...shape]), { stream: 2, size: [...shape] }, 0);
  }
  const empty = rand([0, 3]);
  put('sum', [empty], empty.sum(0), { dim: [0], keepdim: false });
  put('sum', [empty], empty.sum(1), { dim: [1], keepdim: false });
  const nan = tensor([[1, NaN, 3], [2, 1, 0]]);
  put('amax', [nan], nan.amax(1), { dim: [1], keepdim: false }, 0, ' NaN');
  const products: (readonly [readonly number[], readonly number[]])[] = [
    [[1, 1], [1, 1]], [[5, 3], [3, 7]], [[0, 3], [3, 2]], [[2, 0], [0, 3]], [[17, 31], [31, 13]], [[64, 64], [64, 64]], [[67, 129], [129, 71]],
    [[2, 5, 3], [3, 4]], [[2, 5, 3], [2, 3, 4]], [[3, 1, 5, 3], [2, 3, 4]], [[1, 300], [300, 1]], [[130, 5], [5, 130]],
    // By tiles: long sums, and many of them.
    [[16, 300], [300, 17]], [[33, 257], [257, 20]], [[129, 200], [200, 131]], [[3, 70, 61], [3, 61, 83]], [[2, 1, 20, 259], [3, 259, 40]],
  ];
  for (const [l, r] of products) {
    const [x, y] = [randn([...l]), randn([...r])];
    put('matmul', [x, y], x.matmul(y), {}, 1e-5);
  }
  const convolutions: (readonly [readonly number[], readonly number[], Record<string, Attribute>])[] = [
    [[1, 1, 1, 1], [1, 1, 1, 1], {}],
    [[2, 3, 7, 5], [4, 3, 3, 2], {}],
    [[2, 3, 7, 5], [4, 3, 3, 3], { padding: [1, 1] }],
    [[2, 4, 9, 8], [6, 2, 3, 3], { stride: [2, 2], padding: [1, 0], groups: 2 }],
    [[1, 2, 11, 11], [3, 2, 3, 3], { dilation: [2, 2], padding: [2, 2] }],
    [[3, 1, 28, 28], [6, 1, 5, 5], { padding: [2, 2] }],
    [[2, 30, 9, 8], [34, 30, 3, 3], { padding: [1, 1] }],
  ];
  for (const [xs, ws, options] of convolutions) {
    const [x, w] = [randn([...xs]), randn([...ws])];
    put('conv2d', [x, w], F.conv2d(x, w, null, options as never), options, 1e-5);
  }
  const transposed: (readonly [readonly number[], readonly number[], Record<string, Attribute>])[] = [
    [[2, 4, 5, 6], [4, 3, 3, 3], {}],
    [[2, 4, 5, 6], [4, 3, 3, 3], { padding: [1, 1] }],
    [[2, 4, 5, 3], [4, 2, 3, 3], { stride: [2, 2], padding: [1, 1], outputPadding: [1, 0], groups: 2 }],
    [[1, 2, 4, 4], [2, 3, 2, 2], { stride: [3, 3], dilation: [2, 2] }],
  ];
  for (const [xs, ws, options] of transposed) {
    const [x, w] = [randn([...xs]), randn([...ws])];
    put('convTranspose2d', [x, w], F.convTranspose2d(x, w, null, options as never), options, 1e-5);
  }
  for (const options of [{ kernelSize: [2, 2], stride: [2, 2] }, { kernelSize: [3, 3], stride: [2, 2], padding: [1, 1] }, { kernelSize: [2, 2], stride: [1, 1], dilation: [2, 2] }]) {
    const x = randn([2, 3, 9, 7]);
    const [values, indices] = F.maxPool2d(x, { ...options, returnIndices: true } as never) as unknown as [Tensor, Tensor];
    put('maxPool2d', [x], [values, indices], { ...options, returnIndices: true });
  }
  const x = randn([5, 3, 4]);
  put('slice', [x], x.narrow(1, 1, 2), { dim: 1, start: 1, end: 3, step: 1 });
  put('slice', [x], x.index({ start: 0, stop: 5, step: 2 }), { dim: 0, start: 0, end: 5, step: 2 });
  put('reshape', [x], x.reshape([15, 4]), { shape: [15, 4] });
  put('permute', [x], x.permute([2, 0, 1]), { dims: [2, 0, 1] });
  put('expand', [b], b.expand([4, 3]), { size: [4, 3] });
  const parts = Array.from({ length: 9 }, (_, i) => randn([i % 3, 2]));
  put('cat', parts, cat(parts, 0), { dim: 0 });
  put('cat', [x, x.neg()], cat([x, x.neg()], 1), { dim: 1 });
  put('cat', [x, x.neg(), x.mul(2)], cat([x, x.neg(), x.mul(2)], 2), { dim: 2 });
  const [table, ids] = [randn([11, 5]), randint(0, 11, [7])];
  put('indexSelect', [table, ids], table.indexSelect(0, ids), { dim: 0 });
  const [rows, zeros] = [randn([7, 5]), randn([11, 5])];
  put('indexAdd', [zeros, ids, rows], zeros.indexAdd(0, ids, rows), { dim: 0 });
  const [places, added, plane] = [randint(0, 9, [4, 6]), randn([4, 6]), randn([4, 9])];
  put('scatterAdd', [plane, places, added], plane.scatterAdd(1, places, added), { dim: 1 });
  put('gather', [plane, places], plane.gather(1, places), { dim: 1 });
  const views = new Set(['matmul', 'sum', 'amax', 'conv2d', 'convTranspose2d', 'maxPool2d', 'add', 'relu', 'where', 'reshape', 'cat', 'slice', 'indexSelect', 'indexAdd', 'scatterAdd', 'gather', 'permute']);
  return all.flatMap((given) => {
    const turns = views.has(given.op) && given.inputs.some(({ shape }) => shape.length >= 2);
    return turns ? [one(given, false), one(given, true)] : [one(given, false)];
  });
}
