// Distributions of vectors and matrices and orthogonal matrices against PyTorch's, recorded by fixtures/record/matrices.py.
import { describe, expect, it } from 'vitest';
import { type Tensor, UsageError, distributions as D, empty, eye, linalg, manualSeed, memoryStats, nn, ones, tensor, zeros } from 'adjoint';
import fixture from './fixtures/matrices.json';

type Plain = number | string | readonly Plain[];
type Given = Readonly<Record<string, Plain>>;
interface Result {
  readonly value: Plain;
  readonly grads: Readonly<Record<string, Plain | null>>;
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());
const t = (v: Plain): Tensor => tensor(v as number[], { dtype: 'float64' });
const parameters = (given: Given): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).map(([name, v]) => [camel(name), name === 'dim' ? v : t(v).requiresGrad_()]));
const classes = D as unknown as Record<string, new (parameters: Record<string, unknown>) => D.Distribution>;
const flat = (value: unknown): number[] => [value].flat(9).map(Number);

function expectNear(actual: Tensor | null, golden: Plain, what: string, rtol = 1e-9): void {
  const [a, b] = [flat(actual!.tolist()), flat(golden)];
  expect(a.length, what).toBe(b.length);
  a.forEach((v, i) => {
    const good = Object.is(v, b[i]) || Math.abs(v - b[i]!) <= rtol * Math.max(Math.abs(b[i]!), 1);
    if (!good) expect(v, `${what} at ${i}`).toBe(b[i]);
  });
}

function weighted(out: Tensor): Tensor {
  return out.mul(tensor(Array.from({ length: out.numel() }, (_, i) => i + 1), { dtype: out.dtype }).view([...out.shape])).sum();
}

function expectResult(name: string, given: Given, golden: Result | null, what: string, of: (d: D.Distribution) => Tensor): void {
  if (golden === null) return;
  const params = parameters(given);
  const out = of(new classes[name]!(params));
  expectNear(out, golden.value, what);
  const names = Object.keys(golden.grads);
  if (names.length === 0) return;
  weighted(out).backward();
  for (const key of names) {
    const { grad } = params[camel(key)] as Tensor;
    if (golden.grads[key] != null) expectNear(grad, golden.grads[key], `gradient of ${what} by ${key}`, 1e-7);
  }
}

describe('a distribution is PyTorch\'s', () => {
  it.each(fixture.cases.map((golden) => [`${golden.class} ${golden.label}`, golden] as const))('%s', (_, golden) => {
    const { class: name } = golden;
    const given = golden.given as unknown as Given;
    const at = t(golden.at);
    const read = golden as unknown as Record<string, Result | null>;
    for (const key of ['mean', 'mode', 'variance', 'covarianceMatrix', 'precisionMatrix', 'scaleTril']) {
      expectResult(name, given, read[key]!, key, (d) => (d as unknown as Record<string, Tensor>)[key]!);
    }
    expectResult(name, given, read['logProb']!, 'logProb', (d) => d.logProb(at));
    expectResult(name, given, read['entropy']!, 'entropy', (d) => d.entropy());
    expectResult(name, given, read['sample']!, 'sample', (d) => {
      manualSeed(7);
      return d.sample([2]);
    });
    const d = new classes[name]!(parameters(given));
    const wide = d.expand([2, ...d.batchShape]);
    const one = at.ndim > d.eventShape.length ? at.select(0, 0) : at;
    expectNear(wide.logProb(one), flat([d.logProb(one).tolist(), d.logProb(one).tolist()]), 'logProb of an expanded one');
    if (d.hasRsample) expect(d.rsample([2]).requiresGrad).toBe(true);
  });

  it.each(fixture.divergences.map((golden) => [`${golden.p.class}, ${golden.q.class}`, golden] as const))('klDivergence %s', (_, golden) => {
    const [p, q] = [golden.p, golden.q].map((d) => new classes[d.class]!(parameters(d.given as unknown as Given))) as [D.Distribution, D.Distribution];
    expectNear(D.klDivergence(p, q), golden.value, 'divergence');
  });

  it('PositiveDefiniteTransform', () => {
    const { x, y, back } = fixture.transform;
    const f = new D.transforms.PositiveDefiniteTransform();
    expectNear(f.call(t(x)), y, 'call');
    expectNear(f.inv.call(t(y)), back, 'inv.call');
    expect([f.domain.eventDim, f.codomain.check(t(y)).item()]).toEqual([2, true]);
    expect(D.constraints.positiveSemidefinite.check(t([[1, 1], [1, 1]])).item()).toBe(true);
    expect(D.constraints.positiveDefinite.check(t([[1, 1], [1, 1]])).item()).toBe(false);
  });

  it.each([
    [() => new D.MultivariateNormal(zeros([2])), /expected exactly one of covarianceMatrix, precisionMatrix, scaleTril, got none/],
    [() => new D.MultivariateNormal(zeros([2]), eye(2), eye(2)), /got covarianceMatrix and precisionMatrix/],
    [() => new D.MultivariateNormal(zeros([2]), eye(2).neg()), /covarianceMatrix of shape \[2, 2\] must satisfy positiveDefinite/],
    [() => new D.MultivariateNormal(zeros([2]), { scaleTril: ones([2, 2]) }), /must satisfy lowerCholesky/],
    [() => new D.LowRankMultivariateNormal(zeros([2]), ones([3, 1]), ones([2])), /covFactor must be a batch of matrices of 2 rows/],
    [() => new D.Wishart(1, eye(3)), /df must be greater than 2/],
    [() => new D.LKJCholesky(1), /dim/],
  ])('%s is refused', (call, message) => {
    expect(call).toThrow(message);
  });

  it('makers and methods leave nothing behind but their result', () => {
    const [loc, covariance] = [zeros([2]), eye(2)];
    const before = memoryStats().tensors;
    const d = new D.MultivariateNormal(loc, covariance);
    const made = [d.logProb(loc), d.sample(), d.entropy(), d.precisionMatrix, d.scaleTril, d.loc, d.covarianceMatrix];
    expect(memoryStats().tensors - before).toBeLessThanOrEqual(made.length);
  });
});

