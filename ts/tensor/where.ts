// `x.where(condition, other)`: the function's second parameter is the receiver, so it is no method of the table.
import { anything } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import type { Scalar } from '../core/types';
import { many, opId } from './call';
import { membersOf, type Members } from './members';
import type { Tensor } from './tensor';
import { tensor } from './tensor-kinds';

interface WhereArguments {
  condition: Tensor;
  other: Tensor | Scalar;
}

export interface TensorWhere {
  /** This tensor where the bool tensor `condition` is true, and `other` elsewhere: `where(condition, this, other)`. Shapes broadcast. */
  where(...args: Arguments<WhereArguments, ['condition', 'other']>): Tensor;
}

const WHERE = /* @__PURE__ */ parameters<WhereArguments>('where', () => ({ condition: tensor, other: anything }));

export const choosing: Members = /* @__PURE__ */ membersOf<TensorWhere>(
  {
    where(...args: unknown[]) {
      const { condition, other } = WHERE.read(args);
      return many(opId('where'), null, [condition, this, other], false);
    },
  },
  { lists: { where: WHERE } },
);
