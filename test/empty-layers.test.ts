// Layers without features, channels or samples: what PyTorch makes of them.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ShapeError, type Tensor, manualSeed, nn, ones, rand, zeros } from 'adjoint';

const F = nn.functional;
const shapes = (module: nn.Module): Record<string, readonly number[]> => Object.fromEntries(Object.entries(module.stateDict()).map(([key, t]) => [key, t.shape]));

describe('layers of no elements', () => {
  afterEach(() => { vi.restoreAllMocks(); });

  const cases: [string, () => nn.Module, Record<string, number[]>, number][] = [
    ['Linear(0, 3)', () => new nn.Linear(0, 3), { weight: [3, 0], bias: [3] }, 1],
    ['Linear(3, 0)', () => new nn.Linear(3, 0), { weight: [0, 3], bias: [0] }, 1],
    ['Linear(0, 0)', () => new nn.Linear(0, 0), { weight: [0, 0], bias: [0] }, 1],
    ['Conv2d(0, 3, 1)', () => new nn.Conv2d(0, 3, 1), { weight: [3, 0, 1, 1], bias: [3] }, 1],
    ['Conv2d(3, 0, 1)', () => new nn.Conv2d(3, 0, 1), { weight: [0, 3, 1, 1], bias: [0] }, 1],
    ['Conv2d(0, 0, 1)', () => new nn.Conv2d(0, 0, 1), { weight: [0, 0, 1, 1], bias: [0] }, 1],
    ['Conv2d(0, 4, 1) in groups', () => new nn.Conv2d(0, 4, 1, { groups: 2 }), { weight: [4, 0, 1, 1], bias: [4] }, 1],
    ['Conv1d(0, 3, 1)', () => new nn.Conv1d(0, 3, 1), { weight: [3, 0, 1], bias: [3] }, 1],
    ['Conv1d(3, 0, 1)', () => new nn.Conv1d(3, 0, 1), { weight: [0, 3, 1], bias: [0] }, 1],
    ['ConvTranspose2d(0, 3, 1)', () => new nn.ConvTranspose2d(0, 3, 1), { weight: [0, 3, 1, 1], bias: [3] }, 1],
    ['ConvTranspose2d(3, 0, 1)', () => new nn.ConvTranspose2d(3, 0, 1), { weight: [3, 0, 1, 1], bias: [0] }, 1],
    ['ConvTranspose1d(0, 3, 1)', () => new nn.ConvTranspose1d(0, 3, 1), { weight: [0, 3, 1], bias: [3] }, 1],
    ['Embedding(0, 3)', () => new nn.Embedding(0, 3), { weight: [0, 3] }, 0],
    ['Embedding(3, 0)', () => new nn.Embedding(3, 0), { weight: [3, 0] }, 0],
    ['LayerNorm([0])', () => new nn.LayerNorm([0]), { weight: [0], bias: [0] }, 0],
    ['BatchNorm1d(0)', () => new nn.BatchNorm1d(0), { weight: [0], bias: [0], running_mean: [0], running_var: [0], num_batches_tracked: [] }, 0],
  ];

  it.each(cases)('%s is made, with a warning where weights are drawn', (_, make, expected, warnings) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect(shapes(make())).toEqual(expected);
    expect(warn).toHaveBeenCalledTimes(warnings);
    if (warnings > 0) expect(warn.mock.calls[0]![0]).toMatch(/initializing a tensor of no elements is a no-op/);
  });

  it('draw as many random numbers as in PyTorch, and the biases of layers without inputs are zeros', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    for (const make of [() => new nn.Conv2d(0, 3, 1), () => new nn.Linear(0, 3), () => new nn.ConvTranspose1d(3, 0, 1)]) {
      manualSeed(0);
      make();
      // PyTorch draws for the biases, between 0 and 0.
      expect((rand(2).tolist() as number[]).map((v) => v.toFixed(4))).toEqual(make().bias!.numel() > 0 ? ['0.1320', '0.3074'] : ['0.4963', '0.7682']);
    }
    expect(new nn.Linear(0, 3).bias!.tolist()).toEqual([0, 0, 0]);
    expect(new nn.Conv2d(0, 3, 1).bias!.tolist()).toEqual([0, 0, 0]);
    expect(new nn.Linear(0, 3).call(zeros([2, 0])).tolist()).toEqual([[0, 0, 0], [0, 0, 0]]);
    expect(new nn.Linear(3, 0).call(zeros([2, 3])).shape).toEqual([2, 0]);
    expect(new nn.Embedding(3, 0).call(zeros([2], { dtype: 'int64' })).shape).toEqual([2, 0]);
    expect(new nn.LayerNorm([0]).call(zeros([2, 0])).shape).toEqual([2, 0]);
  });

  it('a convolution without filters refuses to run, as does a kernel of no size', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    for (const [layer, shape] of [[new nn.Conv2d(3, 0, 1), [1, 3, 2, 2]], [new nn.Conv1d(3, 0, 1), [1, 3, 2]], [new nn.ConvTranspose2d(0, 3, 1), [1, 0, 2, 2]], [new nn.ConvTranspose2d(3, 0, 1), [1, 3, 2, 2]], [new nn.Conv2d(2, 2, 0), [1, 2, 2, 2]]] as const) {
      expect(() => layer.call(zeros(shape))).toThrow(ShapeError);
    }
    expect(new nn.Conv2d(3, 3, 1).call(zeros([0, 3, 2, 2])).shape).toEqual([0, 3, 2, 2]);
  });

  it('init functions leave them alone, but for fans that are both zero', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    for (const shape of [[0, 3], [3, 0], [3, 2, 0], [0]]) {
      expect(nn.init.kaimingUniform_(zeros(shape)).shape).toEqual(shape);
      expect(nn.init.kaimingNormal_(zeros(shape)).shape).toEqual(shape);
    }
    expect(nn.init.xavierUniform_(zeros([0, 3])).shape).toEqual([0, 3]);
    expect(() => nn.init.xavierNormal_(zeros([0, 0]))).toThrow(/neither inputs nor outputs/);
  });
});

