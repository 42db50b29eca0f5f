// Datasets that workers make for themselves; data-workers.test.ts gets their items in threads.
import { data, rand, tensor } from 'adjoint';

/** Rows of numbers, with what a row is called. */
class Rows extends data.Dataset {
  get length() {
    return 10;
  }
  get(i) {
    return { x: tensor([i, 10 * i]), name: `row ${i}` };
  }
}
export const rows = data.inWorkers(new Rows(), import.meta.url, 'rows');

/** Which worker made an item, and a random number of its own. */
export const origins = data.inWorkers(
  { length: 8, get: (i) => ({ i, worker: data.getWorkerInfo()?.id ?? -1, random: rand([1]) }) },
  { module: import.meta.url, name: 'origins' },
);

/** An item that cannot be had, among those that take their time. */
export const faulty = data.inWorkers(
  {
    length: 6,
    get: async (i) => {
      await new Promise((resolve) => setTimeout(resolve, (6 - i) * 5));
      if (i === 3) throw new RangeError('no such row');
      return tensor([i], { dtype: i % 2 ? 'float32' : 'float32' });
    },
  },
  import.meta.url,
  'faulty',
);

export const stuck = data.inWorkers({ length: 2, get: () => new Promise(() => undefined) }, import.meta.url, 'stuck');
export const ended = data.inWorkers({ length: 2, get: () => data.getWorkerInfo() && process.exit(3) }, import.meta.url, 'ended');

/** Every dtype, and shapes without elements. */
export const dtypes = data.inWorkers(
  {
    length: 10,
    get: (i) => {
      const dtype = ['float32', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool', 'float16', 'bfloat16'][i];
      return [tensor([[1, 0]]).to(dtype), tensor(1).to(dtype), tensor([]).to(dtype), { deep: [[tensor(2)]] }];
    },
  },
  import.meta.url,
  'dtypes',
);

/** A stream that each worker reads a part of. */
class Part extends data.IterableDataset {
  async *[Symbol.asyncIterator]() {
    const { id, numWorkers } = data.getWorkerInfo() ?? { id: 0, numWorkers: 1 };
    for (let i = 3 + id; i < 10; i += numWorkers) yield i;
  }
}
export const stream = data.inWorkers(new Part(), import.meta.url, 'stream');
