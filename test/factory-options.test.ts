// Options of functions that make tensors: device, generator, requiresGrad; and what tensor() makes of mixed data.
import { describe, expect, it } from 'vitest';
import * as adjoint from 'adjoint';
import {
  DTypeError, Generator, ShapeError, type Tensor, UsageError, arange, bernoulli, emptyLike, eye, full, fullLike, linspace, logspace, manualSeed, multinomial, nn, normal,
  ones, onesLike, rand, randLike, randint, randn, randnLike, randperm, tensor, zeros, zerosLike,
} from 'adjoint';

type Options = Record<string, unknown>;
const any = adjoint as any;
const x = () => ones(2, 3);

/** Every function that makes a tensor, called with options. */
const FACTORIES: Record<string, (options: any) => Tensor> = {
  zeros: (o) => zeros(2, o), ones: (o) => ones([2], o), empty: (o) => any.empty(2, o), full: (o) => full([2], 1.5, o), eye: (o) => eye(2, o),
  arange: (o) => arange(2.5, o), linspace: (o) => linspace(0, 1, 3, o), logspace: (o) => logspace(0, 1, 3, o), rand: (o) => rand(2, o), randn: (o) => randn(2, o),
  randint: (o) => randint(5, [2], { dtype: 'float32', ...(o as Options) }), randperm: (o) => randperm(3, { dtype: 'float32', ...(o as Options) }), normal: (o) => normal(0, 1, [2], o),
  zerosLike: (o) => zerosLike(x(), o), onesLike: (o) => onesLike(x(), o), emptyLike: (o) => emptyLike(x(), o), fullLike: (o) => fullLike(x(), 2, o),
  randLike: (o) => randLike(x(), o), randnLike: (o) => randnLike(x(), o), newZeros: (o) => x().newZeros(2, o), newOnes: (o) => x().newOnes([2], o),
  newEmpty: (o) => x().newEmpty(2, o), newFull: (o) => x().newFull([2], 3, o), tensor: (o) => tensor([1, 2], o),
};

describe('device', () => {
  it("is 'cpu' for every tensor, also after to() and cpu()", () => {
    const t = zeros(2);
    expect(t.device).toBe('cpu');
    expect(t.to('cpu')).toBe(t);
    expect(t.to({ device: 'cpu' })).toBe(t);
    expect(t.cpu()).toBe(t);
    expect(t.to('cpu', 'float64').dtype).toBe('float64');
    expect(t.to('cpu', { dtype: 'int32' }).dtype).toBe('int32');
    expect(t.to({ device: t.device, dtype: 'int8' }).dtype).toBe('int8');
    expect(t.to({ other: tensor(1n), device: 'cpu' }).dtype).toBe('int64');
    expect(String(t.to('cpu'))).toBe('tensor([0., 0.])');
  });

  it('to() takes nonBlocking before copy, as PyTorch does', () => {
    const t = zeros(2);
    expect(t.to('float32', true) === t).toBe(true);
    for (const copy of [t.to('float32', false, true), t.to('cpu', null, false, true), t.to({ copy: true }), t.to('cpu', { copy: true }), t.to(zeros(1), false, true)]) {
      expect([copy === t, copy.dtype, copy.tolist(), copy.dataPtr() === t.dataPtr()]).toEqual([false, 'float32', [0, 0], false]);
    }
  });

  it('other than the CPU is an error that says so', () => {
    const t = zeros(2) as any;
    for (const run of [() => t.to('cuda'), () => t.to('cuda:0'), () => t.to({ device: 'mps' }), () => new (Generator as any)('cuda')]) {
      expect(run).toThrow(UsageError);
      expect(run).toThrow(/device must be 'cpu', got the string ".*"; Adjoint computes on the CPU/);
    }
    expect(() => t.to('float46')).toThrow('argument dtype must be the name of a dtype');
    expect(() => t.to({ dtype: 'int8', foo: 1 })).toThrow('foo');
  });

  for (const [name, make] of Object.entries(FACTORIES)) {
    it(`${name} takes device and requiresGrad`, () => {
      for (const device of ['cpu', null, undefined]) {
        const t = make({ device, requiresGrad: true });
        expect([t.device, t.requiresGrad, t.isLeaf]).toEqual(['cpu', true, true]);
      }
      expect(make({ requiresGrad: false }).requiresGrad).toBe(false);
      expect(() => make({ device: 'cuda' })).toThrow(`${name}: device must be 'cpu', got the string "cuda"`);
      if (name !== 'fullLike') expect(() => make({ requiresGrad: true, dtype: 'int64' })).toThrow(adjoint.AdjointError);
    });
  }

  it('is taken by modules that have weights, which are made there', () => {
    const made: [string, (o: any) => nn.Module][] = [
      ['Linear', (o) => new nn.Linear(2, 3, o)], ['Conv2d', (o) => new nn.Conv2d(1, 2, 3, o)], ['LayerNorm', (o) => new nn.LayerNorm(3, o)],
      ['BatchNorm1d', (o) => new nn.BatchNorm1d(3, o)], ['Embedding', (o) => new nn.Embedding(3, 2, o)],
    ];
    for (const [name, make] of made) {
      expect(make({ device: 'cpu', dtype: 'float64' }).parameters()[0]!.dtype, name).toBe('float64');
      expect(() => make({ device: 'cuda' }), name).toThrow("device must be 'cpu'");
    }
    expect(() => new (nn.Dropout as any)({ device: 'cpu' })).toThrow('device');
  });
});

