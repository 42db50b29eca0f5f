// Formulas to begin with, each with what there is to see in it.
import type { Input } from './trace-data';

export interface Example {
  readonly title: string;
  readonly formula: string;
  readonly inputs: readonly Input[];
  readonly remark: string;
}

const input = (name: string, value: unknown, isFrozen = false): Input => ({ name, value: JSON.stringify(value), isFrozen });

export const EXAMPLES: readonly Example[] = [
  {
    title: '(x·w − y)²',
    formula: 'x.mul(w).sum().sub(y).square()',
    inputs: [input('x', [1, 2], true), input('w', [0.5, -1]), input('y', 3, true)],
    remark: 'A line and its squared error. Only w learns: x and y are frozen, and nothing flows back to them.',
  },
  {
    title: 'chain rule: numbers',
    formula: 'x.sin().exp()',
    inputs: [input('x', 1)],
    remark: 'f′(g(x)) · g′(x): back through exp the gradient is multiplied by exp(sin x), back through sin by cos x.',
  },
  {
    title: 'chain rule: vectors',
    formula: 'x.square().mul(c).sum()',
    inputs: [input('x', [1, 2, 3]), input('c', [1, 0.5, -1], true)],
    remark: 'From [3] to [3] to [3] to one number. The Jacobian of square is [3 × 3], with 2x on its diagonal; what flows back through it is a vector [3], and the matrix is never built.',
  },
  {
    title: 'chain rule: matrices',
    formula: 'X.matmul(W).square().sum()',
    inputs: [input('X', [[1, 0, -1], [2, 1, 0]]), input('W', [[0.5, 1], [-1, 0], [1, 2]])],
    remark: 'X is [2, 3], W is [3, 2], their product G [2, 2]. What comes back has the shape of what it is the gradient of: G · Wᵀ is [2, 2] · [2, 3] = [2, 3], and Xᵀ · G is [3, 2] · [2, 2] = [3, 2].',
  },
  {
    title: 'a network of two layers',
    formula: 'const hidden = x.matmul(A).add(a).tanh();\nconst y = hidden.matmul(B).add(b);\nreturn y.square().mean();',
    inputs: [
      input('x', [[1, -1]], true),
      input('A', [[0.5, -0.5, 1], [0.25, 1, -1]]),
      input('a', [0, 0.1, 0]),
      input('B', [[1], [-1], [0.5]]),
      input('b', [0.5]),
    ],
    remark: 'Each layer multiplies what comes back by its matrix, transposed. The tape keeps the inputs of both products and the output of tanh.',
  },
  {
    title: 'a loop',
    formula: 'let h = x;\nfor (let i = 0; i < 4; i++) h = h.mul(w).sin();\nreturn h;',
    inputs: [input('x', 1, true), input('w', 1.5)],
    remark: 'A loop is unrolled: the tape knows only calls. Every turn reads w, so its gradient is a sum of four.',
  },
  {
    title: 'read twice',
    formula: 'x.mul(x).add(x)',
    inputs: [input('x', 3)],
    remark: 'x is read three times. What comes back along the three edges is added: 3 + 3 + 1.',
  },
  {
    title: 'softmax and cross entropy',
    formula: "nn.functional.crossEntropy(x.matmul(W), tensor([1], { dtype: 'int64' }))",
    inputs: [input('x', [[1, 2]], true), input('W', [[0.1, 0.2, 0.3], [-0.3, 0.2, 0.1]])],
    remark: 'Back from the loss comes softmax minus one-hot, in one step.',
  },
];