describe('batch normalisation', () => {
  it.each([[[0, 2]], [[0, 2, 3]], [[2, 2, 0]], [[0, 2, 0]]])('of %j leaves the running statistics alone and counts the batch', (shape) => {
    for (const momentum of [0.1, null]) {
      const norm = new nn.BatchNorm1d(2, { momentum });
      expect(norm.call(zeros(shape)).shape).toEqual(shape);
      expect([norm.runningMean!.tolist(), norm.runningVar!.tolist(), norm.numBatchesTracked!.item()]).toEqual([[0, 0], [1, 1], 1]);
      norm.eval();
      expect(norm.call(zeros(shape)).shape).toEqual(shape);
    }
  });

  it.each([[[0, 2, 3, 3]], [[2, 2, 0, 3]]])('of images %j as well', (shape) => {
    const norm = new nn.BatchNorm2d(2);
    expect(norm.call(zeros(shape)).shape).toEqual(shape);
    expect([norm.runningMean!.tolist(), norm.runningVar!.tolist()]).toEqual([[0, 0], [1, 1]]);
  });

  it('of nothing has zeros as the gradients of weight and bias', () => {
    const norm = new nn.BatchNorm1d(2);
    const x = zeros([0, 2], { requiresGrad: true });
    norm.call(x).sum().backward();
    expect([x.grad!.shape, norm.weight!.grad!.tolist(), norm.bias!.grad!.tolist()]).toEqual([[0, 2], [0, 0], [0, 0]]);
    expect(F.batchNorm(zeros([0, 2]), null, null, null, null, true).shape).toEqual([0, 2]);
    expect(F.batchNorm(zeros([0]), null, null, null, null, true).shape).toEqual([0]);
  });

  it('of one value a channel is refused in training only', () => {
    for (const shape of [[1, 2], [1, 2, 1]]) {
      const norm = new nn.BatchNorm1d(2);
      expect(() => norm.call(zeros(shape))).toThrow(/expected more than 1 value per channel when training/);
      expect([norm.runningMean!.tolist(), norm.numBatchesTracked!.item()]).toEqual([[0, 0], 1]);
      expect(norm.eval().call(zeros(shape)).shape).toEqual(shape);
    }
    expect(new nn.BatchNorm1d(2).call(zeros([1, 2, 3])).shape).toEqual([1, 2, 3]);
  });

  it('without channels gives as little, where there is no weight or bias', () => {
    for (const shape of [[3, 0, 2], [3, 0], [0, 0], [0, 0, 3, 3]]) {
      for (const training of [true, false]) {
        const x = zeros(shape, { requiresGrad: true });
        const y = F.batchNorm(x, zeros([0]), ones([0]), { training });
        expect(y.shape).toEqual(shape);
        y.sum().backward();
        expect(x.grad!.shape).toEqual(shape);
        expect(() => F.batchNorm(x, zeros([0]), ones([0]), ones([0]), { training })).toThrow(/at least 1 channel for weight and bias/);
        expect(() => F.batchNorm(x, zeros([0]), ones([0]), null, ones([0]), { training })).toThrow(ShapeError);
      }
      expect(F.batchNorm(zeros(shape), null, null, { training: true }).shape).toEqual(shape);
    }
  });

  it('without channels is refused by the module, which has weights', () => {
    for (const shape of [[0, 0], [2, 0]]) {
      expect(() => new nn.BatchNorm1d(0).call(zeros(shape))).toThrow(ShapeError);
      expect(() => new nn.BatchNorm1d(0).eval().call(zeros(shape))).toThrow(ShapeError);
    }
  });
});

