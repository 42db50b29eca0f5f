// Rows P20 to P24 of the oracle: requiresGrad, isLeaf, gradFn and retainGrad.
import { AutogradError, cat, noGrad, ones, tensor, zeros, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

const facts = (t: Tensor) => [t.requiresGrad, t.isLeaf, t.gradFn?.name() ?? null];

test('P20 requiresGrad, isLeaf and gradFn of common tensors', () => {
  const a = ones([2]);
  const b = ones([2], { requiresGrad: true });
  const c = a.add(1);
  const d = b.add(1);
  const e = b.detach();
  const f = d.clone().detach().requiresGrad_();
  expect(facts(a)).toEqual([false, true, null]);
  expect(facts(b)).toEqual([true, true, null]);
  expect(facts(c)).toEqual([false, true, null]);
  expect(facts(d)).toEqual([true, false, 'AddBackward0']);
  expect(facts(e)).toEqual([false, true, null]);
  expect(facts(f)).toEqual([true, true, null]);
});

test('P21 names of backward nodes', () => {
  const x = ones([2, 2], { requiresGrad: true });
  const named: [string, Tensor][] = [
    ['AddBackward0', x.add(x)],
    ['SubBackward0', x.sub(1)],
    ['MulBackward0', x.mul(x)],
    ['DivBackward0', x.div(2)],
    ['MmBackward0', x.matmul(x)],
    ['NegBackward0', x.neg()],
    ['SumBackward0', x.sum()],
    ['MeanBackward0', x.mean()],
    ['ExpBackward0', x.exp()],
    ['ViewBackward0', x.view(4)],
    ['TBackward0', x.t()],
    ['SelectBackward0', x.index(0)],
    ['ReluBackward0', x.relu()],
    ['PowBackward0', x.pow(2)],
    ['CloneBackward0', x.clone()],
    ['ExpandBackward0', x.expand(3, 2, 2)],
    ['CatBackward0', cat([x, x])],
    ['MaxBackward1', x.max()],
    ['SoftmaxBackward0', x.softmax(0)],
  ];
  expect(named.map(([, t]) => t.gradFn!.name())).toEqual(named.map(([name]) => name));
});

test('P22 requiresGrad only for floating point', () => {
  raises(() => tensor([1n, 2n], { requiresGrad: true }), AutogradError, 'only tensors of floating-point dtype', 'int64');
  raises(() => tensor([1n, 2n]).requiresGrad_(), AutogradError, 'only tensors of floating-point dtype', 'int64');
  raises(() => tensor([true]).requiresGrad_(), AutogradError, 'only tensors of floating-point dtype', 'bool');
  expect(tensor([1, 2]).requiresGrad_().requiresGrad).toBe(true);
});

test('P23 changing requiresGrad of a non-leaf', () => {
  const x = ones([2], { requiresGrad: true });
  const y = x.mul(2);
  y.requiresGrad_();
  expect(y.requiresGrad).toBe(true);
  raises(() => y.requiresGrad_(false), AutogradError, 'requiresGrad of leaf', 'detach()');
  raises(() => (y.requiresGrad = false), AutogradError, 'requiresGrad of leaf', 'detach()');
});

test('P24 retainGrad keeps the gradient of an intermediate', () => {
  const x = tensor(2, { requiresGrad: true });
  const h = x.mul(3);
  h.retainGrad();
  h.mul(h).backward();
  expect([h.grad!.item(), x.grad!.item(), h.retainsGrad, x.retainsGrad]).toEqual([12, 36, true, false]);
  const k = x.mul(3);
  k.mul(k).backward();
  expect(k.grad).toBeNull();
  raises(() => ones([1]).retainGrad(), AutogradError, "can't retainGrad", 'requiresGrad=false');
});

test('requiresGrad_(false) turns a leaf into a constant, also for what was computed before', () => {
  const x = ones([2], { requiresGrad: true });
  const before = x.mul(2).sum();
  x.requiresGrad_(false);
  expect(x.mul(2).requiresGrad).toBe(false);
  before.backward();
  expect(x.grad).toBeNull();
});

test('retainGrad fills .grad of every walk and adds up', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const h = x.mul(1);
  h.retainGrad();
  h.retainGrad();
  const y = h.mul(3).sum();
  y.backward({ retainGraph: true });
  y.backward();
  expect(h.grad!.tolist()).toEqual([6, 6]);
});

test('gradients kept for two tensors of a chain are not one tensor', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const a = x.add(1);
  const b = a.add(1);
  a.retainGrad();
  b.retainGrad();
  b.sum().backward();
  a.grad!.zero_();
  expect([a.grad!.tolist(), b.grad!.tolist(), x.grad!.tolist()]).toEqual([
    [0, 0],
    [1, 1],
    [1, 1],
  ]);
});

test('retainGrad stays with a tensor that is changed in place', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.mul(2);
  y.retainGrad();
  y.mul_(3);
  y.sum().backward();
  expect([y.grad!.tolist(), x.grad!.tolist()]).toEqual([
    [1, 1],
    [6, 6],
  ]);
});

test('a view can be asked for gradients of its own where its base has none', () => {
  const base = zeros([3]);
  const v = base.index(1).requiresGrad_();
  expect([v.requiresGrad, v.isLeaf, base.requiresGrad]).toEqual([true, true, false]);
  v.mul(5).backward();
  expect(v.grad!.item()).toBe(5);
  raises(() => v.add_(1), AutogradError, 'a view of a leaf');
});

test('a view made in noGrad of a tensor that requires grad says so, and has no history', () => {
  const x = ones([3], { requiresGrad: true });
  const v = noGrad(() => x.index({ start: 1 }));
  expect(facts(v)).toEqual([true, true, null]);
  expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
});
