// Recurrent layers and cells against PyTorch; fixtures/record/recurrent.py records them.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ShapeError, autograd, func, gru, linspace, lstm, manualSeed, nn, noGrad, rand, randn, tensor, zeros, type DType, type Tensor } from 'adjoint';

interface Listed {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Layer {
  readonly kind: 'RNN' | 'GRU' | 'LSTM';
  readonly dtype: DType;
  readonly options: Record<string, unknown>;
  readonly shape: number[];
  readonly lengths: number[] | null;
  readonly sort: boolean;
  readonly states: boolean;
  readonly next: number;
  readonly names: string[];
  readonly last: number;
  readonly out: Listed;
  readonly hx: Listed[];
  readonly dx: Listed;
  readonly dhx: Listed[];
  readonly grads: Record<string, Listed>;
  readonly after: number;
}

interface Cell {
  readonly kind: 'RNNCell' | 'GRUCell' | 'LSTMCell';
  readonly dtype: DType;
  readonly options: Record<string, unknown>;
  readonly shape: number[];
  readonly states: boolean;
  readonly out: Listed[];
  readonly dx: Listed;
  readonly dhx: Listed[];
  readonly grads: Record<string, Listed>;
}

const packedFixture = readFileSync(new URL('fixtures/recurrent.json.gz', import.meta.url));
const fixture = JSON.parse(gunzipSync(packedFixture).toString('utf8')) as { readonly layers: readonly Layer[]; readonly cells: readonly Cell[] };

/** A module as the tests call it. */
interface Called {
  call(input: unknown, hx?: unknown): unknown;
}

const { gradcheck, gradgradcheck } = autograd;
const tolerance = (dtype: DType): number => (dtype === 'float64' ? 1e-9 : 2e-5);

function expectListed(t: Tensor, { shape, values }: Listed, within: number, what: string): void {
  expect(t.shape, what).toEqual(shape);
  const own = Array.from(t.detach().to('float64').contiguous().toTypedArray(), Number);
  values.forEach((want, i) => { expect(Math.abs(own[i]! - want), `${what}, element ${i}: ${own[i]} against ${want}`).toBeLessThanOrEqual(within * Math.max(1, Math.abs(want))); });
}

function random(shape: readonly number[], dtype: DType): Tensor {
  const t = randn(shape, { dtype });
  t.requiresGrad = true;
  return t;
}

const weightOf = (t: Tensor): Tensor => linspace(0.5, 1.5, t.numel(), { dtype: t.dtype }).reshape(t.shape);
const total = (all: readonly Tensor[]): Tensor => all.map((t) => t.mul(weightOf(t)).sum()).reduce((a, b) => a.add(b));

function expectGrads(module: nn.Module, grads: Record<string, Listed>, within: number): void {
  for (const [name, p] of module.namedParameters()) expectListed(p.grad!, grads[name]!, within, `gradient of ${name}`);
}

describe('a recurrent layer computes what it computes in PyTorch', () => {
  const label = (l: Layer): string => `${l.kind} ${l.dtype} [${l.shape.join(', ')}] ${JSON.stringify(l.options)}${l.lengths ? ` packed ${l.lengths.join(', ')}` : ''}`;

  it.each(fixture.layers.map((l) => [label(l), l] as const))('%s', (_, l) => {
    manualSeed(11);
    const module = new nn[l.kind]({ inputSize: 3, hiddenSize: 4, dtype: l.dtype, ...l.options });
    expect([...module.namedParameters()].map(([name]) => name)).toEqual(l.names);
    expect(rand([1], { dtype: 'float64' }).item(), 'the numbers that were drawn').toBe(l.next);
    expect(Math.abs(Number(module.allWeights.flat().at(-1)!.flatten().index(-1).item()) - l.last)).toBeLessThan(1e-7);
    const { batchFirst = false, bidirectional = false, numLayers = 1, projSize = 4 } = l.options as { batchFirst?: boolean; bidirectional?: boolean; numLayers?: number; projSize?: number };
    const x = random(l.shape, l.dtype);
    const layers = numLayers * (bidirectional ? 2 : 1);
    const widths = l.kind === 'LSTM' ? [projSize, 4] : [4];
    const batch = l.shape.length === 2 ? null : l.shape[batchFirst ? 0 : 1]!;
    const hx = l.states ? widths.map((width) => random(batch === null ? [layers, width] : [layers, batch, width], l.dtype)) : [];
    const given = l.lengths === null ? x : nn.utils.rnn.packPaddedSequence(x, l.lengths, batchFirst, l.sort);
    const [out, last] = (module as unknown as Called).call(given, l.states ? (l.kind === 'LSTM' ? hx : hx[0]) : null) as [Tensor | nn.utils.rnn.PackedSequence, Tensor | Tensor[]];
    const data = out instanceof nn.utils.rnn.PackedSequence ? out.data : out;
    const states = Array.isArray(last) ? last : [last];
    const within = tolerance(l.dtype);
    expectListed(data, l.out, within, 'output');
    states.forEach((state, i) => { expectListed(state, l.hx[i]!, within, `state ${i}`); });
    total([data, ...states]).backward();
    expectListed(x.grad!, l.dx, within * 5, 'gradient of the input');
    hx.forEach((state, i) => { expectListed(state.grad!, l.dhx[i]!, within * 5, `gradient of state ${i}`); });
    expectGrads(module, l.grads, within * 10);
    expect(rand([1], { dtype: 'float64' }).item(), 'the numbers that dropout drew').toBe(l.after);
  });
});

describe('a recurrent cell computes what it computes in PyTorch', () => {
  it.each(fixture.cells.map((c) => [`${c.kind} ${c.dtype} [${c.shape.join(', ')}] ${JSON.stringify(c.options)}`, c] as const))('%s', (_, c) => {
    manualSeed(5);
    const module = new nn[c.kind]({ inputSize: 3, hiddenSize: 4, dtype: c.dtype, ...c.options }) as unknown as nn.Module;
    const x = random(c.shape, c.dtype);
    const shape = c.shape.length === 1 ? [4] : [c.shape[0]!, 4];
    const hx = c.states ? Array.from({ length: c.kind === 'LSTMCell' ? 2 : 1 }, () => random(shape, c.dtype)) : [];
    const out = (module as unknown as Called).call(x, c.states ? (c.kind === 'LSTMCell' ? hx : hx[0]) : null) as Tensor | Tensor[];
    const states = Array.isArray(out) ? out : [out];
    const within = tolerance(c.dtype);
    states.forEach((state, i) => { expectListed(state, c.out[i]!, within, `state ${i}`); });
    total(states).backward();
    expectListed(x.grad!, c.dx, within * 5, 'gradient of the input');
    hx.forEach((state, i) => { expectListed(state.grad!, c.dhx[i]!, within * 5, `gradient of state ${i}`); });
    expectGrads(module, c.grads, within * 10);
  });
});

describe('derivatives', () => {
  const dtype = 'float64';
  const make = (kind: 'RNN' | 'GRU' | 'LSTM', extra: object = {}): nn.RNN => {
    manualSeed(2);
    return new nn[kind]({ inputSize: 2, hiddenSize: 3, dtype, ...extra } as never) as nn.RNN;
  };

  it.each(['RNN', 'GRU', 'LSTM'] as const)('%s has the first and second derivatives of its values, by all it is given', (kind) => {
    const module = make(kind, { bidirectional: true, ...(kind === 'LSTM' ? { projSize: 2 } : {}) });
    const x = random([3, 2, 2], dtype);
    const width = kind === 'LSTM' ? 2 : 3;
    const hx = kind === 'LSTM' ? [random([2, 2, width], dtype), random([2, 2, 3], dtype)] : [random([2, 2, width], dtype)];
    const names = [...module.namedParameters()].map(([name]) => name);
    const weights = module.allWeights.flat();
    const f = (input: Tensor, ...rest: Tensor[]): Tensor[] => {
      const states = rest.slice(0, hx.length);
      const values = Object.fromEntries(names.map((name, i) => [name, rest[hx.length + i]!]));
      const [out, last] = func.functionalCall(module as nn.Module, values, [input, kind === 'LSTM' ? states : states[0]]) as [Tensor, Tensor | Tensor[]];
      return [out, ...(Array.isArray(last) ? last : [last])];
    };
    const inputs = [x, ...hx, ...weights.map((w) => w.detach().clone().requiresGrad_())];
    expect(gradcheck(f, inputs)).toBe(true);
    expect(gradgradcheck(f, inputs)).toBe(true);
  });

  it('second derivatives of packed sequences', () => {
    const module = make('LSTM', { bidirectional: true });
    const x = random([3, 2, 2], dtype);
    const f = (input: Tensor): Tensor[] => {
      const [out, [h, c]] = module.call(nn.utils.rnn.packPaddedSequence(input, [3, 1])) as unknown as [nn.utils.rnn.PackedSequence, Tensor[]];
      return [out.data, h!, c!];
    };
    expect(gradcheck(f, [x])).toBe(true);
    expect(gradgradcheck(f, [x])).toBe(true);
  });

  it.each(['RNN', 'GRU', 'LSTM'] as const)('%s in forward mode is the derivative in a direction', (kind) => {
    const module = make(kind);
    const x = randn([4, 2, 2], { dtype });
    const v = randn([4, 2, 2], { dtype });
    const f = (input: Tensor): Tensor => (module.call(input) as unknown as [Tensor])[0];
    const [, tangent] = func.jvp(f, [x], [v]);
    const h = 1e-6;
    const difference = f(x.add(v.mul(h))).sub(f(x.sub(v.mul(h)))).div(2 * h);
    expect(tangent.sub(difference).abs().max().item()).toBeLessThan(1e-8);
  });

  it('one sequence at a time, batched by vmap, is the batch', () => {
    const module = make('GRU');
    const x = randn([4, 3, 2], { dtype });
    const [all] = module.call(x) as unknown as [Tensor];
    const each = func.vmap((one: Tensor) => (module.call(one as never) as unknown as [Tensor])[0], 1, 1)(x);
    expect(each.sub(all).abs().max().item()).toBeLessThan(1e-12);
  });

  it('does not count a tensor twice that is both states', () => {
    const module = make('LSTM');
    const state = random([1, 2, 3], dtype);
    const x = randn([2, 2, 2], { dtype });
    const f = (s: Tensor): Tensor => (module.call(x, [s, s] as never) as unknown as [Tensor])[0];
    expect(gradgradcheck(f, [state])).toBe(true);
  });
});

describe('a recurrent layer', () => {
  it('is printed as in PyTorch', () => {
    const all = new nn.LSTM(3, 4, 2, { projSize: 2, bidirectional: true, batchFirst: true, dropout: 0.5, bias: false });
    expect(String(all)).toBe('LSTM(3, 4, projSize=2, numLayers=2, bias=false, batchFirst=true, dropout=0.5, bidirectional=true)');
    expect(String(new nn.RNN(3, 4, 1, 'relu'))).toBe('RNN(3, 4)');
    expect(String(new nn.GRUCell(3, 4, false))).toBe('GRUCell(3, 4, bias=false)');
    expect(String(new nn.RNNCell(3, 4, { nonlinearity: 'relu' }))).toBe('RNNCell(3, 4, nonlinearity=relu)');
  });

  it('saves its weights under the names of PyTorch and loads them', () => {
    const module = new nn.LSTM(2, 3, 2, { bidirectional: true });
    const names = [...module.namedParameters()].map(([name]) => name);
    expect(names.slice(0, 5)).toEqual(['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0', 'weight_ih_l0_reverse']);
    const other = new nn.LSTM(2, 3, 2, { bidirectional: true });
    other.loadStateDict(module.stateDict());
    const x = randn([3, 1, 2]);
    expect(other.call(x)[0].tolist()).toEqual(module.call(x)[0].tolist());
    expect(module.weightIhL0.shape).toEqual([12, 2]);
  });

  it('says what is wrong with what it is given', () => {
    const module = new nn.LSTM(2, 3);
    expect(() => module.call(zeros([2]))).toThrow(/LSTM: expected an input of 3 dims, or 2 without a batch, got shape \[2\]/);
    expect(() => module.call(zeros([4, 1, 5]))).toThrow(/LSTM: the last size of the input must be inputSize, 2, got shape \[4, 1, 5\]/);
    expect(() => module.call(zeros([4, 1, 2]), [zeros([1, 2, 3]), zeros([1, 1, 3])])).toThrow(/LSTM: expected hx of shape \[1, 1, 3\], got \[1, 2, 3\]/);
    expect(() => module.call(zeros([4, 1, 2], { dtype: 'float64' }))).toThrow(/LSTM: the input is float64 and the weights are float32/);
    expect(() => module.call(zeros([0, 1, 2]))).toThrow(ShapeError);
    expect(() => new nn.LSTM(2, 3, { projSize: 3 })).toThrow(/LSTM: projSize must be less than hiddenSize, which is 3, got 3/);
    expect(() => new nn.GRU(2, 3, { dropout: 2 })).toThrow(/GRU: dropout must be a probability, got 2/);
    expect(() => new nn.GRUCell(2, 3).call(zeros([1, 3]))).toThrow(/GRUCell: expected an input of shape \[N, 2\] or \[2\], got \[1, 3\]/);
  });

  it('refuses more layers than there is ever memory for, instead of making them one by one', () => {
    for (const Layer of [nn.RNN, nn.GRU, nn.LSTM]) {
      expect(() => new Layer(3, 1, 2 ** 40)).toThrow('numLayers must be an integer from 1 to 1048576');
      expect(() => new Layer({ inputSize: 3, hiddenSize: 1, numLayers: 2 ** 40 })).toThrow('numLayers must be an integer from 1 to 1048576');
    }
  });

  it('takes a batch of no sequences', () => {
    const [out, [h]] = new nn.LSTM(2, 3).call(zeros([4, 0, 2]));
    expect([out.shape, h.shape]).toEqual([[4, 0, 3], [1, 0, 3]]);
  });

  it('passes on NaN and does not mix sequences', () => {
    const module = new nn.LSTM(2, 3);
    const x = randn([3, 2, 2]);
    noGrad(() => { x.select(1, 0).fill_(NaN); });
    const [out] = module.call(x);
    expect(out.select(1, 0).isnan().all().item()).toBe(true);
    expect(out.select(1, 1).isnan().any().item()).toBe(false);
  });
});

describe('the functions', () => {
  it('lstm and gru give what the layers give, padded and packed, also by name', () => {
    const layer = new nn.LSTM(2, 3, { dtype: 'float64' });
    const x = randn([4, 2, 2], { dtype: 'float64' });
    const hx = [randn([1, 2, 3], { dtype: 'float64' }), randn([1, 2, 3], { dtype: 'float64' })] as const;
    const params = layer.allWeights.flat();
    const [out, [h, c]] = layer.call(x, hx);
    const own = lstm(x, hx, params, true, 1, 0, false, false, false);
    expect(own.output.tolist()).toEqual(out.tolist());
    expect([own.hN.tolist(), own.cN.tolist()]).toEqual([h.tolist(), c.tolist()]);
    const sizes = tensor([2, 2, 2, 2], { dtype: 'int64' });
    const packed = lstm({ data: x.reshape([8, 2]), batchSizes: sizes, hx, params, hasBiases: true, numLayers: 1, dropout: 0, train: false, bidirectional: false });
    expect(packed.output.tolist()).toEqual(out.reshape([8, 3]).tolist());
    const units = new nn.GRU(2, 3, { dtype: 'float64' });
    const [y] = units.call(x, hx[0]);
    expect(gru(x, hx[0], units.allWeights.flat(), true, 1, 0, false, false, false)[0].tolist()).toEqual(y.tolist());
  });
});
