// In-place forms of views: the tensor itself takes another shape over the same storage.
import { AutogradError, IndexError, ShapeError, arange, noGrad, ones, tensor, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { behaves, fails } from './behaves';
import { raises } from './raises';

/** Shape, strides, version, whether it is a leaf or a view, and the gradient of the sum of squares, after `change`. */
function changed(change: (y: Tensor) => Tensor): unknown[] {
  const x = arange(6).to('float32').view(2, 3).requiresGrad_();
  const y = x.mul(1);
  expect(change(y)).toBe(y);
  y.mul(y).sum().backward();
  return [y.shape, y.stride(), y._version, y.isLeaf, y._base !== null, x.grad];
}

const doubled = [[0, 2, 4], [6, 8, 10]];

behaves('t_, transpose_, swapaxes_ and swapdims_', new Array(4).fill([[3, 2], [1, 3], 1, false, false, doubled]), () => [
  changed((y) => y.t_()),
  changed((y) => y.transpose_(0, 1)),
  changed((y) => y.swapaxes_(0, 1)),
  changed((y) => y.swapdims_(0, 1)),
]);
behaves('unsqueeze_ and squeeze_', [[[1, 2, 3], [6, 3, 1], 1, false, false, doubled], [[2, 3], [3, 1], 1, false, false, doubled], [[2, 3], [3, 1], 2, false, false, doubled]], () => [
  changed((y) => y.unsqueeze_(0)),
  changed((y) => y.squeeze_()),
  changed((y) => y.unsqueeze_(1).squeeze_(1)),
]);
behaves('asStrided_', [[3], [2], 1, false, false, [[0, 0, 4], [0, 8, 0]]], () => changed((y) => y.asStrided_([3], [2])));
behaves('a view stays a view of its base, and writes through it reach the base', [[1, 3], [2, 3], true, 1, [[2, 2, 2], [1, 1, 1]]], () => {
  const x = ones([2, 3]).requiresGrad_().mul(1);
  const v = x.index(0);
  v.unsqueeze_(0);
  const seen = [v.shape, x.shape, v._base === x, x._version];
  v.mul_(2);
  return [...seen, x];
});
behaves('a plain tensor with a view keeps its storage', [[[1, 1], [7, 1], [1, 1]], [3, 2], 2, false], () => {
  const x = ones([2, 3]), v = x.view(6);
  x.t_();
  v.setitem(1, 7);
  return [x, x.shape, x._version, x.isContiguous()];
});
behaves('a saved value that is turned counts as changed', 'error', () => {
  const x = ones([2, 3]).requiresGrad_().mul(1), y = x.mul(x);
  x.t_();
  return fails(() => { y.sum().backward(); });
});
behaves('a leaf may take another shape where nothing is recorded', [[1, 2, 3], true, true, [[[2, 2, 2], [2, 2, 2]]]], () => {
  const x = ones([2, 3]).requiresGrad_();
  noGrad(() => x.unsqueeze_(0));
  const seen = [x.shape, x.isLeaf, x.requiresGrad];
  x.mul(2).sum().backward();
  return [...seen, x.grad];
});
behaves('writes after it and before it are differentiated', [[[3, 3, 3], [3, 3, 3]], [[0, 3, 3], [0, 3, 3]]], () => {
  const x = ones([2, 3]).requiresGrad_();
  const run = (clear: boolean): Tensor => {
    const y = x.mul(1);
    y.mul_(3).t_();
    if (clear) y.index(0).zero_();
    x.grad = null;
    y.sum().backward();
    return x.grad!;
  };
  return [run(false), run(true)];
});

test('errors name the in-place form and leave the tensor as it was', () => {
  const x = ones([2, 3, 4]);
  raises(() => x.t_(), ShapeError, /^t_: /);
  raises(() => x.transpose_(0, 5), IndexError, /^transpose_: /);
  raises(() => x.unsqueeze_(7), IndexError, /^unsqueeze_: /);
  expect([x.shape, x._version]).toEqual([[2, 3, 4], 0]);
  raises(() => ones([2, 3]).requiresGrad_().t_(), AutogradError, 'a leaf tensor that requires grad is being used in an in-place operation');
  const asked = tensor([1], { requiresGrad: true });
  asked.mul(2).backward();
  raises(() => noGrad(() => asked.unsqueeze_(0)), AutogradError, 'a leaf with a gradient');
});
