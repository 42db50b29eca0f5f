// A record replayed on other inputs gives what the function gives on them: every op of the table, and what programs are made of.
import { readFileSync } from 'node:fs';
import * as adjoint from 'adjoint';
import {
  AdjointError, Tensor, arange, capture, enableGrad, inferenceMode, manualSeed, nn, noGrad, ones, rand, randn, scope, tensor, zeros, type CapturedFunction,
} from 'adjoint';
import { describe, expect, it, test } from 'vitest';
import { argumentsOf, callable, seeded, type ManifestOp } from './gradcheck-samples';

type Op = ManifestOp & { readonly inPlace: boolean };

const ops = JSON.parse(readFileSync(new URL('generated/manifest.json', import.meta.url), 'utf8')) as Op[];

function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(tensorsIn) : [];
}

/** Values and, of what has them, gradients of the sum of all outputs, as plain data. */
function shown(outputs: readonly Tensor[], inputs: readonly Tensor[]): unknown {
  const values = outputs.map((t) => [t.dtype, t.shape, Array.from(t.toTypedArray() as ArrayLike<number>)]);
  const roots = outputs.filter((t) => t.requiresGrad);
  for (const t of inputs) if (t.isLeaf) t.grad = null;
  if (roots.length > 0) roots.map((t) => t.to('float64').sum()).reduce((a, b) => a.add(b)).backward();
  return [values, inputs.map((t) => (t.isLeaf && t.grad !== null ? Array.from(t.grad.toTypedArray() as ArrayLike<number>) : null))];
}

/** What reads values that decide its result in a way no record holds, by the name of the op or of the overload. */
const READS = ['narrow', 'repeatInterleave', 'tensorSplit', 'index', 'gru.data', 'rnn_relu.data', 'rnn_tanh.data', 'lstsq'];

/** What writes a view of a tensor that has a history, which a capture refuses. */
const WRITES = ['asStridedScatter', 'diagonalScatter', 'selectScatter', 'sliceScatter'];

function check(op: Op, call: (...args: unknown[]) => unknown, isInPlace: boolean): string[] {
  const wrong: string[] = [];
  const refused: string[] = [];
  for (const sample of op.samples) scope(() => {
    const make = (seed: string) => argumentsOf(op, sample, seeded(`${op.op} ${sample.label} ${seed}`));
    const { tensors, place } = make('first');
    const run = (...given: Tensor[]): Tensor[] => {
      const args = place(given);
      if (!isInPlace) return tensorsIn(call(...args));
      const written = (args[0] as Tensor).clone();
      (written as unknown as Record<string, (...rest: unknown[]) => unknown>)[`${op.name}_`]!(...args.slice(1));
      return [written];
    };
    let expected: unknown[];
    try {
      // A sample that is refused in place is none.
      expected = ['second', 'third'].map((seed) => {
        const { tensors: given } = make(seed);
        manualSeed(7);
        return shown(run(...given), given);
      });
    } catch (error) {
      if (isInPlace && error instanceof AdjointError) return;
      throw error;
    }
    let captured: CapturedFunction;
    try {
      captured = capture(run, ...tensors);
    } catch (error) {
      if (!(error instanceof AdjointError) || !error.message.startsWith(adjointName(op)) || !error.message.includes('cannot be captured')) throw error;
      refused.push(op.name);
      return;
    }
    ['second', 'third'].forEach((seed, i) => {
      const { tensors: given } = make(seed);
      manualSeed(7);
      const found = shown(captured.runAll(...given), given);
      try {
        expect(found).toEqual(expected[i]);
      } catch (error) {
        wrong.push(`${sample.label}: ${(error as Error).message.slice(0, 300)}\n${String(captured)}`);
      }
    });
    captured.dispose();
  });
  if (refused.length > 0 && ![...READS, ...WRITES].includes(op.name) && !READS.includes(op.op)) wrong.push(`${op.name} was refused`);
  return wrong;
}

const adjointName = ({ name }: Op): string => name.replace(/_+([a-z0-9])/g, (_, c: string) => c.toUpperCase());

