// `.grad`: how it is accumulated, and backward() with inputs.
import { type Tensor, arange, ones, tensor, zeros } from 'adjoint';
import { behaves, fails } from './behaves';

/** A float32 leaf of these elements. */
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const DOUBLE = { dtype: 'float64', requiresGrad: true } as const;

behaves('the gradient of a transposed tensor is contiguous', [[[0, 2, 4], [1, 3, 5]], true], () => {
  const x = ones([2, 3]).requiresGrad_();
  x.t().backward(arange(6).to('float32').reshape([3, 2]));
  return [x.grad, x.grad!.isContiguous()];
});

behaves('a transposed gradient argument becomes a contiguous .grad', [[[0, 2, 4], [1, 3, 5]], [3, 1]], () => {
  const x = ones([2, 3]).requiresGrad_(), g = arange(6).to('float32').reshape([3, 2]).t();
  x.mul(1).backward(g);
  return [x.grad, x.grad!.stride()];
});

behaves('an expanded gradient argument becomes a .grad that can be changed', [[2, 2, 2], [2, 2, 2]], () => {
  const x = ones([2, 3]).requiresGrad_();
  x.mul(1).backward(ones([1]).expand([2, 3]));
  x.grad!.add_(1);
  return x.grad;
});

behaves('.grad is a copy of the gradient argument', [[1, 2], [2, 3]], () => {
  const x = leaf(1, 2), g = tensor([1, 2]);
  x.add(0).backward(g);
  x.grad!.add_(1);
  return [g, x.grad];
});

behaves('two leaves never share a .grad', [[6], [1]], () => {
  const x = leaf(1), y = leaf(1);
  x.add(y).sum().backward();
  x.grad!.add_(5);
  return [x.grad, y.grad];
});

behaves('accumulation changes .grad in place', [true, [4], 1], () => {
  const x = leaf(1);
  x.mul(2).sum().backward();
  const g = x.grad;
  x.mul(2).sum().backward();
  return [g === x.grad, g, g!._version];
});

behaves('with createGraph accumulation makes a new .grad', [false, [2], [4], true], () => {
  const x = leaf(1);
  x.mul(2).sum().backward();
  const g = x.grad;
  x.mul(x).sum().backward(null, { createGraph: true });
  return [g === x.grad, g, x.grad, x.grad!.requiresGrad];
});

behaves('a .grad given beforehand is added to', [[2], false], () => {
  const x = leaf(1);
  x.grad = zeros([1]);
  x.mul(2).sum().backward();
  return [x.grad, x.grad.requiresGrad];
});

behaves('one tensor may be the .grad of two leaves', [[5], [5], true], () => {
  const x = leaf(1), y = leaf(1), g = zeros([1]);
  x.grad = g;
  y.grad = g;
  x.mul(2).add(y.mul(3)).sum().backward();
  return [x.grad, y.grad, x.grad === y.grad];
});

behaves('.grad has the dtype of the leaf', [[2], 'torch.float64'], () => {
  const x = tensor([1], DOUBLE);
  x.float().mul(2).sum().backward();
  return [x.grad, 'torch.' + x.grad!.dtype];
});

behaves('backward(inputs) fills .grad of intermediate tensors', [[12], null, true], () => {
  const x = leaf(2), y = x.mul(3), z = y.mul(y);
  z.sum().backward({ inputs: [y] });
  return [y.grad, x.grad, y.retainsGrad];
});

behaves('backward(inputs) of a leaf and an intermediate tensor', [[15], [5], null], () => {
  const x = leaf(2), w = leaf(5), y = x.mul(3), z = y.mul(w);
  z.sum().backward({ inputs: [x, y] });
  return [x.grad, y.grad, w.grad];
});

behaves('backward(inputs) takes one tensor', [[5], null], () => {
  const x = leaf(2), w = leaf(5);
  x.mul(w).sum().backward({ inputs: x });
  return [x.grad, w.grad];
});

behaves('backward(inputs) refuses tensors without requiresGrad, not unused leaves', ['error', 'none'], () => {
  const x = leaf(2);
  return [fails(() => x.mul(2).sum().backward({ inputs: [ones([1])] })), fails(() => x.mul(2).sum().backward({ inputs: [leaf(1)] }))];
});

behaves('backward(inputs) leaves unused leaves alone', [[2], null], () => {
  const x = leaf(2), u = leaf(3);
  x.mul(2).sum().backward({ inputs: [u, x] });
  return [x.grad, u.grad];
});
