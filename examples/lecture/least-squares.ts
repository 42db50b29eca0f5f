// Linear regression: one example, then all of them.
import { tensor } from 'adjoint';
import { dot, product, transposed, type Case } from './case';

const single: Case = {
  title: 'Squared error of one example',
  text: ['z = (⟨x, w⟩ − y)² with x, w [3]:  ∂z/∂w = 2(⟨x, w⟩ − y) xᵀ'],
  run() {
    const x = [1, 2, 3];
    const at = [0.5, -1, 2];
    const y = 1.5;
    const w = tensor(at, { requiresGrad: true });
    const z = tensor(x).dot(w).sub(y).pow(2);
    z.backward();
    const residual = dot(x, at) - y;
    return [
      { what: 'z', value: z, closed: residual ** 2 },
      { what: '∂z/∂w', value: w.grad!, closed: x.map((v) => 2 * residual * v) },
    ];
  },
};

const all: Case = {
  title: 'Squared error of all examples',
  text: ['z = ‖X w − y‖² with X [3, 2], w [2], y [3]:  ∂z/∂w = 2(X w − y)ᵀ X'],
  run() {
    const X = [
      [1, 2],
      [3, -1],
      [0.5, 4],
    ];
    const at = [1, -0.5];
    const y = [0, 1, 2];
    const w = tensor(at, { requiresGrad: true });
    const z = tensor(X).mv(w).sub(tensor(y)).square().sum();
    z.backward();
    const residual = X.map((row, i) => dot(row, at) - y[i]!);
    return [
      { what: 'z', value: z, closed: dot(residual, residual) },
      { what: '∂z/∂w', value: w.grad!, closed: product([residual.map((r) => 2 * r)], X)[0]! },
      { what: 'the same by columns of X', value: w.grad!, closed: transposed(X).map((column) => 2 * dot(column, residual)) },
    ];
  },
};

/** One example, all examples. */
export const leastSquares: readonly Case[] = [single, all];