describe('every op replays on other values as it runs on them', () => {
  for (const op of ops) {
    const call = callable(op, adjoint);
    // What factories leave unset is nothing to compare.
    if (call === null || op.samples.length === 0 || op.name.startsWith('empty')) continue;
    test(op.op, () => {
      expect(check(op, call, false)).toEqual([]);
    });
    if (op.inPlace && typeof Tensor.prototype[`${adjointName(op)}_` as never] === 'function') {
      test(`${op.op} in place`, () => {
        expect(check(op, call, true)).toEqual([]);
      });
    }
  }
});

/** Captures `fn` on the first inputs and compares replays on the others with `fn` itself, bit by bit. */
function replays(fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[], first: Tensor[], ...others: Tensor[][]): CapturedFunction {
  const captured = capture(fn, ...first);
  for (const inputs of others) {
    const again = inputs.map((t) => t.clone().detach().requiresGrad_(t.requiresGrad));
    manualSeed(3);
    const expected = shown(tensorsIn(fn(...inputs)), inputs);
    manualSeed(3);
    expect(shown(captured.runAll(...again), again)).toEqual(expected);
  }
  return captured;
}

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

describe('what programs are made of', () => {
  it('values that ops treat as constants inside are those of the replay', () => {
    const F = nn.functional;
    replays((x, y, v) => F.gaussianNllLoss(x, y, v), [rand(3), rand(3), rand(3)], [leaf(1, 2, 3), rand(3), leaf(0.5, 1, 2)]);
    replays((x) => x.median(), [tensor([3, 1, 2])], [leaf(5, 9, 7)]);
    replays((x) => F.normalize(x, { dim: 0 }), [tensor([3, 4])], [leaf(5, 12)]);
  });

  it('a tensor made of numbers inside and written is made anew by every replay', () => {
    const f = replays(
      (x) => {
        const sum = tensor([0, 0]);
        sum.add_(x);
        sum.add_(x);
        return sum;
      },
      [tensor([1, 2])],
      [tensor([10, 20])],
      [tensor([3, 4])],
    );
    expect(f.run(tensor([1, 1])).tolist()).toEqual([2, 2]);
    const g = capture((x) => {
      const made = tensor([[0, 0], [0, 0]]);
      made.select(0, 1).add_(x);
      return made;
    }, tensor([1, 2]));
    expect([g.run(tensor([5, 6])).tolist(), g.run(tensor([7, 8])).tolist()]).toEqual([[[0, 0], [5, 6]], [[0, 0], [7, 8]]]);
  });

  it('a returned tensor made of numbers is another one each time', () => {
    const f = capture(() => tensor([1, 2]));
    f.run().add_(1);
    expect(f.run().tolist()).toEqual([1, 2]);
  });

  it('a buffer from outside is written by every replay, as by the function', () => {
    const count = zeros([1]);
    const f = capture((x) => {
      noGrad(() => count.add_(1));
      return x.add(count);
    }, tensor([0]));
    expect([f.run(tensor([0])).tolist(), f.run(tensor([10])).tolist()]).toEqual([[2], [13]]);
    expect(count.tolist()).toEqual([3]);
  });

  it('an input that is written in place is that of the replay', () => {
    const f = capture((x) => x.mul_(2).add(1), tensor([1, 2]));
    const x = tensor([5, 6]);
    expect(f.run(x).tolist()).toEqual([11, 13]);
    expect(x.tolist()).toEqual([10, 12]);
  });

  it('writes through views reach what they are views of', () => {
    replays(
      (x) => {
        const y = x.mul(1);
        y.select(0, 0).mul_(10);
        y.narrow(0, 1, 1).add_(y.select(0, 0));
        return [y, y.sum()];
      },
      [tensor([1, 2])],
      [leaf(3, 4)],
    );
  });

  it('noGrad, enableGrad and inferenceMode inside hold for the same operations', () => {
    const f = replays((x) => x.mul(noGrad(() => x.mul(3))), [tensor([1, 2])], [leaf(3, 4)]);
    expect(String(f)).not.toContain('detach');
    replays((x) => noGrad(() => x.mul(enableGrad(() => x.mul(3)))), [leaf(1, 2)], [leaf(3, 4)]);
    const h = capture((x) => inferenceMode(() => x.mul(2)), tensor([1]));
    expect(h.run(tensor([2])).isInference()).toBe(true);
  });

  it('random operations draw anew', () => {
    replays((x) => x.mul(rand(3)).add(randn([3])), [ones([3])], [leaf(1, 2, 3)]);
    replays((x) => nn.functional.dropout(x, 0.5), [ones([8])], [ones([8]).requiresGrad_()]);
  });

  it('batch norm in training follows its running values', () => {
    const [a, b] = [0, 1].map(() => {
      manualSeed(1);
      return new nn.BatchNorm1d(2);
    });
    const f = capture((x) => a!.call(x), rand(4, 2));
    b!.call(rand(4, 2));
    b!.loadStateDict(a!.stateDict());
    const x = rand(4, 2);
    expect(f.run(x).tolist()).toEqual(b!.call(x).tolist());
    expect(a!.runningMean!.tolist()).toEqual(b!.runningMean!.tolist());
  });

  it('values that are freed while it is captured are not taken for those that follow at their addresses', () => {
    replays(
      (x) => {
        let sum = x;
        for (let i = 0; i < 200; i++) {
          const y = x.mul(i);
          const z = y.add(1);
          y.dispose();
          sum = sum.add(z);
          z.dispose();
        }
        return sum;
      },
      [tensor([1, 2])],
      [leaf(3, 4)],
    );
  });

  it('a record inside of a record is part of it', () => {
    const inner = capture((x) => x.mul(2), tensor([1]));
    const f = replays((x) => inner.run(x).add(1), [tensor([1])], [leaf(3)]);
    expect(f.record.records.map(({ op }) => op)).toEqual(['mul', 'add']);
  });

  it('the record of a long function takes time in proportion to it', () => {
    const time = (n: number): number => {
      const start = performance.now();
      capture((x) => {
        for (let i = 0; i < n; i++) x = x.mul(x);
        return x;
      }, tensor([1])).dispose();
      return performance.now() - start;
    };
    time(2000);
    const short = Math.min(time(2000), time(2000), time(2000));
    expect(Math.min(time(20000), time(20000))).toBeLessThan(short * 60);
  });
});

