// What a compiled function takes of the time and the memory of the function itself.
//
//   npm run bench -- plan
import { compile, manualSeed, memoryStats, nn, noGrad, optim, rand, randint, randn, resetPeakMemory, scope, type Tensor } from 'adjoint';
import { Transformer, digits, lenet, tiny } from './subjects/models';

/** What is measured: a function of its inputs. */
interface Subject {
  readonly fn: (...inputs: Tensor[]) => Tensor;
  readonly inputs: readonly Tensor[];
  readonly calls: number;
}

type Rate = (params: nn.Parameter[]) => { zeroGrad(): void; step(): void };

const sgd: Rate = (params) => new optim.SGD(params, { lr: 0.01 });
const adam: Rate = (params) => new optim.Adam(params, { lr: 1e-3 });

/** One training step. */
function step(model: nn.Module, make: Rate, loss: (...inputs: Tensor[]) => Tensor): Subject['fn'] {
  const optimizer = make(model.parameters());
  return (...inputs) => {
    optimizer.zeroGrad();
    const value = loss(...inputs);
    value.backward();
    optimizer.step();
    return value;
  };
}

const F = nn.functional;
const ids = (): Tensor => randint(0, 65, [8, 64]);

class Lstm extends nn.Module {
  readonly lstm = new nn.LSTM(16, 32, { batchFirst: true });
  readonly out = new nn.Linear(32, 4);
  override forward(x: Tensor): Tensor {
    const [y] = this.lstm.call(x);
    return this.out.call(y.select(1, -1));
  }
}

/** By name, each made anew for every way to run it. */
export const subjects: Readonly<Record<string, () => Subject>> = {
  '2-16-16-1, batch 32, SGD': () => {
    const model = tiny();
    return { fn: step(model, sgd, (x, y) => F.mseLoss(model.call(x), y)), inputs: [randn([32, 2]), rand([32, 1])], calls: 400 };
  },
  '2-16-16-1, batch 32, Adam': () => {
    const model = tiny();
    return { fn: step(model, adam, (x, y) => F.mseLoss(model.call(x), y)), inputs: [randn([32, 2]), rand([32, 1])], calls: 400 };
  },
  '784-256-128-10, batch 64, SGD': () => {
    const model = digits();
    return { fn: step(model, sgd, (x, y) => F.crossEntropy(model.call(x), y)), inputs: [rand([64, 784]), randint(0, 10, [64])], calls: 8 };
  },
  'LeNet, batch 32, SGD': () => {
    const model = lenet();
    return { fn: step(model, sgd, (x, y) => F.crossEntropy(model.call(x), y)), inputs: [rand([32, 1, 28, 28]), randint(0, 10, [32])], calls: 4 };
  },
  'transformer of two layers, batch 8, Adam': () => {
    const model = new Transformer();
    return { fn: step(model, adam, (x, y) => F.crossEntropy(model.call(x).flatten(0, 1), y.flatten())), inputs: [ids(), ids()], calls: 1 };
  },
  'LSTM 16-32, 12 steps, batch 8, Adam': () => {
    const model = new Lstm();
    return { fn: step(model, adam, (x, y) => F.crossEntropy(model.call(x), y)), inputs: [rand([8, 12, 16]), randint(0, 4, [8])], calls: 20 };
  },
  'a chain of 12 formulas on 2^20 numbers': () => ({
    fn: (x) => noGrad(() => { let y = x; for (let i = 0; i < 6; i++) y = y.mul(1.01).add(0.1); return y; }),
    inputs: [rand([2 ** 20])],
    calls: 1,
  }),
};

/** One row. */
export interface Planned {
  readonly name: string;
  /** Least microseconds a call, and bytes at most beyond what was there before, those of a plan's buffers included. */
  readonly eager: { readonly time: number; readonly bytes: number };
  readonly compiled: { readonly time: number; readonly bytes: number };
  /** The same with `recompute: 'cheap'`. */
  readonly recomputed: { readonly time: number; readonly bytes: number };
  /** The median over rounds of eager time by compiled time. */
  readonly ratio: number;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Measures one subject in rounds, both ways in turns. */
export function measure(name: string, make: () => Subject, rounds = 30): Planned {
  return scope(() => {
    manualSeed(1);
    const { fn, inputs, calls } = make();
    manualSeed(1);
    const other = make();
    const compiled = compile(other.fn);
    manualSeed(1);
    const third = make();
    const recomputed = compile(third.fn, { recompute: 'cheap' });
    const eager = (): void => { fn(...inputs).dispose(); };
    const planned = (): void => { compiled(...other.inputs).dispose(); };
    const again = (): void => { recomputed(...third.inputs).dispose(); };
    const timed = (run: () => void): number => {
      const start = performance.now();
      for (let i = 0; i < calls; i++) scope(run);
      return ((performance.now() - start) * 1000) / calls;
    };
    const peak = (run: () => void): number => {
      resetPeakMemory();
      const before = memoryStats().bytes;
      scope(run);
      return memoryStats().peakBytes - before;
    };
    // The first call captures, the second is watched.
    for (let i = 0; i < 4; i++) for (const run of [eager, planned, again]) timed(run);
    const rows: { readonly eager: number; readonly compiled: number; readonly recomputed: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      // Which one is first takes turns, too.
      const first = timed(round % 2 === 0 ? eager : planned);
      const second = timed(round % 2 === 0 ? planned : eager);
      const recomputed = timed(again);
      rows.push(round % 2 === 0 ? { eager: first, compiled: second, recomputed } : { eager: second, compiled: first, recomputed });
    }
    const bytes = [peak(eager), peak(planned), peak(again)] as const;
    // What a record keeps from one call to the next is there before.
    const keptBy = (program: { dispose(): void }): number => {
      const held = memoryStats().bytes;
      program.dispose();
      return held - memoryStats().bytes;
    };
    const kept = [keptBy(compiled), keptBy(recomputed)] as const;
    return {
      name,
      eager: { time: Math.min(...rows.map((r) => r.eager)), bytes: bytes[0] },
      compiled: { time: Math.min(...rows.map((r) => r.compiled)), bytes: bytes[1] + kept[0] },
      recomputed: { time: Math.min(...rows.map((r) => r.recomputed)), bytes: bytes[2] + kept[1] },
      ratio: median(rows.map((r) => r.eager / r.compiled)),
    };
  });
}

/** Prints a table. */
export function showPlan(rounds?: number): void {
  console.log('| | eager µs | compiled µs | recomputed µs | eager / compiled, median | peak bytes eager | compiled | recomputed |\n|---|---|---|---|---|---|---|---|');
  for (const [name, make] of Object.entries(subjects)) {
    const { eager, compiled, recomputed, ratio } = measure(name, make, rounds);
    console.log(`| ${name} | ${eager.time.toFixed(1)} | ${compiled.time.toFixed(1)} | ${recomputed.time.toFixed(1)} | ${ratio.toFixed(2)} | ${eager.bytes} | ${compiled.bytes} | ${recomputed.bytes} |`);
  }
}
