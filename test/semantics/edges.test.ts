// Rows P66 to P74 of the oracle: gradients where functions have kinks, ties, zeros and infinities.
import {
  UsageError,
  abs,
  autograd,
  cdist,
  floor,
  fmax,
  fmod,
  linalg,
  log,
  maximum,
  nn,
  ones,
  prod,
  reciprocal,
  relu,
  rsqrt,
  sign,
  sqrt,
  tensor,
  where,
  zeros,
  type Tensor,
} from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

const F = nn.functional;
const inf = Infinity;
const nan = NaN;

/** The gradient of the sum of `y` with respect to `x`. */
const gradient = (y: Tensor, x: Tensor) => autograd.grad(y.sum(), x)[0].tolist();

test('P66 ties of max, amax, maximum and sort', () => {
  const x = tensor([3, 1, 3], { requiresGrad: true });
  const of = (y: Tensor) => gradient(y, x);
  expect({
    max: of(x.max()),
    maxDim: of(x.max(0).values),
    amax: of(x.amax()),
    min: of(x.neg().min()),
    aminmax: of(x.aminmax().max),
    median: of(x.median()),
    topk: of(x.topk(1).values),
    logsumexp: of(x.mul(1000).logsumexp(0).div(1000)),
    normInf: of(x.norm(inf)),
  }).toEqual({
    max: [0.5, 0, 0.5],
    maxDim: [1, 0, 0],
    amax: [0.5, 0, 0.5],
    min: [-0.5, -0, -0.5],
    aminmax: [0.5, 0, 0.5],
    median: [0.5, 0, 0.5],
    topk: [1, 0, 0],
    logsumexp: [0.5000159740447998, 0, 0.5000159740447998],
    normInf: [0.5, 0, 0.5],
  });
  const a = tensor([1, 2], { requiresGrad: true });
  const b = tensor([1, 3], { requiresGrad: true });
  const both = (y: Tensor) => autograd.grad(y.sum(), [a, b]).map((g) => g.tolist());
  expect(both(maximum(a, b))).toEqual([
    [0.5, 0],
    [0.5, 1],
  ]);
  expect(both(fmax(a, b))).toEqual([
    [0.5, 0],
    [0.5, 1],
  ]);
});

test('P67 gradients at 0 of non-smooth functions', () => {
  const x = tensor([0, -0], { requiresGrad: true });
  const functions: Record<string, (x: Tensor) => Tensor> = {
    relu,
    abs,
    sign,
    sqrt,
    rsqrt,
    log,
    reciprocal,
    leaky: (t) => F.leakyRelu(t),
    elu: (t) => F.elu(t),
    relu6: (t) => F.relu6(t),
    hardtanh: (t) => F.hardtanh(t),
    softplus: (t) => F.softplus(t),
    floor,
    norm: (t) => t.norm(),
    norm1: (t) => t.norm(1),
    prod: (t) => prod(t),
  };
  expect(Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, gradient(f(x), x)]))).toEqual({
    relu: [0, 0],
    abs: [0, 0],
    sign: [0, 0],
    sqrt: [inf, -inf],
    rsqrt: [-inf, inf],
    log: [inf, -inf],
    reciprocal: [-inf, -inf],
    leaky: [0.009999999776482582, 0.009999999776482582],
    elu: [1, 1],
    relu6: [0, 0],
    hardtanh: [1, 1],
    softplus: [0.5, 0.5],
    floor: [0, 0],
    norm: [0, 0],
    norm1: [0, 0],
    prod: [0, 0],
  });
});

test('P68 pow at 0 and with negative base', () => {
  const x = tensor([0, -2, 2], { requiresGrad: true });
  const of = (p: number) => [x.pow(p).tolist(), gradient(x.pow(p), x)];
  expect([0, 0.5, 1, 2, 3, -1].map(of)).toEqual([
    [
      [1, 1, 1],
      [0, 0, 0],
    ],
    [
      [0, nan, 1.4142135381698608],
      [inf, nan, 0.3535533845424652],
    ],
    [
      [0, -2, 2],
      [1, 1, 1],
    ],
    [
      [0, 4, 4],
      [0, -4, 4],
    ],
    [
      [0, -8, 8],
      [0, 12, 12],
    ],
    [
      [inf, -0.5, 0.5],
      [-inf, -0.25, -0.25],
    ],
  ]);
  const e = tensor([0, 2, 3], { requiresGrad: true });
  const b = tensor([0, 0, -2], { requiresGrad: true });
  expect(autograd.grad(b.pow(e).sum(), [b, e]).map((g) => g.tolist())).toEqual([
    [0, 0, 12],
    [0, 0, nan],
  ]);
  expect(gradient(tensor(0).pow(e), e)).toEqual([0, 0, 0]);
});