describe('inputs a record does not hold for', () => {
  it('other shapes and dtypes, where they were read', () => {
    const f = capture((x) => x.sum().div(x.shape[0]!), tensor([1, 2]));
    expect(f.run(tensor([3, 5])).item()).toBe(4);
    expect(() => f.run(tensor([1, 2, 3]))).toThrow(/captured function: input 0 is float32 \[3\] and was float32 \[2\] when the function was captured/);
    const g = capture((x) => x.var(), tensor([1, 2]));
    expect(() => g.run(tensor([1, 2, 3]))).toThrow(/capture the function again/);
    const x = tensor([1, 2]);
    expect(x.shape).toEqual([2]);
    const h = capture((t) => arange(t.shape[0]!).add(t), x);
    expect(() => h.run(tensor([1, 2, 3]))).toThrow(/input 0/);
    const k = capture((t) => (t.dtype === 'float32' ? t.mul(2) : t.mul(3)), tensor([1]));
    expect(() => k.run(tensor([1], { dtype: 'float64' }))).toThrow(/input 0 is float64 \[1\] and was float32 \[1\]/);
  });

  it('another requiresGrad, where it was read', () => {
    const f = capture((x) => (x.requiresGrad ? x.mul(2) : x.mul(3)), tensor([1]));
    expect(f.run(tensor([1])).item()).toBe(3);
    expect(() => f.run(leaf(1))).toThrow(/input 0 has requiresGrad true and had false/);
  });

  it('inputs that share memory', () => {
    const x = tensor([1, 2]);
    expect(() => capture((a, b) => a.add(b), x, x)).toThrow(/capture: inputs 0 and 1 share memory/);
    expect(() => capture((a, b) => a.add(b), x, x.view(2))).toThrow(/share memory/);
  });

  it('a view of an input that was made outside', () => {
    const x = tensor([[1, 2], [3, 4]]);
    const row = x.select(0, 0);
    expect(() => capture((a) => a.add(row), x)).toThrow(/add: cannot be captured: a tensor of shape \[2\] shares memory with an input/);
    const same = x.detach();
    expect(() => capture((a) => a.add(same), x)).toThrow(/add: cannot be captured/);
  });
});
