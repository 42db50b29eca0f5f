// Loops with `for await`: datasets that give promises, and workers.
import { describe, expect, it } from 'vitest';
import { type Tensor, UsageError, data, keep, manualSeed, memoryStats, rand, tensor } from 'adjoint';
import fixture from './fixtures/data.json';
// @ts-expect-error -- a module without types, as a worker runs it
import * as made from './data-workers/datasets.mjs';

const datasets = made as Record<'rows' | 'origins' | 'faulty' | 'stuck' | 'ended' | 'dtypes' | 'stream', data.Items<any>>;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

async function all<T>(loader: AsyncIterable<T>, of: (batch: T) => unknown = (batch) => batch): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const batch of loader) found.push(of(batch));
  return found;
}
/** How many threads this process has. */
const threads = (): number => (process as unknown as { getActiveResourcesInfo(): string[] }).getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker').length;

describe('a dataset that gives promises', () => {
  const slow: data.Items<Promise<Tensor>> = {
    length: 7,
    get: async (i) => {
      await sleep((7 - i) * 2);
      return tensor([i]);
    },
  };

  it('is gone through with for await, in order', async () => {
    const loader = new data.DataLoader(slow, 3);
    expect(await all(loader, (batch: Tensor) => batch.tolist())).toEqual([[[0], [1], [2]], [[3], [4], [5]], [[6]]]);
    expect(await all(new data.DataLoader(slow, 3, { dropLast: true, prefetchFactor: 5 }), (batch: Tensor) => batch.tolist())).toHaveLength(2);
  });

  it('is refused by a loop that does not wait, which says so', () => {
    expect(() => [...new data.DataLoader(slow, 3)]).toThrow(/DataLoader: the dataset gives promises; loop with for await/);
    expect(() => [...new data.DataLoader({ length: 2, get: () => 1, getBatch: () => Promise.resolve(1) } as data.Items<unknown>)]).toThrow(/loop with for await/);
  });

  it('may be a stream', async () => {
    async function* lines(): AsyncIterable<string> {
      for (const line of ['a', 'b', 'c']) {
        await sleep(1);
        yield line;
      }
    }
    expect(await all(new data.DataLoader(lines(), 2))).toEqual([['a', 'b'], ['c']]);
    expect(await all(new data.DataLoader(lines(), { batchSize: null, prefetchFactor: 4 }))).toEqual(['a', 'b', 'c']);
    expect(await all(new data.DataLoader(lines(), 2, { dropLast: true }))).toEqual([['a', 'b']]);
    expect(() => [...new data.DataLoader(lines(), 2)]).toThrow(/for await/);
  });

  it('is asked ahead for as many batches as prefetchFactor says', async () => {
    let asked = 0;
    const counted: data.Items<Promise<number>> = { length: 10, get: (i) => Promise.resolve((asked++, i)) };
    const seen: number[] = [];
    for await (const batch of new data.DataLoader(counted, { prefetchFactor: 4 })) {
      seen.push(asked);
      if ((batch).item() === 2) break;
    }
    expect(seen).toEqual([4, 5, 6]);
  });

  it('fails where its item is due, and closes the order', async () => {
    let closed = 0;
    function* order(): Iterable<number> {
      try {
        yield* [0, 1, 2, 3];
      } finally {
        closed++;
      }
    }
    const failing: data.Items<Promise<number>> = { length: 4, get: (i) => (i === 2 ? Promise.reject(new RangeError('two')) : Promise.resolve(i)) };
    const seen: unknown[] = [];
    await expect((async () => {
      for await (const batch of new data.DataLoader(failing, { sampler: order(), prefetchFactor: 4 })) seen.push((batch).item());
    })()).rejects.toThrow('two');
    expect(seen).toEqual([0, 1]);
    expect(closed).toBe(1);
  });

  it('leaves no tensor of a batch behind but those that are kept', async () => {
    const given = new data.TensorDataset(rand([8, 2]));
    const before = memoryStats().tensors;
    const held: Tensor[] = [];
    for await (const [x] of new data.DataLoader(given, 2)) if (held.length === 0) held.push(keep(x));
    expect(memoryStats().tensors).toBe(before + 1);
    for await (const [x] of new data.DataLoader(given, 2)) {
      expect(x.shape).toEqual([2, 2]);
      break;
    }
    expect(memoryStats().tensors).toBe(before + 1);
    expect(held[0]!.isDisposed).toBe(false);
  });
});

