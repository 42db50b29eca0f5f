// Rows P1 to P4 of the oracle: how gradients gather in `.grad`.
import { DTypeError, ShapeError, UsageError, optim, tensor, zeros } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P1 backward fills .grad of a leaf', () => {
  const x = tensor(3, { requiresGrad: true });
  expect(x.grad).toBeNull();
  const y = x.mul(x).add(x.mul(2));
  y.backward();
  expect([y.item(), x.grad!.item()]).toEqual([15, 8]);
});

test('P2 a second backward adds to .grad, in the same tensor object', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  x.mul(x).sum().backward();
  const g = x.grad;
  x.mul(3).sum().backward();
  expect(x.grad!.tolist()).toEqual([5, 7]);
  expect(x.grad).toBe(g);
});

test('P3 zeroing and clearing .grad', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  x.sum().backward();
  x.grad!.zero_();
  expect(x.grad!.tolist()).toEqual([0, 0]);
  x.sum().backward();
  expect(x.grad!.tolist()).toEqual([1, 1]);
  x.grad = null;
  x.mul(2).sum().backward();
  expect(x.grad!.tolist()).toEqual([2, 2]);
  const opt = new optim.SGD([x], { lr: 0.1 });
  opt.zeroGrad();
  expect(x.grad).toBeNull();
  x.sum().backward();
  opt.zeroGrad(false);
  expect(x.grad!.tolist()).toEqual([0, 0]);
});

test('P4 assigning .grad checks shape and dtype', () => {
  const x = zeros([2], { requiresGrad: true });
  raises(() => (x.grad = zeros([3])), ShapeError, '[3]', '[2]');
  raises(() => (x.grad = zeros([2], { dtype: 'float64' })), DTypeError, 'float64', 'float32');
  raises(() => (x.grad = 1 as never), UsageError, 'tensor', 'null');
  x.grad = tensor([5, 6]);
  x.sum().backward();
  expect(x.grad.tolist()).toEqual([6, 7]);
});

test('a gradient that was assigned is added to in place, so whoever holds it sees the sum', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const g = tensor([10, 20]);
  x.grad = g;
  expect(x.grad).toBe(g);
  x.mul(x).sum().backward();
  expect(g.tolist()).toEqual([12, 24]);
  expect(x.grad).toBe(g);
});

test('the gradient of a sum is not shared between leaves', () => {
  const a = tensor([1, 2], { requiresGrad: true });
  const b = tensor([3, 4], { requiresGrad: true });
  a.add(b).sum().backward();
  a.grad!.mul_(10);
  expect([a.grad!.tolist(), b.grad!.tolist()]).toEqual([
    [10, 10],
    [1, 1],
  ]);
});

test('the gradient given to backward is not aliased by .grad', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const g = tensor([3, 4]);
  x.view(2).backward(g);
  x.grad!.zero_();
  expect(g.tolist()).toEqual([3, 4]);
});
