// Random functions with a generator and a probability by every form, and datasets split at random: PyTorch's numbers.
import { describe, expect, it } from 'vitest';
import { Generator, ShapeError, UsageError, bernoulli, data, full, manualSeed, nn, normal, ones, rand, randLike, randn, randnLike, tensor, zeros } from 'adjoint';

const seeded = (seed = 0): Generator => new Generator().manualSeed(seed);

describe('bernoulli', () => {
  it('takes a probability for all elements', () => {
    const drawn = [0, 0, 1];
    const p = 0.5;
    expect(bernoulli(zeros(3), p, { generator: seeded() }).tolist()).toEqual(drawn);
    expect(bernoulli(zeros(3), { p, generator: seeded() }).tolist()).toEqual(drawn);
    expect(bernoulli({ input: zeros(3), p, generator: seeded() }).tolist()).toEqual(drawn);
    expect(bernoulli(zeros(3), p, seeded()).tolist()).toEqual(drawn);
    expect(zeros(3).bernoulli(p, { generator: seeded() }).tolist()).toEqual(drawn);
    expect(zeros(3).bernoulli_(p, { generator: seeded() }).tolist()).toEqual(drawn);
    const wide = bernoulli(zeros([2, 3], { dtype: 'int64' }), p, { generator: seeded() });
    expect([wide.dtype, wide.tolist()]).toEqual(['int64', [[0, 0, 1], [0, 0, 0]]]);
    manualSeed(0);
    expect(bernoulli(zeros(3), p).tolist()).toEqual(drawn);
    expect(() => bernoulli(zeros(3), 1.5)).toThrow(UsageError);
    expect(() => bernoulli(zeros(3), 1.5)).toThrow(/^bernoulli: expects p to be in \[0, 1\], but got p=1.5/);
  });

  it('takes the probabilities themselves as before', () => {
    expect(bernoulli(full([3], 0.5), { generator: seeded() }).tolist()).toEqual([1, 0, 1]);
    expect(full([3], 0.5).bernoulli({ generator: seeded() }).tolist()).toEqual([1, 0, 1]);
    expect(() => bernoulli(full([3], 2))).toThrow(/^bernoulli: /);
  });

  it('writes with a tensor of probabilities, which is broadcast', () => {
    expect(zeros(3).bernoulli_(full([3], 0.5), { generator: seeded() }).tolist()).toEqual([1, 0, 1]);
    expect(zeros(3).bernoulli_({ p: tensor(0.5), generator: seeded() }).tolist()).toEqual([1, 0, 1]);
    expect(zeros([2, 3]).bernoulli_(full([3], 0.5), { generator: seeded() }).tolist()).toEqual([[1, 0, 1], [1, 1, 0]]);
    const whole = zeros([2, 3], { dtype: 'int64' }).bernoulli_(full([3], 0.5, { dtype: 'float64' }), { generator: seeded() });
    expect(whole.tolist()).toEqual([[0, 0, 1], [0, 0, 0]]);
    expect(zeros([3], { dtype: 'float16' }).bernoulli_(full([3], 0.5, { dtype: 'float16' }), { generator: seeded() }).tolist()).toEqual([1, 0, 1]);
    const x = rand([3]).requiresGrad_();
    const p = full([3], 0.5).requiresGrad_();
    const y = x.clone().bernoulli_(p);
    y.sum().backward();
    expect([y.gradFn!.name(), x.grad!.tolist(), p.grad!.tolist()]).toEqual(['BernoulliBackward1', [0, 0, 0], [0, 0, 0]]);
    expect(() => zeros(3).bernoulli_(full([2, 3], 0.5))).toThrow(ShapeError);
    expect(() => zeros(3).bernoulli_(zeros([3], { dtype: 'int64' }))).toThrow(/^bernoulli_: .*int64/);
    expect(() => zeros(3).bernoulli_(full([3], 1.5))).toThrow(/^bernoulli_: expects p to be in \[0, 1\]/);
  });
});

it('every random function takes a generator, and draws as PyTorch does', () => {
  const generator = seeded;
  const uniform = [0.4962566, 0.7682218, 0.0884774];
  const gauss = [1.540996, -0.293429, -2.178789];
  for (const t of [rand([3], { generator: generator() }), rand(3, { generator: generator() }), randLike(zeros(3), { generator: generator() }), zeros(3).uniform_({ generator: generator() }), nn.init.uniform_(zeros(3), { generator: generator() })]) {
    (t.tolist() as number[]).forEach((v, i) => { expect(v).toBeCloseTo(uniform[i]!, 6); });
  }
  for (const t of [
    randn([3], { generator: generator() }), randnLike(zeros(3), { generator: generator() }), zeros(3).normal_({ generator: generator() }), zeros(3).normal_(0, 1, { generator: generator() }),
    normal(0, 1, [3], { generator: generator() }), normal(zeros(3), 1, { generator: generator() }), normal(zeros(3), ones(3), { generator: generator() }), normal(0, ones(3), { generator: generator() }),
  ]) {
    (t.tolist() as number[]).forEach((v, i) => { expect(v).toBeCloseTo(gauss[i]!, 5); });
  }
});

describe('data.randomSplit()', () => {
  const dataset = { length: 10, get: (i: number) => i };
  const parts = (...args: [lengths: number[], generator?: Generator]): (readonly number[])[] => data.randomSplit(dataset, ...args).map(({ indices }) => indices);

  it('gives PyTorch\'s parts for the same seed', () => {
    expect(parts([3, 7], seeded(42))).toEqual([[2, 6, 1], [8, 4, 5, 0, 9, 3, 7]]);
    expect(parts([0.33, 0.67], seeded(42))).toEqual([[2, 6, 1, 8], [4, 5, 0, 9, 3, 7]]);
    manualSeed(0);
    expect(parts([3, 7])).toEqual([[4, 1, 7], [5, 3, 9, 0, 8, 6, 2]]);
    const [first, second] = data.randomSplit({ dataset, lengths: [3, 7], generator: seeded(42) });
    expect([first!.length, first!.get(0), second!.length, [...new data.DataLoader(first!, { batchSize: 3 })].length]).toEqual([3, 2, 7, 1]);
    expect(parts([10, 0], seeded())[1]).toEqual([]);
    expect(data.randomSplit(new data.TensorDataset(ones(4)), [1, 3]).map(({ length }) => length)).toEqual([1, 3]);
  });

  it('refuses lengths that do not sum to that of the dataset', () => {
    for (const lengths of [[3, 6], [0.3, 0.6], [0.3, 1.6], [3.5, 6.5], [-1, 11]]) {
      expect(() => parts(lengths)).toThrow(UsageError);
      expect(() => parts(lengths)).toThrow(/^randomSplit: lengths must be integers that sum to the length of the dataset, 10, or fractions/);
    }
    expect(() => data.randomSplit(3 as never, [1])).toThrow(/^randomSplit: dataset must be a dataset/);
    expect(() => data.randomSplit(dataset, ['1'] as never)).toThrow(/^randomSplit: lengths must be a list of numbers/);
  });
});
