// The calls that a record shows are those the user made: an op that is made of others is one, in the record, in print and in pictures.
import { describe, expect, it } from 'vitest';
import { type Tensor, capture, nn, ones, rand, tensor, viz, zeros } from 'adjoint';

const F = nn.functional;
const image = (): Tensor => rand([1, 4, 6, 6]);

/** Tensors that are there before a function is captured, of which a record shows no making. */
const held = new Map<string, Tensor>();
const before = (make: (shape: number[]) => Tensor) => (...shape: number[]): Tensor => {
  const key = `${make.name} ${shape.join()}`;
  if (!held.has(key)) held.set(key, make(shape));
  return held.get(key)!;
};
const ONES = before(ones);
const ZEROS = before(zeros);
for (const shape of [[4, 2, 3, 3], [4, 2, 3], [2, 4, 3], [2, 4, 3, 3], [4], [1, 4]]) ONES(...shape);
for (const shape of [[4], [2]]) ZEROS(...shape);

/** A function, its input, and the calls its record shows. */
const functions: Record<string, [(x: Tensor) => Tensor, () => Tensor, string[]]> = {
  convTranspose2d: [(x) => F.convTranspose2d(x, ONES(4, 2, 3, 3)), image, ['convTranspose2d']],
  convTranspose1d: [(x) => F.convTranspose1d(x, ONES(4, 2, 3)), () => rand([1, 4, 6]), ['convTranspose1d']],
  conv1d: [(x) => F.conv1d(x, ONES(2, 4, 3)), () => rand([1, 4, 6]), ['conv1d']],
  conv2d: [(x) => F.conv2d(x, ONES(2, 4, 3, 3)), image, ['conv2d']],
  adaptiveAvgPool2d: [(x) => F.adaptiveAvgPool2d(x, 2), image, ['adaptiveAvgPool2d']],
  adaptiveAvgPool1d: [(x) => F.adaptiveAvgPool1d(x, 2), () => rand([1, 4, 6]), ['adaptiveAvgPool1d']],
  groupNorm: [(x) => F.groupNorm(x, 2), image, ['groupNorm']],
  batchNorm: [(x) => F.batchNorm(x, ZEROS(4), ONES(4)), image, ['batchNorm']],
  glu: [(x) => F.glu(x), image, ['glu']],
  pad: [(x) => F.pad(x, [1, 1, 1, 1], 'reflect'), image, ['pad']],
  crossEntropy: [(x) => F.crossEntropy(x, tensor([1n])), () => rand([1, 4]), ['crossEntropy']],
  'crossEntropy of probabilities': [(x) => F.crossEntropy(x, ONES(1, 4)), () => rand([1, 4]), ['crossEntropy']],
  huberLoss: [(x) => F.huberLoss(x, ZEROS(2)), () => rand([2]), ['huberLoss']],
  tripletMarginLoss: [(x) => F.tripletMarginLoss(x, x.mul(2), x.mul(3)), () => rand([2, 3]), ['mul', 'mul', 'tripletMarginLoss']],
  scaledDotProductAttention: [(x) => F.scaledDotProductAttention(x, x, x), () => rand([1, 2, 3, 4]), ['scaledDotProductAttention']],
  'a chain': [(x) => F.groupNorm(F.adaptiveAvgPool2d(x, 2).mul(2), 2).relu(), image, ['adaptiveAvgPool2d', 'mul', 'groupNorm', 'relu']],
  'one that hands on its input': [(x) => F.dropout(x, 0.5, false).mul(2), image, ['mul']],
};

/** What a module's call is made of. */
const modules: Record<string, [() => nn.Module, () => Tensor, string[]]> = {
  ConvTranspose2d: [() => new nn.ConvTranspose2d(4, 2, 3), image, ['convTranspose2d']],
  GroupNorm: [() => new nn.GroupNorm(2, 4), image, ['groupNorm']],
  AdaptiveAvgPool2d: [() => new nn.AdaptiveAvgPool2d(2), image, ['adaptiveAvgPool2d']],
};

describe.each(Object.entries(functions))('%s', (_, [fn, input, calls]) => {
  it('is shown as it was called, and replays', () => {
    const x = input();
    const f = capture(fn, x);
    expect(f.record.records.map(({ op }) => op)).toEqual(calls);
    for (const call of calls) expect(String(f)).toContain(`= ${call}(`);
    expect(viz.graphOf(f).nodes.filter(({ kind }) => kind === 'op' || kind === 'result').map(({ label }) => label.split(' ')[0])).toEqual(calls);
    expect(f.run(x).sub(fn(x)).abs().max().item()).toBeLessThan(1e-6);
  });
});

describe.each(Object.entries(modules))('nn.%s', (_, [make, input, calls]) => {
  it('is shown by the op it calls', () => {
    const [m, x] = [make(), input()];
    expect(capture((t) => m.call(t) as Tensor, x).record.records.map(({ op }) => op)).toEqual(calls);
  });
});

describe('a record of ops that are made of others', () => {
  it('names every value that it reads, and holds no constants of their insides', () => {
    const f = capture((x) => F.crossEntropy(F.groupNorm(x, 2).flatten(1).narrow(1, 0, 4), tensor([1n]), { labelSmoothing: 0.1 }), image());
    const { inputs, constants, records, outputs } = f.record;
    const known = new Set([...inputs, ...constants.map(({ value }) => value)]);
    for (const { inputs: given, outputs: made } of records) {
      for (const value of given) if (value !== null) expect(known).toContain(value);
      for (const value of made) known.add(value);
    }
    for (const value of outputs) expect(known).toContain(value);
    const read = new Set(records.flatMap(({ inputs: given }) => given));
    for (const { value } of constants) expect(read).toContain(value);
  });

  it('shows arguments that are not the default', () => {
    const f = capture((x) => F.groupNorm(x, 2, { eps: 0.1 }), image());
    expect(f.record.records[0]!.attributes).toEqual({ numGroups: '2', eps: '0.1' });
    expect(String(f)).toContain('groupNorm(%0, null, null, { numGroups: 2, eps: 0.1 })');
  });

  it('shows the parts where a later call reads more than what the op gave', () => {
    const running = zeros([4]);
    const f = capture((x) => F.batchNorm(x, running, ones([4]), { training: true }).add(running.view([1, 4, 1, 1])), image());
    const known = new Set([...f.record.inputs, ...f.record.constants.map(({ value }) => value), ...f.record.records.flatMap(({ outputs: made }) => made)]);
    for (const { inputs: given } of f.record.records) for (const value of given) if (value !== null) expect(known).toContain(value);
  });
});