describe('generator', () => {
  const seeded = () => new Generator().manualSeed(7);
  const halves = () => full([20], 0.5);
  const DRAWS: Record<string, (o: any) => Tensor> = {
    rand: (o) => rand(20, o), randn: (o) => randn([20], o), randint: (o) => randint(100, [20], o), 'randint with low': (o) => randint(-5, 100, [20], o), randperm: (o) => randperm(20, o),
    randLike: (o) => randLike(halves(), o), randnLike: (o) => randnLike(halves(), o), 'normal of a size': (o) => normal(1, 2, [20], o), 'normal of tensors': (o) => normal(halves(), halves(), o),
    'normal of a tensor and a number': (o) => normal(halves(), 2, o), bernoulli: (o) => bernoulli(halves(), o), 'x.bernoulli': (o) => halves().bernoulli(o), bernoulli_: (o) => halves().bernoulli_(0.5, o),
    multinomial: (o) => multinomial(halves(), 5, false, o), 'multinomial with replacement': (o) => halves().multinomial(5, { replacement: true, ...o }), uniform_: (o) => halves().uniform_(0, 1, o),
    normal_: (o) => halves().normal_(0, 1.5, o), exponential_: (o) => halves().exponential_(2, o),
  };
  for (const [name, draw] of Object.entries(DRAWS)) {
    it(`${name} draws from the generator given, and leaves the default one alone`, () => {
      manualSeed(7);
      const expected = draw({}).tolist();
      manualSeed(11);
      const next = rand(3).tolist();
      manualSeed(11);
      const generator = seeded();
      expect(draw({ generator }).tolist()).toEqual(expected);
      expect(rand(3).tolist()).toEqual(next);
      // The stream goes on.
      const again = draw({ generator }).tolist();
      if (name !== 'multinomial') expect(again).not.toEqual(expected);
      manualSeed(7);
      expect(draw({ generator: null }).tolist()).toEqual(expected);
    });
  }

  const INITS: Record<string, (t: Tensor, g: Generator | null) => Tensor> = {
    uniform_: (t, g) => nn.init.uniform_(t, 0, 1, g), normal_: (t, g) => nn.init.normal_(t, 0, 1.5, g), xavierUniform_: (t, g) => nn.init.xavierUniform_(t, 1, g),
    xavierNormal_: (t, g) => nn.init.xavierNormal_(t, 1, g), kaimingUniform_: (t, g) => nn.init.kaimingUniform_(t, 0, { generator: g }), kaimingNormal_: (t, g) => nn.init.kaimingNormal_(t, { generator: g }),
  };
  for (const [name, init] of Object.entries(INITS)) {
    it(`nn.init.${name} draws from it`, () => {
      manualSeed(7);
      const expected = init(zeros(4, 5), null).tolist();
      manualSeed(11);
      expect(init(zeros(4, 5), seeded()).tolist()).toEqual(expected);
    });
  }

  it("gives PyTorch's numbers for the same seed", () => {
    expect(rand(3, { generator: seeded() }).tolist()).toEqual([0.5349225401878357, 0.19880318641662598, 0.6592116951942444]);
    const t = normal(arange(3, { dtype: 'float32' }), arange(1, 4, 1, { dtype: 'float32' }), { generator: seeded() });
    expect(t.allclose(tensor([-0.1468, 2.5723, 4.8405]), 1e-3, 1e-4)).toBe(true);
  });

  it('that was disposed, or is none, is an error', () => {
    const generator = seeded();
    generator.dispose();
    expect(() => rand(2, { generator })).toThrow('rand: the generator was disposed');
    expect(() => any.rand(2, { generator: 3 })).toThrow('argument generator must be a Generator or null, got the number 3');
  });

  it('normal() takes dtype with a size only', () => {
    expect(normal(0, 1, [2], { dtype: 'float64' }).dtype).toBe('float64');
    expect(() => normal(zeros(2), 1, { dtype: 'float64' } as any)).toThrow('dtype may only be given with size');
  });
});

