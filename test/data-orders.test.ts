// Samplers, splits and loaders against PyTorch's, recorded by fixtures/record/data.py: the orders, and what they leave of the default generator.
import { describe, expect, it } from 'vitest';
import { Generator, Tensor, data, manualSeed, rand } from 'adjoint';
import fixture from './fixtures/data.json';

const WEIGHTS = [0.1, 0.9, 0.4, 0.7, 3.0, 0.6];
const squares: data.Items<number> = { length: 10, get: (i) => i * i };
const range = (length: number): { length: number } => ({ length });

class Count extends data.IterableDataset<number> {
  override *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < 7; i++) yield i;
  }
}

const plain = (value: unknown): unknown => (value instanceof Tensor ? value.tolist() : value);
const lists = (loader: Iterable<unknown>): unknown[] => {
  const found: unknown[] = [];
  for (const batch of loader) found.push(plain(batch));
  return found;
};
const items = (length: number): data.Items<number> => ({ length, get: (i) => i });

const WAYS: Record<string, (generator: Generator | null) => unknown> = {
  'RandomSampler(10)': (generator) => [...new data.RandomSampler(range(10), { generator })],
  'RandomSampler(10, numSamples=25)': (generator) => [...new data.RandomSampler(range(10), { numSamples: 25, generator })],
  'RandomSampler(10, replacement, numSamples=70)': (generator) => [...new data.RandomSampler(range(10), true, 70, generator)],
  SubsetRandomSampler: (generator) => [...new data.SubsetRandomSampler([3, 1, 4, 15, 9, 2, 6], { generator })],
  WeightedRandomSampler: (generator) => [...new data.WeightedRandomSampler(WEIGHTS, 9, true, generator)],
  'WeightedRandomSampler without replacement': (generator) => [...new data.WeightedRandomSampler(WEIGHTS, 5, false, { generator })],
  randomSplit: (generator) => data.randomSplit(items(10), [3, 7], generator).map((part) => part.indices),
  'randomSplit by fractions': (generator) => data.randomSplit(items(30), [0.3, 0.3, 0.4], { generator }).map((part) => part.indices),
  'DataLoader shuffled': (generator) => lists(new data.DataLoader(squares, 4, { shuffle: true, generator })),
  'DataLoader with a sampler': (generator) => lists(new data.DataLoader(squares, 4, { sampler: new data.RandomSampler(range(10), true, 6), generator })),
  'DataLoader with a batch sampler': (generator) =>
    lists(new data.DataLoader(squares, { batchSampler: new data.BatchSampler(new data.SubsetRandomSampler([1, 2, 3, 4, 5]), 2, true), generator })),
  'DataLoader without batches': (generator) => lists(new data.DataLoader(squares, null, { shuffle: true, generator })),
  'DataLoader of a stream': (generator) => lists(new data.DataLoader(new Count(), 3, { generator })),
};

describe.each(['default', 'generator'] as const)('orders drawn from the %s generator are PyTorch\'s', (from) => {
  const cases = Object.entries(fixture[from]).flatMap(([seed, ways]) => Object.entries(ways).map(([name, golden]) => [`${name}, seed ${seed}`, Number(seed), name, golden] as const));
  it.each(cases)('%s', (_, seed, name, golden) => {
    manualSeed(from === 'default' ? seed : 0);
    expect(WAYS[name]!(from === 'default' ? null : new Generator().manualSeed(seed))).toEqual(golden.value);
    expect(rand([2]).tolist()).toEqual(golden.next);
  });
});

it('every recorded way is compared', () => {
  expect(Object.keys(fixture.default[0])).toEqual(Object.keys(WAYS));
});
