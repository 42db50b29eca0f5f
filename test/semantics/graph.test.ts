// Rows P48 to P54 of the oracle: the shape of graphs.
import { arange, autograd, cat, ones, scope, tensor, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';

test('P48 diamond and shared subgraph', () => {
  const x = tensor(2, { requiresGrad: true });
  const a = x.mul(3);
  const b = a.mul(a);
  const c = a.add(b);
  const d = b.mul(c);
  d.backward();
  expect([d.item(), x.grad!.item()]).toEqual([1512, 2916]);
});

test('P49 an unused branch contributes nothing', () => {
  const x = tensor(2, { requiresGrad: true });
  x.mul(100);
  const y = x.mul(5);
  y.backward();
  expect(x.grad!.item()).toBe(5);
  expect(ones([1], { requiresGrad: true }).grad).toBeNull();
});

test('P50 broadcast inputs get summed gradients', () => {
  const a = ones([2, 1], { requiresGrad: true });
  const b = ones([3], { requiresGrad: true });
  const c = tensor(2, { requiresGrad: true });
  a.mul(b).mul(c).mul(arange(1, 7).to('float32').view(2, 3)).sum().backward();
  expect([a.grad!.tolist(), b.grad!.tolist(), c.grad!.item()]).toEqual([[[12], [30]], [10, 14, 18], 21]);
});

test('P51 same tensor used twice in one operation', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  x.mul(x).sum().backward();
  expect(x.grad!.tolist()).toEqual([2, 4]);
  x.grad = null;
  cat([x, x, x]).mul(arange(6).to('float32')).sum().backward();
  expect(x.grad!.tolist()).toEqual([6, 9]);
});

test('P52 gradients follow host control flow', () => {
  const f = (x: Tensor) => {
    let y = x;
    for (let i = 0; i < 5; i++) y = y.item() < 10 ? y.mul(2) : y.add(x);
    return y;
  };
  const results = [0.5, 3, -1].map((v) => {
    const x = tensor(v, { requiresGrad: true });
    const y = f(x);
    y.backward();
    return [y.item(), x.grad!.item()];
  });
  expect(results).toEqual([
    [16, 32],
    [21, 7],
    [-32, 32],
  ]);
});

test('P53 gradFn.nextFunctions', () => {
  const x = ones([1], { requiresGrad: true });
  const y = x.mul(2).add(x).sum();
  const sum = y.gradFn!;
  expect([sum.name(), sum.nextFunctions.map(([f]) => f!.name())]).toEqual(['SumBackward0', ['AddBackward0']]);
  const add = sum.nextFunctions[0]![0]!;
  expect(add.nextFunctions.map(([f]) => f!.name())).toEqual(['MulBackward0', 'torch::autograd::AccumulateGrad']);
  expect(add.nextFunctions[1]![0]!.variable).toBe(x);
  const mul = add.nextFunctions[0]![0]!;
  expect(mul.nextFunctions.map(([f, i]) => [f?.name() ?? null, i])).toEqual([
    ['torch::autograd::AccumulateGrad', 0],
    [null, 0],
  ]);
});

test('P54 100000 chained operations: backward and release without overflow', () => {
  const x = tensor(1, { dtype: 'float64', requiresGrad: true });
  scope(() => {
    let y: Tensor = x;
    for (let i = 0; i < 100_000; i++) y = y.add(x.mul(1e-5));
    y.backward();
    expect(Number(x.grad!.item().toFixed(9))).toBe(2);
  });
  expect(x.grad!.isDisposed).toBe(false);
});

test('the gradients of several outputs of one node meet in it', () => {
  const x = tensor([3, 1, 2], { requiresGrad: true });
  const [a, b, c] = x.add(0).unbind(0);
  const y = a!.mul(2).add(b!.mul(3));
  expect(autograd.grad(y, x)[0].tolist()).toEqual([2, 3, 0]);
  c!.backward();
  expect(x.grad!.tolist()).toEqual([0, 0, 1]);
});

test('a graph can be walked from two outputs that share a part of it, one after the other', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const h = x.add(1);
  const a = h.sum();
  const b = h.mul(2).sum();
  a.backward();
  b.backward();
  expect(x.grad!.tolist()).toEqual([3, 3]);
});
