// Samplers against PyTorch's, recorded by fixtures/record/random_ops.py: the numbers, and what they leave of the generator; and the
// implicit gradients of gamma and Dirichlet numbers.
import { describe, expect, it } from 'vitest';
import { type DType, Generator, type Tensor, binomial, distributions, forkRng, manualSeed, poisson, rand, randintLike, tensor, zeros } from 'adjoint';
import fixture from './fixtures/random-ops.json';

const rates = [0, 0.1, 1.5, 9.5, 10, 30, 500, 3];
const counts = [0, 1, 5, 20, 100, 1000, 40, 12];
const probs = [0.5, 0, 0.3, 0.9, 0.25, 0.75, 1, 0.6];
const alphas = [0.05, 0.3, 0.9, 1, 1.5, 4, 9, 60];
const empty = (n: number, dtype: DType = 'float32'): Tensor => zeros([n], { dtype });
const gamma = (dtype: DType, generator: Generator | null): Tensor => new distributions.Gamma(tensor(alphas, { dtype }), tensor(1, { dtype })).sample([], generator);
const dirichlet = (dtype: DType, generator: Generator | null): Tensor => new distributions.Dirichlet(tensor(alphas, { dtype }).view([2, 4])).sample({ generator });

const WAYS: Record<string, (generator: Generator | null) => Tensor> = {
  'geometric_(0.3)': (generator) => empty(8).geometric_(0.3, { generator }),
  'geometric_(0.3) int64': (generator) => empty(8, 'int64').geometric_(0.3, { generator }),
  'geometric_(0.3) float64': (generator) => empty(8, 'float64').geometric_(0.3, generator),
  'cauchy_()': (generator) => empty(8).cauchy_({ generator }),
  'cauchy_(1, 2) float64': (generator) => empty(8, 'float64').cauchy_(1, 2, { generator }),
  'logNormal_()': (generator) => empty(8).logNormal_({ generator }),
  'logNormal_(0, 0.5) many': (generator) => empty(20).logNormal_(0, 0.5, { generator }),
  'exponential_(2) float64': (generator) => empty(8, 'float64').exponential_(2, { generator }),
  ...Object.fromEntries(
    (['float32', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'] as const).map((dtype) => [`random_() ${dtype}`, (generator: Generator | null) => empty(8, dtype).random_({ generator })]),
  ),
  'random_(10)': (generator) => empty(8).random_(10, { generator }),
  'random_(-5, 5) int64': (generator) => empty(8, 'int64').random_(-5, 5, { generator }),
  'random_(0, 2 ** 40) int64': (generator) => empty(8, 'int64').random_(0, 2 ** 40, { generator }),
  'randintLike(7)': (generator) => randintLike(empty(8), 7, { generator }),
  'randintLike(-3, 3) int32': (generator) => randintLike(empty(8, 'int32'), -3, 3, { generator }),
  poisson: (generator) => poisson(tensor(rates), generator),
  'poisson float64': (generator) => poisson(tensor(rates, { dtype: 'float64' }), { generator }),
  binomial: (generator) => binomial(tensor(counts), tensor(probs), { generator }),
  'binomial float64': (generator) => binomial(tensor(counts, { dtype: 'float64' }), tensor(probs, { dtype: 'float64' }), generator),
  gamma: (generator) => gamma('float32', generator),
  'gamma float64': (generator) => gamma('float64', generator),
  dirichlet: (generator) => dirichlet('float32', generator),
  'dirichlet float64': (generator) => dirichlet('float64', generator),
};

/** Exactly for integers; to rounding of the functions for others. */
function expectNear(actual: unknown, golden: unknown, rtol: number): void {
  // Integers beyond 2^53 are bigints here and rounded there.
  const [a, b] = [([actual].flat(9) as (number | bigint | boolean)[]).map(Number), ([golden].flat(9) as (number | boolean)[]).map(Number)];
  expect(a).toHaveLength(b.length);
  a.forEach((v, i) => {
    if (!(v === b[i]! || Math.abs(v - b[i]!) <= rtol * Math.abs(b[i]!))) expect(v, `at ${i}`).toBe(b[i]);
  });
}

describe('a sampler draws PyTorch\'s numbers', () => {
  const cases = Object.entries(fixture.seeds).flatMap(([seed, ways]) => Object.entries(ways).map(([name, golden]) => [name, Number(seed), golden] as const));
  it.each(cases)('%s, seed %i', (name, seed, { dtype, value, next }) => {
    manualSeed(seed);
    const drawn = WAYS[name]!(null);
    expect(drawn.dtype).toBe(dtype);
    const rtol = dtype === 'float64' ? 1e-12 : dtype === 'float32' ? 1e-6 : 0;
    expectNear(drawn.tolist(), value, rtol);
    expect(rand([2]).tolist()).toEqual(next);
    // The same from a generator, which leaves the default one alone.
    manualSeed(7);
    expect(WAYS[name]!(new Generator().manualSeed(seed)).equal(drawn)).toBe(true);
    const after = rand([1]).item();
    manualSeed(7);
    expect(rand([1]).item()).toBe(after);
  });

  it('in every way that is recorded', () => {
    expect(Object.keys(fixture.seeds[0])).toEqual(Object.keys(WAYS));
  });
});

describe('the implicit gradient', () => {
  it.each(Object.entries(fixture.gradients))('of gamma and Dirichlet numbers is PyTorch\'s, seed %s', (seed, golden) => {
    manualSeed(Number(seed));
    const a = tensor([0.05, 0.5, 1, 3, 7.5, 8.5, 20, 200], { dtype: 'float64' }).repeat(20).requiresGrad_();
    new distributions.Gamma(a, tensor(1, { dtype: 'float64' })).rsample().sum().backward();
    expectNear(a.grad!.tolist(), golden.gamma, 1e-9);
    const rows = [[0.1, 0.1, 0.3], [0.5, 3, 1], [1, 1, 1], [7, 8, 9], [30, 50, 20], [5, 0.2, 2]];
    const c = tensor(rows, { dtype: 'float64' }).repeat(10, 1).requiresGrad_();
    new distributions.Dirichlet(c).rsample().mul(tensor([1, -2, 0.5], { dtype: 'float64' })).sum().backward();
    expectNear(c.grad!.tolist(), golden.dirichlet, 1e-7);
  });
});

describe('forkRng', () => {
  it('sets the default generator back, also after an error, and when its guard is disposed of', () => {
    manualSeed(1);
    const [first, second] = [rand([1]).item(), rand([1]).item()];
    manualSeed(1);
    expect(forkRng(() => rand([1]).item())).toBe(first);
    expect(() => forkRng(() => { rand([5]); throw new Error('stop'); })).toThrow('stop');
    expect(rand([1]).item()).toBe(first);
    const guard = forkRng();
    manualSeed(9);
    guard.dispose();
    guard.dispose();
    expect(rand([1]).item()).toBe(second);
    expect(() => forkRng(5 as never)).toThrow(/forkRng: fn must be a function or null, got 5/);
  });
});

describe('errors say what was given', () => {
  it.each([
    [() => empty(2).geometric_(0), /geometric_?: expects p to be in \(0, 1\), but got p=0/],
    [() => empty(2).cauchy_(0, 0), /expects sigma > 0.0, but found sigma=0/],
    [() => empty(2).logNormal_(0, -1), /expects std > 0.0, but found std=-1/],
    [() => empty(2).random_(3, 3), /expects 'from' to be less than 'to', but got from=3 >= to=3/],
    [() => randintLike(empty(2), 0), /from=0 >= to=0/],
    [() => poisson(tensor([-1])), /invalid Poisson rate.* got -1/],
    [() => binomial(tensor([-1]), tensor([0.5])), /count to be non-negative, but got -1/],
    [() => binomial(tensor([1]), tensor([2])), /expects p to be in \[0, 1\], but got p=2/],
  ])('%s', (call, message) => {
    expect(call).toThrow(message);
  });
});
