// `nn.utils`: bounding gradients before a step.
import { noGrad } from '../autograd';
import { AutogradError, UsageError } from '../errors';
import { stack } from '../generated/functions';
import { tensor } from '../create';
import { scope } from '../scope';
import { Tensor } from '../tensor';

/** The gradients of those parameters that have one. */
function gradientsOf(parameters: Tensor | Iterable<Tensor>): Tensor[] {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  return list.map((p) => p.grad).filter((g) => g !== null);
}

/** The p-norm of all elements. */
function norm(x: Tensor, p: number): Tensor {
  if (p === Infinity) return x.abs().max();
  if (p === 2) return x.square().sum().sqrt();
  if (p === 1) return x.abs().sum();
  return x.abs().pow(p).sum().pow(1 / p);
}

/**
 * Scales all gradients by the same factor so that their norm, taken together, is at most `maxNorm`, and returns what the norm
 * was. The factor is min(1, maxNorm / (norm + 1e-6)), as in PyTorch.
 *
 * @throws AutogradError if `errorIfNonfinite` and the norm is infinite or NaN; nothing was changed then.
 */
export function clipGradNorm_(parameters: Tensor | Iterable<Tensor>, maxNorm: number, normType = 2, errorIfNonfinite = false): Tensor {
  if (!(normType > 0)) throw new UsageError(`clipGradNorm_: normType must be positive, got ${normType}`, 'clipGradNorm_', { normType });
  const gradients = gradientsOf(parameters);
  return noGrad(() =>
    scope(() => {
      if (gradients.length === 0) return tensor(0);
      const total = norm(stack(gradients.map((g) => norm(g, normType))), normType);
      if (errorIfNonfinite && !Number.isFinite(total.item())) {
        throw new AutogradError(`clipGradNorm_: the norm of the gradients is ${total.item()}, so they cannot be clipped`, 'clipGradNorm_');
      }
      const factor = total.add(1e-6).reciprocal().mul(maxNorm).clamp({ max: 1 });
      for (const g of gradients) g.mul_(factor);
      return total;
    }),
  );
}

/** Clamps every element of every gradient to [−clipValue, clipValue]. */
export function clipGradValue_(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  noGrad(() => {
    for (const g of gradientsOf(parameters)) g.clamp_(-clipValue, clipValue);
  });
}
