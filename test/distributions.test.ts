// Distributions against PyTorch's, recorded by fixtures/record/distributions.py.
import { describe, expect, it } from 'vitest';
import { Generator, Tensor, UsageError, distributions as D, manualSeed, memoryStats, randn, tensor } from 'adjoint';
import fixture from './fixtures/distributions.json';

type Plain = number | string | boolean | null | readonly Plain[];
interface Result {
  readonly value: Plain;
  readonly grads: Readonly<Record<string, Plain>>;
}
type Given = Readonly<Record<string, Plain>>;

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());
const t = (v: Plain): Tensor => tensor(v as number[], { dtype: 'float64' });

/** The parameters as tensors that want gradients; counts and names as they are. */
function parameters(given: Given): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, v]) => [camel(name), name === 'total_count' ? (Array.isArray(v) ? t(v) : v) : t(v).requiresGrad_()]),
  );
}
const classes = D as unknown as Record<string, new (parameters: Record<string, unknown>) => D.Distribution>;
const make = (name: string, given: Given): D.Distribution => new classes[name]!(parameters(given));

/** As JSON has it: NaN and infinities are words. */
const flat = (value: unknown): number[] => [value].flat(9).map(Number);

function expectNear(actual: Tensor | null, golden: Plain, what: string, rtol = 1e-9): void {
  if (golden === null) return;
  const [a, b] = [flat(actual!.tolist()), flat(golden)];
  expect(a.length, what).toBe(b.length);
  a.forEach((v, i) => {
    const good = Object.is(v, b[i]) || v === b[i] || Math.abs(v - b[i]!) <= rtol * Math.max(Math.abs(b[i]!), 1e-2);
    if (!good) expect(v, `${what} at ${i}`).toBe(b[i]);
  });
}

/** What PyTorch's `with_gradients` of the recorder does. */
function expectResult(name: string, given: Given, golden: Result | null, what: string, of: (d: D.Distribution) => Tensor, rtol?: number): void {
  if (golden === null) return;
  const params = parameters(given);
  const out = of(new classes[name]!(params));
  expectNear(out, golden.value, what, rtol);
  const names = Object.keys(golden.grads);
  if (names.length === 0) return;
  const weights = tensor(Array.from({ length: out.numel() }, (_, i) => i + 1), { dtype: 'float64' }).view([...out.shape]);
  out.mul(weights).sum().backward();
  for (const key of names) {
    const { grad } = params[camel(key)] as Tensor;
    // A gradient of zeros is as good as none.
    if (golden.grads[key] !== null) expectNear(grad, golden.grads[key]!, `gradient of ${what} by ${key}`, 1e-7);
  }
}

describe('a distribution is PyTorch\'s', () => {
  it.each(fixture.cases.map((golden) => [golden.label, golden] as const))('%s', (_, golden) => {
    const { class: name } = golden;
    const given = golden.given as unknown as Given;
    const at = t(golden.at);
    const d = make(name, given);
    expect([d.batchShape, d.eventShape]).toEqual(golden.shapes);
    expect([d.hasRsample, d.hasEnumerateSupport, d.support.isDiscrete, d.support.eventDim]).toEqual(golden.flags);
    for (const key of ['mean', 'mode', 'variance', 'stddev'] as const) {
      if (golden[key] !== null) expectNear(d[key], golden[key], key);
    }
    manualSeed(3);
    expectNear(d.sample([4]), golden.sample, 'sample');
    expectNear(d.sample({ sampleShape: [4], generator: new Generator().manualSeed(3) }), golden.sample, 'sample of a generator');
    expectResult(name, given, golden.logProb, 'logProb', (dist) => dist.logProb(at));
    expectResult(name, given, golden.entropy, 'entropy', (dist) => dist.entropy());
    expectResult(name, given, golden.cdf, 'cdf', (dist) => dist.cdf(at));
    expectResult(name, given, golden.icdf, 'icdf', (dist) => dist.icdf(t([0.1, 0.5, 0.8])));
    expectResult(name, given, golden.rsample, 'rsample', (dist) => {
      manualSeed(3);
      return dist.rsample([4]);
    });
    if (golden.support !== null) expectNear(d.enumerateSupport(), golden.support, 'enumerateSupport');
    manualSeed(3);
    const wide = d.expand([2, ...d.batchShape]);
    expectNear(wide.sample(), golden.expanded, 'sample of an expanded one');
    expect([wide.batchShape, wide.eventShape, wide.constructor]).toEqual([[2, ...d.batchShape], d.eventShape, d.constructor]);
    if (golden.logProb !== null) expectNear(wide.logProb(at), [golden.logProb.value, golden.logProb.value] as Plain, 'logProb of an expanded one');
    if (!d.hasRsample) expect(() => d.rsample()).toThrow(/has no samples with gradients/);
  });

  it('numbers make float32, and a batch of none', () => {
    const d = new D.Normal(0, 1);
    expect([d.batchShape, d.loc.dtype, d.sample([2]).dtype]).toEqual([[], 'float32', 'float32']);
    expect(String(new D.Normal(0.5, 1))).toBe('Normal(loc: 0.5, scale: 1)');
    expect(String(new D.Bernoulli({ logits: randn([2]) }))).toBe('Bernoulli(logits: [2])');
    expect(new D.Normal({ loc: tensor([0, 1]), scale: 2 }).batchShape).toEqual([2]);
  });
});

