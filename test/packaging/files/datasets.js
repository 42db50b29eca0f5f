// Datasets that workers make for themselves.
import { data, rand, tensor } from 'adjoint';

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Says that workers can make the datasets by running a module, this one where nothing else is said. */
export function workersRun(module, datasets = made) {
  for (const [name, dataset] of Object.entries(datasets)) data.inWorkers({ dataset, module, name });
}

/** A stream that each worker reads a part of. */
class Part extends data.IterableDataset {
  async *[Symbol.asyncIterator]() {
    const { id, numWorkers } = data.getWorkerInfo() ?? { id: 0, numWorkers: 1 };
    for (let i = 3 + id; i < 10; i += numWorkers) yield i;
  }
}

const DTYPES = ['float32', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool', 'float16', 'bfloat16'];

export const made = {
  rows: { length: 10, get: (i) => ({ x: tensor([i, 10 * i]), name: `row ${i}` }) },
  origins: { length: 8, get: (i) => ({ i, worker: data.getWorkerInfo()?.id ?? -1, random: rand([1]) }) },
  dtypes: {
    length: DTYPES.length,
    get: (i) => [tensor([[1, 0]]).to(DTYPES[i]), tensor(1).to(DTYPES[i]), tensor([]).to(DTYPES[i]), { deep: [[tensor(2)]] }],
  },
  stream: new Part(),
  faulty: {
    length: 6,
    get: async (i) => {
      await sleep((6 - i) * 5);
      if (i === 3) throw new RangeError('no such row');
      return tensor([i]);
    },
  },
  stuck: { length: 2, get: () => new Promise(() => undefined) },
};