describe('orthogonal matrices', () => {
  it.each(fixture.initial.map((golden) => [`[${golden.shape.join()}]`, golden] as const))('orthogonal_ draws what PyTorch draws, %s', (_, golden) => {
    manualSeed(3);
    expectNear(nn.init.orthogonal_(empty(golden.shape, { dtype: 'float64' }), golden.gain), golden.value, 'value');
  });

  it.each(fixture.parametrized.map((golden) => [`${golden.map} ${golden.rows}×${golden.columns}, ${golden.trivial}`, golden] as const))('parametrizations.orthogonal %s', (_, golden) => {
    const module = new nn.Linear(golden.columns, golden.rows, { bias: false, dtype: 'float64' });
    module.weight = new nn.Parameter(t(golden.weight));
    manualSeed(5);
    const made = nn.utils.parametrizations.orthogonal(module, 'weight', golden.map as 'cayley', golden.trivial);
    const list = (made as unknown as { parametrizations: { weight: { original: Tensor; at(i: number): { base: Tensor | null } } } }).parametrizations.weight;
    // Where numbers were drawn to fill a basis, PyTorch's go in place of them.
    if (golden.base !== undefined) list.at(0).base = t(golden.base);
    if (golden.first !== undefined) expectNear(made.weight, golden.first, 'weight');
    expectNear(list.original, golden.original, 'original');
    const { original } = list;
    const moved = t(Array.from({ length: original.numel() }, (_, i) => 0.1 * (i + 1))).view([...original.shape]);
    const changed = original.detach().add(moved.tril(-1));
    original.requiresGrad_(false).copy_(changed).requiresGrad_();
    const out = made.weight;
    expectNear(out, golden.value, 'value');
    weighted(out).backward();
    expectNear(original.grad, golden.grad, 'gradient');
  });

  it('stay so, and take other values', () => {
    const square = nn.utils.parametrizations.orthogonal(new nn.Linear(3, 3), { orthogonalMap: 'matrix_exp' });
    const product = square.weight.matmul(square.weight.t());
    expectNear(product, eye(3).tolist() as Plain, 'product', 1e-5);
    square.weight = eye(3);
    expectNear(square.weight, eye(3).tolist() as Plain, 'weight', 1e-6);
    expect(() => nn.utils.parametrizations.orthogonal(new nn.Linear(3, 3), 'nothing')).toThrow(/has no parameter or buffer named nothing/);
    expect(() => nn.utils.parametrizations.orthogonal(new nn.Linear(3, 3), 'bias')).toThrow(UsageError);
    expect(() => nn.init.orthogonal_(zeros([3]))).toThrow(/2 or more dims/);
  });
});

describe('factors give matrices back', () => {
  const random = (...shape: number[]): Tensor => empty(shape, { dtype: 'float64' }).normal_();
  const residual = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item() / (1 + a.abs().max().item());
  it.each([1, 2, 5, 33, 64])('of size %i', (n) => {
    manualSeed(n);
    const a = random(2, n, n + 3);
    const square = random(2, n, n);
    const mt = (x: Tensor): Tensor => x.transpose(-2, -1);
    const bound = 1e-13 * (n + 10);
    const { U, S, Vh } = linalg.svd(a, { fullMatrices: false });
    expect(residual(a, U.mul(S.unsqueeze(-2)).matmul(Vh))).toBeLessThan(bound);
    const { Q, R } = linalg.qr(mt(a));
    expect(residual(mt(a), Q.matmul(R))).toBeLessThan(bound);
    expect(residual(eye(n, { dtype: 'float64' }), mt(Q).matmul(Q))).toBeLessThan(bound);
    const symmetric = square.add(mt(square));
    const { eigenvalues, eigenvectors } = linalg.eigh(symmetric);
    expect(residual(symmetric, eigenvectors.mul(eigenvalues.unsqueeze(-2)).matmul(mt(eigenvectors)))).toBeLessThan(bound);
    const { P, L, U: upper } = linalg.lu(square);
    expect(residual(square, P.matmul(L).matmul(upper))).toBeLessThan(bound);
    const definite = square.matmul(mt(square)).add(eye(n, { dtype: 'float64' }));
    const factor = linalg.cholesky(definite);
    expect(residual(definite, factor.matmul(mt(factor)))).toBeLessThan(bound);
    const x = linalg.solve(definite, square);
    expect(residual(square, definite.matmul(x))).toBeLessThan(bound * n * 10);
  });
});
