// What becomes of the losses of single elements.
import { boolean, word, type Kind } from '../core/kinds';
import type { Kinds, Values } from '../core/options';
import type { Tensor } from '../tensor/tensor';

/** What becomes of the losses of single elements: all of them, their mean, or their sum. */
export type Reduction = 'none' | 'mean' | 'sum';

/** How a loss is reduced. */
export interface ReductionOptions {
  /** PyTorch's older way to say `reduction`: false for the sum. */
  sizeAverage?: boolean | null;
  /** PyTorch's older way to say `reduction`: false for none. */
  reduce?: boolean | null;
  /** `'mean'` by default. */
  reduction?: Reduction;
}

/** The kind of a `reduction`. */
export const reduction = (): Kind<Reduction> => word('none', 'mean', 'sum').or('mean');

/** The kinds of `ReductionOptions`, in the order of most losses. */
export const reductionKinds = (): Kinds<ReductionOptions> => ({ sizeAverage: boolean.orNull(), reduce: boolean.orNull(), reduction: reduction() });

/** The reduction that is meant, also where it is said in the older way. */
export function reductionOf({ sizeAverage, reduce, reduction }: Values<ReductionOptions>): Reduction {
  if (sizeAverage === null && reduce === null) return reduction;
  if (reduce === false) return 'none';
  return sizeAverage === false ? 'sum' : 'mean';
}

/** The losses of single elements, reduced. */
export function reduced(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'none') return losses;
  return reduction === 'mean' ? losses.mean() : losses.sum();
}
