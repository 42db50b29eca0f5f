// Factors of matrices of low rank, by random projections.
import { ShapeError, UsageError, under } from '../core/errors';
import { boolean, integer, integerFrom } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { matmul, randn } from '../generated/functions';
import { qr, svd } from '../generated/linalg';
import type { Tensor } from './tensor';
import { tensor } from './tensor-kinds';

/** U, S and V: the matrices are about U diag(S) Vᵀ. */
export type LowRank = [U: Tensor, S: Tensor, V: Tensor];

interface SvdLowRank {
  /** Matrices `[*, m, n]`. */
  A: Tensor;
  /** How many singular values; 6 by default. */
  q?: number | null;
  /** How many steps of subspace iteration; 2 by default. */
  niter?: number | null;
  /** What is subtracted from `A` before. */
  M?: Tensor | null;
}

/** A basis of about the range of tall matrices, of `q` columns. */
function basis(a: Tensor, q: number, niter: number): Tensor {
  let found = qr(matmul(a, randn([a.size(-1), q], { dtype: a.dtype }))).Q;
  for (let i = 0; i < niter; i++) {
    found = qr(matmul(a.mT, found)).Q;
    found = qr(matmul(a, found)).Q;
  }
  return found;
}

function lowRank(a: Tensor, q: number, niter: number): LowRank {
  const isWide = a.size(-2) < a.size(-1);
  const tall = isWide ? a.mT : a;
  const found = basis(tall, q, niter);
  const { U, S, Vh } = svd(matmul(found.mT, tall), false);
  const [left, right] = [matmul(found, U), Vh.mT];
  return isWide ? [right, S, left] : [left, S, right];
}

function checkMatrices(where: string, a: Tensor): void {
  if (a.ndim < 2) throw new ShapeError(`${where}: expected matrices, got shape [${a.shape.join(', ')}]`, where, { shape: a.shape });
}

/**
 * The greatest `q` singular values of matrices and the vectors that go with them, by random projections: the same seed draws PyTorch's.
 * Good where the others are small. Source: PyTorch, `torch.svd_lowrank`; Halko, Martinsson and Tropp, "Finding structure with randomness",
 * SIAM Review 53, 2011, algorithm 5.1.
 */
export const svdLowrank: Stated & ((...args: Arguments<SvdLowRank, ['A', 'q', 'niter', 'M']>) => LowRank) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<SvdLowRank>('svdLowrank', () => ({ A: tensor, q: integerFrom(0).orNull(), niter: integerFrom(0).orNull(), M: tensor.orNull() })),
  ({ A, q, niter, M }) => {
    checkMatrices('svdLowrank', A);
    return under('svdLowrank', () => lowRank(M === null ? A : A.sub(M), q ?? 6, niter ?? 2));
  },
);

interface PcaLowRank {
  /** Matrices `[*, m, n]` of m observations. */
  A: Tensor;
  /** How many components; the least of 6, m and n by default. */
  q?: number | null;
  /** Whether the mean of the rows is subtracted; true by default. */
  center?: boolean;
  /** How many steps of subspace iteration; 2 by default. */
  niter?: number;
}

/**
 * The principal components of matrices of rows of observations: `svdLowrank` of them less their mean. The components are the columns of V.
 * Source: PyTorch, `torch.pca_lowrank`.
 */
export const pcaLowrank: Stated & ((...args: Arguments<PcaLowRank, ['A', 'q', 'center', 'niter']>) => LowRank) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<PcaLowRank>('pcaLowrank', () => ({ A: tensor, q: integer.orNull(), center: boolean.or(true), niter: integerFrom(0).or(2) })),
  ({ A, q, center, niter }) => {
    const where = 'pcaLowrank';
    checkMatrices(where, A);
    const most = Math.min(A.size(-2), A.size(-1));
    if (q !== null && (q < 0 || q > most)) throw new UsageError(`${where}: q must be from 0 to ${most}, the smaller side of the matrices, got ${q}`, where, { q });
    return under(where, () => lowRank(center ? A.sub(A.mean(-2, true)) : A, q ?? Math.min(6, most), niter));
  },
);
