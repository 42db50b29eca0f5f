// The chain rule for scalars, vectors and matrices, with its shapes.
import { tensor } from 'adjoint';
import { dot, product, transposed, type Case } from './case';

const X = [
  [1, 2, 3],
  [4, 5, 6],
];
const W = [
  [0.5, -1],
  [1, 0.25],
  [-0.5, 2],
];

const scalar: Case = {
  title: 'Chain rule, scalars',
  text: ['y = sin u, u = x²:  dy/dx = dy/du · du/dx = cos(x²) · 2x', 'shapes: [] = [] · []'],
  run() {
    const x = tensor(1.5, { requiresGrad: true });
    const u = x.pow(2);
    u.retainGrad();
    u.sin().backward();
    return [
      { what: 'dy/du', value: u.grad!, closed: Math.cos(1.5 ** 2) },
      { what: 'dy/dx', value: x.grad!, closed: Math.cos(1.5 ** 2) * 2 * 1.5 },
    ];
  },
};

const vector: Case = {
  title: 'Chain rule, vectors',
  text: ['y = ⟨u, u⟩, u = A x with A [2, 3], x [3]:  ∂y/∂x = ∂y/∂u · ∂u/∂x = 2uᵀ A', 'shapes: [3] = [2] · [2, 3]'],
  run() {
    const at = [1, -2, 0.5];
    const x = tensor(at, { requiresGrad: true });
    const u = tensor(X).mv(x);
    u.retainGrad();
    u.dot(u).backward();
    const uClosed = X.map((row) => dot(row, at));
    const dy = uClosed.map((v) => 2 * v);
    return [
      { what: '∂y/∂u', value: u.grad!, closed: dy },
      { what: '∂y/∂x', value: x.grad!, closed: transposed(X).map((column) => dot(dy, column)) },
    ];
  },
};

const matrix: Case = {
  title: 'Chain rule, matrices',
  text: [
    'z = ‖Y‖², Y = X W with X [2, 3], W [3, 2]:  ∂z/∂Y = 2Y,  ∂z/∂X = ∂z/∂Y Wᵀ,  ∂z/∂W = Xᵀ ∂z/∂Y',
    'shapes: ∂z/∂Y [2, 2];  [2, 3] = [2, 2] · [2, 3];  [3, 2] = [3, 2] · [2, 2]',
  ],
  run() {
    const x = tensor(X, { requiresGrad: true });
    const w = tensor(W, { requiresGrad: true });
    const y = x.matmul(w);
    y.retainGrad();
    y.square().sum().backward();
    const dy = product(X, W).map((row) => row.map((v) => 2 * v));
    return [
      { what: '∂z/∂Y', value: y.grad!, closed: dy },
      { what: '∂z/∂X', value: x.grad!, closed: product(dy, transposed(W)) },
      { what: '∂z/∂W', value: w.grad!, closed: product(transposed(X), dy) },
    ];
  },
};

/** Scalars, vectors, matrices. */
export const chainRules: readonly Case[] = [scalar, vector, matrix];
