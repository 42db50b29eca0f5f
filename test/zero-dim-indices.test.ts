// Ops by index where some operands have no dim and others one: a 0-dim tensor counts as one of one element there.
import { AdjointError, ones, zeros, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';

const SHAPES = [[], [1], [0]];
const REDUCTIONS = ['sum', 'prod', 'mean', 'amax', 'amin'] as const;

const OPS: Readonly<Record<string, (x: Tensor, i: Tensor, s: Tensor) => Tensor>> = {
  scatter: (x, i, s) => x.scatter(0, i, s),
  scatterAdd: (x, i, s) => x.scatterAdd(0, i, s),
  ...Object.fromEntries(REDUCTIONS.map((by) => [`scatterReduce, ${by}`, (x: Tensor, i: Tensor, s: Tensor) => x.scatterReduce(0, i, s, by)])),
  gather: (x, i) => x.gather(0, i),
  indexAdd: (x, i, s) => x.indexAdd(0, i, s),
  indexCopy: (x, i, s) => x.indexCopy(0, i, s),
  indexReduce: (x, i, s) => x.indexReduce(0, i, s, 'amax'),
  put: (x, i, s) => x.put(i, s),
};

test.each(Object.entries(OPS))('%s is refused, or gives gradients of its inputs\' shapes', (_, f) => {
  let accepted = 0;
  for (const [a, b, c] of SHAPES.flatMap((a) => SHAPES.flatMap((b) => SHAPES.map((c) => [a, b, c] as const)))) {
    const [x, s] = [ones([...a], { requiresGrad: true }), ones([...c], { requiresGrad: true })];
    let y: Tensor;
    try {
      y = f(x, zeros([...b], { dtype: 'int64' }), s);
    } catch (error) {
      expect(error).toBeInstanceOf(AdjointError);
      expect((error as AdjointError).code).toMatch(/^(Shape|Index|Usage|DType)Error$/);
      continue;
    }
    accepted++;
    y.sum().backward();
    expect(x.grad?.shape ?? a).toEqual(a);
    expect(s.grad?.shape ?? c).toEqual(c);
  }
  expect(accepted).toBeGreaterThan(0);
});
