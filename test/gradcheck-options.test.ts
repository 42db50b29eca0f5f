// The options of gradcheck that look further than at one direction at a time.
import { describe, expect, it } from 'vitest';
import { GradcheckError, autograd, tensor, type Tensor } from 'adjoint';

const x64 = (): Tensor => tensor([0.3, -0.7], { dtype: 'float64', requiresGrad: true });
const square = (x: Tensor): Tensor => x.mul(x).sin();

describe('gradcheck', () => {
  it('takes every option of PyTorch, and the right derivative passes', () => {
    for (const fastMode of [false, true]) {
      expect(autograd.gradcheck(square, x64(), { fastMode, checkBatchedGrad: true, checkGradDtypes: true, checkForwardAd: true, checkBatchedForwardGrad: true, masked: true })).toBe(true);
    }
    const two = (x: Tensor, y: Tensor): Tensor[] => [x.mul(y), y.sum()];
    expect(autograd.gradcheck(two, [x64(), x64()], { checkBatchedGrad: true, checkForwardAd: true, checkBatchedForwardGrad: true })).toBe(true);
    expect(autograd.gradgradcheck(square, x64(), { genNonContigGradOutputs: true, checkBatchedGrad: true, checkGradDtypes: true, masked: false })).toBe(true);
  });

  it('says where vmap does not run', () => {
    const reading = (x: Tensor): Tensor => {
      const y = x.mul(x);
      y.registerHook((g) => (Number(g.sum().item()) > 1e9 ? g.mul(2) : g));
      return y;
    };
    expect(autograd.gradcheck(reading, x64())).toBe(true);
    expect(() => autograd.gradcheck(reading, x64(), { checkBatchedGrad: true })).toThrow(GradcheckError);
    expect(() => autograd.gradcheck(reading, x64(), { checkBatchedGrad: true })).toThrow(/the backward pass of output 0 cannot be run by vmap/);
    expect(autograd.gradcheck(reading, x64(), { checkBatchedGrad: true, raiseException: false })).toBe(false);
  });

  it('asks what derivatives do without gradients of outputs', () => {
    /** Two outputs; `backward` gets null for one that nothing used. */
    const of = (backward: (a: Tensor | null, b: Tensor | null) => Tensor | null) =>
      class extends autograd.Function {
        static override forward(ctx: { setMaterializeGrads(on: boolean): void }, x: Tensor): [Tensor, Tensor] {
          ctx.setMaterializeGrads(false);
          return [x.mul(2), x.mul(3)];
        }
        static override backward(_: unknown, a: Tensor | null, b: Tensor | null): Tensor | null {
          return backward(a, b);
        }
      };
    const check = (backward: Parameters<typeof of>[0], options: Record<string, unknown> = {}): boolean => {
      const F = of(backward) as unknown as { apply(x: Tensor): [Tensor, Tensor] };
      return autograd.gradcheck((x: Tensor) => F.apply(x), x64(), options);
    };
    const scaled = (g: Tensor | null, by: number): Tensor | null => (g === null ? null : g.mul(by));
    const right = (a: Tensor | null, b: Tensor | null): Tensor | null => {
      const [p, q] = [scaled(a, 2), scaled(b, 3)];
      return p === null || q === null ? (p ?? q) : p.add(q);
    };
    expect(check(right)).toBe(true);
    // Right wherever both are there, and gradcheck gives one at a time: it takes what is null for zeros.
    const failing = (a: Tensor | null, b: Tensor | null): Tensor | null => {
      if ((a ?? b)!.abs().sum().item() === 0) return a!.mul(2).add(b!.mul(3));
      return right(a, b);
    };
    expect(() => check(failing)).toThrow(GradcheckError);
    expect(() => check(failing)).toThrow(/does not take undefined gradients of outputs/);
    expect(check(failing, { raiseException: false })).toBe(false);
    expect(check(failing, { checkUndefinedGrad: false })).toBe(true);
    const offset = (a: Tensor | null, b: Tensor | null): Tensor | null => ((a ?? b)!.abs().sum().item() === 0 ? (a ?? b)!.add(1) : right(a, b));
    expect(() => check(offset)).toThrow(/all gradients of inputs must be undefined or zero/);
    expect(check(offset, { checkUndefinedGrad: false })).toBe(true);
  });

  it('refuses batches of what is not checked', () => {
    expect(() => autograd.gradcheck(square, x64(), { checkBatchedForwardGrad: true })).toThrow(/checkBatchedForwardGrad needs checkForwardAd/);
    expect(() => autograd.gradcheck(square, x64(), { checkBatchedGrad: true, checkBackwardAd: false, checkForwardAd: true })).toThrow(/checkBatchedGrad needs checkBackwardAd/);
  });
});
