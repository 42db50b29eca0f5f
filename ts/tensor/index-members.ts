// Indexing, as members of tensors; how items are understood is in indexing.ts.
import { index, indexPut, setItem, type IndexItem, type IndexPutArguments, type ItemValue } from './indexing';
import { membersOf, type Members } from './members';
import type { Tensor } from './tensor';

export interface TensorIndexing {
  /**
   * The part of this tensor that the items select, PyTorch's `x[...]`: an integer takes one element of a dim, `{ start, stop,
   * step }` a range, `null` adds a dim, `'...'` stands for all dims not named, a tensor or array of integers or booleans
   * gathers. An array is a list of indices of one dim: `x.index([0, 2])` is `x[[0, 2]]`, `x.index(0, 2)` is `x[0, 2]`.
   */
  index(...items: readonly IndexItem[]): Tensor;

  /**
   * Writes the last argument, broadcast, into the part that the others select: `x.setitem(0, { start: 1 }, 5)` is PyTorch's
   * `x[0, 1:] = 5`, and `x.setitem([0, 2], 5)` is `x[[0, 2]] = 5`.
   */
  setitem(...args: [...items: IndexItem[], value: ItemValue]): this;
  setitem(options: { index: IndexItem; value: ItemValue }): this;

  /**
   * This tensor with `values` written, or with `accumulate` added, at `indices`: PyTorch's tuple of tensors and nulls, one for
   * each dim from the first on. They may be spread out, `x.indexPut(i, j, values)`, and then also be arrays.
   */
  indexPut(...args: IndexPutArguments): Tensor;

  /** In-place form of `indexPut`: writes the result into this tensor. */
  indexPut_(...args: IndexPutArguments): this;

  /** The length of the first dim, for `for (const row of x)`. */
  [Symbol.iterator](): Iterator<Tensor>;
}

export const indexing: Members = /* @__PURE__ */ membersOf<TensorIndexing>({
  index(...items: readonly IndexItem[]) {
    return index(this, items);
  },
  setitem(...args: readonly unknown[]) {
    setItem(this, args);
    return this;
  },
  indexPut(...args: IndexPutArguments) {
    return indexPut(this, args, false);
  },
  indexPut_(...args: IndexPutArguments) {
    return indexPut(this, args, true);
  },
  *[Symbol.iterator]() {
    const rows = this.size(0);
    for (let i = 0; i < rows; i++) yield this.index(i);
  },
});
