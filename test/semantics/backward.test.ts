// Rows P5 to P11 of the oracle: what backward() asks of its arguments and does to the graph.
import { AdjointError, AutogradError, ShapeError, autograd, noGrad, ones, tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P5 backward on a non-scalar without gradient raises', () => {
  const x = ones([2, 3], { requiresGrad: true });
  raises(() => x.mul(2).backward(), AutogradError, 'grad can be implicitly created only for scalar outputs');
  raises(() => autograd.grad(x.mul(2), x), AutogradError, 'grad can be implicitly created only for scalar outputs');
});

test('P6 one-element tensors of any rank count as scalar', () => {
  const x = ones([1, 1], { requiresGrad: true });
  x.mul(5).backward();
  expect(x.grad!.tolist()).toEqual([[5]]);
});

test('P7 gradient argument: vector-Jacobian product, and shape errors', () => {
  const x = tensor([1, 2, 3], { requiresGrad: true });
  x.mul(x).backward(tensor([1, 0.1, -2]));
  expect((x.grad!.tolist() as number[]).map((v) => Number(v.toFixed(6)))).toEqual([2, 0.4, -12]);
  const y = x.mul(x);
  raises(() => y.backward(ones([2])), ShapeError, 'mismatch in shape', '[2]', '[3]');
  raises(() => y.backward(ones([1, 3])), ShapeError, 'mismatch in shape', '[1, 3]', '[3]');
  raises(() => y.backward(ones([])), ShapeError, 'mismatch in shape', '[]', '[3]');
});

test('P8 backward on a tensor without history raises', () => {
  raises(() => ones([]).backward(), AutogradError, 'element 0 of tensors does not require grad and does not have a gradFn');
  const x = ones([], { requiresGrad: true });
  raises(() => x.mul(2).detach().backward(), AutogradError, 'element 0 of tensors does not require grad');
  x.backward();
  expect(x.grad!.item()).toBe(1);
});

test('P9 second backward through freed buffers raises; retainGraph keeps them', () => {
  const x = tensor(2, { requiresGrad: true });
  const y = x.mul(x);
  y.backward();
  raises(() => y.backward(), AutogradError, 'backward through the graph a second time', 'freed', 'retainGraph');
  x.grad = null;
  const z = x.mul(x).mul(x);
  z.backward({ retainGraph: true });
  z.backward();
  expect(x.grad!.item()).toBe(24);
});

test('P10 a graph that saved no tensors can be walked twice', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.add(1).sum();
  y.backward();
  y.backward();
  expect(x.grad!.tolist()).toEqual([2, 2]);
});

test('P11 backward(inputs=...) accumulates only into those', () => {
  const a = tensor(2, { requiresGrad: true });
  const b = tensor(5, { requiresGrad: true });
  a.mul(b).backward({ inputs: [a] });
  expect(a.grad!.item()).toBe(5);
  expect(b.grad).toBeNull();
  raises(() => a.mul(b).backward({ inputs: [] }), AdjointError, 'inputs', 'cannot be empty');
});

test('backward of several roots adds what each sends', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  autograd.backward([x.mul(x).sum(), x.mul(3)], [null, tensor([1, 10])]);
  expect(x.grad!.tolist()).toEqual([5, 34]);
  raises(() => autograd.backward([x.sum(), ones([])]), AutogradError, 'element 1 of tensors does not require grad');
});

test('the same root twice counts twice', () => {
  const x = tensor(3, { requiresGrad: true });
  const y = x.mul(x);
  autograd.backward([y, y]);
  expect(x.grad!.item()).toBe(12);
});

test('a gradient of another dtype is cast to that of the output', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  x.mul(2).backward(ones([2], { dtype: 'float64' }));
  expect([x.grad!.dtype, x.grad!.tolist()]).toEqual(['float32', [2, 2]]);
});

test('backward inside noGrad walks a graph that was recorded outside', () => {
  const x = tensor(3, { requiresGrad: true });
  const y = x.mul(x);
  noGrad(() => y.backward());
  expect(x.grad!.item()).toBe(6);
});

test('backward(inputs=...) of a computed tensor fills its .grad once', () => {
  const x = tensor(2, { requiresGrad: true });
  const h = x.mul(3);
  h.mul(h).backward({ inputs: [h] });
  expect(h.grad!.item()).toBe(12);
  expect(x.grad).toBeNull();
  const k = x.mul(3);
  k.retainGrad();
  k.mul(k).backward({ inputs: [k, x] });
  expect([k.grad!.item(), x.grad!.item()]).toEqual([12, 36]);
});

test('createGraph with retainGraph false frees the graph', () => {
  const x = tensor(2, { requiresGrad: true });
  const y = x.mul(x);
  y.backward({ createGraph: true, retainGraph: false });
  raises(() => y.backward(), AutogradError, 'a second time');
});
