// Rows P40 to P47 of the oracle: views and what in-place changes do to them.
import { AdjointError, AutogradError, arange, noGrad, ones, tensor, zeros, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P40 which operations are views', () => {
  const x = arange(6).to('float32').view(2, 3);
  const storage = (t: Tensor) => t.dataPtr() - 4 * t.storageOffset();
  const made: Record<string, Tensor> = {
    view: x.view(6),
    t: x.t(),
    slice: x.index({}, 1),
    expand: x.index(0).expand(2, 3),
    reshape: x.reshape(3, 2),
    reshapeT: x.t().reshape(6),
    flatten: x.flatten(),
    contiguous: x.contiguous(),
    adv: x.index([0]),
    clone: x.clone(),
    detach: x.detach(),
  };
  expect(Object.fromEntries(Object.entries(made).map(([name, t]) => [name, storage(t) === storage(x)]))).toEqual({
    view: true,
    t: true,
    slice: true,
    expand: true,
    reshape: true,
    reshapeT: false,
    flatten: true,
    contiguous: true,
    adv: false,
    clone: false,
    detach: true,
  });
});

test('P41 a view shares the version counter and the data', () => {
  const x = zeros([4]);
  const v = x.index({ start: 1, stop: 3 });
  v.add_(5);
  expect([x.tolist(), x._version, v._version]).toEqual([[0, 5, 5, 0], 1, 1]);
  expect(v._base).toBe(x);
  expect(x._base).toBeNull();
});

test('P42 in-place on a view rewrites the history of the base', () => {
  const x = ones([2, 2], { requiresGrad: true });
  const y = x.mul(2);
  const v = y.index(0);
  v.mul_(10);
  expect(y.tolist()).toEqual([
    [20, 20],
    [2, 2],
  ]);
  expect([y.gradFn!.name(), v.gradFn!.name()]).toEqual(['torch::autograd::CopySlices', 'AsStridedBackward0']);
  y.sum().backward();
  expect(x.grad!.tolist()).toEqual([
    [20, 20],
    [2, 2],
  ]);
});

test('P43 in-place on the base is seen by earlier views, with gradients', () => {
  const x = ones([3], { requiresGrad: true });
  const y = x.mul(1);
  const v = y.index({ start: 1 });
  y.mul_(4);
  v.sum().backward();
  expect([v.tolist(), x.grad!.tolist()]).toEqual([
    [4, 4],
    [0, 4, 4],
  ]);
});

test('P44 in-place on a view with a tensor that requires grad', () => {
  const base = zeros([3]);
  const w = tensor(2, { requiresGrad: true });
  base.setitem(1, w.mul(3));
  expect([base.requiresGrad, base.gradFn!.name(), base.isLeaf]).toEqual([true, 'torch::autograd::CopySlices', false]);
  base.mul(base).sum().backward();
  expect(w.grad!.item()).toBe(36);
});

test('P45 multi-output views cannot be modified in place', () => {
  const x = ones([4], { requiresGrad: true });
  const [a] = x.mul(1).chunk(2);
  raises(() => a!.add_(1), AutogradError, 'output 0 of Split is a view', 'being modified in place', 'multiple views');
  const [c] = x.mul(1).view(2, 2).unbind(0);
  raises(() => c!.mul_(2), AutogradError, 'output 0 of Unbind is a view', 'being modified in place', 'multiple views');
});

test('P46 view made in noGrad then modified in place', () => {
  const x = ones([2], { requiresGrad: true });
  const y = x.mul(1);
  const v = noGrad(() => y.index({ stop: 1 }));
  raises(() => v.mul_(2), AutogradError, 'a view was created in noGrad mode', 'being modified in place', 'grad mode enabled');
  noGrad(() => v.mul_(2));
  expect(y.tolist()).toEqual([2, 1]);
});

test('P47 in-place on an expanded tensor', () => {
  raises(() => ones([1]).expand(3).add_(1), AdjointError, 'more than one element', 'single memory location', 'clone()');
});

test('a view of a view has the base of the first, and a write through it reaches all', () => {
  const x = arange(12).to('float32').requiresGrad_();
  const y = x.mul(1);
  const m = y.view(3, 4);
  const row = m.index(1);
  const part = row.index({ start: 1, stop: 3 });
  expect(part._base).toBe(y);
  part.mul_(10);
  expect(y.tolist()).toEqual([0, 1, 2, 3, 4, 50, 60, 7, 8, 9, 10, 11]);
  row.sum().backward({ retainGraph: true });
  expect(x.grad!.tolist()).toEqual([0, 0, 0, 0, 1, 10, 10, 1, 0, 0, 0, 0]);
  x.grad = null;
  m.t().index(2).sum().backward();
  expect(x.grad!.tolist()).toEqual([0, 0, 1, 0, 0, 0, 10, 0, 0, 0, 1, 0]);
});

test('two writes through two views of one base', () => {
  const x = ones([4], { requiresGrad: true });
  const y = x.mul(1);
  y.index({ stop: 2 }).mul_(3);
  y.index({ start: 1, stop: 3 }).mul_(5);
  y.sum().backward();
  expect([y.tolist(), x.grad!.tolist()]).toEqual([
    [3, 15, 5, 1],
    [3, 15, 5, 1],
  ]);
});

test('a write through a transposed view reaches a gradient in the right place', () => {
  const x = ones([2, 3], { requiresGrad: true });
  const y = x.mul(1);
  y.t().index(2).mul_(7);
  y.sum().backward();
  expect(x.grad!.tolist()).toEqual([
    [1, 1, 7],
    [1, 1, 7],
  ]);
});

test('the values and the graph of a base that was a constant follow a write of a view of a view', () => {
  const base = zeros([2, 2]);
  const w = tensor([1, 2], { requiresGrad: true });
  const inner = base.index(1).index({ start: 1 });
  inner.copy_(w.index({ stop: 1 }));
  expect(base.tolist()).toEqual([
    [0, 0],
    [0, 1],
  ]);
  base.mul(5).sum().backward();
  expect(w.grad!.tolist()).toEqual([5, 0]);
});

test('a view of several cannot be used once its base was written', () => {
  const y = ones([4], { requiresGrad: true }).mul(1);
  const [a] = y.chunk(2);
  y.mul_(2);
  raises(() => a!.mul(2), AutogradError, 'its base or another view of its base has been modified in place', 'multiple views');
});

test('views of several of a constant can be written', () => {
  const x = zeros([4]);
  const [a, b] = x.chunk(2);
  a!.add_(1);
  b!.add_(2);
  expect(x.tolist()).toEqual([1, 1, 2, 2]);
});

test('expand in place of a tracked tensor is refused before anything changes', () => {
  const x = ones([1], { requiresGrad: true });
  const y = x.mul(1);
  raises(() => y.expand(3).add_(1), AdjointError, 'single memory location');
  expect([y.tolist(), y._version]).toEqual([[1], 0]);
  expect(y.gradFn!.name()).toBe('MulBackward0');
});
