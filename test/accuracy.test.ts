// Sums, means, variances, norms and pools over many elements are at least as accurate as PyTorch's, in every dim and layout.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Tensor, full, manualSeed, nn, rand, randn, scope, varMean } from 'adjoint';
import { type Input, KINDS, LAYOUTS, called, distance, drawn } from './accuracy-inputs';
import { functionNamed } from './named-functions';

interface Case {
  op: string;
  inputs: Input[];
  options: Record<string, unknown>;
  gradients: boolean;
  /** Of the output, or of each gradient. */
  errors: (number | string)[];
}

interface ExactCase {
  op: 'sum' | 'mean' | 'var';
  shape: number[];
  dim: number | null;
  kind: string;
  expected: number[];
  error: number;
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/accuracy.json', import.meta.url), 'utf8')) as { float32: Case[]; float64: ExactCase[] };

/** Half the spacing of numbers at 1: what the last rounding of an exact result can cost. */
const ROUNDING = { float32: 2 ** -24, float64: 2 ** -53 };

/**
 * Gradients that are further off, by at most this factor. Where a mean is taken off element by element and then multiplied, PyTorch has fused
 * multiply-adds; WebAssembly has none, and a difference from a mean with all of its digits is rounded the same way for all elements of a size,
 * which adds up in sums.
 */
const GRADIENTS_OFF: Readonly<Record<string, number>> = {
  'nn.functional.batchNorm': 1.35,
  'nn.functional.groupNorm': 1.7,
  'nn.functional.layerNorm': 1.25,
  'nn.functional.rmsNorm': 1.05,
  var: 1.15,
};

/** What is wrong with a case, or null; theirs are recorded to three digits. Within three roundings, which an element goes through after any sum, chance decides which is nearer. */
function worse(error: number, theirs: number, dtype: 'float32' | 'float64'): string | null {
  if (error <= Math.max(1.01 * theirs, 3 * ROUNDING[dtype]) || !Number.isFinite(theirs)) return null;
  return `${error.toPrecision(3)} against PyTorch's ${theirs.toPrecision(3)}`;
}

describe('results over many elements are at least as accurate as PyTorch’s', () => {
  for (const op of new Set(fixture.float32.map((c) => c.op))) {
    it(`in float32: ${op}`, () => {
      const wrong = fixture.float32
        .filter((c) => c.op === op)
        .map((c) =>
          scope(() => {
            manualSeed(7);
            const inputs = drawn(c.inputs);
            const seed = c.gradients ? 99 : null;
            const [got, reference] = [called(c, inputs, 'float32', seed), called(c, inputs, 'float64', seed)];
            const factor = c.gradients ? (GRADIENTS_OFF[op] ?? 1) : 1;
            const differences = got.map((y, i) => worse(distance(y, reference[i]!), factor * Number(c.errors[i]), 'float32'));
            return differences.flatMap((d, i) => (d === null ? [] : [`${JSON.stringify([c.inputs, c.options])} ${i}: ${d}`]));
          }),
        );
      expect(wrong.flat()).toEqual([]);
    });
  }

  for (const { op, shape, dim, kind, expected, error } of fixture.float64) {
    it(`in float64: ${op} of ${kind} numbers of shape [${shape.join()}] over ${dim ?? 'all'}`, () => {
      scope(() => {
        manualSeed(7);
        const x = KINDS[kind]!(rand(shape, { dtype: 'float64' }));
        const y = (dim === null ? functionNamed(op)!(x) : functionNamed(op)!(x, dim)) as Tensor;
        const got = Array.from(y.reshape([-1]).toTypedArray() as Float64Array);
        const scale = Math.max(...expected.map(Math.abs)) || 1;
        expect(worse(Math.max(...got.map((v, i) => Math.abs(v - expected[i]!))) / scale, error, 'float64')).toBeNull();
      });
    });
  }
});

describe('variance', () => {
  it('does not lose its digits beside a large mean', () => {
    manualSeed(1);
    const x = randn([64, 1000]).add(1e6);
    const exact = x.double().var(1);
    expect(x.var(1).double().sub(exact).abs().max().item()).toBeLessThan(1e-7);
    expect(x.T.var(0).double().sub(exact).abs().max().item()).toBeLessThan(1e-7);
  });

  it('does not overflow where the result does not', () => {
    manualSeed(1);
    const x = randn([1000]).mul(1e19).add(1e20);
    expect(Number(x.std().item()) / Number(x.double().std().item())).toBeCloseTo(1, 6);
    const wide = randn([1000]).mul(1e25);
    expect(Number(wide.std().item()) / Number(wide.double().std().item())).toBeCloseTo(1, 6);
    expect(Number.isFinite(x.reshape([1000, 1]).std(0).item())).toBe(true);
  });

  it('is rounded once, or nearly', () => {
    // PyTorch adds up in float64: half a unit in the last place.
    const views: readonly (readonly [number[], number, (x: Tensor) => Tensor])[] = [
      [[64, 1000], 1, (x) => x],
      [[1000, 64], 0, (x) => x],
      [[64, 2000], 1, LAYOUTS.strided!],
      [[2000, 64], 0, LAYOUTS.strided!],
      [[64, 1000], 0, LAYOUTS.transposed!],
    ];
    for (const [shape, dim, view] of views) {
      for (const kind of ['positive', 'centred', 'offset']) {
        scope(() => {
          manualSeed(3);
          const x = view(KINDS[kind]!(rand(shape)));
          const exact = x.double().var(dim);
          const off = Number(x.var(dim).double().sub(exact).abs().max().item());
          const half = 2 ** (Math.floor(Math.log2(Number(exact.min().item()))) - 24);
          expect(off / half, `${kind} ${shape.join()} over ${dim}`).toBeLessThan(1.15);
        });
      }
    }
  });

  it('of equal numbers is 0', () => {
    for (const value of [0.1, 1e6 / 3, 1e20]) {
      expect(full([1000], value).var().item()).toBe(0);
      expect(full([1000, 3], value).var(0).tolist()).toEqual([0, 0, 0]);
    }
  });
});

describe('sums over dims that are not neighbours', () => {
  it('are rounded once', () => {
    manualSeed(99);
    const x = rand([50, 4, 10, 10]);
    const exact = x.double().sum([0, 2, 3]);
    expect(Number(x.sum([0, 2, 3]).double().div(exact).sub(1).abs().max().item())).toBeLessThan(1.05 * 2 ** -24);
  });
});

describe('a mean near 0', () => {
  it('has the digits of its own, not those of the elements', () => {
    for (const dims of [[0, 2, 3], [0]]) {
      manualSeed(8);
      const x = rand([1600, 8, 2, 2]).sub(0.5).mul(4);
      const means = (t: Tensor): Tensor => varMean(t, dims)[1].double();
      expect(Number(means(x).sub(means(x.double())).abs().max().item())).toBeLessThan(8e-9);
    }
  });
});

describe('gelu', () => {
  it('has its digits where it is small', () => {
    manualSeed(3);
    const x = rand([20000]).mul(-6);
    const exact = x.double().mul(x.double().mul(-Math.SQRT1_2).erfc()).mul(0.5);
    expect(Number(nn.functional.gelu(x).double().div(exact).sub(1).abs().max().item())).toBeLessThan(2e-6);
  });
});

describe('pools', () => {
  it('average a million equal numbers to that number', () => {
    const y = Number(nn.functional.adaptiveAvgPool2d(full([1, 1, 1000, 1000], 0.1), 1).item());
    expect(Math.abs(y - 0.1)).toBeLessThan(2e-8);
  });
});