test('P69 where with NaN in the branch not taken', () => {
  const x = tensor([0, 4], { requiresGrad: true });
  const y = where(x.gt(0), x.sqrt(), zeros([2]));
  y.sum().backward();
  expect([y.tolist(), x.grad!.tolist()]).toEqual([
    [0, 2],
    [nan, 0.25],
  ]);
  const z = tensor([0, 4], { requiresGrad: true });
  where(z.gt(0), where(z.gt(0), z, ones([2])).sqrt(), zeros([2]))
    .sum()
    .backward();
  expect(z.grad!.tolist()).toEqual([0, 0.25]);
});

test('P70 clamp at the bounds', () => {
  const x = tensor([-2, -1, 0, 1, 2, nan], { requiresGrad: true });
  const y = x.clamp(-1, 1);
  y.sum().backward();
  expect([y.tolist(), x.grad!.tolist()]).toEqual([
    [-1, -1, 0, 1, 1, nan],
    [0, 0, 1, 0, 0, 0],
  ]);
  const lo = tensor(-1, { requiresGrad: true });
  expect(autograd.grad(x.clamp({ min: lo }).sum(), [x, lo]).map((g) => g.tolist())).toEqual([[0, 0.5, 1, 1, 1, 1], 2.5]);
  expect(gradient(x.clampMin(-1), x)).toEqual([0, 0, 1, 1, 1, 0]);
  expect(gradient(F.hardtanh(x), x)).toEqual([0, 0, 1, 0, 0, 1]);
  expect(tensor([0, 5]).clamp(3, 1).tolist()).toEqual([1, 1]);
  raises(() => x.clamp(), UsageError, 'min', 'max');
});

test('P71 division by zero', () => {
  const a = tensor([1, 0, -1], { requiresGrad: true });
  const b = zeros([3], { requiresGrad: true });
  const y = a.div(b);
  y.sum().backward();
  expect([y.tolist(), a.grad!.tolist(), b.grad!.tolist()]).toEqual([
    [inf, nan, -inf],
    [inf, inf, inf],
    [-inf, nan, inf],
  ]);
  raises(() => tensor([1n]).floorDivide(tensor([0n])), UsageError, /zero/i);
  raises(() => tensor([1n]).remainder(tensor([0n])), UsageError, /zero/i);
  expect(tensor([1n]).div(tensor([0n])).tolist()).toEqual([inf]);
});

test('P72 integer and floor division, remainder, fmod', () => {
  const a = tensor([7n, -7n, 7n, -7n]);
  const b = tensor([2n, 2n, -2n, -2n]);
  expect([a.div(b).tolist(), a.div(b).dtype]).toEqual([[3.5, -3.5, -3.5, 3.5], 'float32']);
  expect([a.floorDivide(b).tolist(), a.remainder(b).tolist(), fmod(a, b).tolist()]).toEqual([
    [3, -4, -4, 3],
    [1, 1, -1, -1],
    [1, -1, 1, -1],
  ]);
  expect([a.div(b, { roundingMode: 'trunc' }).tolist(), a.div(b, { roundingMode: 'floor' }).tolist()]).toEqual([
    [3, -3, -3, 3],
    [3, -4, -4, 3],
  ]);
  const x = tensor(7.5, { requiresGrad: true });
  const y = tensor(2, { requiresGrad: true });
  expect(autograd.grad(x.remainder(y), [x, y]).map((g) => g.item())).toEqual([1, -3]);
  expect(autograd.grad(x.div(y, { roundingMode: 'floor' }), [x, y]).map((g) => g.item())).toEqual([0, 0]);
});

test('P73 norm at zero', () => {
  const functions: ((x: Tensor) => Tensor)[] = [
    (x) => x.norm(),
    (x) => linalg.vectorNorm(x),
    (x) => x.norm(1),
    (x) => x.norm(3),
    (x) => x.mul(x).sum().sqrt(),
    (x) => x.std(),
    (x) => cdist(x.index(null), x.index(null)).sum(),
  ];
  const gradients = functions.map((f) => {
    const x = zeros([2], { requiresGrad: true });
    return gradient(f(x), x);
  });
  expect(gradients).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
    [nan, nan],
    [0, 0],
    [0, 0],
  ]);
});

test('P74 prod and cumprod with zeros', () => {
  const values = [
    [2, 0, 3],
    [0, 0, 3],
    [2, 4, 3],
  ];
  const gradients = values.map((v) => {
    const x = tensor(v, { requiresGrad: true });
    return [gradient(x.prod(), x), gradient(x.cumprod(0), x)];
  });
  expect(gradients).toEqual([
    [
      [0, 6, 0],
      [1, 8, 0],
    ],
    [
      [0, 0, 0],
      [1, 0, 0],
    ],
    [
      [12, 6, 8],
      [17, 8, 8],
    ],
  ]);
});