describe('workers', () => {
  it('get items in order, whichever is ready first', async () => {
    const loader = new data.DataLoader(datasets.rows, { batchSize: 3, numWorkers: 2 });
    const batches = await all(loader, (batch) => [batch.x.tolist(), batch.name]);
    expect(batches).toHaveLength(4);
    expect(batches[1]).toEqual([[[3, 30], [4, 40], [5, 50]], ['row 3', 'row 4', 'row 5']]);
    expect(batches[3]).toEqual([[[9, 90]], ['row 9']]);
  });

  it('visit the items in the order of a seed, also of a subset', async () => {
    const names = async (numWorkers: number): Promise<unknown> => {
      manualSeed(3);
      const [part] = data.randomSplit(datasets.rows, [7, 3]);
      const order = await all(new data.DataLoader(part, { batchSize: 2, shuffle: true, numWorkers }), (batch) => batch.name);
      return [order, rand([1]).item()];
    };
    expect(await names(2)).toEqual(await names(0));
  });

  it.each(Object.entries(fixture.workers))('take turns and draw the random numbers of PyTorch\'s workers, seed %s', async (seed, golden) => {
    manualSeed(Number(seed));
    const loader = new data.DataLoader(datasets.origins, { numWorkers: 3 });
    expect(await all(loader, (batch) => [batch.i.item(), batch.worker.item(), batch.random.item()])).toEqual(golden);
  });

  it('fail with the message, the item and the worker, after the batches before it', async () => {
    const seen: unknown[] = [];
    const loop = (async () => {
      for await (const batch of new data.DataLoader(datasets.faulty, { numWorkers: 2 })) seen.push(batch.tolist());
    })();
    await expect(loop).rejects.toThrow(/DataLoader: no such row \(in worker 1 at item 3\)/);
    const error = await loop.catch((e: unknown) => e as UsageError);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).details).toMatchObject({ worker: 1, index: 3 });
    expect((error as UsageError).details['stack']).toContain('datasets.mjs');
    expect(seen).toEqual([[[0]], [[1]], [[2]]]);
  });

  it('that stop, or give nothing in time, end the loop', async () => {
    await expect(all(new data.DataLoader(datasets.ended, { numWorkers: 1 }))).rejects.toThrow(/worker 0 stopped: it ended with exit code 3/);
    await expect(all(new data.DataLoader(datasets.stuck, { numWorkers: 1, timeout: 0.5 }))).rejects.toThrow(/worker 0 gave nothing for 0.5 s/);
    const missing = data.inWorkers({ length: 1, get: (i: number) => i }, new URL('no-such-module.mjs', import.meta.url));
    await expect(all(new data.DataLoader(missing, { numWorkers: 1 }))).rejects.toThrow(/worker 0 stopped: .*no-such-module/s);
  });

  it('are gone after the loop, however it ends, unless they persist', async () => {
    await sleep(50);
    const before = threads();
    for await (const batch of new data.DataLoader(datasets.rows, { numWorkers: 2 })) {
      expect(batch.name).toEqual(['row 0']);
      break;
    }
    await all(new data.DataLoader(datasets.rows, { numWorkers: 2 }));
    await sleep(200);
    expect(threads()).toBe(before);
    const loader = new data.DataLoader(datasets.rows, { batchSize: 5, numWorkers: 1, persistentWorkers: true });
    expect(await all(loader, (batch) => batch.name[0])).toEqual(['row 0', 'row 5']);
    expect(threads()).toBeGreaterThan(before);
    expect(await all(loader, (batch) => batch.name[0])).toEqual(['row 0', 'row 5']);
    loader.dispose();
    loader.dispose();
    await sleep(200);
    expect(threads()).toBe(before);
  });

  it('send tensors of every dtype and shape', async () => {
    const loader = new data.DataLoader(datasets.dtypes, { batchSize: null, numWorkers: 2 });
    const sent = await all(loader, ([a, b, c, { deep }]) => [a.dtype, a.tolist(), b.shape, b.dtype, c.shape, deep[0][0].item()]);
    const here = Array.from({ length: 10 }, (_, i) => datasets.dtypes.get(i)).map(([a, b, c, { deep }]) => [a.dtype, a.tolist(), b.shape, b.dtype, c.shape, deep[0][0].item()]);
    expect(sent).toEqual(here);
  });

  it('join by a function of the caller where the loop runs', async () => {
    const loader = new data.DataLoader(datasets.rows, { batchSize: 4, numWorkers: 2, collateFn: (items) => items.map(({ name }) => name as string) });
    expect(await all(loader)).toEqual([['row 0', 'row 1', 'row 2', 'row 3'], ['row 4', 'row 5', 'row 6', 'row 7'], ['row 8', 'row 9']]);
  });

  it('read a stream in parts, in turn', async () => {
    // As PyTorch's example has it: worker 0 reads 3, 5, 7, 9 and worker 1 reads 4, 6, 8.
    const loader = new data.DataLoader(datasets.stream, { batchSize: 2, numWorkers: 2 });
    const batches = async (): Promise<unknown> => all(loader, (batch) => batch.tolist());
    expect(await batches()).toEqual([[3, 5], [4, 6], [7, 9], [8]]);
    expect(await batches()).toEqual([[3, 5], [4, 6], [7, 9], [8]]);
  });

  it('are left aside by a loop that does not wait', () => {
    expect([...new data.DataLoader(datasets.rows, { batchSize: 5, numWorkers: 2 })].map((batch) => (batch as { name: unknown }).name)).toHaveLength(2);
    expect(data.getWorkerInfo()).toBeNull();
  });
});
