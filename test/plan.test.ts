// Plans: from its third run on, a record whose facts are known runs kernels alone. What it gives has the bits of the function.
import { readFileSync } from 'node:fs';
import * as adjoint from 'adjoint';
import { AdjointError, Tensor, autograd, capture, compile, manualSeed, memoryStats, nn, noGrad, ones, optim, profiler, rand, randn, resetPeakMemory, scope, tensor, viz, zeros } from 'adjoint';
import { describe, expect, it, test } from 'vitest';
import { argumentsOf, callable, seeded, type ManifestOp } from './gradcheck-samples';

type Fn = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

const listOf = (out: Tensor | readonly Tensor[]): readonly Tensor[] => (out instanceof Tensor ? [out] : out);

/** Dtype, shape, strides and bits. */
const seen = (out: Tensor | readonly Tensor[]): unknown =>
  listOf(out).map((t) => {
    const values = t.contiguous().toTypedArray();
    return [t.dtype, t.shape, t.stride(), Array.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))];
  });

/** Runs `fn` and its record five times on inputs of the same facts and compares all they give, and what they leave in the inputs. */
function agrees(fn: Fn, ...makers: ((i: number) => Tensor)[]): void {
  const inputs = (i: number): Tensor[] => makers.map((make) => make(i));
  const f = capture(fn as (...inputs: Tensor[]) => Tensor, ...inputs(0));
  for (let i = 1; i <= 5; i++) {
    const [a, b] = [inputs(i), inputs(i)];
    manualSeed(i);
    const expected = seen(fn(...a));
    manualSeed(i);
    expect(seen(f.runAll(...b)), `replay ${i}`).toEqual(expected);
    expect(seen(b), `inputs of replay ${i}`).toEqual(seen(a));
  }
  f.dispose();
}

/** Numbers that differ from one replay to the next. */
const numbers = (...shape: number[]) => (i: number): Tensor => {
  manualSeed(i * 31 + shape.length);
  return randn(shape);
};

const ops = JSON.parse(readFileSync(new URL('generated/manifest.json', import.meta.url), 'utf8')) as ManifestOp[];

describe('every op, planned, gives what it gives', () => {
  for (const op of ops) {
    const call = callable(op, adjoint);
    if (call === null || op.samples.length === 0 || op.name.startsWith('empty')) continue;
    test(op.op, () => {
      for (const sample of op.samples) scope(() => {
        noGrad(() => {
          const make = (seed: number) => argumentsOf(op, sample, seeded(`${op.op} ${sample.label} ${seed}`));
          const { tensors, place } = make(0);
          const tensorsIn = (value: unknown): Tensor[] => (value instanceof Tensor ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(tensorsIn) : []);
          const run = (...given: Tensor[]): Tensor[] => tensorsIn(call(...place(given)));
          let f;
          try {
            run(...tensors);
            f = capture(run, ...tensors);
          } catch (error) {
            // What is refused is no record.
            if (error instanceof AdjointError) return;
            throw error;
          }
          for (let i = 1; i <= 3; i++) {
            const given = make(i).tensors;
            let expected: unknown;
            try {
              manualSeed(7);
              expected = seen(run(...given));
            } catch {
              // Numbers that this op does not take.
              continue;
            }
            manualSeed(7);
            expect(seen(f.runAll(...given)), `${sample.label}, replay ${i}`).toEqual(expected);
          }
          f.dispose();
        });
      });
    });
  }
});

