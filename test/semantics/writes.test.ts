// Writing in place: into leaves, views and parts of tensors, and the gradients through it.
import { type Tensor, arange, autograd, nn, noGrad, ones, tensor, zeros } from 'adjoint';
import { behaves, fails } from './behaves';

/** A float32 leaf of these elements. */
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const nodeOf = (t: Tensor): string | null => t.gradFn?.name() ?? null;
const { grad } = autograd;
const INT = { dtype: 'int64' } as const;
const DOUBLE = { dtype: 'float64', requiresGrad: true } as const;

behaves('derivatives of any order go through a chain of changes in place', [[8], [12], [12]], () => {
  const x = leaf(2), y = x.mul(1);
  y.mul_(x);
  y.mul_(x);
  const [g] = grad(y.sum(), x, { createGraph: true });
  const [g2] = grad(g.sum(), x);
  return [y, g, g2];
});

behaves('pow_ remembers what it overwrote', [27], () => {
  const x = leaf(3), y = x.mul(1);
  y.pow_(3);
  y.sum().backward();
  return x.grad;
});

behaves('leaves that require grad and their views refuse changes in place', ['error', 'error', 'error', 'error', 'error', 'error', 'error', 'none', 'none'], () => {
  const x = leaf(1, 2);
  return [() => x.add_(1), () => x.zero_(), () => x.index(0).mul_(2), () => x.setitem(0, 1), () => x.view([2]).fill_(1), () => x.copy_(ones([2])), () => x.unbind()[0]!.zero_(), () => x.detach().zero_(), () => nn.init.zeros_(x)].map(fails);
});

behaves('outputs of functions that return several views refuse changes in place', ['error', 'error', 'error', 'none', 'error', 'error'], () => {
  const x = leaf(1, 2, 3, 4).mul(1);
  return [() => x.split(2)[0]!.add_(1), () => x.chunk(2)[0]!.add_(1), () => x.unbind()[0]!.add_(1), () => x.tensorSplit(2)[0]!.add_(1), () => x.view([2, 2]).split(1)[0]!.index(0).add_(1), () => x.split(4)[0]!.add_(1)].map(fails);
});

behaves('the same may be changed where nothing is recorded', [[2, 2, 1, 1], [6, 2]], () => {
  const x = ones([4]), [a] = x.split(2);
  a!.add_(1);
  const y = leaf(1, 2).mul(1);
  noGrad(() => { y.unbind()[0]!.add_(5); });
  return [x, y];
});

behaves('one of several views cannot be used after its base was changed', 'error', () => {
  const x = leaf(1, 2).mul(1), [a] = x.unbind();
  x.add_(1);
  return fails(() => a!.mul(2));
});

behaves('a view sees a later change of its base, with its gradient', [[6, 0], 'AsStridedBackward0'], () => {
  const x = leaf(1, 2), y = x.mul(1), v = y.index(0);
  y.mul_(3);
  v.mul(2).backward();
  return [x.grad, nodeOf(v)];
});

behaves('a base sees a change through a view, with its gradient', [[3, 1], 'torch::autograd::CopySlices', 'AsStridedBackward0'], () => {
  const x = leaf(1, 2), y = x.mul(1), v = y.index(0);
  v.mul_(3);
  y.sum().backward();
  return [x.grad, nodeOf(y), nodeOf(v)];
});

behaves('changes through a view of a view', [[2, 20, 1, 1], [[2, 40], [3, 4]]], () => {
  const x = leaf(1, 2, 3, 4), y = x.mul(1).view([2, 2]), v = y.index(0), w = v.index(1);
  w.mul_(10);
  v.mul_(2);
  y.sum().backward();
  return [x.grad, y];
});

behaves('writing tensors that require grad into parts of one that does not', [[20, 40], true, [[1, 2], [3, 6]]], () => {
  const y = zeros([2, 2]), w = leaf(1, 2);
  y.index(0).add_(w);
  y.index(1).copy_(w.mul(3));
  y.mul(y).sum().backward();
  return [w.grad, y.requiresGrad, y];
});

