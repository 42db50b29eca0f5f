// Sizes, strides, offsets and indices that do not fit 32 bits: each call gives PyTorch's result or a typed error, and touches no other memory.
import { describe, expect, it } from 'vitest';
import * as adjoint from 'adjoint';
import { AdjointError, arange, asStrided, full, func, nn, ones, prod, cumprod, tensor, zeros } from 'adjoint';

const F = nn.functional;
const A = adjoint as any;

const refused: [string, () => unknown][] = [
  ['a stride of nearly 2^32', () => asStrided(ones([4]), [2], [2 ** 32 - 61])],
  ['a stride of 2^40', () => asStrided(ones([3]), [2], [2 ** 40])],
  ['an offset of nearly 2^32', () => asStrided(ones([4]), [2000], [1], 2 ** 32 - 2000)],
  ['strides whose reach wraps', () => asStrided(ones([3]), [65536, 65536], [65536, 65536])],
  ['an expansion to 2^32 elements', () => zeros([1]).expand([65536, 65536])],
  ['an expansion to 2^31 elements', () => zeros([1]).expand([2 ** 31])],
  ['a shape whose product wraps to 0', () => zeros([0]).reshape([65536, 65536])],
  ['sizes whose product wraps to 0', () => zeros([0]).unflatten(0, [65536, 65536])],
  ['more contracted dims than a tensor has', () => A.tensordot(ones([3]), tensor(1), 1)],
  ['samples of no categories', () => A.multinomial(zeros([0]), 2, true)],
  ['samples of rows without categories', () => A.multinomial(zeros([2, 0]), 2, true)],
  ['2^32 samples', () => A.multinomial(ones([3]), 2 ** 32 + 1, true)],
  ['a target of 2^32', () => F.crossEntropy(ones([1, 3]), tensor([2n ** 32n]))],
  ['a target of 2^32 for nllLoss', () => F.nllLoss(ones([1, 3]), tensor([2n ** 32n]))],
  ['2^32 classes', () => F.oneHot(tensor([1n]), 2 ** 32)],
  ['the greatest class there is', () => F.oneHot(tensor([2n ** 63n - 1n]))],
  ['1e8 chunks of nothing', () => A.chunk(zeros([0, 2]), 1e8)],
  ['2^31 - 1 views', () => zeros([1]).expand([2 ** 31 - 1]).unbind()],
  ['2^31 - 1 pieces', () => zeros([1]).expand([2 ** 31 - 1]).split(1)],
  ['2^40 sections', () => A.tensorSplit(zeros([3]), 2 ** 40)],
  ['1e9 points of float16', () => A.linspace(0, 5, 1e9, { dtype: 'float16' })],
  ['a diagonal 2^32 away', () => A.diag(ones([2]), 2 ** 32)],
  ['embedded diagonals 2^32 away', () => A.diagEmbed(ones([2]), 2 ** 32)],
  ['repeats whose product wraps', () => ones([3]).repeat(65536, 65536)],
  ['a padding of 2^62', () => F.pad(ones([3]), [2 ** 62, 2 ** 62])],
  ['a padding of -2^63', () => F.pad(ones([3]), [-(2 ** 63), 0])],
  ['a replicated padding of 2^40', () => F.pad(ones([1, 3]), [2 ** 40, 0], { mode: 'replicate' })],
  ['groups that are 2 modulo 2^32', () => F.groupNorm(ones([2, 4]), 2 ** 32 + 2)],
  ['a normalized shape that is 3 modulo 2^32', () => F.layerNorm(ones([2, 3]), [2 ** 32 + 3])],
  ['an index of 2^32 to gather', () => A.gather(ones([3]), 0, tensor([2n ** 32n]))],
  ['an index of 2^32 to scatter', () => A.scatter(ones([3]), 0, tensor([2n ** 32n]), 1)],
  ['a row of 2^32', () => F.embedding(tensor([2n ** 32n]), ones([3, 2]))],
  ['k of 2^32', () => A.topk(ones([3]), 2 ** 32)],
  ['a permutation of 2^32', () => A.randperm(2 ** 32)],
];

const accepted: [string, () => unknown, unknown][] = [
  ['a view of 2^31 - 1 elements', () => zeros([1]).expand([2 ** 31 - 1]).numel(), 2 ** 31 - 1],
  ['an empty tensor with a huge size', () => zeros([3, 0]).reshape([2 ** 31, 0]).shape, [2 ** 31, 0]],
  ['samples for no rows', () => A.multinomial(zeros([0, 2]), 2, true).shape, [0, 2]],
  ['a diagonal outside of the matrix', () => A.diagonal(ones([2, 2]), 2 ** 32).shape, [0]],
  ['a diagonal far below', () => A.diagonal(ones([2, 2]), -(2 ** 53)).shape, [0]],
  ['a triangle that is all', () => A.tril(ones([2, 2]), 2 ** 32).tolist(), [[1, 1], [1, 1]]],
  ['a triangle that is nothing', () => A.triu(ones([2, 2]), 2 ** 32).tolist(), [[0, 0], [0, 0]]],
  ['a shift of 2^40', () => A.roll(arange(3), 2 ** 40).tolist(), [2, 0, 1]],
  ['a step of 2^40', () => ones([4]).index({ start: 0, stop: 2 ** 40, step: 2 ** 40 }).tolist(), [1]],
  ['2^40 + 1 quarter turns', () => A.rot90(ones([2, 2]), 2 ** 40 + 1).tolist(), [[1, 1], [1, 1]]],
  ['a stride of 2^32 in a convolution', () => F.conv1d(ones([1, 1, 8]), ones([1, 1, 3]), { stride: 2 ** 32 }).tolist(), [[[3]]]],
];

describe('what does not fit 32 bits', () => {
  it.each(refused)('is refused with a typed error: %s', (_, call) => {
    const before = full([64], 7.25);
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AdjointError);
    expect((thrown as AdjointError).message).not.toMatch(/is dead/);
    expect(before.tolist()).toEqual(new Array(64).fill(7.25));
  });

  it.each(accepted)('is taken where PyTorch takes it: %s', (_, call, expected) => {
    expect(call()).toEqual(expected);
  });
});

describe('the forward derivative of a result of integers', () => {
  it.each([
    ['prod', (x: adjoint.Tensor) => prod(x, { dtype: 'int64' })],
    ['cumprod', (x: adjoint.Tensor) => cumprod(x, 0, { dtype: 'int64' })],
  ])('is zero: %s', (_, f) => {
    const [, tangent] = func.jvp(f, [ones([3])], [ones([3])]);
    expect(tangent.sum().item()).toBe(0);
  });
});

describe('scatterReduce with an empty index', () => {
  it.each(['sum', 'prod', 'mean', 'amax', 'amin'])('passes the gradient through: %s', (reduce) => {
    const [x, source] = [ones([3, 2]).requiresGrad_(), ones([0, 2]).requiresGrad_()];
    A.scatterReduce(x, 0, zeros([0, 2], { dtype: 'int64' }), source, reduce).sum().backward();
    expect(x.grad!.tolist()).toEqual([[1, 1], [1, 1], [1, 1]]);
    expect(source.grad!.shape).toEqual([0, 2]);
  });
});
