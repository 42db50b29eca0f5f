// NumPy's names of parameters are typed where they are taken, and lists of known length keep it.
import { add, broadcastTensors, cat, meshgrid, nn, ones, stack, sum, tensor, where, type Tensor } from 'adjoint';
import { expect, expectTypeOf, test } from 'vitest';

test("NumPy's names", () => {
  const x = tensor([[1, 2], [3, 4]]);
  expect(x.sum({ axis: 0, keepdims: true }).shape).toEqual([1, 2]);
  expect(sum({ x, axis: 1 }).tolist()).toEqual([3, 7]);
  expect(sum(x, { axis: 1, keepdim: true }).shape).toEqual([2, 1]);
  expect(add({ x1: x, x2: x }).tolist()).toEqual([[2, 4], [6, 8]]);
  expect(add(x, { x2: 1 }).tolist()).toEqual([[2, 3], [4, 5]]);
  expect(add({ input: x, other: 1, alpha: 2 }).tolist()).toEqual([[3, 4], [5, 6]]);
  expect(x.mul({ x2: 2 }).tolist()).toEqual([[2, 4], [6, 8]]);
  expect(x.unsqueeze({ axis: 0 }).shape).toEqual([1, 2, 2]);
  expect(x.softmax({ axis: 1 }).shape).toEqual([2, 2]);
  expect(x.max({ axis: 0 }).values.tolist()).toEqual([3, 4]);
  expect(stack([x, x], { axis: 2 }).shape).toEqual([2, 2, 2]);
  expect(cat([x, x], { axis: 1 }).shape).toEqual([2, 4]);
  expect(where({ condition: x.gt(1), x, x2: 0 }).tolist()).toEqual([[0, 2], [3, 4]]);
  expect(nn.functional.relu({ x }).tolist()).toEqual([[1, 2], [3, 4]]);
  // @ts-expect-error -- there is no such name
  expect(() => x.sum({ axes: 0 })).toThrow(/there is no argument named axes/);
  // @ts-expect-error -- the tensor is missing
  expect(() => sum({ axis: 1 })).toThrow(/^sum: no signature fits/);
});

test('as many tensors as were given', () => {
  const [a, b] = meshgrid(ones([2]), ones([3]), { indexing: 'xy' });
  expect([a.shape, b.shape]).toEqual([[3, 2], [3, 2]]);
  expectTypeOf(meshgrid([ones([2]), ones([3])], 'ij')).toEqualTypeOf<[Tensor, Tensor]>();
  expectTypeOf(meshgrid({ tensors: [ones([2])] })).toEqualTypeOf<[Tensor]>();
  const many: Tensor[] = [ones([1])];
  expectTypeOf(meshgrid(many)).toEqualTypeOf<Tensor[]>();
  expectTypeOf(meshgrid(...many)).toEqualTypeOf<Tensor[]>();
  const [c, d] = broadcastTensors(ones([2, 1]), ones([3]));
  expect([c.shape, d.shape]).toEqual([[2, 3], [2, 3]]);
});
