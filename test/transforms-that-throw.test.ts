// A function that throws inside a transform leaves nothing behind, whatever holds what it was given: hooks live as long as a tensor outside.
import { describe, expect, it } from 'vitest';
import { forwardAd, func, memoryStats, ones, onesLike, type Tensor } from 'adjoint';

const tensors = (): number => memoryStats().tensors;

async function collected(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    global.gc!();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** What the function does with its argument before it throws. */
const HOLDS: Record<string, (x: Tensor) => void> = {
  nothing: () => undefined,
  'a hook': (x) => void x.registerHook(() => undefined),
  'a hook that refers to the tensor': (x) => void x.registerHook((g) => g.mul(x)),
  'a hook for after accumulation': (x) => void x.registerPostAccumulateGradHook(() => undefined),
  'a hook after requiresGrad_()': (x) => void x.requiresGrad_().registerHook((g) => g.mul(x)),
};

type Thrower = (x: Tensor) => Tensor;

const TRANSFORMS: Record<string, (f: Thrower, x: Tensor) => unknown> = {
  jvp: (f, x) => func.jvp(f, [x], [onesLike(x)]),
  vjp: (f, x) => func.vjp(f, x),
  grad: (f, x) => func.grad(f)(x),
  gradAndValue: (f, x) => func.gradAndValue(f)(x),
  jacrev: (f, x) => func.jacrev(f)(x),
  jacfwd: (f, x) => func.jacfwd(f)(x),
  hessian: (f, x) => func.hessian(f)(x),
  linearize: (f, x) => func.linearize(f, x),
  vmap: (f, x) => func.vmap(f)(x),
  'vmap of grad': (f, x) => func.vmap(func.grad(f))(x),
  'jvp of vmap': (f, x) => func.jvp((y: Tensor) => func.vmap(f)(y), [x], [onesLike(x)]),
  'grad of jvp': (f, x) => func.grad((y: Tensor) => func.jvp(f, [y], [onesLike(y)])[1])(x),
};

describe.each(Object.entries(TRANSFORMS))('%s', (_, transform) => {
  it.each(Object.entries(HOLDS))('%s', async (_name, hold) => {
    const leaves = [ones([2]), ones([2], { requiresGrad: true })];
    const run = (x: Tensor): void => {
      const thrower: Thrower = (y) => {
        hold(y);
        throw new RangeError('by the function');
      };
      expect(() => transform(thrower, x)).toThrow();
    };
    for (const x of leaves) run(x);
    await collected();
    const before = tensors();
    for (let i = 0; i < 3; i++) for (const x of leaves) run(x);
    await collected();
    expect(tensors()).toBe(before);
    for (const x of leaves) x.dispose();
  });
});

it('a dual is no leaf to hooks that run after accumulation, as in PyTorch', () => {
  const x = ones([2], { requiresGrad: true });
  forwardAd.enterDualLevel();
  try {
    const dual = forwardAd.makeDual(x, onesLike(x));
    expect(() => dual.registerPostAccumulateGradHook(() => undefined)).toThrow('cannot be registered on non-leaf tensors');
  } finally {
    forwardAd.exitDualLevel();
  }
  x.registerPostAccumulateGradHook(() => undefined);
});
