// Parameters that PyTorch keeps for older programs, at its places and by name: what it gives for them, here too.
import { describe, expect, it } from 'vitest';
import { nn, scatter, tensor, zeros, type Tensor } from 'adjoint';

const F = nn.functional as unknown as Record<string, (...args: unknown[]) => Tensor>;

const x = tensor([[0.2, 0.7, 0.4], [0.9, 0.1, 0.5]]);
const t = tensor([[0, 1, 0], [1, 0, 1]], { dtype: 'float32' });
const signs = t.mul(2).sub(1);
const classes = tensor([1n, 0n]);
const weight = tensor([1, 2, 0.5]);

interface Case {
  /** The arguments before `sizeAverage`. */
  before: readonly unknown[];
  /** Those between it and `reduce`. */
  between?: readonly unknown[];
  /** PyTorch's sum. */
  sum: number;
}

const CASES: Record<string, Case> = {
  binaryCrossEntropy: { before: [x, t, null], sum: 1.9945123195648193 },
  binaryCrossEntropyWithLogits: { before: [x, t, null], sum: 3.6739675998687744 },
  cosineEmbeddingLoss: { before: [x, t, tensor([1, -1]), 0.1], sum: 1.0143194198608398 },
  crossEntropy: { before: [x, classes, weight], between: [-100], sum: 2.4578237533569336 },
  hingeEmbeddingLoss: { before: [x, signs, 1], sum: 4.400000095367432 },
  klDiv: { before: [x, t], sum: -2.0999999046325684 },
  l1Loss: { before: [x, t], sum: 1.600000023841858 },
  smoothL1Loss: { before: [x, t], sum: 0.2800000011920929 },
  mseLoss: { before: [x, t], sum: 0.5600000023841858 },
  marginRankingLoss: { before: [x.select(0, 0), t.select(0, 0), tensor([1, -1, 1]), 0.1], sum: 0 },
  multilabelSoftMarginLoss: { before: [x, t, null], sum: 1.2246558666229248 },
  nllLoss: { before: [x, classes, weight], between: [-100], sum: -2.299999952316284 },
  poissonNllLoss: { before: [x, t, true, false], between: [1e-8], sum: 7.840475559234619 },
  softMarginLoss: { before: [x, signs], sum: 3.6739675998687744 },
  tripletMarginLoss: { before: [x, t, t.neg().add(1), 1, 2, 1e-6, false], sum: 0.46999645233154297 },
};

/** What PyTorch makes of the two. */
const WORDS: readonly (readonly [sizeAverage: boolean | null, reduce: boolean | null, reduction: string])[] = [
  [false, null, 'sum'],
  [null, false, 'none'],
  [true, null, 'mean'],
  [null, true, 'mean'],
  [false, true, 'sum'],
  [true, false, 'none'],
  [false, false, 'none'],
];

describe.each(Object.entries(CASES))('%s', (name, { before, between = [], sum }) => {
  const loss = F[name]!;

  it('has the sum PyTorch has', () => {
    expect(loss(...before, false).item()).toBeCloseTo(sum, 5);
  });

  it.each(WORDS)('sizeAverage %s, reduce %s: %s', (sizeAverage, reduce, reduction) => {
    const expected = loss(...before, { reduction }).tolist();
    expect(loss(...before, sizeAverage, ...between, reduce).tolist()).toEqual(expected);
    // They win over the newer parameter.
    expect(loss(...before, sizeAverage, ...between, reduce, 'mean').tolist()).toEqual(expected);
    expect(loss(...before, { sizeAverage, reduce }).tolist()).toEqual(expected);
    expect(loss(...before, { sizeAverage, reduce, reduction: 'mean' }).tolist()).toEqual(expected);
    expect(loss(...before, sizeAverage, { reduce }).tolist()).toEqual(expected);
  });

  it('takes reduction with nulls for both before it, and without', () => {
    const expected = loss(...before, { reduction: 'sum' }).tolist();
    expect(loss(...before, null, ...between, null, 'sum').tolist()).toEqual(expected);
    expect(loss(...before, ...between, 'sum').tolist()).toEqual(expected);
  });

  it('refuses what is no bool, twice the same, and unknown names', () => {
    expect(() => loss(...before, { sizeAverage: 1 })).toThrow('argument sizeAverage must be true or false or null, got the number 1');
    expect(() => loss(...before, false, { sizeAverage: false })).toThrow('argument sizeAverage was given by position and by name');
    expect(() => loss(...before, { sizeAverages: false })).toThrow('there is no argument named sizeAverages');
  });
});

