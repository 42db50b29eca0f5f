// The initialiser of matrices with orthonormal rows or columns.
import { noGrad } from '../autograd/autograd';
import { UsageError } from '../core/errors';
import { instanceOf, number } from '../core/kinds';
import { named, parameters } from '../core/options';
import { qr } from '../generated/linalg';
import { scope } from '../runtime/scope';
import { Generator } from '../tensor/generator';
import { tensor } from '../tensor/tensor-kinds';
import type { Initializer } from './init';

interface OrthogonalOptions {
  /** What the matrix is multiplied by; 1 by default. */
  gain?: number;
  /** The default generator by default. */
  generator?: Generator | null;
}

/**
 * Fills with an orthogonal matrix, drawn alike from all there are, times `gain`: the first dim against all others, and where those differ in
 * size the longer ones orthonormal.
 *
 * Source: Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", ICLR 2014.
 */
export const orthogonal_: Initializer<OrthogonalOptions, ['gain', 'generator']> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters('orthogonal_', () => ({ tensor, gain: number.or(1), generator: instanceOf('a generator', () => Generator).orNull() })),
  ({ tensor: x, gain, generator }) => {
    if (x.ndim < 2) throw new UsageError(`orthogonal_: only tensors with 2 or more dims, got shape [${x.shape.join(', ')}]`, 'orthogonal_', { shape: x.shape });
    if (x.numel() === 0) return x;
    scope(() => {
      noGrad(() => {
        const rows = x.size(0);
        const columns = x.numel() / rows;
        const drawn = x.newEmpty([rows, columns]).normal_({ mean: 0, std: 1, generator });
        const { Q, R } = qr(rows < columns ? drawn.t() : drawn);
        // With the diagonal of R positive all orthogonal matrices are as probable as each other.
        const signed = Q.mul(R.diagonal().sign());
        x.copy_((rows < columns ? signed.t() : signed).reshape([...x.shape])).mul_(gain);
      });
    });
    return x;
  },
);
