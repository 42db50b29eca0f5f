// The triplet loss with a distance of the caller's.
import { describe } from '../core/describe';
import { ShapeError, UsageError } from '../core/errors';
import { boolean, callable, number } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { pairwiseDistance } from '../generated/functional';
import { minimum } from '../generated/functions';
import { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { reduced, reduction, type Reduction } from './reduction';

/** A distance of two batches, one number for each pair. */
type Between = (a: Tensor, b: Tensor) => Tensor;

interface Triplet {
  anchor: Tensor;
  positive: Tensor;
  negative: Tensor;
  /** The distance; null, the default, for `pairwiseDistance`. */
  distanceFunction?: Between | null;
  /** How much farther the negative is to be; 1 by default. */
  margin?: number;
  /** Whether the distance from positive to negative counts where it is the smaller; false by default. */
  swap?: boolean;
  /** `'mean'` by default. */
  reduction?: Reduction;
}

/** Refuses a margin that is not above 0. */
export function checkMargin(where: string, margin: number): void {
  if (!(margin > 0)) throw new UsageError(`${where}: margin must be greater than 0, got ${margin}`, where, { margin });
}

/** max(0, d(anchor, positive) − d(anchor, negative) + margin), reduced. */
export function tripletLoss(where: string, [anchor, positive, negative]: readonly [Tensor, Tensor, Tensor], between: Between, margin: number, swap: boolean, reduction: Reduction): Tensor {
  const dims = [anchor.ndim, positive.ndim, negative.ndim];
  if (new Set(dims).size > 1) throw new ShapeError(`${where}: anchor, positive and negative must have as many dims each, got ${dims.join(', ')}`, where, { dims });
  const distance = (a: Tensor, b: Tensor): Tensor => {
    const found: unknown = between(a, b);
    if (!(found instanceof Tensor)) throw new UsageError(`${where}: distanceFunction must return a tensor, got ${describe(found)}`, where);
    return found;
  };
  const near = distance(anchor, positive);
  let far = distance(anchor, negative);
  if (swap) far = minimum(far, distance(positive, negative));
  return reduced(near.add(margin).sub(far).clampMin(0), reduction);
}

/**
 * Returns max(0, d(anchor, positive) − d(anchor, negative) + margin) with a distance of the caller's, reduced. Source: PyTorch,
 * `torch.nn.functional.triplet_margin_with_distance_loss`.
 */
export const tripletMarginWithDistanceLoss: Stated & ((...args: Arguments<Triplet, ['anchor', 'positive', 'negative']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Triplet>(
    'tripletMarginWithDistanceLoss',
    () => ({ anchor: tensor, positive: tensor, negative: tensor, distanceFunction: callable.orNull(), margin: number.or(1), swap: boolean.or(false), reduction: reduction() }),
    4,
  ),
  ({ anchor, positive, negative, distanceFunction, margin, swap, reduction }) => {
    const where = 'tripletMarginWithDistanceLoss';
    checkMargin(where, margin);
    return tripletLoss(where, [anchor, positive, negative], distanceFunction ?? ((a, b) => pairwiseDistance(a, b)), margin, swap, reduction);
  },
);