it('losses without older parameters refuse them', () => {
  expect(() => F['huberLoss']!(x, t, { sizeAverage: false })).toThrow('there is no argument named sizeAverage');
});

/** The modules, with what stands before `sizeAverage` and between it and `reduce`, and the inputs of a call. */
const MODULES: Record<string, { before: readonly unknown[]; between?: readonly unknown[]; after?: Record<string, unknown>; given: readonly Tensor[] }> = {
  BCELoss: { before: [null], given: [x, t] },
  BCEWithLogitsLoss: { before: [null], after: { posWeight: null }, given: [x, t] },
  CosineEmbeddingLoss: { before: [0.1], given: [x, t, tensor([1, -1])] },
  CrossEntropyLoss: { before: [weight], between: [-100], after: { labelSmoothing: 0 }, given: [x, classes] },
  HingeEmbeddingLoss: { before: [1], given: [x, signs] },
  KLDivLoss: { before: [], after: { logTarget: false }, given: [x, t] },
  L1Loss: { before: [], given: [x, t] },
  MSELoss: { before: [], given: [x, t] },
  MarginRankingLoss: { before: [0.1], given: [x.select(0, 0), t.select(0, 0), tensor([1, -1, 1])] },
  MultiLabelMarginLoss: { before: [], given: [x, tensor([[0n, 2n, -1n], [1n, -1n, 0n]])] },
  MultiLabelSoftMarginLoss: { before: [null], given: [x, t] },
  MultiMarginLoss: { before: [1, 1, weight], given: [x, classes] },
  NLLLoss: { before: [weight], between: [-100], given: [x, classes] },
  PoissonNLLLoss: { before: [true, false], between: [1e-8], given: [x, t] },
  SmoothL1Loss: { before: [], after: { beta: 1 }, given: [x, t] },
  SoftMarginLoss: { before: [], given: [x, signs] },
  TripletMarginLoss: { before: [1, 2, 1e-6, false], given: [x, t, t.neg().add(1)] },
};

describe.each(Object.entries(MODULES))('nn.%s', (name, { before, between = [], after = {}, given }) => {
  type Loss = { readonly reduction: string; call(...args: unknown[]): Tensor };
  const Class = (nn as unknown as Record<string, new (...args: unknown[]) => Loss>)[name]!;

  it.each(WORDS)('sizeAverage %s, reduce %s: %s', (sizeAverage, reduce, reduction) => {
    const expected = new Class(...before, { reduction }).call(...given).tolist();
    for (const args of [
      [...before, sizeAverage, ...between, reduce],
      [...before, sizeAverage, ...between, reduce, 'mean'],
      [...before, sizeAverage, ...between, reduce, 'mean', ...Object.values(after)],
      [...before, { sizeAverage, reduce }],
      [...before, sizeAverage, { reduce, reduction: 'mean', ...after }],
    ]) {
      const loss = new Class(...args);
      expect(loss.reduction).toBe(reduction);
      expect(loss.call(...given).tolist()).toEqual(expected);
    }
  });

  it('takes reduction behind nulls for both, and refuses what is no bool', () => {
    expect(new Class(...before, null, ...between, null, 'sum').reduction).toBe('sum');
    expect(new Class(...before, null, ...between, null, 'none', ...Object.values(after)).reduction).toBe('none');
    expect(() => new Class(...before, { sizeAverage: 1 })).toThrow(/sizeAverage must be true or false or null, got 1/);
  });
});