describe('tensor() of mixed data', () => {
  it('promotes as PyTorch does: bools below bigints below numbers', () => {
    const kinds = (data: any) => { const t = tensor(data); return [t.dtype, t.tolist()]; };
    expect(kinds([true, 2n])).toEqual(['int64', [1, 2]]);
    expect(kinds([2n, true])).toEqual(['int64', [2, 1]]);
    expect(kinds([true, 2.5])).toEqual(['float32', [1, 2.5]]);
    expect(kinds([[1n, true], [2.5, 4n]])).toEqual(['float32', [[1, 1], [2.5, 4]]]);
    expect(kinds([[true], [1n]])).toEqual(['int64', [[1], [1]]]);
    expect(kinds([2n ** 60n + 1n, false])).toEqual(['int64', [2n ** 60n + 1n, 0]]);
  });

  it('takes tensors of one element among the values, with their dtypes', () => {
    expect(tensor([tensor(1n), 2n]).dtype).toBe('int64');
    expect(tensor([[tensor(1, { dtype: 'float64' }), 2]]).dtype).toBe('float64');
    expect(tensor([tensor(1, { dtype: 'float16' }), true]).dtype).toBe('float16');
    expect(tensor([tensor(1, { dtype: 'int32' }), tensor(2, { dtype: 'int64' })]).dtype).toBe('int64');
    expect(tensor([tensor([5n]), 2n]).tolist()).toEqual([5, 2]);
    expect(tensor([tensor(2n ** 60n + 1n), 1n]).tolist()).toEqual([2n ** 60n + 1n, 1]);
    const leaf = tensor(3).requiresGrad_();
    expect([tensor([leaf]).tolist(), tensor([leaf]).requiresGrad]).toEqual([[3], false]);
    expect(() => tensor([ones(2), ones(2)])).toThrow('tensor: a tensor in an array must have one element, got shape [2] at [0]; use stack()');
  });

  it('takes typed arrays as rows at any depth, and promotes them too', () => {
    expect(tensor([new Float32Array([1, 2]), new Float64Array([3, 4])]).dtype).toBe('float64');
    expect(tensor([new Int8Array([1]), new Uint8Array([2])]).dtype).toBe('int16');
    expect(tensor([new Int32Array([1, 2]), [1n, 2n]]).dtype).toBe('int64');
    expect(tensor([new Int32Array([1, 2]), [1.5, 2]]).tolist()).toEqual([[1, 2], [1.5, 2]]);
    expect(tensor([[[new Float32Array([1, 2])], [new Float32Array([1, 2])]]]).shape).toEqual([1, 2, 1, 2]);
  });

  it('refuses ragged lists, whatever they are made of', () => {
    const ragged: any[] = [
      [[1, 2], [3]], [1, [2]], [[1], 2], [new Float32Array(2), new Float32Array(1)], [new Float32Array(2), [new Float32Array(1)]], [[new Float32Array(1)], [1]],
      [[tensor(1)], tensor(1)], [[[]], []],
    ];
    for (const data of ragged) expect(() => tensor(data)).toThrow(ShapeError);
  });

  it('refuses options it does not know', () => {
    expect(() => tensor([1], { foo: 1 } as any)).toThrow('tensor: there is no argument named foo; the names are data, dtype, device, requiresGrad, pinMemory');
    expect(() => tensor([1], { dtype: 'float46' } as any)).toThrow(DTypeError);
  });
});