describe('other norms', () => {
  it.each([
    [[1, 0, 2], 1, /channels above 0/],
    [[0, 0], 1, /channels above 0/],
    [[0, 0, 2], 1, /channels above 0/],
    [[1, 0], 1, /channels above 0/],
    [[1, 0], 2, /channels above 0/],
    [[1, 2, 0], 1, /sizes above 0/],
    [[0, 4, 0], 2, /sizes above 0/],
    [[1, 2], 2, /more than 1 value per channel when training/],
    [[1, 2, 1], 2, /more than 1 value per channel when training/],
  ])('groupNorm of %j in %i groups is refused', (shape, groups, message) => {
    expect(() => F.groupNorm(zeros(shape), groups)).toThrow(message);
  });

  it.each([[[0, 2], 1], [[0, 2, 3], 2], [[2, 2], 2], [[1, 4], 2]])('groupNorm of %j in %i groups is not', (shape, groups) => {
    expect(F.groupNorm(zeros(shape), groups).shape).toEqual(shape);
  });

  it.each([[[0, 3], [3]], [[2, 0], [0]], [[0], [0]], [[2, 0, 3], [0, 3]], [[2, 0, 3], [3]], [[0, 0], [0]]])('layerNorm and rmsNorm of %j over %j have gradients of zeros', (shape, normalized) => {
    const leaf = (t: Tensor): Tensor => t.requiresGrad_();
    for (const bias of [true, false]) {
      const [x, w, b] = [leaf(zeros(shape)), leaf(ones(normalized)), leaf(zeros(normalized))];
      const y = bias ? F.layerNorm(x, normalized, w, b) : F.rmsNorm(x, normalized, w);
      y.sum().backward();
      expect([y.shape, x.grad!.shape]).toEqual([shape, shape]);
      for (const t of bias ? [w, b] : [w]) expect(t.grad!.equal(zeros(normalized))).toBe(true);
    }
  });
});
