// Functions and methods that PyTorch's op database has not, against what PyTorch gives; fixtures/record/torch_functions.py records it.
import { readFileSync } from 'node:fs';
import * as adjoint from 'adjoint';
import { AdjointError, Tensor, autograd, distributions, func, manualSeed, nn, ones, rand, tensor, zeros, type DType, type Nested } from 'adjoint';
import { describe, expect, it } from 'vitest';

interface Encoded {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly value: Nested<number | string | boolean>;
}

interface Case {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly seed?: number;
  readonly outs: readonly unknown[];
  readonly next?: number;
  readonly grads?: readonly (Encoded | null)[];
}

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8'));
/** Names that are not yet here, in camelCase: torch-names.test.ts sees to it that none of them is. */
const notYet = Object.entries((read('torch-missing.json') as { 'not yet': Readonly<Record<string, readonly string[]>> })['not yet']).flatMap(([space, lines]) =>
  lines.flatMap((line) => line.split(' ')).map((name) => (space === 'torch' ? '' : `${space}.`) + name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, c: string) => c.toUpperCase())),
);
const cases = (read('torch-functions.json') as { cases: readonly Case[] }).cases.filter(({ name }) => !notYet.includes(name));

const isEncoded = (v: unknown): v is Encoded => typeof v === 'object' && v !== null && 'dtype' in v && 'value' in v;
const flat = (v: unknown): (number | boolean)[] => ([v].flat(9) as (number | string | boolean)[]).map((item) => (typeof item === 'string' ? Number(item) : item));

function decode(v: unknown, requiresGrad: boolean): unknown {
  if (Array.isArray(v)) return v.map((item) => decode(item, false));
  if (v === 'Infinity' || v === '-Infinity') return Number(v);
  if (!isEncoded(v)) return v;
  const made = tensor(flat(v.value), { dtype: v.dtype }).reshape(v.shape);
  return requiresGrad && v.dtype.includes('float') ? made.detach().requiresGrad_() : made;
}

/** Values to rounding: of float32 and the halves coarser than of float64. */
function expectNear(found: unknown, golden: Encoded): void {
  expect(found).toBeInstanceOf(Tensor);
  const t = found as Tensor;
  expect(t.dtype).toBe(golden.dtype);
  expect(t.shape).toEqual(golden.shape);
  const [rtol, atol] = golden.dtype === 'float64' ? [1e-9, 1e-12] : golden.dtype === 'bfloat16' ? [1e-2, 1e-2] : [2e-6, 1e-6];
  const [a, b] = [flat(t.tolist()).map(Number), flat(golden.value).map(Number)];
  expect(a).toHaveLength(b.length);
  const wrong = a.findIndex((v, i) => !(Object.is(v, b[i]) || v === b[i] || Math.abs(v - b[i]!) <= atol + rtol * Math.abs(b[i]!)));
  if (wrong >= 0) expect(a, `element ${wrong}`).toEqual(b);
}

/** The outputs of a call in order. */
function outputsOf(result: unknown): unknown[] {
  if (result instanceof Tensor || typeof result !== 'object' || result === null) return [result];
  const parts: unknown[] = Symbol.iterator in result ? [...(result as Iterable<unknown>)] : Object.values(result);
  return parts.flatMap(outputsOf).filter((part) => part !== null);
}

type Call = (...args: readonly unknown[]) => unknown;

function functionOf(name: string): Call {
  if (name.startsWith('Tensor.')) return (self, ...rest) => (self as Record<string, Call>)[name.slice(7)]!.apply(self, rest);
  const found = name.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], adjoint);
  if (typeof found !== 'function') throw new Error(`there is no ${name}`);
  return found as Call;
}

function run({ name, args, kwargs, seed, grads }: Case): { given: unknown[]; outs: unknown[]; inputs: Tensor[] } {
  const given = args.map((arg) => decode(arg, grads !== undefined));
  const options = Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [key, decode(value, false)]));
  if (seed !== undefined) manualSeed(seed);
  const all = Object.keys(options).length === 0 ? given : [...given, options];
  const outs = outputsOf(functionOf(name)(...all));
  return { given, outs, inputs: given.filter((arg): arg is Tensor => arg instanceof Tensor && arg.requiresGrad) };
}

