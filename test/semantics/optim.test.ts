// Rows P87 and P88 of the oracle: optimizers and clipping.
import { AdjointError, nn, optim, tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P87 an optimizer skips parameters whose grad is null; step needs no graph', () => {
  const a = tensor(1, { requiresGrad: true });
  const b = tensor(1, { requiresGrad: true });
  const opt = new optim.SGD([a, b], { lr: 0.5 });
  a.mul(3).backward();
  opt.step();
  expect([a.item(), b.item(), a.requiresGrad, a.isLeaf]).toEqual([-0.5, 1, true, true]);
  raises(() => new optim.SGD([a.mul(2)], { lr: 0.1 }), AdjointError, 'non-leaf');
  raises(() => new optim.SGD([], { lr: 0.1 }), AdjointError, 'empty');
  raises(() => new optim.SGD([a], { lr: -1 }), AdjointError, 'lr', '-1');
});

test('P88 clipGradNorm_ and clipGradValue_', () => {
  const a = tensor([3, 4], { requiresGrad: true });
  a.grad = tensor([3, 4]);
  expect(nn.utils.clipGradNorm_([a], 1).item()).toBe(5);
  expect((a.grad.tolist() as number[]).map((v) => Number(v.toFixed(6)))).toEqual([0.6, 0.8]);
  a.grad = tensor([3, -4]);
  nn.utils.clipGradValue_([a], 2);
  expect(a.grad.tolist()).toEqual([2, -2]);
});
