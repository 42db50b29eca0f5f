// Initialisers that draw by rejection, packed sequences and fused layers, against PyTorch; fixtures/record/nn_tools.py records them.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError, linspace, manualSeed, nn, ones, rand, randn, tensor, zeros, type DType, type Tensor } from 'adjoint';

interface Listed {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Fixture {
  readonly init: readonly { name: string; shape: number[]; dtype: DType; args: number[]; value: Listed; next: number }[];
  readonly pack: readonly {
    shape: number[]; lengths: number[]; batchFirst: boolean; enforceSorted: boolean; totalLength: number | null; paddingValue: number;
    data: Listed; batchSizes: number[]; indices: [number[] | null, number[] | null]; padded: Listed; out: number[]; grad: Listed;
  }[];
  readonly pad: readonly { lengths: number[]; options: Record<string, unknown>; padded: Listed; packed: Listed; unpacked: Listed[] }[];
  readonly fuse: readonly { kind: string; weight: Listed; bias: Listed; learned: boolean[]; out: Listed }[];
  readonly parametrized: readonly {
    kind: string; out: Listed; grads: Record<string, Listed>; state: Record<string, Listed>; left: Record<string, Listed>;
  }[];
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/nn-tools.json', import.meta.url), 'utf8')) as Fixture;
const camel = (name: string): string => name.replace(/_(?=.)([a-z0-9])?/g, (_, c: string | undefined) => (c ?? '').toUpperCase());

function expectListed(t: Tensor, { shape, values }: Listed, tolerance: number): void {
  expect(t.shape).toEqual(shape);
  const own = Array.from(t.detach().to('float64').contiguous().toTypedArray(), Number);
  values.forEach((want, i) => { expect(Math.abs(own[i]! - want), `element ${i}: ${own[i]} against ${want}`).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(want))); });
}

const whole = (t: Tensor | null): number[] | null => (t === null ? null : (t.tolist() as (number | bigint)[]).map(Number));

describe('an initialiser writes the values it writes in PyTorch', () => {
  it.each(fixture.init.map((f) => [`${f.name}(${f.dtype} [${f.shape.join(', ')}], ${f.args.join(', ')})`, f] as const))('%s', (_, f) => {
    manualSeed(7);
    const t = zeros(f.shape, { dtype: f.dtype });
    const fill = (nn.init as unknown as Record<string, (t: Tensor, ...args: number[]) => Tensor>)[camel(f.name)]!;
    expect(fill(t, ...f.args)).toBe(t);
    expectListed(t, f.value, f.dtype === 'float32' ? 5e-7 : 1e-15);
    expect(rand([1], { dtype: 'float64' }).item()).toBe(f.next);
  });

  it('and refuses what makes no sense', () => {
    expect(() => nn.init.truncNormal_(zeros([2]), 0, 1, 2, -2)).toThrow(/truncNormal_: expected a positive std and a ≤ b, got std 1, a 2 and b -2/);
    expect(() => nn.init.dirac_(zeros([2, 2]))).toThrow(/dirac_: only tensors of 3, 4 or 5 dims, got shape \[2, 2\]/);
    expect(() => nn.init.dirac_(zeros([3, 2, 2]), 2)).toThrow(/dim 0 \(3\) must be divisible by groups \(2\)/);
    expect(() => nn.init.sparse_(zeros([2]), 0.5)).toThrow(/sparse_: only tensors of 2 dims/);
  });
});