describe('what PyTorch gives', () => {
  it.each(cases.map((of, i) => [`${of.name} #${i}`, of] as const))('%s', (_, of) => {
    const { given, outs, inputs } = run(of);
    if (of.name.endsWith('_')) expect(outs[0]).toBe(given[0]);
    expect(outs).toHaveLength(of.outs.length);
    for (const [i, golden] of of.outs.entries()) {
      if (isEncoded(golden)) expectNear(outs[i], golden);
      else if (Array.isArray(golden)) expect(outs).toEqual(golden);
      else expect(outs[i]).toBe(golden);
    }
    if (of.next !== undefined) expect(rand([1]).item()).toBe(of.next);
    if (of.grads === undefined) return;
    const roots = outs.filter((out): out is Tensor => out instanceof Tensor && out.requiresGrad);
    const sums = roots.map((out) => out.mul(adjoint.arange(1, out.numel() + 1, { dtype: out.dtype }).reshape(out.shape)).sum());
    const found = autograd.grad(sums.reduce((a, b) => a.add(b)), inputs, { allowUnused: true });
    for (const [i, golden] of of.grads.entries()) {
      if (golden === null) expect(found[i]).toBeNull();
      else expectNear(found[i], golden);
    }
  });
});

describe('members and functions that PyTorch gives no tensor for', () => {
  it('what a tensor is, by properties', () => {
    const x = ones([2, 3], { dtype: 'float64' });
    expect([x.isCpu, x.isCuda, x.isMeta, x.isMps, x.isXpu, x.isNested, x.isQuantized, x.isSparse, x.isSparseCsr]).toEqual([true, ...new Array<boolean>(8).fill(false)]);
    expect([x.layout, x.itemsize, x.nbytes, x.real === x]).toEqual(['strided', 8, 48, true]);
    expect(x.numpy()).toEqual(Float64Array.of(1, 1, 1, 1, 1, 1));
    expect(() => ones([1], { requiresGrad: true }).numpy()).toThrow(/numpy: cannot be called on a tensor that requires grad/);
  });

  it('constants of dtypes are their names', () => {
    const { bool, double, float, half, int, long, short, float32, int8, newaxis, strided } = adjoint;
    expect([bool, double, float, half, int, long, short, float32, int8, newaxis, strided]).toEqual(['bool', 'float64', 'float32', 'float16', 'int32', 'int64', 'int16', 'float32', 'int8', null, 'strided']);
    expect(ones([2], { dtype: adjoint.float64 }).index(newaxis).shape).toEqual([1, 2]);
  });

  it('diagonals are filled with the gradient taken from them', () => {
    const x = ones([3, 3], { requiresGrad: true });
    x.mul(2).fillDiagonal_(7).sum().backward();
    expect(x.grad!.tolist()).toEqual([[0, 2, 2], [2, 0, 2], [2, 2, 0]]);
    expect(() => zeros([3]).fillDiagonal_(1)).toThrow(/at least 2 dims/);
    expect(() => zeros([2, 3, 2]).fillDiagonal_(1)).toThrow(/of one size/);
  });

  it('strides are as asked for', () => {
    expect(adjoint.emptyStrided([2, 3], [1, 2]).stride()).toEqual([1, 2]);
    expect(adjoint.emptyPermuted([2, 3, 4], [1, 2, 0]).stride()).toEqual([1, 8, 2]);
    expect(() => adjoint.emptyStrided([2, 3], [1])).toThrow(/size \[2, 3\] has 2 dims, stride \[1\] has 1/);
    expect(() => adjoint.emptyPermuted([2, 3], [0, 0])).toThrow(/must name each dim/);
    const x = zeros([4]);
    expect(adjoint.asStrided_(x, [2, 2], [2, 1])).toBe(x);
    expect(x.shape).toEqual([2, 2]);
  });

  it('data that is a tensor already is not copied', () => {
    const x = ones([2], { requiresGrad: true });
    expect([adjoint.asTensor(x) === x, adjoint.asarray(x) === x, adjoint.asTensor(x, { dtype: 'float64' }).requiresGrad]).toEqual([true, true, true]);
    expect([adjoint.asarray(x, { requiresGrad: false }).requiresGrad, adjoint.asarray(x, { copy: true }).requiresGrad, adjoint.asarray(x, { copy: true, requiresGrad: true }).gradFn]).toEqual([false, false, null]);
    expect(adjoint.asTensor([1, 2]).tolist()).toEqual([1, 2]);
    expect(() => adjoint.asarray([1], { copy: false })).toThrow(/copy is false/);
  });

  it('a buffer is read from an offset, whatever its alignment', () => {
    const bytes = new Uint8Array(17);
    new Int32Array(bytes.buffer, 0, 4).set([1, 2, 3, 4]);
    expect(adjoint.frombuffer(bytes.buffer.slice(0, 16), { dtype: 'int32' }).tolist()).toEqual([1, 2, 3, 4]);
    expect(adjoint.frombuffer(bytes.subarray(4, 16), { dtype: 'int32', count: 2, offset: 4 }).tolist()).toEqual([3, 4]);
    bytes.copyWithin(1, 0);
    expect(adjoint.frombuffer(bytes, { dtype: 'int32', offset: 1 }).tolist()).toEqual([1, 2, 3, 4]);
    const bad = [{ dtype: 'int64', count: 3 }, { dtype: 'int32', offset: 2 }, { dtype: 'int32', count: 0 }, { dtype: 'int32', offset: 99 }, { dtype: 'float16' }] as const;
    for (const options of bad) expect(() => adjoint.frombuffer(bytes, options)).toThrow(/^frombuffer: /);
  });

  it('settings take what holds, and tell it', () => {
    expect([adjoint.getDefaultDtype(), adjoint.getDefaultDevice(), adjoint.device('cpu')]).toEqual(['float32', 'cpu', 'cpu']);
    expect(() => { adjoint.setDefaultDtype('float64'); }).toThrow(/the default dtype is float32; pass dtype/);
    expect(() => adjoint.device('cuda' as never)).toThrow(/must be 'cpu'/);
    adjoint.useDeterministicAlgorithms(true, { warnOnly: true });
    expect([adjoint.areDeterministicAlgorithmsEnabled(), adjoint.isDeterministicAlgorithmsWarnOnlyEnabled(), adjoint.getDeterministicDebugMode()]).toEqual([true, true, 1]);
    adjoint.setDeterministicDebugMode('default');
    expect([adjoint.areDeterministicAlgorithmsEnabled(), adjoint.getDeterministicDebugMode()]).toEqual([false, 0]);
    expect(adjoint.getFloat32MatmulPrecision()).toBe('highest');
    expect(adjoint.setFlushDenormal(true)).toBe(false);
  });

  it('the seed of the default generator is known', () => {
    manualSeed(1234);
    rand([3]);
    expect(adjoint.initialSeed()).toBe(1234n);
    const drawn = adjoint.seed();
    expect(adjoint.initialSeed()).toBe(drawn);
    manualSeed(-1);
    expect(adjoint.initialSeed()).toBe(2n ** 64n - 1n);
  });

  it('embeddingBag at the root sums by default', () => {
    const [out] = adjoint.embeddingBag(tensor([[1, 2], [3, 4], [5, 6]]), tensor([0n, 2n, 1n]), tensor([0n, 2n]));
    expect(out.tolist()).toEqual([[6, 8], [3, 4]]);
    expect(() => adjoint.embeddingBag(ones([2, 2]), tensor([0n]), tensor([0n]), { mode: 3 })).toThrow(/mode must be 0 for sums/);
  });

  it('numbers that stand for no word are refused with those that do', () => {
    expect(() => adjoint.gridSampler(ones([1, 1, 2, 2]), zeros([1, 1, 1, 2]), 3, 0, true)).toThrow(/interpolationMode must be 0 for 'bilinear', 1 for 'nearest', 2 for 'bicubic', got 3/);
    expect(() => adjoint.cosineEmbeddingLoss(ones([2, 2]), ones([2, 2]), ones([2]), 0, 3 as never)).toThrow(AdjointError);
  });

  it('multiHeadAttentionForward is what the module computes', () => {
    manualSeed(2);
    const attention = new nn.MultiheadAttention(4, 2);
    const x = rand([3, 1, 4]);
    const [output, weights] = attention.call(x, x, x);
    const { inProjWeight, inProjBias, outProj } = attention;
    const [other, otherWeights] = nn.functional.multiHeadAttentionForward(x, x, x, 4, 2, inProjWeight, inProjBias, null, null, false, 0, outProj.weight, outProj.bias);
    expect(other.tolist()).toEqual(output.tolist());
    expect(otherWeights!.tolist()).toEqual(weights!.tolist());
    expect(() => nn.functional.multiHeadAttentionForward(x, x, x, 5, 2, inProjWeight, inProjBias, null, null, false, 0, outProj.weight, outProj.bias)).toThrow(/divisible by numHeads/);
  });

  it('running values are taken from every BatchNorm', () => {
    const net = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2));
    expect(func.replaceAllBatchNormModules_(net)).toBe(net);
    expect(Object.keys(net.stateDict()).filter((name) => name.includes('running'))).toEqual([]);
    expect(net.call(rand([4, 2])).shape).toEqual([4, 2]);
  });

  it('an exponential family has its entropy from its normaliser', () => {
    class Own extends distributions.ExponentialFamily {
      constructor(private readonly rate: Tensor) {
        super(rate.shape, [], false);
      }
      override get argConstraints(): Record<string, never> {
        return {};
      }
      override get support(): typeof distributions.constraints.positive {
        return distributions.constraints.positive;
      }
      protected override get naturalParams(): readonly Tensor[] {
        return [this.rate.neg()];
      }
      protected override get meanCarrierMeasure(): number {
        return 0;
      }
      protected override logNormalizer(p: Tensor): Tensor {
        return p.neg().log().neg();
      }
    }
    const rate = tensor([0.5, 2], { dtype: 'float64' });
    const found = new Own(rate).entropy().tolist() as number[];
    const golden = new distributions.Exponential(rate).entropy().tolist() as number[];
    found.forEach((v, i) => { expect(v).toBeCloseTo(golden[i]!, 12); });
    expect(distributions.identityTransform.call(rate).tolist()).toEqual(rate.tolist());
  });

  it('matrices of low rank are the product of their factors', () => {
    manualSeed(5);
    const a = rand([6, 2], { dtype: 'float64' }).matmul(rand([2, 4], { dtype: 'float64' }));
    for (const of of [a, a.mT]) {
      const [U, S, V] = adjoint.svdLowrank(of, 2);
      expect([U.shape, S.shape, V.shape]).toEqual([[of.size(0), 2], [2], [of.size(1), 2]]);
      expect(U.mul(S).matmul(V.mT).allclose(of, { atol: 1e-12 })).toBe(true);
      expect(S.allclose(adjoint.linalg.svdvals(of).index({ stop: 2 }))).toBe(true);
    }
    const [, S, V] = adjoint.pcaLowrank(a);
    expect(S.allclose(adjoint.linalg.svdvals(a.sub(a.mean(0))), { atol: 1e-12 })).toBe(true);
    expect(V.mT.matmul(V).allclose(adjoint.eye(4, { dtype: 'float64' }))).toBe(true);
    expect(() => adjoint.pcaLowrank(a, 5)).toThrow(/q must be from 0 to 4/);
  });

  it('lengths of segments are checked', () => {
    const x = ones([4]);
    const lengths = (of: readonly number[]): Tensor => tensor(of, { dtype: 'int64' });
    expect(() => adjoint.segmentReduce(x, 'sum', { lengths: lengths([1, 2]) })).toThrow(/must sum to the size 4/);
    expect(() => adjoint.segmentReduce(x, 'sum', { lengths: lengths([-1, 5]) })).toThrow(/must not be negative/);
    expect(() => adjoint.segmentReduce(x, 'sum')).toThrow(/either lengths or offsets/);
    expect(() => adjoint.segmentReduce(x, 'median' as never, { lengths: lengths([4]) })).toThrow(/reduce must be/);
  });

  it('autograd has the modes, too', () => {
    expect(autograd.noGrad(() => ones([1], { requiresGrad: true }).mul(2).requiresGrad)).toBe(false);
    expect([autograd.enableGrad, autograd.inferenceMode, autograd.setGradEnabled].map((f) => typeof f)).toEqual(['function', 'function', 'function']);
    autograd.setMultithreadingEnabled(false).dispose();
  });
});