describe('values that share memory', () => {
  it('an operand is overwritten only where nothing reads it afterwards', () => {
    agrees((x) => { const a = x.mul(2); const b = a.exp(); return [a.add(b), b.sub(a)]; }, numbers(7));
    agrees((x) => { const a = x.mul(2); return a.mul(a).add(a.t()); }, numbers(4, 4));
    agrees((x) => { const a = x.mul(2); const t = a.t(); const b = a.exp(); return b.add(t); }, numbers(4, 4));
    agrees((x) => { const a = x.mul(2); return a.add(a.t()); }, numbers(5, 5));
    agrees((x) => { const a = x.mul(2); return a.add(a.select(0, 0)); }, numbers(5, 5));
  });

  it('buffers of several sizes, broadcasting and dtypes', () => {
    agrees((x, y) => { const a = x.mul(2); const b = y.exp(); const c = a.add(b); return c.sum(0).mul(b).gt(0).to('float32').add(c.mean()); }, numbers(6, 5), numbers(5));
    agrees((x) => { let y = x; for (let i = 0; i < 20; i++) y = i % 3 === 0 ? y.matmul(x).tanh() : i % 3 === 1 ? y.t().mul(0.5) : y.softmax(1); return y.sum(0); }, numbers(6, 6));
    agrees((x) => [x.add(1).view([-1]).mul(2).reshape([2, 6]).sum(0), x.max(1).values], numbers(3, 4));
  });

  it('what is written in place', () => {
    agrees((x) => { const a = x.mul(2); a.add_(x); const b = a.mul(3); a.mul_(b); return b.sub(a); }, numbers(9));
    agrees((x) => { x.mul_(2); const a = x.add(1); x.sub_(a); return x.add(a); }, numbers(9));
    agrees((x) => { const a = x.mul(2); const row = a.select(0, 1); row.zero_(); return a.mul(1.5); }, numbers(3, 3));
    agrees((x) => { const a = zeros([3]); a.add_(x); return a.mul(a); }, numbers(3));
  });

  it('what is written between two calls that look the same', () => {
    agrees((x) => { const w = x.mul(1); const a = w.exp(); w.add_(1); const b = w.exp(); return a.sub(b); }, numbers(5));
    agrees((x) => { const a = x.exp(); x.add_(1); return a.sub(x.exp()); }, numbers(5));
    agrees((x) => { const v = x.view([-1]); const a = x.exp(); v.add_(1); return a.sub(x.exp()); }, numbers(2, 3));
    const w = ones([3]);
    const [eager, planned] = [w.clone(), w.clone()];
    const step = (p: Tensor) => (x: Tensor): Tensor => noGrad(() => { const a = p.mul(x); p.add_(x); return a.sub(p.mul(x)); });
    const f = capture(step(planned), ones([3]));
    step(eager)(ones([3]));
    for (let i = 0; i < 4; i++) expect(f.run(tensor([i, 1, 2])).tolist()).toEqual(step(eager)(tensor([i, 1, 2])).tolist());
  });

  it('draws of random numbers are never one', () => {
    agrees((x) => { const a = x.mul(1).bernoulli(0.5); const b = x.mul(1).bernoulli(0.5); return [a.sub(b), nn.functional.dropout(x, 0.5), nn.functional.dropout(x, 0.5)]; }, (i) => { manualSeed(i); return rand([50]); });
  });

  it('results that are inputs, views, one another, or constants', () => {
    const c = tensor([1, 2, 3]);
    agrees((x) => { const y = x.mul(2); return [x, y, y, y.view([3, 1]), c, x.view([1, 3])]; }, numbers(3));
    const f = capture((x) => { const y = x.mul(2); return [y, y.mul(3)]; }, ones([3]));
    const kept = Array.from({ length: 4 }, (_, i) => f.runAll(tensor([i, i, i])));
    expect(kept.map(([y]) => y!.tolist())).toEqual([0, 1, 2, 3].map((i) => [2 * i, 2 * i, 2 * i]));
    expect(kept.map(([, z]) => z!.tolist())).toEqual([0, 1, 2, 3].map((i) => [6 * i, 6 * i, 6 * i]));
  });
});

