// The dims of a tensor: their number, sizes and strides, and the tensor with dims exchanged.
import { IndexError, ShapeError } from '../core/errors';
import { number } from '../core/kinds';
import { nothing, parameters } from '../core/options';
import { membersOf, type Members } from './members';
import type { Tensor } from './tensor';

export interface TensorDims {
  /** The number of dims. */
  dim(): number;

  /** The shape, or the size of one dim, which may count from the end. */
  size(): readonly number[];
  size(dim: number | { dim: number }): number;

  /** The strides in elements, or that of one dim. */
  stride(): readonly number[];
  stride(dim: number | { dim: number }): number;

  /** With its dims reversed. */
  get T(): Tensor;

  /** With its last two dims exchanged. */
  get mT(): Tensor;

  /** Of a matrix, with its dims exchanged; real numbers are their own conjugates. */
  get H(): Tensor;

  /** The same as `mT`: real numbers are their own conjugates. */
  get mH(): Tensor;
}

const LISTS = {
  size: /* @__PURE__ */ parameters<{ dim?: number | null }>('size', () => ({ dim: number.orNull() })),
  stride: /* @__PURE__ */ parameters<{ dim?: number | null }>('stride', () => ({ dim: number.orNull() })),
};

/** The size or stride of one dim, or all of them. */
function ofDim(t: Tensor, op: keyof typeof LISTS, args: readonly unknown[]): number | readonly number[] {
  const [first] = args;
  const dim = args.length === 1 && typeof first === 'number' ? first : LISTS[op].read(args).dim;
  const values = op === 'size' ? t.shape : t._facts.strides;
  if (dim === null) return values;
  const rank = values.length;
  if (!Number.isInteger(dim) || dim < -rank || dim >= rank) {
    const message = `${op}: dim ${dim} is out of range for a tensor with ${rank} dim(s), expected a value in [${-rank}, ${rank - 1}]`;
    throw new IndexError(message, op, { dim, rank });
  }
  return values[dim < 0 ? dim + rank : dim]!;
}

/** The dims of a tensor of this rank from the last to the first. */
function reversed(rank: number): number[] {
  return Array.from({ length: rank }, (_, i) => rank - 1 - i);
}

export const dims: Members = /* @__PURE__ */ membersOf<TensorDims>({
  dim(...none: unknown[]) {
    if (none.length > 0) nothing('dim').read(none);
    return this.shape.length;
  },
  size(...args: unknown[]) {
    return ofDim(this, 'size', args);
  },
  stride(...args: unknown[]) {
    return ofDim(this, 'stride', args);
  },
  get T(): Tensor {
    return this.permute(reversed(this.ndim));
  },
  get mT(): Tensor {
    if (this.ndim < 2) {
      throw new ShapeError(`mT: only supported on matrices and batches of matrices, got shape [${this.shape.join(', ')}]`, 'mT');
    }
    return this.transpose(-2, -1);
  },
  get H(): Tensor {
    if (this.ndim !== 0 && this.ndim !== 2) {
      throw new ShapeError(`H: only supported on matrices and 0-dim tensors, got shape [${this.shape.join(', ')}]; use mH for batches`, 'H');
    }
    return this.ndim === 0 ? this.T : this.mT;
  },
  get mH(): Tensor {
    return this.mT;
  },
}, { lists: LISTS });
