// In-place operations where tangents travel along, and what transforms forbid to write.
import { AutogradError, UsageError, autograd, forwardAd, func, ones, tensor, vmap, zeros, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';
import { behaves } from './behaves';
import { raises } from './raises';

const x = tensor([1, 2]);
const from = (start: number, stop?: number) => ({ start, stop });

/** Values and tangents of what `run` makes of the dual tensor [1, 2] with the tangent [3, 4]. */
const dual = (run: (d: Tensor) => Tensor[]): unknown =>
  forwardAd.dualLevel(() =>
    run(forwardAd.makeDual(tensor([1, 2]), tensor([3, 4]))).map((t) => {
      const { primal, tangent } = forwardAd.unpackDual(t);
      return [primal.tolist(), tangent?.tolist() ?? null];
    }),
  );

behaves('adding a number in place keeps the tangent', [[[2, 3], [3, 4]]], () => dual((d) => [d.add_(1)]));
behaves('writing an element gives a plain tensor a tangent', [[[2, 0, 0], [4, 0, 0]], [2, 4], [[0, 0], [0, 0]]], () =>
  dual((d) => {
    const z = zeros([3]);
    z.setitem(0, d.index(1));
    return [z, z.index(0), z.index(from(1))];
  }),
);
behaves('a write through a view changes the tangent of the base', [[[5, 2], [15, 4]], [5, 15]], () =>
  dual((d) => {
    const v = d.index(0);
    v.mul_(5);
    return [d, v];
  }),
);
behaves('a write of the base changes the tangent of a view', [[[5, 10], [15, 20]], [5, 15]], () =>
  dual((d) => {
    const v = d.index(0);
    d.mul_(5);
    return [d, v];
  }),
);
behaves('what was detached before a write gets no tangent', [[[5, 10], [15, 20]], [[5, 10], null]], () =>
  dual((d) => {
    const detached = d.detach();
    d.mul_(5);
    return [d, detached];
  }),
);
behaves('zero_ and copy_ of a plain value make the tangent zero', [[[0, 0], [0, 0]], [[1, 1], [0, 0]]], () =>
  dual((d) => [d.clone().zero_(), d.clone().copy_(ones([2]))]),
);
behaves('copy_ into another dtype', [[[1, 2], [3, 4]]], () => dual((d) => [zeros([2], { dtype: 'float64' }).copy_(d)]));
behaves('rows and columns written one after the other', [[[[2, 54.598], [1, 7.3891]], [[6, 436.79], [3, 29.556]]]], () =>
  dual((d) => {
    const y = ones([2, 2]);
    y.mul_(d);
    y.index(0).add_(d);
    y.index({}, 1).exp_();
    return [y];
  }),
);
behaves('views of views of a written tensor', [[[0, 6, 0], [0, 8, 0]], [[6, 0], [8, 0]], [[6, 8], [0, 0]], [6, 0, 0, 8]], () =>
  forwardAd.dualLevel(() => {
    const b = zeros([2, 3]), v = b.index({}, from(1)), turned = v.t();
    turned.setitem(0, forwardAd.makeDual(tensor([1, 2]), tensor([3, 4])));
    const w = b.view(6).index(from(1, 5));
    w.mul_(2);
    return [b, v, turned, w].map((t) => forwardAd.unpackDual(t).tangent);
  }),
);
behaves('the value taken out of a written dual has no tangent', [[0.9093, -0.7568], null], () =>
  forwardAd.dualLevel(() => {
    const d = forwardAd.makeDual(tensor([1, 2]), tensor([3, 4]));
    const y = d.clone().add_(d).sin_();
    const { primal } = forwardAd.unpackDual(y);
    return [primal.tolist(), forwardAd.unpackDual(primal.mul(1)).tangent].map((v) => (Array.isArray(v) ? v.map((e) => Number((e as number).toFixed(4))) : v));
  }),
);
behaves('a dual value written by indexFill, maskedFill and fill_', [[5, 0, 5], [5, 0, 5], [5, 5, 5]], () =>
  forwardAd.dualLevel(() => {
    const v = forwardAd.makeDual(tensor(2), tensor(5));
    const index = tensor([0, 2], { dtype: 'int64' });
    return [zeros([3]).indexFill(0, index, v), zeros([3]).maskedFill_(tensor([true, false, true]), v), zeros([3]).fill_(v)].map((t) => forwardAd.unpackDual(t).tangent);
  }),
);

/** Σ of the squares of x₀·x₁, x₀² and x₁², written into a tensor in place. */
function written(p: Tensor): Tensor {
  const z = zeros([3]);
  z.setitem(0, p.index(0).mul(p.index(1)));
  z.setitem(from(1), p.mul(p));
  z.mul_(z.clone());
  return z.sum();
}

behaves('gradients and Hessians through in-place operations, by every order of transforms', [[12, 36], [[20, 8], [8, 50]], [[20, 8], [8, 50]], [[20, 8], [8, 50]], [[20, 8], [8, 50]]], () => [
  func.grad(written)(x),
  func.hessian(written)(x),
  func.jacfwd(func.jacfwd(written))(x),
  func.jacrev(func.jacfwd(written))(x),
  func.jacrev(func.jacrev(written))(x),
]);
behaves('forward over reverse through an in-place chain', [[12, 27], [12, 18]], () => {
  const w = tensor([2, 3], { requiresGrad: true });
  return forwardAd.dualLevel(() => {
    const d = forwardAd.makeDual(w, tensor([1, 1]));
    const y = d.clone();
    y.mul_(d).mul_(d);
    const { primal, tangent } = forwardAd.unpackDual(autograd.grad(y.sum(), w, { createGraph: true })[0]);
    return [primal, tangent];
  });
});
behaves('vmap of a gradient of an in-place function, and of a function that writes its argument', [[[2, 2], [2, 2]], [[2, 2], [2, 2]], [[2, 2], [2, 2]]], () => {
  const a = ones([2, 2]);
  return [vmap(func.grad((t: Tensor) => t.clone().mul_(t).sum()))(a), vmap((t: Tensor) => t.mul_(2))(a), a];
});

test('in-place operations on duals refuse what they refuse elsewhere', () => {
  forwardAd.dualLevel(() => {
    const d = forwardAd.makeDual(tensor([1, 2]), tensor([3, 4]));
    raises(() => zeros([2], { dtype: 'int64' }).add_(d), Error, "can't be cast");
    raises(() => zeros([1]).add_(d), Error, "doesn't match the broadcast shape");
  });
});

test('a transformed function must not write what it captures, nor an argument it is differentiated by', () => {
  const captured = ones([2]);
  const view = captured.index(0);
  raises(() => func.grad((t: Tensor) => captured.mul_(t).sum())(x), UsageError, 'mul_', 'mutate a captured tensor');
  raises(() => func.grad((t: Tensor) => view.mul_(t.sum()))(x), UsageError, 'mutate a captured tensor');
  raises(() => func.jvp((t: Tensor) => captured.mul_(t).sum(), [x], [x]), UsageError, 'mutate a captured tensor');
  raises(() => vmap((t: Tensor) => captured.mul_(t))(ones([2, 2])), UsageError, /^mul_: .*vmap/, 'not being vmapped over');
  raises(() => func.grad((t: Tensor) => t.mul_(2).sum())(x.clone()), AutogradError, 'a leaf tensor that requires grad');
  expect(captured.tolist()).toEqual([1, 1]);
  captured.mul_(2);
  expect(view.item()).toBe(2);
});

test('values of samples cannot be read inside vmap', () => {
  raises(() => vmap((t: Tensor) => t.mul(t.sum().item()))(ones([2, 3])), UsageError, /you're calling item\(\) on a tensor inside vmap/);
  raises(() => vmap(func.grad((t: Tensor) => t.sum().mul(t.sum().item())))(ones([2, 3])), UsageError, /item\(\)/);
  raises(() => vmap((t: Tensor) => t.mul((t.tolist() as number[])[0]!))(ones([2, 3])), UsageError, /tolist\(\)/);
  const shared = tensor(3);
  expect(vmap((t: Tensor) => t.mul(shared.item()))(ones([2])).tolist()).toEqual([3, 3]);
});
