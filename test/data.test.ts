import { describe, expect, it } from 'vitest';
import { Generator, IndexError, ShapeError, type Tensor, arange, data, keep, manualSeed, memoryStats, rand, tensor, zeros } from 'adjoint';
import fixture from './fixtures/initial-weights.json';

const numbers = (n: number): data.TensorDataset => new data.TensorDataset(arange(n, { dtype: 'float32' }));
const valuesOf = (loader: Iterable<Tensor[]>): number[][] => {
  const batches: number[][] = [];
  for (const [x] of loader) batches.push(x!.tolist() as number[]);
  return batches;
};

describe('datasets', () => {
  it('a TensorDataset gives rows of all its tensors', () => {
    const set = new data.TensorDataset(tensor([[1, 2], [3, 4]]), tensor([5n, 6n]));
    expect(set).toHaveLength(2);
    expect(set.get(1).map((t) => t.tolist())).toEqual([[3, 4], 6]);
    expect(set.getBatch([1, 0])[1].tolist()).toEqual([6, 5]);
    expect(() => set.get(2)).toThrow(IndexError);
  });

  it('tensors of different lengths are refused with both shapes', () => {
    expect(() => new data.TensorDataset(zeros(3), zeros(4, 2))).toThrow(ShapeError);
    expect(() => new data.TensorDataset(zeros(3), zeros(4, 2))).toThrow(/got shapes \[3\] and \[4, 2\]/);
  });

  it('a Subset shows the items chosen', () => {
    const part = new data.Subset(numbers(5), [4, 0]);
    expect(part.get(0)[0]!.item()).toBe(4);
    expect(valuesOf(new data.DataLoader(part, { batchSize: 2 }))).toEqual([[4, 0]]);
    expect(() => new data.Subset(numbers(5), [5])).toThrow(/index 5 is out of range for 5 items/);
  });
});

describe('DataLoader', () => {
  it('visits all items in batches, the last one as it comes', () => {
    const loader = new data.DataLoader(numbers(5), { batchSize: 2 });
    expect(loader).toHaveLength(3);
    expect(valuesOf(loader)).toEqual([[0, 1], [2, 3], [4]]);
  });

  it('leaves out a last batch that is not full where asked', () => {
    const loader = new data.DataLoader(numbers(5), { batchSize: 2, dropLast: true });
    expect(loader).toHaveLength(2);
    expect(valuesOf(loader)).toEqual([[0, 1], [2, 3]]);
  });

  it('shuffles anew each time, the same after the same seed', () => {
    const loader = new data.DataLoader(numbers(10), { batchSize: 10, shuffle: true });
    manualSeed(1);
    const [first] = valuesOf(loader);
    const [second] = valuesOf(loader);
    manualSeed(1);
    expect(valuesOf(loader)[0]).toEqual(first);
    expect(second).not.toEqual(first);
    expect([...first!].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('draws from a generator as PyTorch does: a seed for workers, then the order', () => {
    const loader = new data.DataLoader(numbers(10), { batchSize: 10, shuffle: true, generator: new Generator().manualSeed(7) });
    const [order] = valuesOf(loader);
    const outputs = mersenneTwister(7);
    outputs();
    outputs();
    expect(order).toEqual(permutationBy(outputs, 10));
  });

  it('without a generator seeds one for the order from the default generator, after the seed for workers', () => {
    manualSeed(42);
    const [order] = valuesOf(new data.DataLoader(numbers(25), { batchSize: 25, shuffle: true }));
    const outputs = mersenneTwister(42);
    for (let i = 0; i < 3; i++) outputs();
    expect(order).toEqual(permutationBy(mersenneTwister(outputs()), 25));
  });

  it('the order a seed gives is that of randperm', () => {
    for (const [seed, golden] of Object.entries(fixture.seeds)) {
      expect(permutationBy(mersenneTwister(Number(seed)), 10)).toEqual(golden['randperm(10)'].data);
    }
  });

  it('collates items of other datasets part by part', () => {
    const set: data.Items<{ x: Tensor; label: number }> = { length: 2, get: (i) => ({ x: tensor([i, i]), label: i }) };
    const loader = new data.DataLoader<unknown>(set, { batchSize: 2 });
    const [batch] = [...loader] as [{ x: Tensor; label: Tensor }];
    expect(Object.keys(batch)).toEqual(['x', 'label']);
  });

  it('takes batches of items with a function of the caller', () => {
    const set: data.Items<unknown> = { length: 3, get: (i) => i };
    const loader = new data.DataLoader(set, { batchSize: 2, collateFn: (items) => items.length });
    expect([...loader]).toEqual([2, 1]);
  });

  it('a turn of the loop is a scope: what is made in it is released before the next', () => {
    const seen: Tensor[] = [];
    let kept: Tensor | null = null;
    let alive = -1;
    for (const [x] of new data.DataLoader(numbers(8), { batchSize: 2 })) {
      const now = memoryStats().tensors;
      if (alive >= 0) expect(now).toBe(alive + (kept === null ? 0 : 1));
      else alive = now;
      const y = x!.mul(2);
      seen.push(x!, y);
      kept ??= keep(y.add(1));
    }
    expect(seen.every((t) => t.isDisposed)).toBe(true);
    expect(kept!.tolist()).toEqual([1, 3]);
  });

  it('releases the batch when the loop is left early or throws', () => {
    const loader = new data.DataLoader(numbers(4), { batchSize: 2 });
    const before = memoryStats().tensors;
    for (const [x] of loader) {
      x!.mul(2);
      break;
    }
    expect(memoryStats().tensors).toBe(before);
    expect(() => {
      for (const [x] of loader) {
        x!.mul(2);
        throw new Error('stop');
      }
    }).toThrow('stop');
    expect(memoryStats().tensors).toBe(before);
    rand(1).dispose();
  });

  it('refuses batch sizes that are no positive integer', () => {
    expect(() => new data.DataLoader(numbers(4), 0)).toThrow(/batchSize must be an integer of at least 1, got 0/);
    expect(() => new data.DataLoader(numbers(4), { batchSize: 1.5 })).toThrow(/got 1.5/);
  });
});

/** MT19937, written down a second time so that the order of draws is tested and not the generator against itself. */
function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(624);
  state[0] = seed;
  for (let i = 1; i < 624; i++) state[i] = Math.imul(1812433253, state[i - 1]! ^ (state[i - 1]! >>> 30)) + i;
  let at = 624;
  return () => {
    if (at === 624) {
      for (let i = 0; i < 624; i++) {
        const y = (state[i]! & 0x8000_0000) | (state[(i + 1) % 624]! & 0x7fff_ffff);
        state[i] = state[(i + 397) % 624]! ^ (y >>> 1) ^ (y & 1 ? 0x9908_b0df : 0);
      }
      at = 0;
    }
    let y = state[at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c_5680;
    y ^= (y << 15) & 0xefc6_0000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/** PyTorch's randperm: element i is swapped with one of those from i on. */
function permutationBy(next: () => number, n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < n - 1; i++) {
    const j = i + (next() % (n - i));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