it.each(['HuberLoss', 'GaussianNLLLoss', 'TripletMarginWithDistanceLoss'])('nn.%s has none', (name) => {
  const Class = (nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>)[name]!;
  expect(() => new Class({ sizeAverage: false })).toThrow('there is no argument named sizeAverage');
});

describe('scatter with reduce', () => {
  const start = tensor([[0, 1, 2], [3, 4, 5]], { dtype: 'float32' });
  const index = tensor([[0n, 1n, 1n]]);
  const src = tensor([[3, 3, 3]], { dtype: 'float32' });
  const ADDED = [[3, 1, 2], [3, 7, 8]];
  const MULTIPLIED = [[0, 1, 2], [3, 12, 15]];

  it('adds and multiplies a tensor or a number', () => {
    for (const value of [src, 3]) {
      expect(start.scatter(0, index, value as number, { reduce: 'add' }).tolist()).toEqual(ADDED);
      expect(start.scatter(0, index, value as number, { reduce: 'multiply' }).tolist()).toEqual(MULTIPLIED);
      expect(start.clone().scatter_(0, index, value as number, { reduce: 'add' }).tolist()).toEqual(ADDED);
    }
    expect(scatter(start, 0, index, src, { reduce: 'add' }).tolist()).toEqual(ADDED);
    expect(start.scatter({ dim: 0, index, value: 3, reduce: 'multiply' }).tolist()).toEqual(MULTIPLIED);
  });

  it('counts an index that comes twice twice', () => {
    expect(zeros([2]).scatter_(0, tensor([0n, 0n]), 2, { reduce: 'add' }).tolist()).toEqual([4, 0]);
    expect(tensor([5n, 5n]).scatter_(0, tensor([0n, 0n]), 2, { reduce: 'multiply' }).tolist()).toEqual([20, 5]);
    expect(zeros([2], { dtype: 'bool' }).scatter(0, tensor([0n]), 1, { reduce: 'add' }).tolist()).toEqual([true, false]);
  });

  it('refuses other words', () => {
    expect(() => start.scatter(0, index, 3, { reduce: 'mean' as 'add' })).toThrow('reduce: the string "mean"');
  });
});

describe('copy_', () => {
  it('takes nonBlocking by position and by name', () => {
    for (const v of [true, false]) {
      expect(zeros([2]).copy_(tensor([1, 2]), v).tolist()).toEqual([1, 2]);
      expect(zeros([2]).copy_(tensor([1, 2]), { nonBlocking: v }).tolist()).toEqual([1, 2]);
      expect(zeros([2]).copy_({ src: tensor([1, 2]), nonBlocking: v }).tolist()).toEqual([1, 2]);
    }
    expect(() => zeros([2]).copy_(tensor([1, 2]), 1 as unknown as boolean)).toThrow('copy_');
  });
});

describe('where as a method', () => {
  const a = tensor([1, 2, 3], { requiresGrad: true });
  const condition = tensor([true, false, true]);

  it('chooses between the tensor and another one or a number', () => {
    expect(a.where(condition, zeros([3])).tolist()).toEqual([1, 0, 3]);
    expect(a.where(condition, 5).tolist()).toEqual([1, 5, 3]);
    expect(a.where({ condition, other: 5 }).tolist()).toEqual([1, 5, 3]);
    expect(a.where(condition, { other: 5 }).tolist()).toEqual([1, 5, 3]);
    a.where(condition, 0).sum().backward();
    expect(a.grad!.tolist()).toEqual([1, 0, 1]);
  });

  it('refuses a missing other and a condition that is not bool', () => {
    expect(() => (a.where as unknown as (c: Tensor) => Tensor).call(a, condition)).toThrow('where: argument other is missing');
    expect(() => a.where(a, 0)).toThrow('expected condition to be a bool tensor, got float32');
  });
});
