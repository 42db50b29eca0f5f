// Elements of one tensor or another.
import { anything } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { many, opId } from './call';
import { membersOf, type Members } from './members';
import { tensor } from './tensor-kinds';
import type { Scalar } from '../core/types';
import type { Tensor } from './tensor';

export interface TensorChoosing {
  /** The elements of this tensor where `condition` holds, and those of `other` elsewhere; the function is `where(condition, x, other)`. */
  where(...args: Arguments<{ condition: Tensor; other: Tensor | Scalar }, ['condition', 'other']>): Tensor;
}

const LISTS = {
  where: /* @__PURE__ */ parameters<{ condition: Tensor; other: Tensor | Scalar }>('where', () => ({ condition: tensor, other: anything })),
};

export const choosing: Members = /* @__PURE__ */ membersOf<TensorChoosing>({
  where(...args: unknown[]) {
    const { condition, other } = LISTS.where.read(args);
    return many(opId('where'), condition, [this, other], false);
  },
}, { lists: LISTS });
