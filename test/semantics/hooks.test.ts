// Rows P30 to P33 of the oracle: functions of the user's on gradients.
import { AutogradError, ShapeError, UsageError, autograd, memoryStats, ones, tensor, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P30 tensor hooks run in registration order; a returned value replaces the gradient', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const log: unknown[] = [];
  x.registerHook((g) => void log.push(['a', g.tolist()]));
  x.registerHook((g) => g.mul(10));
  const h = x.registerHook((g) => void log.push(['c', g.tolist()]));
  x.mul(x).sum().backward();
  expect(log).toEqual([
    ['a', [2, 4]],
    ['c', [20, 40]],
  ]);
  expect(x.grad!.tolist()).toEqual([20, 40]);
  h.remove();
  log.length = 0;
  x.grad = null;
  x.mul(x).sum().backward();
  expect(log).toEqual([['a', [2, 4]]]);
  expect(x.grad!.tolist()).toEqual([20, 40]);
});

test('P31 a leaf hook sees the summed gradient of one backward, once', () => {
  const x = tensor(2, { requiresGrad: true });
  const log: number[] = [];
  x.registerHook((g) => void log.push(g.item()));
  x.mul(3).add(x.mul(x)).backward();
  expect(log).toEqual([7]);
  expect(x.grad!.item()).toBe(7);
});

test('P32 hook errors', () => {
  const x = ones([2], { requiresGrad: true });
  let h = x.registerHook(() => ones([3]));
  raises(() => x.sum().backward(), ShapeError, 'hook', 'changed the size', '[2]', '[3]');
  h.remove();
  h = x.registerHook(() => 5 as never);
  raises(() => x.sum().backward(), UsageError, 'hook', 'tensor', '5');
  h.remove();
  raises(() => ones([1]).registerHook((g) => g), AutogradError, 'cannot register a hook', "doesn't require gradient");
});

test('P33 post-accumulate-grad hook runs after .grad is written', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  x.grad = tensor([100, 100]);
  const log: unknown[] = [];
  const f = (p: Tensor) => {
    log.push(p.grad!.tolist());
    p.grad = null;
  };
  x.registerPostAccumulateGradHook(f);
  x.mul(3).sum().backward();
  expect(log).toEqual([[103, 103]]);
  expect(x.grad).toBeNull();
  raises(() => x.mul(2).registerPostAccumulateGradHook(f), AutogradError, 'post accumulate grad hooks', 'non-leaf');
});

test('a hook on an intermediate tensor changes what flows on, and what retainGrad keeps', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const h = x.mul(3);
  h.retainGrad();
  h.registerHook((g) => g.mul(2));
  h.sum().backward();
  expect([h.grad!.tolist(), x.grad!.tolist()]).toEqual([
    [2, 2],
    [6, 6],
  ]);
});

test('hooks run for grad() too', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  x.registerHook((g) => g.mul(2));
  expect(autograd.grad(x.sum(), x)[0].tolist()).toEqual([2, 2]);
  expect(x.grad).toBeNull();
});

test('what a hook throws reaches the caller unchanged, and the next walk is right', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const boom = { not: 'an Error' };
  const y = x.mul(2);
  const h = y.registerHook(() => {
    throw boom; // eslint-disable-line @typescript-eslint/only-throw-error -- anything can be thrown
  });
  let thrown: unknown = null;
  try {
    y.sum().backward();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBe(boom);
  expect(x.grad).toBeNull();
  h.remove();
  y.sum().backward();
  expect(x.grad!.tolist()).toEqual([2, 2]);
  x.mul(x).sum().backward();
  expect(x.grad!.tolist()).toEqual([4, 6]);
});

test('a hook registered before an in-place change sees the gradient of the old value, one after it that of the new', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.mul(1);
  const log: unknown[] = [];
  const before = y.registerHook((g) => void log.push(['old', g.tolist()]));
  y.mul_(3);
  y.registerHook((g) => void log.push(['new', g.tolist()]));
  y.sum().backward({ retainGraph: true });
  expect(log).toEqual([
    ['new', [1, 1]],
    ['old', [3, 3]],
  ]);
  log.length = 0;
  before.remove();
  y.sum().backward();
  expect(log).toEqual([['new', [1, 1]]]);
});

test('a hook can be removed after its tensor was disposed', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.mul(2);
  const log: number[] = [];
  const h = y.registerHook(() => void log.push(1));
  const z = y.sum();
  y.dispose();
  z.backward({ retainGraph: true });
  h.remove();
  const { tensors } = memoryStats();
  z.backward();
  expect(log).toEqual([1]);
  expect(memoryStats().tensors).toBe(tensors);
});

test('a gradient kept by a hook stays as it was', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const kept: Tensor[] = [];
  x.mul(2).registerHook((g) => void kept.push(g));
  const y = x.mul(2);
  y.registerHook((g) => void kept.push(g));
  y.mul(3).add(y.mul(5)).sum().backward();
  x.grad!.zero_();
  expect(kept.map((g) => g.tolist())).toEqual([[8, 8]]);
});

test('a walk started inside a hook leaves the outer one right', () => {
  const x = tensor(3, { requiresGrad: true });
  const a = x.mul(x);
  const y = a.mul(1);
  const inner: number[] = [];
  y.registerHook(() => {
    inner.push(autograd.grad(a, x, { retainGraph: true })[0].item());
  });
  y.mul(y).backward();
  expect(inner).toEqual([6]);
  expect(x.grad!.item()).toBe(108);
});
