// Rows P60 to P65 of the oracle: checkpoint, gradcheck, forward mode and function transforms.
import { AutogradError, GradcheckError, UsageError, arange, autograd, checkpoint, dot, forwardAd, func, ones, stack, sum, tensor, vmap } from 'adjoint';
import type { FunctionCtx, Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

test('P60 checkpoint recomputes the forward and gives the same gradient', () => {
  let n = 0;
  const f = (x: Tensor): Tensor => {
    n += 1;
    return x.mul(2).sin();
  };
  const x = tensor([0.5, 1], { requiresGrad: true });
  const y = checkpoint(f, x, { useReentrant: false });
  expect(n).toBe(1);
  y.sum().backward();
  expect(n).toBe(2);
  const g = x.grad!.clone();
  x.grad = null;
  f(x).sum().backward();
  expect(x.grad!.tolist()).toEqual(g.tolist());
});

test('P61 gradcheck passes, and reports a wrong gradient', () => {
  const x = tensor([0.3, -0.7], { dtype: 'float64', requiresGrad: true });
  expect(autograd.gradcheck((t: Tensor) => t.sin().mul(t).sum(), [x])).toBe(true);
  expect(autograd.gradgradcheck((t: Tensor) => t.tanh(), [x])).toBe(true);
  class W extends autograd.Function {
    static override forward(_ctx: FunctionCtx, t: Tensor): Tensor {
      return t.mul(2);
    }
    static override backward(_ctx: FunctionCtx, g: Tensor): Tensor {
      return g.mul(3);
    }
  }
  const wrong = (t: Tensor): Tensor => W.apply(t);
  raises(
    () => autograd.gradcheck(wrong, [x]),
    GradcheckError,
    'Jacobian mismatch for output 0 with respect to input 0,\nnumerical:tensor([[2.0000, 0.0000],\n        [0.0000, 2.0000]], dtype=float64)\n' +
      'analytical:tensor([[3., 0.],\n        [0., 3.]], dtype=float64)',
  );
  expect(autograd.gradcheck(wrong, [x], { raiseException: false })).toBe(false);
  raises(
    () => autograd.gradcheck((t: Tensor) => t.mul(2), [ones([2])]),
    UsageError,
    'expects at least one input tensor to require gradient, but none of them have requiresGrad=true',
  );
});

test('P62 dual numbers', () => {
  forwardAd.dualLevel(() => {
    const d = forwardAd.makeDual(tensor([1, 2]), tensor([1, 0.5]));
    const { primal, tangent } = forwardAd.unpackDual(d.pow(3).add(d));
    expect([primal.tolist(), tangent!.tolist()]).toEqual([[2, 10], [4, 6.5]]);
    expect(forwardAd.unpackDual(ones([1])).tangent).toBe(null);
  });
  raises(() => forwardAd.makeDual(ones([1]), ones([1])), AutogradError, 'to create a dual tensor for forward AD but no level exists', 'enterDualLevel()');
});

test('P63 func.grad, gradAndValue, vjp and jvp', () => {
  const f = (x: Tensor): Tensor => x.pow(3).sum();
  const x = tensor([1, 2]);
  expect(func.grad(f)(x).tolist()).toEqual([3, 12]);
  expect(func.gradAndValue(f)(x).map((t) => t.tolist())).toEqual([[3, 12], 9]);
  expect(func.valueAndGrad(f)(x).map((t) => t.tolist())).toEqual([9, [3, 12]]);
  const [y, pullback] = func.vjp((t: Tensor) => t.pow(2), x);
  expect([y.tolist(), pullback(tensor([1, 10]))[0].tolist()]).toEqual([[1, 4], [2, 40]]);
  expect(func.jvp((t: Tensor) => t.pow(2), [x], [tensor([1, 10])]).map((t) => t.tolist())).toEqual([[1, 4], [2, 40]]);
  raises(() => func.grad((t: Tensor) => t.mul(2))(x), AutogradError, 'to return a scalar tensor, got a tensor with 1 dims', 'vjp or jacrev');
});

test('P64 jacrev, jacfwd and hessian', () => {
  const x = tensor([1, 2, 3]);
  const f = (t: Tensor): Tensor => stack([t.prod(), t.mul(t).sum()]);
  const expected = [[6, 3, 2], [2, 4, 6]];
  expect(func.jacrev(f)(x).tolist()).toEqual(expected);
  expect(func.jacfwd(f)(x).tolist()).toEqual(expected);
  expect(func.hessian((t: Tensor) => t.prod())(x).tolist()).toEqual([[0, 3, 2], [3, 0, 1], [2, 1, 0]]);
});

test('P65 vmap basics and per-sample gradients', () => {
  const a = arange(6, { dtype: 'float32' }).view(2, 3);
  expect(vmap((t: Tensor) => sum(t))(a).tolist()).toEqual([3, 12]);
  expect(vmap((s: Tensor, t: Tensor) => dot(s, t))(a, a).tolist()).toEqual([5, 50]);
  expect(vmap((t: Tensor) => t.mul(2), { inDims: 1, outDims: 1 })(a).tolist()).toEqual([[0, 2, 4], [6, 8, 10]]);
  const w = tensor([1, 2, 3]);
  const loss = (v: Tensor, x: Tensor): Tensor => v.mul(x).sum().pow(2);
  expect(vmap(func.grad(loss), { inDims: [null, 0] })(w, a).tolist()).toEqual([[0, 16, 32], [156, 208, 260]]);
});