behaves('a change through a transposed view', [[0, 50, 4], [6, 200, 10]], () => {
  const x = arange(6).to('float32').reshape([2, 3]).requiresGrad_(), y = x.mul(1);
  y.t().index(1).mul_(5);
  y.mul(y).sum().backward();
  return x.grad;
});

behaves('a change of the diagonal', [[6, 2], [2, 6]], () => {
  const x = ones([2, 2]).requiresGrad_(), y = x.mul(2);
  y.diagonal().mul_(3);
  y.sum().backward();
  return x.grad;
});

behaves('changes in place keep shape and dtype', ['error', 'error', 'none', 'error', 'error', 'error', 'none'], () => [() => ones([2], INT).add_(1.5), () => ones([2], INT).div_(2), () => ones([2]).add_(ones([2], { dtype: 'float64' })), () => ones([2], { dtype: 'bool' }).add_(1), () => ones([2]).add_(ones([2, 2])), () => ones([2, 1]).add_(ones([2, 2])), () => ones([2, 2]).add_(ones([2]))].map(fails));

behaves('a view of a view made in noGrad refuses changes with recording on', ['error', 'error', true, true], () => {
  const x = leaf(1, 2).mul(1);
  const [v, w] = noGrad(() => {
    const v = x.view([2]);
    return [v, v.index(0)];
  });
  return [fails(() => w.add_(1)), fails(() => v.add_(1)), v.requiresGrad, v.isLeaf];
});

behaves('both in noGrad are fine', [7, 2], () => {
  const x = leaf(1, 2).mul(1);
  noGrad(() => x.index(0).mul_(7));
  x.sum().backward();
  return x;
});

behaves('a change in noGrad leaves the history as it was', [[200, 400], [2, 2]], () => {
  const x = leaf(1, 2), y = x.mul(2);
  noGrad(() => y.mul_(100));
  y.sum().backward();
  return [y, x.grad];
});

behaves('a view made in noGrad cannot be written with a tensor that requires grad', ['error', false], () => {
  const x = ones([2]), v = noGrad(() => x.index(0)), w = leaf(3);
  return [fails(() => v.mul_(w.sum())), x.requiresGrad];
});

behaves('what was overwritten has a gradient of 0', [0, 0], () => {
  const x = leaf(1, 2), y = x.mul(2);
  y.zero_();
  y.sum().backward();
  return x.grad;
});

behaves('fill_ with a tensor sums its gradient', [2, [3, 3]], () => {
  const v = tensor(3, { requiresGrad: true }), y = zeros([2]).mul(1);
  y.fill_(v);
  y.sum().backward();
  return [v.grad, y];
});

behaves('copy_ sums over what it repeated', [4], () => {
  const w = leaf(3), y = zeros([2, 2]);
  y.copy_(w);
  y.sum().backward();
  return w.grad;
});

behaves('copy_ casts the gradient back', [[2], 'torch.float64'], () => {
  const w = tensor([3], DOUBLE), y = zeros([2]);
  y.copy_(w);
  y.sum().backward();
  return [w.grad, 'torch.' + w.grad!.dtype];
});

behaves('gradients of assigning to a slice', [[1, 0, 0], [6]], () => {
  const x = leaf(1, 2, 3), y = x.mul(1), w = leaf(5);
  y.setitem({ start: 1 }, w);
  y.mul(tensor([1, 2, 4])).sum().backward();
  return [x.grad, w.grad];
});

behaves('gradients of assigning to a mask', [[1, 0, 0], 6], () => {
  const x = leaf(1, 2, 3), y = x.mul(1), w = tensor(5, { requiresGrad: true });
  y.setitem(x.gt(1.5), w);
  y.mul(tensor([1, 2, 4])).sum().backward();
  return [x.grad, w.grad];
});

behaves('gradients of assigning to a list of positions', [[0, 2, 0], [1, 4]], () => {
  const x = leaf(1, 2, 3), y = x.mul(1), w = leaf(5, 6);
  y.setitem(tensor([0, 2], INT), w);
  y.mul(tensor([1, 2, 4])).sum().backward();
  return [x.grad, w.grad];
});
