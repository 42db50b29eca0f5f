// A list of known length in gives a list of known length out, so that its elements are there under noUncheckedIndexedAccess.
import { autograd, data, ones, tensor, zeros, type Tensor } from 'adjoint';
import { expect, expectTypeOf, test } from 'vitest';

test('the gradients of known inputs', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = (): Tensor => x.mul(x).sum();
  expectTypeOf(autograd.grad(y(), [x])[0]).toEqualTypeOf<Tensor>();
  const [g] = autograd.grad(y(), x);
  expectTypeOf(g).toEqualTypeOf<Tensor>();
  expectTypeOf(autograd.grad(y(), [x, x], { retainGraph: true })).toEqualTypeOf<[Tensor, Tensor]>();
  const many: Tensor[] = [x];
  expectTypeOf(autograd.grad(y(), many)).toEqualTypeOf<Tensor[]>();
  expectTypeOf(autograd.grad(y(), [x], { allowUnused: true })[0]).toEqualTypeOf<Tensor | null>();
  expectTypeOf(autograd.grad(y(), x, null, true)).toEqualTypeOf<[Tensor]>();
  expectTypeOf(autograd.grad(y(), many, null, true)).toEqualTypeOf<Tensor[]>();
});

test('Jacobians and Hessians at known inputs', () => {
  const t = tensor([1, 2]);
  const f = (...xs: Tensor[]): Tensor => xs[0]!.mul(xs[1]!).sum();
  expectTypeOf(autograd.functional.jacobian(f, [t, t])[0]).toEqualTypeOf<Tensor>();
  expectTypeOf(autograd.functional.hessian(f, [t, t])[0][1]).toEqualTypeOf<Tensor>();
  expectTypeOf(autograd.functional.jacobian((...xs: Tensor[]) => xs[0]!.exp(), t)).toEqualTypeOf<Tensor>();
});

test('the parts of a dataset, and batches of a collateFn', () => {
  const ds = new data.TensorDataset(zeros([2, 2]), zeros([2]));
  const [train, rest] = data.randomSplit(ds, [1, 1]);
  expectTypeOf(train).toEqualTypeOf(rest);
  expectTypeOf(train.length).toEqualTypeOf<number>();
  const loader = new data.DataLoader(ds, { batchSize: 2, collateFn: (items) => ({ n: items.length }) });
  for (const batch of loader) expectTypeOf(batch).toEqualTypeOf<{ n: number }>();
});

test('grad with gradOutputs by position gives as many gradients as there are inputs', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const w = tensor([3, 4], { requiresGrad: true });
  const y = (): Tensor => x.mul(w);
  const [dx, dw] = autograd.grad(y(), [x, w], ones([2]));
  expect([dx.tolist(), dw.tolist()]).toEqual([[3, 4], [1, 2]]);
  const [alone] = autograd.grad(y(), x, ones([2]), true);
  expect(alone.tolist()).toEqual([3, 4]);
  const [named] = autograd.grad(y(), [x], ones([2]), { createGraph: true });
  expect(named.requiresGrad).toBe(true);
  const [first, second] = autograd.grad(y(), [x, tensor([1], { requiresGrad: true })], ones([2]), null, false, true, true);
  // @ts-expect-error -- it may be null
  expect(first.shape).toEqual([2]);
  const none: Tensor | null = second;
  expect(none).toBeNull();
  const [unused] = autograd.grad(y(), [x], ones([2]), { allowUnused: true });
  expect(unused?.tolist()).toEqual([3, 4]);
});
