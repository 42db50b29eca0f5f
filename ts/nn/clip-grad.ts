// `nn.utils`: bounding gradients before a step.
import { noGrad } from '../autograd';
import { refuseInCapture } from '../capturing';
import { AutogradError, UsageError } from '../errors';
import { stack } from '../generated/functions';
import { tensor } from '../create';
import { withDefaults, type Suffix } from '../options';
import { scope } from '../scope';
import { Tensor } from '../tensor';

/** How a norm is taken. */
export interface NormOptions {
  /** The p of the p-norm; `Infinity` for the largest absolute value. */
  normType: number;
  /** Whether a norm that is infinite or NaN is an error. */
  errorIfNonfinite: boolean;
}

/** The gradients of those parameters that have one. */
function gradientsOf(where: string, parameters: Tensor | Iterable<Tensor>): Tensor[] {
  refuseInCapture(where, 'gradient');
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
export function clipGradNorm_(parameters: Tensor | Iterable<Tensor>, maxNorm: number, ...rest: Suffix<NormOptions, ['normType', 'errorIfNonfinite']>): Tensor {
  const gradients = gradientsOf('clipGradNorm_', parameters);
  return noGrad(() => {
    const total = totalNorm('clipGradNorm_', gradients, rest);
    scale(gradients, maxNorm, total);
    return total;
  });
}

/**
 * The norm of all elements of `tensors` taken together, 0 for none.
 *
 * @throws AutogradError if `errorIfNonfinite` and the norm is infinite or NaN.
 */
export function getTotalNorm(tensors: Tensor | Iterable<Tensor>, ...rest: Suffix<NormOptions, ['normType', 'errorIfNonfinite']>): Tensor {
  return totalNorm('getTotalNorm', tensors instanceof Tensor ? [tensors] : [...tensors], rest);
}

/** Scales all gradients as `clipGradNorm_` does, for a norm that is known already. */
export function clipGradsWithNorm_(parameters: Tensor | Iterable<Tensor>, maxNorm: number, total: Tensor): void {
  noGrad(() => { scale(gradientsOf('clipGradsWithNorm_', parameters), maxNorm, total); });
}

function totalNorm(where: string, tensors: readonly Tensor[], rest: readonly unknown[]): Tensor {
  const defaults: NormOptions = { normType: 2, errorIfNonfinite: false };
  const { normType, errorIfNonfinite } = withDefaults<NormOptions>(where, defaults, ['normType', 'errorIfNonfinite'], rest);
  if (!(normType > 0)) throw new UsageError(`${where}: normType must be positive, got ${normType}`, where, { normType });
  return scope(() => {
    if (tensors.length === 0) return tensor(0);
    const total = norm(stack(tensors.map((g) => norm(g, normType))), normType);
    if (errorIfNonfinite && !Number.isFinite(total.item())) {
      throw new AutogradError(`${where}: the norm of the gradients is ${total.item()}, so they cannot be clipped`, where);
    }
    return total;
  });
}

function scale(gradients: readonly Tensor[], maxNorm: number, total: Tensor): void {
  scope(() => {
    const factor = total.add(1e-6).reciprocal().mul(maxNorm).clamp({ max: 1 });
    for (const g of gradients) g.mul_(factor);
  });
}

/** Clamps every element of every gradient to [−clipValue, clipValue]. */
export function clipGradValue_(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  noGrad(() => {
    for (const g of gradientsOf('clipGradValue_', parameters)) g.clamp_(-clipValue, clipValue);
  });
}
