// Row P86 of the oracle: anomaly detection.
import { AutogradError, autograd, tensor, type FunctionCtx, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P86 detectAnomaly names the function that returned NaN', () => {
  const x = tensor([-1], { requiresGrad: true });
  raises(
    () => autograd.detectAnomaly(() => x.sqrt().sum().backward()),
    AutogradError,
    "function 'SqrtBackward0' returned nan values in its 0th output",
  );
  expect(autograd.isAnomalyEnabled()).toBe(false);
});

test('the error carries the stack of the forward call', () => {
  const x = tensor([-1], { requiresGrad: true });
  function theGuilty(t: Tensor): Tensor {
    return t.sqrt();
  }
  const e = raises(() => autograd.detectAnomaly(() => theGuilty(x).sum().backward()), AutogradError);
  expect(e.details['forwardStack']).toContain('theGuilty');
});

test('checkNan: false finds no NaN but keeps stacks for other errors', () => {
  const x = tensor([-1], { requiresGrad: true });
  autograd.detectAnomaly({ checkNan: false }, () => {
    expect([autograd.isAnomalyEnabled(), autograd.isAnomalyCheckNanEnabled()]).toEqual([true, false]);
    x.sqrt().sum().backward();
    expect(x.grad!.tolist()).toEqual([NaN]);
    const y = x.exp();
    y.add_(1);
    const e = raises(() => y.sum().backward(), AutogradError, 'modified by an in-place operation');
    expect(e.details['forwardStack']).toContain('anomaly.test');
  });
});

test('a custom function that returns NaN is named, and guards restore the state', () => {
  class Odd extends autograd.Function {
    static override forward(_ctx: FunctionCtx, x: Tensor): Tensor {
      return x.mul(2);
    }
    static override backward(_ctx: FunctionCtx, g: Tensor): Tensor {
      return g.mul(NaN);
    }
  }
  const x = tensor([1], { requiresGrad: true });
  const guard = autograd.setDetectAnomaly(true);
  raises(() => Odd.apply(x).sum().backward(), AutogradError, "function 'OddBackward' returned nan values in its 0th output");
  guard.dispose();
  expect(autograd.isAnomalyEnabled()).toBe(false);
  Odd.apply(x).sum().backward();
  expect(x.grad!.tolist()).toEqual([NaN]);
});
