// Rows P34 to P39 of the oracle: changing tensors in place.
import { AutogradError, DTypeError, ShapeError, noGrad, ones, tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

const rounded = (values: unknown) => (values as number[]).map((v) => Number(v.toFixed(6)));

test('P34 in-place on a leaf that requires grad', () => {
  const x = ones([2], { requiresGrad: true });
  raises(() => x.add_(1), AutogradError, 'a leaf tensor that requires grad', 'in-place operation');
  raises(() => x.index({ start: 0, stop: 1 }).mul_(2), AutogradError, 'a view of a leaf tensor that requires grad');
  raises(() => x.setitem(0, 1), AutogradError, 'a view of a leaf tensor that requires grad');
  noGrad(() => x.add_(1));
  expect([x.tolist(), x._version, x.requiresGrad]).toEqual([[2, 2], 1, true]);
});

test('P35 modified saved tensor: version counter error', () => {
  const x = ones([2], { requiresGrad: true });
  const y = x.exp();
  y.add_(1);
  const facts = ['modified by an in-place operation', 'float32', '[2]', 'at version 1; expected version 0'];
  raises(() => y.sum().backward(), AutogradError, 'output 0 of Exp', ...facts);
  const a = ones([2], { requiresGrad: true });
  const b = a.mul(2);
  const c = b.mul(b);
  b.mul_(3);
  raises(() => c.sum().backward(), AutogradError, 'output 0 of Mul', ...facts);
});

test('P36 in-place is fine when the value was not saved', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.add(1);
  y.mul_(3);
  y.add_(1);
  y.sum().backward();
  expect([y.tolist(), x.grad!.tolist(), y._version, y.gradFn!.name()]).toEqual([[7, 10], [3, 3], 2, 'AddBackward0']);
});

test('P37 in-place relu/sigmoid use their own output', () => {
  const x = tensor([-1, 2], { requiresGrad: true });
  const y = x.mul(1).sigmoid_();
  const z = x.mul(1).relu_();
  y.add(z).sum().backward();
  expect(rounded(x.grad!.tolist())).toEqual([0.196612, 1.104994]);
});

test('P38 add_ mutates, x = x.add(1) does not', () => {
  const x = ones([2]);
  let a = x;
  a.add_(1);
  expect(x.tolist()).toEqual([2, 2]);
  a = a.add(1);
  expect([x.tolist(), a.tolist()]).toEqual([
    [2, 2],
    [3, 3],
  ]);
});

test('P39 in-place result must keep shape and dtype', () => {
  raises(() => ones([3]).add_(ones([2, 3])), ShapeError, '[3]', "doesn't match the broadcast shape", '[2, 3]');
  raises(() => ones([2], { dtype: 'int64' }).add_(1.5), DTypeError, 'float32', "can't be cast", 'int64');
  raises(() => ones([2], { dtype: 'int64' }).div_(2), DTypeError, 'float32', "can't be cast", 'int64');
  expect(ones([2]).add_(ones([], { dtype: 'float64' })).dtype).toBe('float32');
});

test('an in-place op returns its tensor', () => {
  const x = ones([2]);
  expect(x.add_(1)).toBe(x);
  expect(x.add_(1, { alpha: 2 })).toBe(x);
});

test('writing a tensor with itself changes a value that was saved', () => {
  const x = tensor([2, 3], { requiresGrad: true });
  const y = x.mul(1);
  y.mul_(y);
  expect(y.tolist()).toEqual([4, 9]);
  raises(() => y.sum().backward(), AutogradError, 'modified by an in-place operation', 'version 1; expected version 0');
});

test('a change of one part of a storage is a change for whatever saved another part', () => {
  const x = tensor([2, 3], { requiresGrad: true });
  const y = x.mul(1);
  y.index(0).mul_(y.index(1));
  raises(() => y.sum().backward(), AutogradError, 'modified by an in-place operation');
});

test('a failed in-place op leaves values, version and history as they were', () => {
  const x = tensor([2, 3], { requiresGrad: true });
  const y = x.mul(2);
  raises(() => y.add_(ones([3, 2])), ShapeError);
  expect([y.tolist(), y._version, y.gradFn!.name()]).toEqual([[4, 6], 0, 'MulBackward0']);
  y.sum().backward();
  expect(x.grad!.tolist()).toEqual([2, 2]);
});

test('a constant written with a tracked value becomes part of its graph', () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const a = ones([2]);
  a.mul_(w);
  expect([a.requiresGrad, a.isLeaf]).toEqual([true, false]);
  a.mul(3).sum().backward();
  expect(w.grad!.tolist()).toEqual([3, 3]);
});

test('zero_ and fill_ cut the history of the values they overwrite', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.mul(2);
  y.index(0).zero_();
  const z = x.mul(2).fill_(7);
  y.add(z).sum().backward();
  expect(x.grad!.tolist()).toEqual([0, 2]);
});