describe('sequences are packed and padded as in PyTorch', () => {
  const { packPaddedSequence, packSequence, padPackedSequence, padSequence, unpackSequence, unpadSequence, invertPermutation, PackedSequence } = nn.utils.rnn;

  it.each(fixture.pack.map((p) => [`[${p.shape.join(', ')}] of lengths ${p.lengths.join(', ')}`, p] as const))('%s', (_, p) => {
    const { batchFirst, enforceSorted, paddingValue, totalLength } = p;
    manualSeed(3);
    const x = randn(p.shape, { dtype: 'float64' });
    x.requiresGrad = true;
    const packed = packPaddedSequence(x, tensor(p.lengths, { dtype: 'int64' }), { batchFirst, enforceSorted });
    expect(packed).toBeInstanceOf(PackedSequence);
    expectListed(packed.data, p.data, 1e-15);
    expect([whole(packed.batchSizes), whole(packed.sortedIndices), whole(packed.unsortedIndices)]).toEqual([p.batchSizes, ...p.indices]);
    const [padded, lengths] = padPackedSequence(packed, { batchFirst, paddingValue, totalLength });
    expectListed(padded, p.padded, 1e-15);
    expect(whole(lengths)).toEqual(p.out);
    padded.backward(linspace(0.5, 1.5, padded.numel(), { dtype: 'float64' }).reshape(padded.shape));
    expectListed(x.grad!, p.grad, 1e-15);
  });

  it.each(fixture.pad.map((p) => [`lengths ${p.lengths.join(', ')} ${JSON.stringify(p.options)}`, p] as const))('%s', (_, p) => {
    manualSeed(4);
    const sequences = p.lengths.map((n) => randn([n, 2], { dtype: 'float64' }));
    expectListed(padSequence(sequences, Object.fromEntries(Object.entries(p.options).map(([k, v]) => [camel(k), v]))), p.padded, 1e-15);
    const packed = packSequence(sequences, { enforceSorted: false });
    expectListed(packed.data, p.packed, 1e-15);
    unpackSequence(packed).forEach((t, i) => { expectListed(t, p.unpacked[i]!, 1e-15); });
    const again = unpadSequence(padSequence(sequences), p.lengths);
    again.forEach((t, i) => { expect(t.equal(sequences[i]!)).toBe(true); });
  });

  it('and refuse what makes no sense', () => {
    expect(() => packPaddedSequence(zeros([3, 2]), [1, 2])).toThrow(/lengths must fall from one sequence to the next; sort the batch, or pass enforceSorted: false/);
    expect(() => packPaddedSequence(zeros([3, 2]), [3, 0])).toThrow(/lengths must be within 1 and 3, the padded length, got 0/);
    expect(() => packPaddedSequence(zeros([3, 2]), [3])).toThrow(ShapeError);
    expect(() => padPackedSequence(packSequence([ones([3])]), { totalLength: 2 })).toThrow(/totalLength must be at least 3, the length of the longest sequence, got 2/);
    expect(() => padSequence([ones([2, 3]), ones([2, 4])])).toThrow(/sequences must have shapes \[L, 3\], got \[2, 4\]/);
    expect(() => padSequence([])).toThrow(UsageError);
    expect(() => unpadSequence(zeros([3, 2]), [4, 1])).toThrow(ShapeError);
    expect(() => new PackedSequence(zeros([1]))).toThrow(/batchSizes is missing/);
    expect(whole(invertPermutation(tensor([2n, 0n, 1n])))).toEqual([1, 2, 0]);
    expect(invertPermutation(null)).toBeNull();
    expect(() => invertPermutation(tensor([2n, 0n, 2n]))).toThrow(UsageError);
  });
});

describe('layers are fused as in PyTorch', () => {
  it.each(fixture.fuse.map((f) => [f.kind, f] as const))('%s', (kind, f) => {
    manualSeed(6);
    const make = {
      conv: () => [new nn.Conv2d(2, 3, 2), new nn.BatchNorm2d(3), randn([2, 2, 4, 4])] as const,
      'conv without': () => [new nn.Conv1d(2, 3, 2, { bias: false }), new nn.BatchNorm1d(3, { affine: false }), randn([2, 2, 4])] as const,
      transposed: () => [new nn.ConvTranspose2d(2, 3, 2), new nn.BatchNorm2d(3), randn([2, 2, 4, 4])] as const,
      linear: () => [new nn.Linear(4, 3), new nn.BatchNorm1d(3), randn([5, 4])] as const,
    }[kind]!;
    const [layer, bn, x] = make();
    const run = layer.call as (x: Tensor) => Tensor;
    for (let i = 0; i < 2; i++) bn.call(run.call(layer, x));
    expect(() => nn.utils.fuseConvBnEval(layer, bn)).toThrow(/both modules must be in evaluation mode/);
    layer.eval();
    bn.eval();
    const fused = layer instanceof nn.Linear ? nn.utils.fuseLinearBnEval(layer, bn) : nn.utils.fuseConvBnEval(layer as nn.Conv2d, bn, kind === 'transposed');
    expectListed(fused.weight, f.weight, 1e-6);
    expectListed(fused.bias!, f.bias, 1e-6);
    expect([fused.weight.requiresGrad, fused.bias!.requiresGrad]).toEqual(f.learned);
    expectListed((fused.call as (x: Tensor) => Tensor)(x), f.out, 2e-6);
    expect(layer.weight.equal(fused.weight)).toBe(false);
  });
});

