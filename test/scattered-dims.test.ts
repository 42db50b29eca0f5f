// Reductions over dims that are no neighbours: of two, three and four groups, in every floating dtype, against one dim with the same elements.
import { describe, expect, it } from 'vitest';
import { allclose, arange, cosineSimilarity, grad, linalg, nn, randn, type Tensor } from 'adjoint';

const SHAPE = [3, 2, 2, 3, 2, 2, 3];
const GROUPS = [[0, 2], [1, 5], [0, 2, 4], [0, 2, 3, 6], [1, 3, 5], [0, 2, 4, 6], [6, 0, 4]];
const DTYPES = ['float32', 'float64', 'float16', 'bfloat16'] as const;
const TOLERANCES = { float32: 1e-5, float64: 1e-12, float16: 4e-3, bfloat16: 3e-2 };

const REDUCTIONS: Record<string, (x: Tensor, dims: number[]) => Tensor> = {
  sum: (x, dims) => x.sum(dims),
  nansum: (x, dims) => x.nansum(dims),
  mean: (x, dims) => x.mean(dims),
  var: (x, dims) => x.var(dims),
  std: (x, dims) => x.std(dims),
  amax: (x, dims) => x.amax(dims),
  logsumexp: (x, dims) => x.logsumexp(dims),
  'linalg.vectorNorm': (x, dims) => linalg.vectorNorm(x, 2, dims),
  sumToSize: (x, dims) => x.sumToSize(SHAPE.map((size, i) => (dims.includes(i) ? 1 : size))).squeeze(dims),
};

describe.each(Object.entries(REDUCTIONS))('%s over groups of dims', (_, reduce) => {
  it.each(DTYPES)('of %s', (dtype) => {
    // Small integers and quarters have all their digits in every one of the dtypes.
    const x = arange(SHAPE.reduce((product, size) => product * size)).remainder(13).sub(5).div(4).to(dtype).reshape(SHAPE);
    for (const dims of GROUPS) {
      const kept = SHAPE.map((_, i) => i).filter((i) => !dims.includes(i));
      const sizes = kept.map((i) => SHAPE[i]!);
      const moved = x.permute([...kept, ...dims]).reshape([...sizes, -1]).double();
      const wanted = reduce === REDUCTIONS['sumToSize'] ? moved.sum(-1) : reduce(moved, [-1]);
      const given = reduce(x, dims);
      expect(given.dtype, `dims [${dims.join(', ')}]`).toBe(dtype);
      const tolerance = TOLERANCES[dtype];
      expect(allclose(given.double(), wanted, tolerance, tolerance), `dims [${dims.join(', ')}]: ${String(given)} and not ${String(wanted)}`).toBe(true);
    }
  });
});

describe('the gradient of what was broadcast in three groups of dims', () => {
  const FUNCTIONS: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
    mul: (a, b) => a.mul(b),
    cosineSimilarity: (a, b) => cosineSimilarity(a, b),
    pairwiseDistance: (a, b) => nn.functional.pairwiseDistance(a, b),
    mseLoss: (a, b) => nn.functional.mseLoss(a, b.expandAs(a)),
  };
  it.each(Object.entries(FUNCTIONS))('of %s, and its own', (_, f) => {
    const a = randn([2, 2, 2, 5, 2]);
    const b = randn([2, 1, 5, 1]);
    const gradients = (dtype: 'float32' | 'float64'): Tensor[] => {
      const inputs = [a, b].map((t) => t.to(dtype).detach().requiresGrad_());
      const first = grad(f(inputs[0]!, inputs[1]!).sum(), inputs, { createGraph: true });
      const second = grad(first.map((g) => g.mul(g).sum()).reduce((sum, part) => sum.add(part)), inputs);
      return [...first, ...second].map((g) => g.detach().double());
    };
    const exact = gradients('float64');
    gradients('float32').forEach((g, i) => {
      expect(g.shape).toEqual(i % 2 === 0 ? a.shape : b.shape);
      expect(allclose(g, exact[i]!, 1e-3, 1e-3)).toBe(true);
    });
  });
});
