// Factorizations and what is made of them.
import { linalg, logdet, type Tensor } from 'adjoint';
import { normal, type Case, type Family } from '../case';

/** A square matrix far from singular: normal numbers, and the side's root twice on the diagonal. */
const square = (name: string, side: number, ours: (a: Tensor) => unknown, torch: string, rest: Partial<Case> = {}): Case => ({
  name,
  inputs: () => ({ a: normal([side, side]) }),
  ours: ({ a }) => ours(a!),
  torch,
  of: ['a'],
  power: 3,
  ...rest,
});

const SIZE = 128;
/** Symmetric and positive definite: the product with its transpose, and the identity. */
const definite = (a: Tensor): Tensor => a.matmul(a.t()).add(a.mul(0).fillDiagonal_(1));
const DEFINITE = 'a @ a.t() + (a * 0).fill_diagonal_(1)';

export const linearAlgebra: Family = {
  name: 'linalg',
  title: `Linear algebra, ${SIZE} × ${SIZE} where nothing else is said`,
  ofTorch: 2,
  cases: [
    {
      name: 'solve', inputs: () => ({ a: normal([SIZE, SIZE]), b: normal([SIZE, 16]) }),
      ours: ({ a, b }) => linalg.solve(a!, b!), torch: 'torch.linalg.solve(a, b)', of: ['a', 'b'], power: 3,
    },
    {
      name: 'solve.many 4x4', inputs: (n) => ({ a: normal([1000 * n, 4, 4]), b: normal([1000 * n, 4, 1]) }),
      ours: ({ a, b }) => linalg.solve(a!, b!), torch: 'torch.linalg.solve(a, b)', of: ['a', 'b'],
    },
    {
      name: 'solveTriangular', inputs: () => ({ a: normal([SIZE, SIZE]), b: normal([SIZE, 16]) }),
      ours: ({ a, b }) => linalg.solveTriangular(a!.mul(0.05).tril().add(a!.mul(0).fillDiagonal_(1)), b!, { upper: false }),
      torch: 'torch.linalg.solve_triangular((a * 0.05).tril() + (a * 0).fill_diagonal_(1), b, upper=False)', of: ['b'], power: 3,
    },
    square('inv', SIZE, (a) => linalg.inv(a), 'torch.linalg.inv(a)'),
    square('logdet', SIZE, (a) => logdet(definite(a)), `torch.logdet(${DEFINITE})`),
    square('cholesky', SIZE, (a) => linalg.cholesky(definite(a)), `torch.linalg.cholesky(${DEFINITE})`),
    square('qr', SIZE, (a) => linalg.qr(a).R, 'torch.linalg.qr(a).R', { isRandom: true }),
    square('svd', SIZE, (a) => linalg.svd(a, false).S, 'torch.linalg.svd(a, False).S'),
    square('svdvals', SIZE, (a) => linalg.svdvals(a), 'torch.linalg.svdvals(a)'),
    square('eigh', SIZE, (a) => linalg.eigh(a.add(a.t())).eigenvalues, 'torch.linalg.eigh(a + a.t()).eigenvalues'),
    square('lu', SIZE, (a) => linalg.luFactor(a).LU, 'torch.linalg.lu_factor(a).LU'),
    square('lstsq', SIZE, (a) => linalg.lstsq(a, a.index({ stop: SIZE }, { stop: 8 })).solution, 'torch.linalg.lstsq(a, a[:, :8]).solution', { of: [], isRandom: true }),
    square('matrixExp', 64, (a) => linalg.matrixExp(a.mul(0.1)), 'torch.linalg.matrix_exp(a * 0.1)'),
    square('matrixPower', SIZE, (a) => linalg.matrixPower(a.mul(0.1), 5), 'torch.linalg.matrix_power(a * 0.1, 5)'),
  ],
};