describe('klDivergence', () => {
  const pairs = fixture.divergences.map((golden) => [`${golden.p[0] as string}, ${golden.q[0] as string}`, golden] as const);
  it.each(pairs)('%s', (_, golden) => {
    const [p, q] = [golden.p, golden.q].map(([name, given]) => make(name as string, given as unknown as Given)) as [D.Distribution, D.Distribution];
    expectNear(D.klDivergence(p, q), golden.value, 'divergence');
  });

  it('has no formula for other pairs until one is registered', () => {
    class Own extends D.Normal {}
    expect(() => D.klDivergence(new D.Normal(0, 1), new D.Poisson(1))).toThrow(/no formula for p of Normal and q of Poisson; add one with registerKl/);
    expect(D.klDivergence(new Own(0, 1), new D.Normal(0, 1)).item()).toBe(0);
    D.registerKl(Own, D.Normal, () => tensor(7));
    expect(D.klDivergence(new Own(0, 1), new D.Normal(0, 1)).item()).toBe(7);
    expect(() => { D.registerKl(Tensor as never, D.Normal, () => tensor(7)); }).toThrow(UsageError);
  });

  it('sums over dims that belong together, and looks through the same transforms', () => {
    const normal = (loc: number): D.Normal => new D.Normal(tensor([loc, loc]), 1);
    expect(D.klDivergence(new D.Independent(normal(0), 1), new D.Independent(normal(1), 1)).item()).toBe(1);
    const moved = (loc: number, by: number): D.TransformedDistribution => new D.TransformedDistribution(normal(loc), [new D.AffineTransform(0, by)]);
    expect(D.klDivergence(moved(0, 2), moved(1, 2)).tolist()).toEqual([0.5, 0.5]);
    expect(() => D.klDivergence(moved(0, 2), moved(1, 3))).toThrow(/same transforms/);
  });
});

describe('a transform is PyTorch\'s', () => {
  const { transforms: T } = D;
  const f64 = (v: number | number[]): Tensor => tensor(v, { dtype: 'float64' });
  const made: Record<string, () => D.Transform> = {
    exp: () => new T.ExpTransform(),
    sigmoid: () => new T.SigmoidTransform(),
    softplus: () => new T.SoftplusTransform(),
    tanh: () => new T.TanhTransform(),
    abs: () => new T.AbsTransform(),
    power: () => new T.PowerTransform(f64(-1.5)),
    affine: () => new T.AffineTransform(f64(1), f64([2, -3])),
    'affine of vectors': () => new T.AffineTransform(1, f64([2, -3]), { eventDim: 1 }),
    softmax: () => new T.SoftmaxTransform(),
    'stick breaking': () => new T.StickBreakingTransform(),
    'lower cholesky': () => new T.LowerCholeskyTransform(),
    'corr cholesky': () => new T.CorrCholeskyTransform(),
    reshape: () => new T.ReshapeTransform([4], [2, 2]),
    compose: () => new T.ComposeTransform([new T.AffineTransform(f64(1), f64(2)), new T.SigmoidTransform(), new T.StickBreakingTransform()]),
    independent: () => new T.IndependentTransform(new T.ExpTransform(), 1),
    cat: () => new T.CatTransform([new T.ExpTransform(), new T.TanhTransform()], 0, [1, 2]),
    stack: () => new T.StackTransform([new T.ExpTransform(), new T.SigmoidTransform()], 1),
    cdf: () => new T.CumulativeDistributionTransform(new D.Normal(f64(0.5), f64(2))),
  };
  it.each(Object.entries(fixture.transforms))('%s', (name, golden) => {
    const f = made[name]!();
    const [x, y] = [t(golden.x), t(golden.y)];
    expectNear(f.call(x), golden.y, 'call');
    expectNear(f.inv.call(y), golden.back, 'inv.call');
    expect(f.inv.inv.call(x).tolist()).toEqual(f.call(x).tolist());
    if (golden.log === null) expect(() => f.logAbsDetJacobian(x, y)).toThrow(/logAbsDetJacobian/);
    else expectNear(f.logAbsDetJacobian(x, y), golden.log, 'logAbsDetJacobian');
    if (golden.inverseLog !== null) expectNear(f.inv.logAbsDetJacobian(y, x), golden.inverseLog, 'inv.logAbsDetJacobian');
    expect(f.bijective).toBe(golden.bijective);
    expect([f.forwardShape(x.shape), f.inverseShape(y.shape)]).toEqual([golden.forwardShape, golden.inverseShape]);
    expect([f.domain.eventDim, f.codomain.eventDim]).toEqual(golden.dims);
  });

  it('remembers its input where it is asked to', () => {
    const f = new T.TanhTransform({ cacheSize: 1 });
    const x = tensor([20]);
    expect(f.inv.call(f.call(x)).tolist()).toEqual([20]);
    expect(new T.TanhTransform().inv.call(x.tanh()).tolist()).toEqual([Infinity]);
  });
});

