// Members that change the shape of a tensor itself, or make one like it.
import { refuseInCapture } from '../core/capturing';
import { AutogradError, IndexError, UsageError, under } from '../core/errors';
import { integerFrom, list, only } from '../core/kinds';
import { parameters } from '../core/options';
import { isOptions } from '../core/plain-object';
import { cat, empty } from '../generated/functions';
import type { DType, Device } from '../core/dtype';
import type { TensorData } from './create';
import { emptyWithStrides } from './strided';
import { membersOf, type Members } from './members';
import { Tensor } from './tensor';
import { tensor } from './tensor-kinds';

export interface TensorResizing {
  /**
   * Gives this tensor another shape, row-major, which may have more elements: those there were stay in the order they lie in memory, and
   * what is added is 0. Where its memory is too small it gets memory of its own, of which its views know nothing. Not for tensors that
   * require grad.
   */
  resize_(...size: number[]): this;
  resize_(size: readonly number[], options?: { memoryFormat?: 'contiguous_format' | null }): this;
  resize_(options: { size: readonly number[]; memoryFormat?: 'contiguous_format' | null }): this;

  /** The same with the shape of another tensor. */
  resizeAs_(theTemplate: Tensor, options?: { memoryFormat?: 'contiguous_format' | null }): this;
  resizeAs_(options: { theTemplate: Tensor; memoryFormat?: 'contiguous_format' | null }): this;

  /** A tensor of this dtype as `tensor()` makes it of an array, and as `empty()` makes it of sizes: PyTorch's older `new`. */
  'new'(...size: number[]): Tensor;
  'new'(data: TensorData): Tensor;

  /** A tensor of this dtype with the given strides; see `emptyStrided`. */
  newEmptyStrided(size: readonly number[], stride: readonly number[], options?: { dtype?: DType | null; device?: Device | null; requiresGrad?: boolean }): Tensor;
  newEmptyStrided(options: { size: readonly number[]; stride: readonly number[]; dtype?: DType | null; device?: Device | null; requiresGrad?: boolean }): Tensor;
}

const sizes = () => list('sizes', integerFrom(0));
const format = () => only(null, 'contiguous_format');

const LISTS = {
  resize_: /* @__PURE__ */ parameters<{ size: readonly number[]; memoryFormat?: 'contiguous_format' | null }>('resize_', () => ({ size: sizes(), memoryFormat: format() }), 1),
  resizeAs_: /* @__PURE__ */ parameters<{ theTemplate: Tensor; memoryFormat?: 'contiguous_format' | null }>('resizeAs_', () => ({ theTemplate: tensor, memoryFormat: format() }), 1),
};

/** How many elements of memory a tensor reaches, from the start of its storage. */
function reach({ numel, offset, shape, strides }: Tensor['_facts']): number {
  return numel === 0 ? offset : shape.reduce((sum, size, d) => sum + (size - 1) * strides[d]!, offset + 1);
}

/** The row-major strides of a shape. */
function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * Math.max(b, 1), 1));
}

function resize(op: string, t: Tensor, size: readonly number[]): void {
  refuseInCapture(op, 'leaf');
  if (t.requiresGrad) throw new AutogradError(`${op}: cannot resize a tensor that requires grad; use detach().${op}()`, op);
  if (size.length === t.ndim && size.every((n, d) => n === t.shape[d])) return;
  under(op, () => {
    const { offset } = t._facts;
    const whole = t.data;
    const needed = offset + size.reduce((a, b) => a * b, 1);
    let from = whole;
    if (!holds(whole, needed)) {
      const held = length(whole, reach(t._facts), needed);
      from = cat([whole.asStrided([held], [1], 0), empty([needed - held], { dtype: t.dtype })]);
    }
    t.data = from.asStrided(size, rowMajor(size), offset);
  });
}

/** Whether the storage of a tensor has `n` elements. */
function holds(t: Tensor, n: number): boolean {
  try {
    t.asStrided([n], [1], 0).dispose();
    return true;
  } catch (error) {
    if (error instanceof IndexError) return false;
    throw error;
  }
}

/** How many elements the storage of a tensor has: at least `low`, and fewer than `high`. */
function length(t: Tensor, low: number, high: number): number {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(t, middle)) low = middle;
    else high = middle;
  }
  return low;
}

export const resizing: Members = /* @__PURE__ */ membersOf<TensorResizing>({
  resize_(...args: unknown[]) {
    const isSpread = args.length > 0 && args.every((arg) => typeof arg === 'number');
    resize('resize_', this, LISTS.resize_.read(isSpread ? [args] : args).size);
    return this;
  },
  resizeAs_(...args: unknown[]) {
    resize('resizeAs_', this, LISTS.resizeAs_.read(args).theTemplate.shape);
    return this;
  },
  new(...args: unknown[]) {
    const [first] = args;
    if (args.length === 1 && (Array.isArray(first) || ArrayBuffer.isView(first))) return under('new', () => this.newTensor(first as TensorData));
    if (args.length === 1 && first instanceof Tensor) return under('new', () => first.to(this.dtype).detach());
    if (isOptions(args.at(-1)) || !args.every((arg) => Number.isSafeInteger(arg) && (arg as number) >= 0)) {
      throw new UsageError('new: expected sizes, or an array of values; newTensor() and newEmpty() take options', 'new');
    }
    return under('new', () => this.newEmpty(args.length === 0 ? [0] : (args as number[])));
  },
  newEmptyStrided(...args: unknown[]) {
    return emptyWithStrides('newEmptyStrided', args, this.dtype);
  },
}, { lists: LISTS });

