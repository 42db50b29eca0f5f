// Transforms to what a constraint allows: torch.distributions.biject_to and transform_to.
import { describe, expect, it } from 'vitest';
import { type Tensor, distributions, tensor } from 'adjoint';

const { bijectTo, constraints, transformTo, transforms } = distributions;
const x = tensor([0.5, -1, 2], { dtype: 'float64' });

const kinds: Record<string, [typeof constraints.real, (x: Tensor) => Tensor]> = {
  real: [constraints.real, (x) => x],
  positive: [constraints.positive, (x) => x.exp()],
  nonnegative: [constraints.nonnegative, (x) => x.exp()],
  greaterThan: [constraints.greaterThan(2), (x) => x.exp().add(2)],
  greaterThanEq: [constraints.greaterThanEq(2), (x) => x.exp().add(2)],
  lessThan: [constraints.lessThan(3), (x) => x.exp().neg().add(3)],
  unitInterval: [constraints.unitInterval, (x) => x.sigmoid()],
  interval: [constraints.interval(1, 4), (x) => x.sigmoid().mul(3).add(1)],
  'an interval of tensors': [constraints.interval(tensor([1, 0, 0], { dtype: 'float64' }), tensor([4, 1, 2], { dtype: 'float64' })), (x) => x.sigmoid().mul(tensor([3, 1, 2], { dtype: 'float64' })).add(tensor([1, 0, 0], { dtype: 'float64' }))],
  halfOpenInterval: [constraints.halfOpenInterval(-1, 1), (x) => x.sigmoid().mul(2).sub(1)],
  realVector: [constraints.realVector, (x) => x],
  independent: [constraints.independent(constraints.positive, 1), (x) => x.exp()],
};

describe.each(Object.entries(kinds))('%s', (_, [constraint, want]) => {
  it.each([['bijectTo', bijectTo], ['transformTo', transformTo]] as const)('%s leads there and back', (_name, registry) => {
    const t = registry(constraint);
    const y = t.call(x);
    expect(y.sub(want(x)).abs().max().item()).toBeLessThan(1e-12);
    expect(constraint.check(y).all().item()).toBe(true);
    expect(t.inv.call(y).sub(x).abs().max().item()).toBeLessThan(1e-9);
    expect(t.bijective).toBe(true);
    expect(registry({ constraint }).call(x).tolist()).toEqual(y.tolist());
  });
});

describe('vectors and matrices', () => {
  it('go to the simplex by sticks, or by a softmax', () => {
    expect(bijectTo(constraints.simplex)).toBeInstanceOf(transforms.StickBreakingTransform);
    expect(transformTo(constraints.simplex)).toBeInstanceOf(transforms.SoftmaxTransform);
    expect(transformTo(constraints.simplex).call(x).sum().item()).toBeCloseTo(1, 12);
  });

  it('go to Cholesky factors', () => {
    expect(transformTo(constraints.lowerCholesky)).toBeInstanceOf(transforms.LowerCholeskyTransform);
    expect(bijectTo(constraints.corrCholesky)).toBeInstanceOf(transforms.CorrCholeskyTransform);
    expect(() => bijectTo(constraints.lowerCholesky)).toThrow(/bijectTo: there is no transform for lowerCholesky\(\); add one with bijectTo.register/);
  });

  it('go part by part', () => {
    const parts = constraints.cat([constraints.positive, constraints.unitInterval], 0, [2, 1]);
    expect(bijectTo(parts).call(x).tolist()).toEqual([...(x.narrow(0, 0, 2).exp().tolist() as number[]), ...(x.narrow(0, 2, 1).sigmoid().tolist() as number[])]);
    const slices = constraints.stack([constraints.positive, constraints.real, constraints.unitInterval], 0);
    expect(transformTo(slices).call(x).tolist()).toEqual([x.select(0, 0).exp().item(), -1, x.select(0, 2).sigmoid().item()]);
  });
});

describe('register', () => {
  class Even extends distributions.constraints.Constraint {
    override _check(value: Tensor): Tensor {
      return value.eq(value);
    }
  }

  it('adds a class, or what one constraint stands for, at once or as a decorator', () => {
    expect(() => transformTo(new Even())).toThrow(/there is no transform for Even/);
    const factory = (): distributions.Transform => new transforms.AffineTransform(0, 2);
    expect(transformTo.register(Even, factory)).toBe(factory);
    expect(transformTo(new Even()).call(x).tolist()).toEqual([1, -2, 4]);
    expect(() => bijectTo(new Even())).toThrow(/there is no transform/);
    (bijectTo.register(new Even()) as (made: unknown) => unknown)(factory);
    expect(bijectTo(new Even()).call(x).tolist()).toEqual([1, -2, 4]);
    (bijectTo.register as (options: unknown) => unknown)({ constraint: constraints.multinomial, factory });
    expect(bijectTo(constraints.multinomial(3)).call(x).tolist()).toEqual([1, -2, 4]);
  });

  it('refuses what is no constraint', () => {
    expect(() => transformTo(3 as never)).toThrow(/transformTo: constraint must be a constraint, got 3/);
    expect(() => transformTo.register(3 as never, (() => new transforms.ExpTransform()))).toThrow(/constraint must be a constraint or a class of constraints/);
    expect(() => transformTo.register((() => constraints.real), (() => new transforms.ExpTransform()))).toThrow(/constraint must be a constraint, a class/);
  });

  it('is under the transforms and the distributions', () => {
    expect(transforms.bijectTo).toBe(bijectTo);
    expect(transforms.transformTo).toBe(transformTo);
  });
});