describe('a mixture is PyTorch\'s', () => {
  const W = [[0.2, 0.3, 0.5], [0.6, 0.25, 0.15]];
  const [L, S] = [[-0.5, 0.25, 1.5], [0.5, 1, 2]];
  const mixtures = [
    () => new D.MixtureSameFamily(new D.Categorical(t(W)), new D.Normal(t([L, S]), t([S, S]))),
    () => new D.MixtureSameFamily(new D.Categorical(t(W[0]!)), new D.Independent(new D.Normal(t([[0, 1], [2, 3], [4, 5]]), t([[1, 2], [1, 2], [1, 2]])), 1)),
  ];
  it.each([0, 1])('of kind %i', (i) => {
    const golden = fixture.mixture[i]!;
    const d = mixtures[i]!();
    expectNear(d.mean, golden.mean, 'mean');
    expectNear(d.variance, golden.variance, 'variance');
    manualSeed(3);
    expectNear(d.sample([3]), golden.sample, 'sample');
    expectNear(d.logProb(t([0.3, 1.2])), golden.logProb, 'logProb');
  });
});

describe('what is wrong is refused', () => {
  it.each([
    [() => new D.Normal(0, -1), /Normal: parameter scale of shape \[\] must satisfy greaterThan\(lowerBound: 0\), but holds invalid values: tensor\(-1/],
    [() => new D.Bernoulli(2), /Bernoulli: parameter probs .* interval\(lowerBound: 0, upperBound: 1\)/],
    [() => new D.Bernoulli(), /Bernoulli: pass probs or logits, and not both/],
    [() => new D.Bernoulli(0.5, 0.5), /pass probs or logits/],
    [() => new D.Uniform(1, 0), /Uniform: parameter low/],
    [() => new D.Normal(tensor([1, 2]), tensor([1, 2, 3])), /shapes \[2\] and \[3\] cannot be broadcast/],
    [() => new D.Categorical(tensor(1)), /probs must have at least one dim/],
    [() => new D.Normal(0, 1).logProb(tensor(NaN)), /logProb of Normal: value .* must satisfy real/],
    [() => new D.Bernoulli(0.5).logProb(tensor(0.5)), /must satisfy boolean/],
    [() => new D.Dirichlet(tensor([1, 2])).logProb(tensor([0.1, 0.2, 0.7])), /last sizes of value must be those of an outcome, \[2\]/],
    [() => new D.Normal(tensor([0, 1]), 1).logProb(tensor([1, 2, 3])), /cannot be broadcast/],
    [() => new D.Gamma(1, 1).icdf(tensor(0.5)), /Gamma has no inverse of its cdf/],
    [() => new D.Independent(new D.Normal(0, 1), 1), /reinterpretedBatchNdims must be at most/],
  ])('%s', (call, message) => {
    expect(call).toThrow(message);
  });

  it('unless checks are switched off', () => {
    expect(new D.Normal(0, -1, false).scale.item()).toBe(-1);
    D.Distribution.setDefaultValidateArgs(false);
    expect(new D.Normal(0, -1).logProb(tensor(NaN)).item()).toBeNaN();
    D.Distribution.setDefaultValidateArgs(true);
    expect(() => new D.Normal(0, -1)).toThrow(UsageError);
  });
});

it('methods leave nothing behind but their result', () => {
  const d = new D.Gumbel(tensor([1, 2]), tensor([1, 2]));
  const value = tensor([0.5, 1]);
  const before = memoryStats().tensors;
  const made = [d.logProb(value), d.cdf(value), d.sample(), d.rsample([3]), d.mean, d.variance, d.entropy(), D.klDivergence(d, d)];
  expect(memoryStats().tensors - before).toBeLessThanOrEqual(made.length);
  for (const result of made) result.dispose();
});

it('every name of PyTorch\'s is here', () => {
  const missing = fixture.names.filter((name) => !(camel(name) in D));
  expect(missing).toEqual([]);
});
