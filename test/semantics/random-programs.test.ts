// What comparing random programs of views, writes and hooks with PyTorch 2.15 brought up.
import { AutogradError, UsageError, func, grad, noGrad, ones, tensor, zeros, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { behaves } from './behaves';
import { raises } from './raises';

const leaf = (value: Parameters<typeof tensor>[0]): Tensor => tensor(value, { requiresGrad: true });

behaves('a leaf accumulates, and its hooks run, as soon as its gradient is complete', [['u', 'pu', 'y', 'x', 'px', 'b', 'a', 'w', 'pw'], ['u', 'pu', 'x', 'px', 'w', 'pw']], () => {
  const leaves = { x: leaf(1), w: leaf(2), u: leaf(3) };
  let log: string[] = [];
  const note = (name: string) => () => { log.push(name); };
  for (const [name, t] of Object.entries(leaves)) {
    t.registerHook(note(name));
    t.registerPostAccumulateGradHook(note(`p${name}`));
  }
  const { x, w, u } = leaves;
  const a = w.mul(2), b = a.mul(3), y = x.mul(b);
  for (const [name, t] of Object.entries({ a, b, y })) t.registerHook(note(name));
  y.mul(u).backward();
  const first = log;
  log = [];
  x.mul(w).sin().mul(w.mul(u).cos()).mul(x).backward();
  return [first, log];
});

behaves('a window opened while nothing was recorded requires grad but leads nowhere', [true, true, [null, null], [[2, 2], [2, 2]]], () => {
  const x = leaf([[1, 2], [3, 4]]);
  const v = noGrad(() => x.index(0));
  const y = v.sum();
  y.backward();
  const z = v.mul(2);
  z.sum().add(x.mul(2).sum()).backward();
  return [v.requiresGrad, y.requiresGrad, [v.grad, z.gradFn!.nextFunctions[0]![0]], x.grad];
});

test('isLeaf of a view whose history was lost is an error, as for gradFn', () => {
  const y = leaf([1, 2]).mul(1);
  const v = noGrad(() => y.index(0));
  expect([v.isLeaf, v.requiresGrad]).toEqual([true, true]);
  y.mul_(2);
  raises(() => v.isLeaf, AutogradError, 'a view was created in noGrad mode');
  raises(() => v.gradFn, AutogradError, 'a view was created in noGrad mode');
});

test('a write may read the same window, but not one that overlaps in part', () => {
  const x = tensor([1, 2, 3]);
  expect(x.mul_(x).tolist()).toEqual([1, 4, 9]);
  expect(x.add_(x.view(3)).tolist()).toEqual([2, 8, 18]);
  raises(() => x.index({ start: 1 }).add_(x.index({ stop: 2 })), UsageError, 'refer to a single memory location');
  raises(() => { const m = ones([2, 2]); m.copy_(m.t()); }, UsageError, 'clone() the input');
  raises(() => x.indexAdd_(0, tensor([0], { dtype: 'int64' }), x.index({ stop: 1 })), UsageError, 'refer to a single memory location');
  expect(x.tolist()).toEqual([2, 8, 18]);
});

test('in-place forms of views of a leaf are refused as its other writes are', () => {
  const x = leaf([[1, 2], [3, 4]]);
  raises(() => x.view(4).unsqueeze_(0), AutogradError, 'a view of a leaf tensor that requires grad');
  raises(() => x.mul(1).unbind(0)[0]!.unsqueeze_(0), AutogradError, 'Unbind');
  expect(x._version).toBe(0);
});

behaves('a tensor that changed its shape in place can be detached in place', [[[2, 4]], false, true, null], () => {
  const y = leaf([1, 2]).mul(2);
  y.unsqueeze_(0).detach_();
  return [y, y.requiresGrad, y.isLeaf, y._base];
});

behaves('leading dims of size 1 of an assigned value do not count', [[[1, 2, 3], [0, 0, 0]], [5, 0, 0], [1, 1, 1]], () => {
  const x = zeros([2, 3]), value = leaf([[[1, 2, 3]]]);
  x.setitem(0, value);
  const y = zeros([3]);
  y.setitem(0, tensor([[5]]));
  x.sum().backward();
  return [x, y, value.grad!.view(3)];
});

behaves('asking for the gradient of a tensor before it was detached in place still fills it', [true, [3]], () => {
  const x = leaf([1]), y = x.mul(2);
  y.retainGrad();
  const z = y.mul(3);
  y.detach_();
  z.backward();
  return [y.retainsGrad, y.grad];
});

behaves('a write through a view whose derivative reads the result is differentiated twice without keeping the graph', [[0.73106, 2], [0.19661, 1], [-0.090858, 0]], () => {
  const x = leaf([1, 2]), y = x.mul(1);
  y.index({ stop: 1 }).sigmoid_();
  const [g] = grad(y.sum(), x, { createGraph: true });
  const [h] = grad(g.sum(), x);
  return [y, g, h];
});

test('scatterAdd of a vector at a 0-dim index has gradients', () => {
  const x = leaf(1), source = leaf([2]);
  x.mul(1).scatterAdd(0, tensor(0, { dtype: 'int64' }), source).backward();
  expect([x.grad!.item(), source.grad!.tolist()]).toEqual([1, [1]]);
});

behaves('where a standard deviation is 0, its forward derivative is 0 as its gradient is', [0, [0, 0, 0], [0, 0, 0]], () => {
  const x = tensor([1, 1, 1], { dtype: 'float64', requiresGrad: true });
  const [g] = grad(x.std(), x, { createGraph: true });
  const [h] = grad(g.sum(), x);
  return [func.jvp((t: Tensor) => t.std(), [x.detach()], [tensor([1, 2, 3], { dtype: 'float64' })])[1], g, h];
});
