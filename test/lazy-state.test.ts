// A state dict with shapes, loaded into lazy modules: PyTorch initialises the shapes from it, and the first call draws nothing.
import { describe, expect, it } from 'vitest';
import { manualSeed, nn, ones, randn, type Tensor } from 'adjoint';

const PAIRS: Record<string, [known: () => nn.Module, lazy: () => nn.Module, shape: number[]]> = {
  Linear: [() => new nn.Linear(4, 3), () => new nn.LazyLinear(3), [2, 4]],
  'Linear without bias': [() => new nn.Linear(4, 3, false), () => new nn.LazyLinear(3, false), [2, 4]],
  Conv1d: [() => new nn.Conv1d(2, 3, 2), () => new nn.LazyConv1d(3, 2), [1, 2, 5]],
  Conv2d: [() => new nn.Conv2d(2, 3, 2), () => new nn.LazyConv2d(3, 2), [1, 2, 4, 4]],
  ConvTranspose2d: [() => new nn.ConvTranspose2d(2, 3, 2), () => new nn.LazyConvTranspose2d(3, 2), [1, 2, 4, 4]],
  BatchNorm1d: [() => new nn.BatchNorm1d(3), () => new nn.LazyBatchNorm1d(), [4, 3]],
  'BatchNorm2d without parameters': [() => new nn.BatchNorm2d(3, { affine: false }), () => new nn.LazyBatchNorm2d({ affine: false }), [4, 3, 2, 2]],
  'InstanceNorm1d with both': [() => new nn.InstanceNorm1d(3, { affine: true, trackRunningStats: true }), () => new nn.LazyInstanceNorm1d({ affine: true, trackRunningStats: true }), [2, 3, 4]],
};

describe('loadStateDict() of a lazy module', () => {
  it.each(Object.entries(PAIRS))('%s takes shapes and values, and keeps them', (_, [known, lazy, shape]) => {
    manualSeed(1);
    const from = known();
    const x = randn(shape);
    from(x);
    from.eval();
    const to = new nn.Sequential(lazy() as nn.Linear);
    const parameters = to.parameters();
    const state = Object.fromEntries(Object.entries(from.stateDict()).map(([key, t]) => [`0.${key}`, t]));
    expect(to.loadStateDict(state)).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(to.parameters().every((parameter, i) => parameter === parameters[i])).toBe(true);
    for (const [key, t] of Object.entries(to.stateDict())) expect(t.tolist(), key).toEqual(state[key]!.tolist());
    manualSeed(2);
    const before = randn(1).item();
    manualSeed(2);
    to.eval();
    expect(to(x).tolist()).toEqual((from(x) as Tensor).tolist());
    expect(randn(1).item()).toBe(before);
    expect([to.at(0).constructor, String(to.at(0))]).toEqual([from.constructor, String(from)]);
    for (const [key, t] of Object.entries(to.stateDict())) expect(t.tolist(), key).toEqual(state[key]!.tolist());
  });

  it('changes nothing where another part does not fit', () => {
    const net = new nn.Sequential(new nn.LazyLinear(3), new nn.Linear(3, 2));
    expect(() => net.loadStateDict({ '0.weight': ones(3, 4), '0.bias': ones(3), '1.weight': ones(2, 9), '1.bias': ones(2) })).toThrow(/1.weight has shape/);
    expect(net.at(0).weight).toBeInstanceOf(nn.UninitializedParameter);
  });

  it('of a clone leaves the original as it is', () => {
    const lazy = new nn.LazyBatchNorm1d();
    const copy = lazy.clone();
    const from = new nn.BatchNorm1d(3);
    copy.loadStateDict(from.stateDict());
    expect([copy.runningMean!.shape, lazy.runningMean!.shape, copy(ones(2, 3)).shape, lazy(ones(2, 4)).shape]).toEqual([[3], [0], [2, 3], [2, 4]]);
  });

  it('leaves what has no shape there either', () => {
    const net = new nn.LazyLinear(3);
    net.loadStateDict(new nn.LazyLinear(3).stateDict());
    expect(net.weight).toBeInstanceOf(nn.UninitializedParameter);
    expect(net(ones(1, 2)).shape).toEqual([1, 3]);
  });

  it('draws at the first call where only a part was loaded', () => {
    const net = new nn.LazyLinear(3);
    net.loadStateDict({ weight: ones(3, 4) }, false);
    expect(net(ones(1, 4)).shape).toEqual([1, 3]);
    expect(net.bias).toBeInstanceOf(nn.Parameter);
  });
});
