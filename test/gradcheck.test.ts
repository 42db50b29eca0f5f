// gradcheck, gradgradcheck and forward mode: what they find, and every op in the table, from the generated manifest.
import { readFileSync } from 'node:fs';
import * as adjoint from 'adjoint';
import { AutogradError, GradcheckError, Tensor, UsageError, autograd, func, scope, tensor, zeros, type FunctionCtx } from 'adjoint';
import { describe, expect, test, vi } from 'vitest';
import { argumentsOf, callable, hasGradient, requiresGrad, seeded, type ManifestOp } from './gradcheck-samples';

const x64 = (): Tensor => tensor([0.3, -0.7], { dtype: 'float64', requiresGrad: true });

/** The square, with a derivative that is wrong in the way `backward` says. */
function squareWith(backward: (g: Tensor, x: Tensor) => Tensor): (x: Tensor) => Tensor {
  class Square extends autograd.Function {
    static override forward(ctx: FunctionCtx, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.mul(x);
    }
    static override backward(ctx: FunctionCtx, g: Tensor): Tensor {
      return backward(g, ctx.savedTensors[0]);
    }
  }
  return (x) => Square.apply(x);
}

test('a wrong element is named, in both modes', () => {
  const wrong = squareWith((g, x) => g.mul(x).mul(tensor([2, 2.5], { dtype: 'float64' })));
  for (const fastMode of [false, true]) {
    let error: unknown;
    try {
      autograd.gradcheck(wrong, x64(), { fastMode });
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(GradcheckError);
    expect((error as GradcheckError).message).toMatch(/worst at element 1 of the input and 1 of the output: numerical -1\.4/);
    expect((error as GradcheckError).details).toMatchObject({ output: 0, input: 0, worst: [1, 1] });
    expect(autograd.gradcheck(wrong, x64(), { fastMode, raiseException: false })).toBe(false);
  }
  const right = squareWith((g, x) => g.mul(x).mul(2));
  expect(autograd.gradcheck(right, x64())).toBe(true);
  expect(autograd.gradcheck(right, x64(), { fastMode: true })).toBe(true);
});

test('a right gradient with a wrong second one is found by gradgradcheck', () => {
  const detached = squareWith((g, x) => g.mul(x.detach()).mul(2));
  expect(autograd.gradcheck(detached, x64())).toBe(true);
  expect(() => autograd.gradgradcheck(detached, x64())).toThrow(GradcheckError);
  expect(autograd.gradgradcheck((x: Tensor) => x.pow(3), x64(), null, { checkFwdOverRev: true })).toBe(true);
});

test('a backward that gives different values each time is found', () => {
  let calls = 0;
  const noisy = squareWith((g, x) => g.mul(x).mul(2 + 1e-9 * calls++));
  expect(() => autograd.gradcheck(noisy, x64())).toThrow(/not reentrant/);
  expect(autograd.gradcheck(noisy, x64(), { nondetTol: 1e-6 })).toBe(true);
});

test('float32 is warned of, overlapping inputs and inputs without gradient are refused', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  expect(autograd.gradcheck((x: Tensor) => x.mul(2), tensor([1], { requiresGrad: true }), { eps: 1e-2, atol: 1e-2 })).toBe(true);
  expect(warn.mock.calls[0]![0]).toContain('not a double precision');
  warn.mockRestore();
  const wide = tensor([1], { dtype: 'float64' }).expand(3).detach().requiresGrad_();
  expect(() => autograd.gradcheck((x: Tensor) => x.mul(2), wide)).toThrow(AutogradError);
  expect(() => autograd.gradcheck((x: Tensor) => x, tensor([1]))).toThrow(UsageError);
});

const ops = JSON.parse(readFileSync(new URL('./generated/manifest.json', import.meta.url), 'utf8')) as ManifestOp[];
const checked = ops.flatMap((op) => {
  const call = op.notDifferentiable === null && op.class !== 'Random' ? callable(op, adjoint) : null;
  const samples = op.samples.filter((s) => s.smooth && hasGradient(s));
  return call === null || samples.length === 0 ? [] : [{ op, call, samples }];
});

test('most ops of the table are checked', () => {
  const differentiable = ops.filter((op) => op.notDifferentiable === null && op.surface.length > 0 && op.class !== 'Random' && op.class !== 'Factory');
  expect(checked.length).toBeGreaterThan(0.8 * differentiable.length);
});

/** The floating-point tensors of a result. */
function floatsOf(value: unknown): Tensor[] {
  if (value instanceof Tensor) return value.isFloatingPoint() ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(floatsOf) : [];
}

/** The second derivative of the sum of the sines of all that `f` returns, along a direction: twice forward, and forward over reverse. */
function secondDerivatives(f: (...tensors: Tensor[]) => unknown, inputs: readonly Tensor[]): [number, number] {
  const places = inputs.flatMap((t, i) => (t.requiresGrad ? [i] : []));
  const at = places.map((i) => inputs[i]!.detach());
  const along = at.map((t, k) => t.mul(0.3).add(0.4 - 0.3 * k));
  const total = (...xs: Tensor[]): Tensor => {
    const all: Tensor[] = [...inputs];
    places.forEach((i, k) => { all[i] = xs[k]!; });
    return floatsOf(f(...all)).reduce((sum, t) => sum.add(t.sin().sum()), zeros([], { dtype: 'float64' }));
  };
  const twice = func.jvp((...xs: Tensor[]) => func.jvp(total, xs, along)[1], at, along)[1];
  const gradient = func.jvp((...xs: Tensor[]) => func.grad(total, places.map((_, k) => k))(...xs), at, along)[1];
  const mixed = (gradient).reduce((sum, g, k) => sum + g.mul(along[k]!).sum().item(), 0);
  return [twice.item(), mixed];
}

describe.each(checked)('$op.op', ({ op, call, samples }) => {
  test.each(samples)('$label', (sample) => {
    scope(() => {
      const args = argumentsOf(op, sample, seeded(op.op + sample.label));
      const f = (...tensors: unknown[]): unknown => call(...args.place(tensors));
      const inputs = args.tensors;
      // Some samples have outputs that do not depend on the inputs' values, such as an empty one.
      if (!requiresGrad(f(...inputs))) return;
      expect(autograd.gradcheck(f as never, inputs, { checkForwardAd: true })).toBe(true);
      expect(autograd.gradgradcheck(f as never, inputs, null, { checkFwdOverRev: true })).toBe(true);
      const [twice, mixed] = secondDerivatives(f, inputs);
      expect(Math.abs(twice - mixed)).toBeLessThanOrEqual(1e-8 * Math.max(1, Math.abs(mixed)));
    });
  });
});
