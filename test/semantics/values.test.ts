// Rows P79 to P84 of the oracle: empty tensors, indexing, copies, NaN and infinities.
import {
  AdjointError,
  IndexError,
  autograd,
  fmax,
  gather,
  logsumexp,
  maximum,
  nansum,
  nn,
  ones,
  tensor,
  zeros,
  type Tensor,
} from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

const inf = Infinity;
const nan = NaN;

test('P79 reductions of empty tensors', () => {
  const e = zeros([0]);
  const m = zeros([0, 3]);
  expect([e.sum(), e.prod(), e.mean(), e.std(), e.all(), e.any()].map((t) => t.item<number | boolean>())).toEqual([0, 1, nan, nan, true, false]);
  expect([m.sum(0), m.mean(0), m.sum(1)].map((t) => t.tolist())).toEqual([[0, 0, 0], [nan, nan, nan], []]);
  expect([logsumexp(e, 0).item(), e.norm().item()]).toEqual([-inf, 0]);
  raises(() => e.max(), AdjointError, 'max', 'dim', 'specif');
  raises(() => m.max(0), IndexError, 'max', 'dim 0', 'non-zero size');
  expect(m.max(1).values.tolist()).toEqual([]);
  raises(() => e.argmax(), IndexError, 'argmax', 'dim', 'specif');
  raises(() => e.amax(), AdjointError, 'amax', 'dim', 'specif');
  const x = zeros([0], { requiresGrad: true });
  x.sum().backward();
  expect(x.grad!.tolist()).toEqual([]);
});

test('P80 setting elements and gradients through setitem', () => {
  const x = tensor([1, 2, 3], { requiresGrad: true });
  const y = x.mul(2);
  y.setitem(1, 0);
  y.setitem(2, y.index(0).mul(5));
  y.sum().backward();
  expect([y.tolist(), x.grad!.tolist(), y.gradFn!.name()]).toEqual([[2, 0, 10], [12, 0, 0], 'torch::autograd::CopySlices']);
});

test('P81 repeated indices accumulate in backward', () => {
  const x = tensor([1, 2, 3], { requiresGrad: true });
  x.index(tensor([0n, 0n, 2n, 0n]))
    .mul(tensor([1, 10, 100, 1000]))
    .sum()
    .backward();
  expect(x.grad!.tolist()).toEqual([1011, 0, 100]);
  x.grad = null;
  gather(x, 0, tensor([1n, 1n])).sum().backward();
  expect(x.grad!.tolist()).toEqual([0, 2, 0]);
  const w = ones([3, 2], { requiresGrad: true });
  nn.functional.embedding(tensor([2n, 2n, 0n]), w, { paddingIdx: 0 }).sum().backward();
  expect(w.grad!.tolist()).toEqual([
    [0, 0],
    [0, 0],
    [2, 2],
  ]);
});

test('P82 copy_, clone, contiguous, to', () => {
  const a = tensor([1, 2], { requiresGrad: true });
  const b = zeros([2], { dtype: 'float64' });
  b.copy_(a);
  expect([b.requiresGrad, b.gradFn!.name()]).toEqual([true, 'torch::autograd::CopyBackwards']);
  b.mul(3).sum().backward();
  expect([a.grad!.tolist(), a.grad!.dtype]).toEqual([[3, 3], 'float32']);
  const x = ones([2], { requiresGrad: true });
  expect([x.contiguous() === x, x.to('float32') === x, x.clone() === x, x.float() === x, x.clone().isLeaf]).toEqual([
    true,
    true,
    false,
    true,
    false,
  ]);
});

test('P83 NaN and infinity in reductions and sorting', () => {
  const x = tensor([1, nan, -inf, 3]);
  expect({
    max: x.max().item(),
    min: x.min().item(),
    argmax: x.argmax().item(),
    sum: x.sum().item(),
    sort: x.sort().values.tolist(),
    order: x.sort({ descending: true }).indices.tolist(),
    topk: x.topk(2).values.tolist(),
    nansum: nansum(x).item(),
    maximum: maximum(x, zeros([4])).tolist(),
    fmax: fmax(x, zeros([4])).tolist(),
    eq: x.eq(x).tolist(),
    median: x.median().item(),
    nanmedian: x.nanmedian().item(),
  }).toEqual({
    max: nan,
    min: nan,
    argmax: 1,
    sum: nan,
    sort: [-inf, 1, 3, nan],
    order: [1, 3, 0, 2],
    topk: [nan, 3],
    nansum: -inf,
    maximum: [1, nan, 0, 3],
    fmax: [1, 0, 0, 3],
    eq: [true, false, true, true],
    median: nan,
    nanmedian: 1,
  });
});

test('P84 softmax and logsumexp with -inf', () => {
  const x = tensor(
    [
      [0, -inf],
      [-inf, -inf],
    ],
    { requiresGrad: true },
  );
  const of = (f: (x: Tensor) => Tensor) => {
    const y = f(x);
    return [y.tolist(), autograd.grad(y.index(0).sum(), x)[0].tolist()];
  };
  expect(of((t) => t.softmax(1))).toEqual([
    [
      [1, 0],
      [nan, nan],
    ],
    [
      [0, 0],
      [nan, nan],
    ],
  ]);
  expect(of((t) => t.logSoftmax(1))).toEqual([
    [
      [0, -inf],
      [nan, nan],
    ],
    [
      [-1, 1],
      [nan, nan],
    ],
  ]);
  expect(of((t) => t.logsumexp(1))).toEqual([
    [0, -inf],
    [
      [1, 0],
      [nan, nan],
    ],
  ]);
});
