// Rows P12 to P15 of the oracle: gradients of gradients.
import { AutogradError, autograd, tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P12 createGraph and double backward of x**4', () => {
  const x = tensor(2, { requiresGrad: true });
  const [g] = autograd.grad(x.pow(4), x, { createGraph: true });
  const [g2] = autograd.grad(g, x, { createGraph: true });
  const [g3] = autograd.grad(g2, x);
  expect([g.item(), g2.item(), g3.item()]).toEqual([32, 48, 48]);
  expect([g.requiresGrad, g3.requiresGrad]).toEqual([true, false]);
});

test('P13 gradient penalty: backward through a gradient', () => {
  const w = tensor([1, -2], { requiresGrad: true });
  const x = tensor([3, 0.5], { requiresGrad: true });
  const y = w.mul(x).mul(x).sum();
  const [gx] = autograd.grad(y, x, { createGraph: true });
  gx.pow(2).sum().backward();
  expect([gx.tolist(), w.grad!.tolist(), x.grad!.tolist()]).toEqual([
    [6, -2],
    [72, -4],
    [24, 16],
  ]);
});

test('P14 grad without createGraph returns a constant', () => {
  const x = tensor(2, { requiresGrad: true });
  const [g] = autograd.grad(x.pow(3), x);
  expect(g.requiresGrad).toBe(false);
  expect(g.gradFn).toBeNull();
  raises(() => autograd.grad(g, x), AutogradError, 'element 0 of tensors does not require grad and does not have a gradFn');
});

test('P15 backward({ createGraph: true }) makes .grad differentiable', () => {
  const x = tensor(3, { requiresGrad: true });
  x.pow(3).backward({ createGraph: true });
  expect([x.grad!.item(), x.grad!.requiresGrad]).toEqual([27, true]);
});
