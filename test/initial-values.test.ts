// What modules and initialisers draw, against PyTorch with the same seed.
import { describe, expect, it } from 'vitest';
import { manualSeed, nn, normal, rand, zeros, type DType, type Tensor } from 'adjoint';
import fixture from './fixtures/initial-values.json';

interface Golden {
  shape: number[];
  dtype: string;
  first: number[];
  sum: number;
  squares: number;
}

const EPSILON: Record<string, number> = { float32: 2 ** -23, float64: 2 ** -52, float16: 2 ** -10, bfloat16: 2 ** -7, int64: 0 };

/** Equal up to `roundings` units in the last place of the largest value. */
function expectEqual(actual: Tensor, golden: Golden, roundings = 4): void {
  expect([actual.shape, actual.dtype]).toEqual([golden.shape, golden.dtype]);
  const values = Array.from(actual.detach().to('float64').toTypedArray(), Number);
  const largest = Math.max(0, ...values.map(Math.abs), ...golden.first.map(Math.abs));
  const unit = roundings * EPSILON[golden.dtype]! * largest;
  golden.first.forEach((want, i) => expect(Math.abs(values[i]! - want), `element ${i}: ${values[i]} against ${want}`).toBeLessThanOrEqual(unit));
  const sum = values.reduce((a, b) => a + b, 0);
  const squares = values.reduce((a, b) => a + b * b, 0);
  expect(Math.abs(sum - golden.sum), 'the sum').toBeLessThanOrEqual((unit + 1e-14 * largest) * values.length);
  expect(Math.abs(squares - golden.squares), 'the sum of the squares').toBeLessThanOrEqual(2 * (unit + 1e-14 * largest) * largest * values.length);
}

const camel = (name: string): string => name.replace(/_(?=.)([a-z0-9])?/g, (_, c: string | undefined) => (c ?? '').toUpperCase());
const options = (given: object): Record<string, unknown> => Object.fromEntries(Object.entries(given).map(([key, value]) => [camel(key), value]));

describe('a module starts with the values it has in PyTorch', () => {
  it.each(fixture.modules.map((m) => [`${m.name}(${JSON.stringify(m.args)}, ${JSON.stringify(m.options)}) after manualSeed(${m.seed})`, m] as const))('%s', (_, m) => {
    manualSeed(m.seed);
    const Class = (nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>)[m.name]!;
    const module = new Class(...(m.args as unknown[]), options(m.options));
    const next = rand([1], { dtype: 'float64' }).item();
    // Keys as PyTorch writes them, whether the module has them so or in camelCase.
    const state = module.stateDict();
    for (const [key, golden] of Object.entries(m.state)) expectEqual((state[key] ?? state[camel(key)])!, golden);
    expect(Object.keys(state)).toHaveLength(Object.keys(m.state).length);
    expect(next).toBe(m.after);
  });
});

describe('an initialiser writes the values it writes in PyTorch', () => {
  it.each(fixture.init.map((f) => [`${f.name}(${f.dtype} [${f.shape.join(', ')}], ${f.args.join(', ')})`, f] as const))('%s', (_, f) => {
    manualSeed(7);
    const t = zeros(f.shape, { dtype: f.dtype as DType });
    const fill = (nn.init as unknown as Record<string, (t: Tensor, ...args: unknown[]) => Tensor>)[camel(f.name)]!;
    // PyTorch's words are taken as they are.
    expect(fill(t, ...f.args)).toBe(t);
    expectEqual(t, f.value, f.name.startsWith('kaiming') || f.name.startsWith('xavier') ? 8 : 4);
  });
});

describe('a tensor is filled with the numbers PyTorch fills it with, whole numbers as arguments or not', () => {
  it.each(fixture.draws.map((d) => [`zeros(${d.size}).${d.name}(${d.args.join(', ')})`, d] as const))('%s', (_, d) => {
    manualSeed(3);
    const t = zeros([d.size]);
    const draw = (t as unknown as Record<string, (...args: number[]) => Tensor>)[d.name]!;
    expect(draw.apply(t, d.args)).toBe(t);
    expectEqual(t, d.value);
  });

  it('by name and mixed too', () => {
    const drawn = (fill: (t: Tensor) => Tensor): number[] => {
      manualSeed(3);
      return fill(zeros([4])).tolist() as number[];
    };
    const expected = drawn((t) => t.normal_(1, 2));
    expect(drawn((t) => t.normal_({ mean: 1, std: 2 }))).toEqual(expected);
    expect(drawn((t) => t.normal_({ std: 2, mean: 1 }))).toEqual(expected);
    expect(drawn((t) => t.normal_(1, { std: 2 }))).toEqual(expected);
    expect(drawn((t) => nn.init.normal_(t, { mean: 1, std: 2 }))).toEqual(expected);
    expect(drawn((t) => nn.init.normal_({ tensor: t, mean: 1, std: 2 }))).toEqual(expected);
  });
});

describe('normal with a size', () => {
  it.each(fixture.normal.map((f) => [`normal(${JSON.stringify(f.args)})`, f] as const))('%s', (_, f) => {
    manualSeed(5);
    expectEqual((normal as unknown as (...args: unknown[]) => Tensor)(...f.args), f.value);
  });
});