describe('weights are parametrised as in PyTorch', () => {
  const { parametrizations, parametrize } = nn.utils;

  it.each(fixture.parametrized.map((p) => [p.kind, p] as const))('%s', (kind, p) => {
    manualSeed(8);
    const [module, shape, norm] = {
      weight: () => [new nn.Linear(4, 3), [2, 4], (m: nn.Module) => parametrizations.weightNorm(m)] as const,
      'weight all': () => [new nn.Linear(4, 3), [2, 4], (m: nn.Module) => parametrizations.weightNorm(m, { dim: null })] as const,
      'weight of a convolution': () => [new nn.Conv2d(2, 3, 2), [1, 2, 3, 3], (m: nn.Module) => parametrizations.weightNorm(m, 'weight', 1)] as const,
      bias: () => [new nn.Linear(4, 3), [2, 4], (m: nn.Module) => parametrizations.weightNorm(m, 'bias')] as const,
      spectral: () => [new nn.Linear(4, 3), [2, 4], (m: nn.Module) => parametrizations.spectralNorm(m)] as const,
      'spectral of a transposed convolution': () =>
        [new nn.ConvTranspose2d(2, 3, 2), [1, 2, 3, 3], (m: nn.Module) => parametrizations.spectralNorm(m, { nPowerIterations: 2 })] as const,
    }[kind]!();
    const input = randn(shape);
    norm(module);
    const run = (module.call as (x: Tensor) => Tensor).bind(module);
    run(input);
    const out = run(input);
    expectListed(out, p.out, 2e-6);
    out.backward(linspace(0.5, 1.5, out.numel()).reshape(out.shape));
    const own = Object.fromEntries(module.namedParameters());
    expect(Object.keys(own)).toEqual(Object.keys(p.grads));
    for (const [key, listed] of Object.entries(p.grads)) expectListed(own[key]!.grad!, listed, 5e-6);
    const state = module.stateDict();
    expect(Object.keys(state)).toEqual(Object.keys(p.state));
    for (const [key, listed] of Object.entries(p.state)) expectListed(state[key]!, listed, 2e-6);
    // A copy computes its own.
    const copy = module.clone();
    expect((copy.call as (x: Tensor) => Tensor)(input).shape).toEqual(out.shape);
    const name = kind === 'bias' ? 'bias' : 'weight';
    expect([parametrize.isParametrized(module), parametrize.isParametrized(module, name), parametrize.isParametrized(module, 'other')]).toEqual([true, true, false]);
    parametrize.removeParametrizations<nn.Module>(module, name);
    expect(parametrize.isParametrized(module)).toBe(false);
    const left = module.stateDict();
    expect(Object.keys(left)).toEqual(Object.keys(p.left));
    for (const [key, listed] of Object.entries(p.left)) expectListed(left[key]!, listed, 2e-6);
    expect(run(input).shape).toEqual(out.shape);
  });

  it('also by modules of the user, one after the other', () => {
    class Symmetric extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.triu().add(x.triu(1).t());
      }
      rightInverse(x: Tensor): Tensor {
        return x.triu();
      }
    }
    class Twice extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.mul(2);
      }
      rightInverse(x: Tensor): Tensor {
        return x.div(2);
      }
    }
    class Wrong extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.sum();
      }
    }
    manualSeed(0);
    const linear = new nn.Linear(3, 3);
    const { weight } = linear;
    parametrize.registerParametrization(linear, 'weight', new Symmetric());
    expect(linear.weight.equal(linear.weight.t())).toBe(true);
    // The parameter an optimizer was given before is the original still.
    expect(linear.parameters()).toContain(weight);
    parametrize.registerParametrization(linear, 'weight', new Twice());
    linear.weight = ones([3, 3]).mul(4);
    expect(linear.weight.tolist()).toEqual([[4, 4, 4], [4, 4, 4], [4, 4, 4]]);
    expect(weight.tolist()).toEqual([[2, 2, 2], [0, 2, 2], [0, 0, 2]]);
    expect(() => parametrize.registerParametrization(new nn.Linear(2, 2), 'weight', new Wrong())).toThrow(/must keep shape and dtype, got float32 \[\] for float32 \[2, 2\]/);
    expect(() => parametrize.registerParametrization(new nn.Linear(2, 2), 'other', new Twice())).toThrow(/Linear has no parameter or buffer the string "other"/);
    expect(() => parametrize.removeParametrizations(new nn.Linear(2, 2), 'weight')).toThrow(/is not parametrised/);
    expect(() => parametrizations.spectralNorm(new nn.Linear(2, 2), { dim: 3 })).toThrow(/dim must be within -2 and 1, got 3/);
  });

  it('are transferred to another module, with the parameters', () => {
    const { transferParametrizationsAndParams: transfer, isParametrized, typeBeforeParametrizations } = parametrize;
    class Twice extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.mul(2);
      }
      rightInverse(x: Tensor): Tensor {
        return x.div(2);
      }
    }
    const [from, to, x] = [new nn.Linear(3, 2), new nn.Linear(3, 2), ones([1, 3])];
    expect(transfer(from, to)).toBe(to);
    expect(isParametrized(to)).toBe(false);
    parametrizations.weightNorm(from);
    parametrize.registerParametrization(from, 'bias', new Twice());
    expect(transfer(from, to, 'weight')).toBe(to);
    expect([isParametrized(to, 'weight'), isParametrized(to, 'bias')]).toEqual([true, false]);
    expect(to.weight.tolist()).toEqual(from.weight.tolist());
    transfer({ fromModule: from, toModule: to, tensorName: 'bias' });
    expect(to.call(x).tolist()).toEqual(from.call(x).tolist());
    // The same parameters, as in PyTorch.
    expect(new Set([...from.parameters(), ...to.parameters()]).size).toBe(from.parameters().length);
    // A name that is not there is made.
    class Bare extends nn.Module {}
    const bare = transfer(from, new Bare());
    expect((bare as unknown as { weight: Tensor }).weight.tolist()).toEqual(from.weight.tolist());
    expect(() => transfer(from, new Bare(), 'other')).toThrow(/"other" of Linear is not parametrised/);
    expect(typeBeforeParametrizations(from)).toBe(nn.Linear);
    expect(typeBeforeParametrizations(new Bare())).toBe(Bare);
  });
});