describe('a plan is left where it does not hold', () => {
  it('for strides, gradients that are wanted, and profiles', () => {
    const f = capture((x: Tensor) => x.mul(2).add(1).exp(), zeros([2, 3]));
    for (let i = 0; i < 3; i++) f.run(ones([2, 3]));
    const x = tensor([[1, 2], [3, 4], [5, 6]]).t();
    expect(f.run(x).stride()).toEqual(x.mul(2).add(1).exp().stride());
    const leaf = tensor([[1, 2, 3], [4, 5, 6]], { requiresGrad: true });
    f.run(leaf).sum().backward();
    expect(leaf.grad).not.toBeNull();
    const profile = new profiler.Profile().start();
    f.run(ones([2, 3]));
    profile.stop();
    expect(profile.keyAverages().map(({ name }) => name)).toContain('exp');
    expect(f.run(ones([2, 3])).tolist()).toEqual(ones([2, 3]).mul(2).add(1).exp().tolist());
  });

  it('for indices that are wrong, which fail and leave the next replay right', () => {
    const table = tensor([[1, 2], [3, 4]]);
    const f = capture((i: Tensor) => table.indexSelect(0, i).mul(2), tensor([0], { dtype: 'int64' }));
    for (let i = 0; i < 4; i++) expect(f.run(tensor([1], { dtype: 'int64' })).tolist()).toEqual([[6, 8]]);
    expect(() => f.run(tensor([5], { dtype: 'int64' }))).toThrow(/index/);
    for (let i = 0; i < 4; i++) expect(f.run(tensor([0], { dtype: 'int64' })).tolist()).toEqual([[2, 4]]);
  });

  it('for gradients that are there or not, and hooks on them', () => {
    const trace = (how: 'eager' | 'captured'): unknown => {
      const w = tensor([1, -2], { requiresGrad: true });
      const step = (x: Tensor): Tensor => {
        const loss = w.mul(x).square().sum();
        loss.backward();
        return loss;
      };
      step(tensor([0, 0]));
      const next = how === 'eager' ? step : ((f) => (x: Tensor) => f.run(x))(capture(step, tensor([0, 0])));
      if (how === 'eager') step(tensor([0, 0]));
      const left: unknown[] = [];
      for (let i = 0; i < 12; i++) {
        if (i % 5 === 0) w.grad = null;
        left.push(next(tensor([i, 1])).item(), w.grad!.tolist());
      }
      return left;
    };
    expect(trace('captured')).toEqual(trace('eager'));
  });
});

test('gradients that are returned', () => {
  const w = tensor([1, 2, 3], { requiresGrad: true });
  agrees((x) => autograd.grad(w.mul(x).tanh().sum(), [w]), numbers(3));
});

describe('a plan one can read', () => {
  it('has its calls, what overwrites what, buffers, and what is dead', () => {
    const f = capture((x: Tensor) => { const a = x.exp(); x.sin(); return a.neg().add(x.exp().neg()).sum(); }, zeros([2, 3]));
    expect(f.plan).toBeNull();
    f.run(ones([2, 3]));
    const { plan } = f;
    // Of two equal calls one is made, and none that nothing reads.
    expect(plan!.calls.map(({ op }) => op)).toEqual(['exp', 'neg', 'add', 'sum']);
    expect(plan!.steps).toBe(7);
    expect(plan!.buffers).toEqual([24]);
    expect(plan!.places.map(({ buffer }) => buffer)).toEqual([0, 0, 0, null]);
    expect(plan!.places[1]!.over).toBe(plan!.places[0]!.value);
    const text = String(plan);
    for (const part of ['4 instructions for 7 steps, 1 buffers of 24 bytes', 'in buffer 0, over %', 'in its own storage', ' dead']) expect(text).toContain(part);
    expect(f.run(ones([2, 3])).item()).toBeCloseTo(-12 * Math.E, 3);
    expect(f.record).not.toHaveProperty('plan');
    f.dispose();
  });

  it('is not there where calls are made one by one', () => {
    const f = capture((x: Tensor) => x.nonzero(), ones([3]));
    for (let i = 0; i < 3; i++) f.run(tensor([1, 0, i]));
    expect(f.plan).toBeNull();
    const w = tensor([1, 2, 3], { requiresGrad: true });
    const g = capture((x: Tensor) => x.mul(w), ones([3]));
    g.run(ones([3]));
    expect(g.plan).toBeNull();
  });
});

