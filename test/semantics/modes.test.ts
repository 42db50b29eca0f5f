// Rows P27 to P29 of the oracle: grad mode and inference mode, as functions and as guards.
import { AutogradError, enableGrad, inferenceMode, isGradEnabled, isInferenceModeEnabled, noGrad, ones, setGradEnabled, tensor, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P27 noGrad, enableGrad, setGradEnabled, wrapped function', () => {
  const x = ones([1], { requiresGrad: true });
  const [a, b, c] = noGrad(() => [x.mul(2), enableGrad(() => x.mul(2)), ones([1], { requiresGrad: true })] as const);
  expect([a.requiresGrad, b.requiresGrad, c.requiresGrad, isGradEnabled()]).toEqual([false, true, true, true]);
  expect(setGradEnabled(false, () => x.mul(2).requiresGrad)).toBe(false);
  const f = () => noGrad(() => x.mul(2));
  expect(f().requiresGrad).toBe(false);
});

test('P28 an exception restores the grad mode', () => {
  const boom = new RangeError('boom');
  expect(() =>
    noGrad(() => {
      throw boom;
    }),
  ).toThrow(boom);
  expect(isGradEnabled()).toBe(true);
});

test('P29 inferenceMode tensors', () => {
  const x = ones([2], { requiresGrad: true });
  const y = inferenceMode(() => x.mul(2));
  expect([y.requiresGrad, y.isInference()]).toEqual([false, true]);
  raises(() => y.requiresGrad_(), AutogradError, 'requiresGrad', 'inference tensor', 'not allowed');
  raises(() => x.mul(y), AutogradError, 'inference tensors cannot be saved for backward', 'clone()', 'noGrad()');
  raises(() => y.add_(1), AutogradError, 'in-place update to an inference tensor', 'not allowed', 'clone()');
});

test('views of inference tensors have no history', () => {
  const x = inferenceMode(() => tensor([1, 2, 3], { requiresGrad: true }));
  const views = (): Tensor[] => [x.index({ stop: 1 }), x.unbind()[0]!, x.view(3, 1), x.split(1)[1]!];
  const facts = (v: Tensor): unknown[] => [v.requiresGrad, v.gradFn, v.isLeaf, v.isInference()];
  inferenceMode(() => {
    for (const v of views()) {
      v.mul_(2);
      expect(facts(v)).toEqual([false, null, true, true]);
    }
  });
  expect(x.tolist()).toEqual([8, 8, 6]);
  for (const v of views()) expect(facts(v)).toEqual([false, null, true, true]);
  // What is no view is recorded, as in PyTorch.
  expect(x.add(1).requiresGrad).toBe(true);
  const y = ones([3], { requiresGrad: true });
  const v = inferenceMode(() => y.index({ stop: 1 }));
  expect([v.requiresGrad, v.gradFn, v.isLeaf, v.isInference()]).toEqual([true, null, true, false]);
});

test('guards restore the mode at the end of their block, also when it throws', () => {
  const x = ones([1], { requiresGrad: true });
  const run = () => {
    using _ = noGrad();
    expect(x.mul(2).requiresGrad).toBe(false);
    {
      using _inner = enableGrad();
      expect(x.mul(2).requiresGrad).toBe(true);
    }
    expect(isGradEnabled()).toBe(false);
    throw new RangeError('out');
  };
  expect(run).toThrow('out');
  expect(isGradEnabled()).toBe(true);
  {
    using _ = inferenceMode();
    expect([isInferenceModeEnabled(), isGradEnabled()]).toEqual([true, false]);
  }
  expect([isInferenceModeEnabled(), isGradEnabled()]).toEqual([false, true]);
});

test('setGradEnabled without a function lasts', () => {
  const x = ones([1], { requiresGrad: true });
  const guard = setGradEnabled(false);
  expect(x.mul(2).requiresGrad).toBe(false);
  guard.dispose();
  guard.dispose();
  expect(x.mul(2).requiresGrad).toBe(true);
});

test('in inference mode nothing is recorded, and a view of a normal tensor stays normal', () => {
  const x = ones([2], { requiresGrad: true });
  inferenceMode(() => {
    expect(enableGrad(() => x.mul(2)).requiresGrad).toBe(false);
    expect(x.view(2, 1).isInference()).toBe(false);
    const y = x.mul(2).add_(1);
    expect(y.tolist()).toEqual([3, 3]);
    expect(ones([1]).requiresGrad_().requiresGrad).toBe(true);
  });
  const y = inferenceMode(() => ones([2]));
  expect(y.view(2, 1).isInference()).toBe(true);
  expect(y.clone().isInference()).toBe(false);
  expect(x.mul(y.clone()).requiresGrad).toBe(true);
  expect(x.add(y).requiresGrad).toBe(true);
});
