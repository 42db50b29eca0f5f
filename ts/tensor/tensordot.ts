// Contractions over several dims: the ways of naming them.
import { many, opId } from './call';
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { anything, type Kind } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import type { Tensor } from './tensor';
import { tensor } from './tensor-kinds';

/** How many dims, or which: the dims of `a`, and beside them those of `b`. */
export type ContractedDims = number | readonly [readonly number[] | number, readonly number[] | number];

interface TensordotArguments {
  a: Tensor;
  b: Tensor;
  dims?: ContractedDims;
}

/**
 * Returns the sums of products over pairs of dims, one of each tensor: the last `dims` of `a` with the first `dims` of `b`, or those named. The
 * result has the other dims of `a`, then those of `b`. One matrix product. Source: PyTorch, `torch.tensordot`.
 */
export const tensordot: Stated & ((...args: Arguments<TensordotArguments, ['a', 'b', 'dims']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<TensordotArguments>('tensordot', () => ({ a: tensor, b: tensor, dims: (anything as Kind<ContractedDims>).or(2) })),
  ({ a, b, dims }) => many(opId('_tensordot'), null, [a, b, ...pairs(a, b, dims)], false),
);

function pairs(a: Tensor, b: Tensor, dims: ContractedDims): [readonly number[], readonly number[]] {
  if (typeof dims === 'number') {
    const most = Math.min(a.ndim, b.ndim);
    if (!Number.isInteger(dims) || dims < 0 || dims > most) {
      throw new UsageError(`tensordot: dims must be an integer in [0, ${most}], no more than either tensor has, got ${dims}`, 'tensordot', { dims });
    }
    return [Array.from({ length: dims }, (_, i) => a.ndim - dims + i), Array.from({ length: dims }, (_, i) => i)];
  }
  if (!Array.isArray(dims) || (dims as readonly unknown[]).length !== 2) {
    throw new UsageError(`tensordot: dims must be a number or a pair of lists of dims, got ${describe(dims)}`, 'tensordot');
  }
  const list = (part: readonly number[] | number): readonly number[] => (typeof part === 'number' ? [part] : part);
  return [list(dims[0]), list(dims[1])];
}
