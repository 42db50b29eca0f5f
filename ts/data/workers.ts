// Datasets in other threads. A module that makes a dataset says so with `inWorkers`; a loader with `numWorkers` starts that module in
// threads, where the same call answers what the loader asks for.
import { UsageError } from '../core/errors';
import { kind, text, Kind, REFUSED } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { hasItems, type Items } from './dataset';
import { isStream, type Stream } from './iterable';
import { unpack } from './packed';
import { MARK, serve, type Answer, type Posted } from './serving';
import { startThread, type Thread, type WorkerLike, type WorkerOptionsGiven } from './thread';
import { setStart, type Ask, type Reply, type StartWorkers, type Workers } from './worker-source';

/** What starts a worker: the address of a module, or a function that makes it with the options it is given. */
export type WorkerModule = URL | string | ((options: WorkerOptionsGiven) => WorkerLike);

/** The arguments of `inWorkers`. */
export interface InWorkersArguments<D> {
  /** The dataset: items by index, or a stream. */
  dataset: D;
  /** The module that makes it, `import.meta.url` in it; or a function that starts a worker with that module. */
  module: WorkerModule;
  /** Tells it from other datasets of the same module; 'dataset' by default. */
  name?: string;
}

const dataset = /* @__PURE__ */ new Kind<never>('a dataset', (value) => (hasItems(value) || isStream(value) ? value : REFUSED), undefined, true);
const module = /* @__PURE__ */ kind<WorkerModule>(
  'the address of a module, or a function that starts a worker',
  (value) => typeof value === 'string' || typeof value === 'function' || value instanceof URL,
);

/** The function `inWorkers`. */
interface InWorkers extends Stated {
  <D extends Items<unknown> | Stream<unknown>>(...args: Arguments<InWorkersArguments<D>, ['dataset', 'module', 'name']>): D;
}

/**
 * Says that other threads can make a dataset by running the module that makes it, and returns the dataset: a `DataLoader` with
 * `numWorkers` over it, or over a `Subset` of it, gets its items in workers, in a loop with `for await`.
 *
 * ```ts
 * // flowers.ts
 * export const flowers = data.inWorkers(new Flowers('./photos'), import.meta.url);
 *
 * // train.ts
 * for await (const [x, y] of new data.DataLoader(flowers, { batchSize: 32, shuffle: true, numWorkers: 4 })) { … }
 * ```
 *
 * Items are tensors, and arrays and plain objects of them and of what can be posted. Each worker has a dataset and a generator
 * of its own, seeded as PyTorch's workers are. Where a bundler must see the worker, `module` is
 * `(options) => new Worker(new URL('./flowers.ts', import.meta.url), { type: 'module' })`; in Node pass `options` on.
 *
 * @throws UsageError for what is not a dataset and, in a worker, for a name that is taken.
 */
export const inWorkers: InWorkers = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<InWorkersArguments<never>>('inWorkers', () => ({ dataset, module, name: text.or('dataset') })),
  ({ dataset, module, name }) => {
    setStart(dataset, (options) => startWorkers(module, name, options));
    serve(dataset, name);
    return dataset;
  },
);

/** One worker, and who waits for it. */
interface Running {
  readonly thread: Thread;
  /** Those who wait, in the order they asked. */
  readonly waiting: Map<number, Waiting>;
  /** Why it answers no more. */
  gone: string | null;
}

interface Waiting {
  readonly resolve: (reply: () => Reply) => void;
  readonly reject: (error: UsageError) => void;
  readonly timer: ReturnType<typeof setTimeout> | null;
}

/** Starts workers with a module and hands out what they are asked for. */
function startWorkers(module: WorkerModule, name: string, { count, seed, timeout }: Parameters<StartWorkers>[0]): Workers {
  let asked = 0;
  const running = Array.from({ length: count }, (_, id): Running => {
    const waiting = new Map<number, Waiting>();
    const worker: Running = { waiting, gone: null, thread: startThread(module, `adjoint data ${id}`, {
      message: (data) => { settle(id, waiting, data as Answer); },
      gone: (why) => {
        worker.gone ??= why;
        for (const number of waiting.keys()) settleWith(waiting, number)?.reject(failure(`worker ${id} stopped: ${why}`, { worker: id }));
      },
    }) };
    worker.thread.post({ mark: MARK, name, start: { id, numWorkers: count, seed: BigInt.asUintN(64, seed + BigInt(id)) } } satisfies Posted, []);
    return worker;
  });
  return {
    count,
    ask(id: number, ask: Ask): Promise<() => Reply> {
      const { thread, waiting, gone } = running[id]!;
      if (gone !== null) return Promise.reject(failure(`worker ${id} stopped: ${gone}`, { worker: id }));
      return new Promise((resolve, reject) => {
        const number = asked++;
        const late = (): void => { settleWith(waiting, number)?.reject(failure(`worker ${id} gave nothing for ${timeout} s; pass a longer timeout`, { worker: id })); };
        waiting.set(number, { resolve, reject, timer: timeout > 0 ? setTimeout(late, 1000 * timeout) : null });
        thread.post({ mark: MARK, name, number, ask } satisfies Posted, []);
      });
    },
    restart(): void {
      for (const { thread } of running) thread.post({ mark: MARK, name, restart: true } satisfies Posted, []);
    },
    close(): void {
      for (const worker of running) {
        worker.gone ??= 'the loop was left';
        for (const number of worker.waiting.keys()) settleWith(worker.waiting, number)?.reject(failure('the loop was left', {}));
        worker.thread.end();
      }
    },
  };
}

/** Takes a waiting one off the list. */
function settleWith(waiting: Map<number, Waiting>, number: number): Waiting | undefined {
  const found = waiting.get(number);
  if (found !== undefined && found.timer !== null) clearTimeout(found.timer);
  waiting.delete(number);
  return found;
}

function settle(id: number, waiting: Map<number, Waiting>, answer: Answer): void {
  if ((answer as Partial<Answer> | null)?.mark !== MARK) return;
  const asked = settleWith(waiting, answer.number);
  const { error, packed, count = 0, isOver = false } = answer;
  if (error !== undefined) {
    const item = error.index === null ? '' : ` at item ${error.index}`;
    asked?.reject(failure(`${error.message} (in worker ${id}${item})`, { worker: id, index: error.index, stack: error.stack }));
  } else asked?.resolve(() => ({ value: unpack(packed!), count, isOver }));
}

function failure(message: string, details: Record<string, unknown>): UsageError {
  return new UsageError(`DataLoader: ${message}`, 'DataLoader', details);
}
