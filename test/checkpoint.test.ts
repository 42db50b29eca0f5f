// Checkpoints: the same gradients from less memory.
import { AutogradError, autograd, checkpoint, checkpointSequential, checkpointSqrt, getRngState, manualSeed, memoryStats, nn, noGrad, randn, resetPeakMemory, scope, setRngState, tensor } from 'adjoint';
import type { Tensor } from 'adjoint';
import { expect, test } from 'vitest';

const leaf = (v: number[]): Tensor => tensor(v, { dtype: 'float64', requiresGrad: true });

test('gradients of closures, of structured arguments and of several outputs are those of the plain call', () => {
  const w = leaf([2, 3]);
  const f = ({ x }: { x: Tensor }, k: number): [Tensor, Tensor] => [x.mul(w).tanh(), x.sin().mul(k)];
  const gradients = (run: (x: Tensor) => [Tensor, Tensor]): unknown => {
    const x = leaf([0.5, -1]);
    w.grad = null;
    const [a, b] = run(x);
    a.mul(b).sum().backward();
    return [x.grad!.tolist(), w.grad!.tolist()];
  };
  expect(gradients((x) => checkpoint(f, { x }, 3))).toEqual(gradients((x) => f({ x }, 3)));
});

test('the graph can be differentiated again', () => {
  const f = (x: Tensor): Tensor => x.mul(x).sin().mul(x);
  const second = (run: (x: Tensor) => Tensor): unknown => {
    const x = leaf([0.5, -1]);
    const [g] = autograd.grad(run(x).sum(), x, { createGraph: true });
    g.pow(2).sum().backward();
    return x.grad!.tolist();
  };
  expect(second((x) => checkpoint(f, x))).toEqual(second(f));
});

test('random numbers are drawn again as they were, and the stream goes on as if they had been drawn once', () => {
  const f = (x: Tensor): Tensor => x.mul(randn([2], { dtype: 'float64' })).sin();
  const run = (call: (x: Tensor) => Tensor): unknown => {
    manualSeed(5);
    const x = leaf([1, 2]);
    call(x).sum().backward();
    return [x.grad!.tolist(), randn([1]).item()];
  };
  expect(run((x) => checkpoint(f, x))).toEqual(run(f));
  const other = run((x) => checkpoint(f, x, { preserveRngState: false })) as [number[], number];
  expect(other[0]).not.toEqual((run(f) as [number[], number])[0]);
});

test('a state of the generator is what PyTorch reads and writes', () => {
  manualSeed(0);
  const state = getRngState();
  expect([state.dtype, state.shape]).toEqual(['uint8', [5056]]);
  const first = randn([3]).tolist();
  setRngState(state);
  expect(randn([3]).tolist()).toEqual(first);
  expect(() => setRngState(tensor([1, 2], { dtype: 'uint8' }))).toThrow(/5056/);
});

test('checkpoints nest', () => {
  const counts = [0, 0];
  const inner = (x: Tensor): Tensor => {
    counts[1]! += 1;
    return x.mul(x).sin();
  };
  const outer = (x: Tensor): Tensor => {
    counts[0]! += 1;
    return checkpoint(inner, x.exp()).mul(x);
  };
  const x = leaf([0.2, 0.4]);
  checkpoint(outer, x).sum().backward();
  const g = x.grad!.tolist();
  // The outer one runs twice; the inner one in both of these and once for itself.
  expect(counts).toEqual([2, 3]);
  x.grad = null;
  x.exp().pow(2).sin().mul(x).sum().backward();
  (g as number[]).forEach((v, i) => expect(v).toBeCloseTo((x.grad!.tolist() as number[])[i]!, 12));
});

test('nothing stays alive', () => {
  const before = memoryStats();
  scope(() => {
    const x = leaf([1, 2]);
    checkpoint((t: Tensor) => t.sin().exp(), x).sum().backward();
    checkpoint((t: Tensor) => t.sin().exp(), x);
  });
  const after = memoryStats();
  expect([after.tensors, after.bytes, after.nodes]).toEqual([before.tensors, before.bytes, before.nodes]);
});

test('a second run that differs, a changed input and errors of the function are reported', () => {
  let run = 0;
  const fickle = (x: Tensor): Tensor => (run++ === 0 ? x.sin() : x.sin().exp());
  expect(() => checkpoint(fickle, leaf([1]), { earlyStop: false }).sum().backward()).toThrow(/different number of tensors/);
  run = 0;
  const shrinking = (x: Tensor): Tensor => (run++ === 0 ? x.sin() : x.narrow(0, 0, 1).sin());
  expect(() => checkpoint(shrinking, leaf([1, 2])).sum().backward()).toThrow(/different metadata/);
  const x = leaf([1]).mul(1);
  const y = checkpoint((t: Tensor) => t.sin(), x);
  noGrad(() => x.add_(1));
  expect(() => y.sum().backward()).toThrow(AutogradError);
  run = 0;
  const failing = (t: Tensor): Tensor => {
    if (run++ > 0) throw new RangeError('mine');
    return t.sin();
  };
  const bad = checkpoint(failing, leaf([1])).sum();
  expect(() => bad.backward()).toThrow(RangeError);
  expect(() => checkpoint(() => { throw new RangeError('first'); })).toThrow(RangeError);
  const fine = leaf([1]);
  fine.sin().sum().backward();
  expect(fine.grad!.item()).toBeCloseTo(Math.cos(1), 12);
});

test('a chain of modules in segments', () => {
  manualSeed(1);
  const model = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 2), new nn.Sigmoid());
  const x = randn([5, 3]);
  const gradients = (run: () => Tensor): unknown => {
    model.zeroGrad();
    run().sum().backward();
    return model.parameters().map((p) => p.grad!.tolist());
  };
  const expected = gradients(() => model.call(x));
  expect(gradients(() => checkpointSequential(model, 2, x))).toEqual(expected);
  expect(gradients(() => checkpointSqrt(model, x))).toEqual(expected);
  expect(() => checkpointSequential(model, 5, x)).toThrow(/segments/);
});

test('the peak of a chain of n equal layers grows as √n', () => {
  const SIZE = 4096;
  const UNIT = SIZE * 8;
  const peakOf = (n: number): number => {
    const x = randn([SIZE], { dtype: 'float64', requiresGrad: true });
    const layers = Array.from({ length: n }, () => (t: Tensor) => t.sin());
    const before = memoryStats().bytes;
    resetPeakMemory();
    scope(() => checkpointSqrt(layers, x).sum().backward());
    const peak = memoryStats().peakBytes - before;
    x.grad = null;
    x.dispose();
    return peak / UNIT;
  };
  const sizes = [16, 64, 256, 1024];
  const peaks = sizes.map(peakOf);
  // Per √n the number of kept values must be bounded; for the plain chain it is √n.
  const perRoot = peaks.map((peak, i) => peak / Math.sqrt(sizes[i]!));
  console.info(`values kept at the peak for ${sizes.join(', ')} layers: ${peaks.map((p) => p.toFixed(1)).join(', ')}`);
  expect(Math.max(...perRoot)).toBeLessThan(4);
  expect(perRoot.at(-1)!).toBeLessThan(perRoot[0]! * 1.1);
});
