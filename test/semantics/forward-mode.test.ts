// Custom functions in forward mode.
import { AutogradError, autograd, func, ones, tensor, type FunctionCtx, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { raises } from './raises';

class Scaled extends autograd.Function {
  static override forward(ctx: FunctionCtx, x: Tensor, y: Tensor, k: number): Tensor {
    ctx.k = k;
    ctx.saveForForward(x, y);
    return x.mul(y).mul(k);
  }
  static override jvp(ctx: FunctionCtx, tx: Tensor, ty: Tensor, tk: null): Tensor {
    const [x, y] = ctx.savedTensors as [Tensor, Tensor];
    expect(tk).toBeNull();
    return tx.mul(y).add(ty.mul(x)).mul(ctx.k as number);
  }
}

test('a custom function with jvp works in forward mode, missing tangents being zeros', () => {
  const x = tensor([1, 2]);
  const y = tensor([3, 4]);
  const t = tensor([1, 10]);
  const [value, tangent] = func.jvp((a: Tensor) => Scaled.apply(a, y, 2), [x], [t]);
  expect([value.tolist(), tangent.tolist()]).toEqual([
    [6, 16],
    [6, 80],
  ]);
  const square = (a: Tensor) => Scaled.apply(a, a, 1);
  expect(func.jvp(square, [x], [t])[1].tolist()).toEqual([2, 40]);
  const second = func.jvp((a: Tensor) => func.jvp(square, [a], [ones([2])])[1], [x], [t])[1];
  expect(second.tolist()).toEqual([2, 20]);
});

test('a custom function without jvp says so', () => {
  class Plain extends autograd.Function {
    static override forward(_ctx: FunctionCtx, x: Tensor): Tensor {
      return x.mul(2);
    }
  }
  raises(() => func.jvp((x: Tensor) => Plain.apply(x), [ones([1])], [ones([1])]), AutogradError, 'Plain', 'static jvp');
});
