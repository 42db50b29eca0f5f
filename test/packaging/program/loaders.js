// Loaders whose items are made in other threads. It is handed the package and the datasets of datasets.js.

async function all(loader, of = (batch) => batch) {
  const found = [];
  for await (const batch of loader) found.push(of(batch));
  return found;
}

/** What a loop that fails says. */
async function failure(loop) {
  try {
    await loop;
    return null;
  } catch (error) {
    const { worker, index } = error.details ?? {};
    return { name: error.name, message: error.message, worker, index };
  }
}

/** What loaders give, as plain values. `missing` is a module that cannot be had. */
export async function everyLoader({ data, manualSeed, rand }, datasets, missing) {
  const { DataLoader } = data;
  const over = (dataset, options) => new DataLoader(dataset, { numWorkers: 2, ...options });
  const shuffled = async (numWorkers) => {
    manualSeed(3);
    const [part] = data.randomSplit(datasets.rows, [7, 3]);
    return [await all(new DataLoader(part, { batchSize: 2, shuffle: true, numWorkers }), ({ name }) => name), rand([1]).item()];
  };
  const seeded = async () => {
    manualSeed(5);
    return all(new DataLoader(datasets.origins, { numWorkers: 3 }), ({ i, worker, random }) => [i.item(), worker.item(), random.item()]);
  };
  const results = {
    rows: await all(over(datasets.rows, { batchSize: 3 }), ({ x, name }) => [x.tolist(), name]),
    shuffled: [await shuffled(2), await shuffled(0)],
    seeded: [await seeded(), await seeded()],
    dtypes: await all(over(datasets.dtypes, { batchSize: null }), ([a, b, c, { deep }]) => [a.dtype, a.tolist(), b.shape, c.shape, deep[0][0].item()]),
    stream: await all(over(datasets.stream, { batchSize: 2 }), (batch) => batch.tolist()),
    faulty: await failure(all(over(datasets.faulty))),
    stuck: await failure(all(over(datasets.stuck, { timeout: 1 }))),
    missing: await failure(all(over(data.inWorkers({ dataset: { length: 1, get: (i) => i }, module: missing, name: 'missing' }), { timeout: 20 }))),
  };
  for await (const { name } of over(datasets.rows)) {
    results.left = name;
    break;
  }
  const kept = over(datasets.rows, { batchSize: 5, persistentWorkers: true });
  results.persistent = [await all(kept, ({ name }) => name[0]), await all(kept, ({ name }) => name[0])];
  kept.dispose();
  return results;
}
