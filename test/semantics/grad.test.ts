// Rows P16 to P19 of the oracle: gradients as values.
import { AutogradError, UsageError, autograd, ones, tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P16 grad returns an array and does not touch .grad', () => {
  const a = tensor(2, { requiresGrad: true });
  const b = tensor(5, { requiresGrad: true });
  const r = autograd.grad(a.mul(b), [a, b]);
  expect(Array.isArray(r)).toBe(true);
  expect(r.map((t) => t.item())).toEqual([5, 2]);
  expect([a.grad, b.grad]).toEqual([null, null]);
});

test('P17 unused inputs: error, allowUnused, materializeGrads', () => {
  const a = tensor(2, { requiresGrad: true });
  const b = ones([2], { requiresGrad: true });
  raises(() => autograd.grad(a.mul(3), [a, b]), AutogradError, 'index 1', 'not have been used in the graph', 'allowUnused');
  const [ga, gb] = autograd.grad(a.mul(3), [a, b], { allowUnused: true });
  expect(ga!.item()).toBe(3);
  expect(gb).toBeNull();
  const filled = autograd.grad(a.mul(3), [a, b], { materializeGrads: true });
  expect(filled.map((t) => t.tolist())).toEqual([3, [0, 0]]);
  raises(
    () => autograd.grad(a.mul(3), [a, b], { allowUnused: false, materializeGrads: true }),
    UsageError,
    'allowUnused',
    'materializeGrads',
    'false',
  );
});

test('P18 several outputs with gradOutputs', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const outputs = () => [x.mul(x), x.sum()];
  const [g] = autograd.grad(outputs(), x, { gradOutputs: [tensor([1, -1]), tensor(10)] });
  expect(g.tolist()).toEqual([12, 6]);
  raises(() => autograd.grad(outputs(), x, { gradOutputs: [ones([2])] }), UsageError, /got 2 tensor/, /1 gradient/);
  raises(() => autograd.grad(outputs(), x, { gradOutputs: [null, null] }), AutogradError, 'implicitly created only for scalar outputs');
});

test('P19 gradient with respect to an intermediate tensor', () => {
  const x = tensor(2, { requiresGrad: true });
  const h = x.mul(3);
  const y = h.mul(h);
  expect(autograd.grad(y, [h, x])[0].item()).toBe(12);
  const c = tensor(1);
  raises(() => autograd.grad(x.mul(c), c), AutogradError, 'one of the differentiated tensors does not require grad');
});

test('the same input twice gets its gradient twice', () => {
  const x = tensor(3, { requiresGrad: true });
  expect(autograd.grad(x.mul(x), [x, x]).map((g) => g.item())).toEqual([6, 6]);
});

test('the gradient with respect to the output itself is the gradient it is given', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.mul(2);
  expect(autograd.grad(y, y, { gradOutputs: tensor([5, 7]) })[0].tolist()).toEqual([5, 7]);
});