describe('memory', () => {
  it('a chain of formulas takes its result and one buffer, however long it is', () => {
    const chain = (x: Tensor): Tensor => { let y = x; for (let i = 0; i < 12; i++) y = y.mul(1.01).add(0.1); return y; };
    const n = 4096;
    const x = rand([n]);
    const f = capture(chain, x);
    for (let i = 0; i < 3; i++) f.run(x).dispose();
    const before = memoryStats();
    resetPeakMemory();
    const out = f.run(x);
    expect(memoryStats().peakBytes - before.bytes).toBe(4 * n);
    expect(memoryStats().storages - before.storages).toBe(1);
    out.dispose();
    f.dispose();
  });

  it('a step of training ends with as many storages as it began with, and a program that is disposed of holds none', () => {
    const held = memoryStats().storages;
    scope(() => {
      const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
      const adam = new optim.Adam(model.parameters());
      const step = compile((x: Tensor, y: Tensor) => {
        adam.zeroGrad();
        const loss = nn.functional.mseLoss(model.call(x), y);
        loss.backward();
        adam.step();
        return loss;
      });
      const [x, y] = [rand([8, 2]), rand([8, 1])];
      for (let i = 0; i < 4; i++) step(x, y).dispose();
      const before = memoryStats();
      for (let i = 0; i < 10; i++) step(x, y).dispose();
      expect(memoryStats()).toMatchObject({ storages: before.storages, bytes: before.bytes, nodes: before.nodes });
      step.dispose();
      adam.dispose();
      model.dispose();
    });
    expect(memoryStats().storages).toBe(held);
  });
});

describe('compile with recompute', () => {
  class Block extends nn.Module {
    norm = new nn.LayerNorm(32);
    up = new nn.Linear(32, 128);
    gelu = new nn.GELU();
    down = new nn.Linear(128, 32);
    override forward(x: Tensor): Tensor {
      return x.add(this.down.call(this.gelu.call(this.up.call(this.norm.call(x)))));
    }
  }
  const training = (options: { recompute?: 'cheap' }) => {
    manualSeed(3);
    const model = new nn.Sequential(new Block(), new Block(), new Block(), new nn.Linear(32, 4));
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
    const step = compile((x: Tensor, y: Tensor) => {
      optimizer.zeroGrad();
      const loss = nn.functional.crossEntropy(model.call(x), y);
      loss.backward();
      optimizer.step();
      return loss;
    }, options);
    return { model, step };
  };

  it('has the bits of the function, takes less memory, and makes layers and activations again', () => {
    const [plain, again] = [training({}), training({ recompute: 'cheap' })];
    manualSeed(4);
    const [x, y] = [randn([64, 32]), tensor(Array.from({ length: 64 }, (_, i) => BigInt(i % 4)))];
    for (let i = 0; i < 6; i++) {
      expect(seen(again.step(x, y)), `step ${i}`).toEqual(seen(plain.step(x, y)));
      expect(seen(again.model.parameters()), `parameters of step ${i}`).toEqual(seen(plain.model.parameters()));
    }
    const [kept, less] = [plain.step.programs[0]!.plan!, again.step.programs[0]!.plan!];
    expect(less.eagerBytes).toBe(kept.eagerBytes);
    expect(less.calls.length).toBe(kept.calls.length + 5);
    expect(less.peakBytes).toBeLessThan(0.75 * kept.peakBytes);
    const count = (plan: typeof kept, op: string): number => plan.calls.filter((call) => call.op === op).length;
    // The input of the first layer may share memory with a gradient, so that layer is kept.
    expect([count(kept, 'layerNorm'), count(less, 'layerNorm'), count(less, 'gelu')]).toEqual([3, 5, 6]);
    const measured = (step: typeof plain.step): number => scope(() => {
      resetPeakMemory();
      const before = memoryStats().bytes;
      step(x, y);
      return memoryStats().peakBytes - before;
    });
    expect(measured(again.step)).toBeLessThan(0.7 * measured(plain.step));
    expect(viz.planSvg(again.step.programs[0]!)).toContain('planned: ');
  });

  it('keeps a value whose operand is written before the backward pass', () => {
    const run = (options: { recompute?: 'cheap' }): unknown => {
      manualSeed(5);
      const w = rand([64, 64], { requiresGrad: true });
      const state = rand([64, 64]);
      const f = compile((x: Tensor) => {
        const h = state.mul(x).detach();
        const y = w.mul(h).tanh().matmul(h).exp().sum().log();
        state.add_(1);
        const [g] = autograd.grad(y, [w]);
        return g;
      }, options);
      return Array.from({ length: 4 }, (_, i) => seen(f(ones([64, 64]).mul(0.01 * (i + 1)))));
    };
    expect(run({ recompute: 'cheap' })).toEqual(run({}));
  });

  it('refuses other words', () => {
    expect(() => compile((x: Tensor) => x, { recompute: 'all' as never })).toThrow(/cheap/);
  });
});
