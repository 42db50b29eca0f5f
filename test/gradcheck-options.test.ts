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

  it('refuses batches of what is not checked', () => {
    expect(() => autograd.gradcheck(square, x64(), { checkBatchedForwardGrad: true })).toThrow(/checkBatchedForwardGrad needs checkForwardAd/);
    expect(() => autograd.gradcheck(square, x64(), { checkBatchedGrad: true, checkBackwardAd: false, checkForwardAd: true })).toThrow(/checkBatchedGrad needs checkBackwardAd/);
  });
});
