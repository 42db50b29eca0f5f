// What is always so of tensors here, or follows from shape, strides and dtype: PyTorch's predicates and sizes as members.
import { SIZES, type DType } from '../core/dtype';
import { ShapeError, UsageError, under } from '../core/errors';
import { anything } from '../core/kinds';
import { parameters } from '../core/options';
import type { TypedArray } from '../core/types';
import { many, opId } from './call';
import { byteLength, item, toTypedArray } from './read';
import { membersOf, type Members } from './members';
import type { Tensor } from './tensor';
import { tensor } from './tensor-kinds';

export interface TensorFacts {
  /** Whether it has complex numbers: false. */
  isComplex(): false;

  /** Whether a conjugation is pending: false. */
  isConj(): false;

  /** Whether a negation is pending: false. */
  isNeg(): false;

  /** The real part: itself. */
  get real(): Tensor;

  /** Whether the dtype has negative numbers: all but uint8 and bool. */
  isSigned(): boolean;

  /** Whether both have the same shape. */
  isSameSize(other: Tensor | { other: Tensor }): boolean;

  /** Whether its one element is not 0. A tensor of more elements, or of none, is an error. */
  isNonzero(): boolean;

  /** Whether it is on the CPU: true. */
  get isCpu(): true;

  /** Whether it is on a GPU: false, as all that asks for another device or layout. */
  get isCuda(): false;
  get isMeta(): false;
  get isMps(): false;
  get isXpu(): false;
  get isNested(): false;
  get isQuantized(): false;
  get isSparse(): false;
  get isSparseCsr(): false;

  /** How elements lie: by strides. */
  get layout(): 'strided';

  /** The number of the device: −1, the CPU. */
  getDevice(): -1;

  /** The number of elements: `numel()`. */
  nelement(): number;

  /** The number of dims: `dim()`. */
  ndimension(): number;

  /** Bytes of an element. */
  elementSize(): number;

  /** The same. */
  get itemsize(): number;

  /** Bytes of all elements. */
  get nbytes(): number;

  /** The dims from the one with the longest steps in memory to that with the shortest; row-major is `[0, 1, …]`. */
  dimOrder(): readonly number[];

  /** A copy of the values, row-major: `toTypedArray()`. A tensor that requires grad is an error, as in PyTorch. */
  numpy(): TypedArray;

  /** PyTorch's name of the class of tensors of this dtype, `'torch.FloatTensor'`; with a dtype, the tensor in it. */
  type(): string;
  type(dtype: DType | { dtype: DType }): Tensor;

  /** The bits that both have: PyTorch's `other & input`. */
  rand(other: Tensor | number | boolean | { other: Tensor | number | boolean }): Tensor;

  /** The derivative of order `n + 1` of the logarithm of the gamma function: `special.polygamma(n, input)`. */
  polygamma(n: number | { n: number }): Tensor;

  /** In-place form of `polygamma`. */
  polygamma_(n: number | { n: number }): this;
}

/** PyTorch's classes of tensors by the code of the dtype. */
const CLASSES = ['Float', 'Double', 'Long', 'Int', 'Short', 'Char', 'Byte', 'Bool', 'Half', 'BFloat16'];

/** The code of the first dtype without a sign: uint8; bool follows. */
const UNSIGNED = 6;
const BOOL = 7;

const LISTS = {
  isSameSize: /* @__PURE__ */ parameters<{ other: Tensor }>('isSameSize', () => ({ other: tensor })),
  polygamma: /* @__PURE__ */ parameters<{ n: number }>('polygamma', () => ({ n: anything })),
  polygamma_: /* @__PURE__ */ parameters<{ n: number }>('polygamma_', () => ({ n: anything })),
  rand: /* @__PURE__ */ parameters<{ other: Tensor | number | boolean }>('rand', () => ({ other: anything })),
};

function polygamma(t: Tensor, op: 'polygamma' | 'polygamma_', args: readonly unknown[]): Tensor {
  const { n } = LISTS[op].read(args);
  return under(op, () => many(opId('polygamma'), null, [n, t], false)) as Tensor;
}

/** Whether dim `a` steps further than dim `b`: positive if so, 0 where they may stand in either order. */
function compared(shape: readonly number[], strides: readonly number[], a: number, b: number): number {
  if (strides[a] === 0 || strides[b] === 0) return 0;
  if (strides[a] === strides[b]) return shape[a]! > shape[b]! ? 1 : 0;
  return strides[a]! - strides[b]!;
}

/** As PyTorch's dim_order() finds it: an insertion sort from the last dim, in which dims without an order stay and are stepped over. */
function dimOrder(t: Tensor): number[] {
  const { shape, strides } = t._facts;
  const order = shape.map((_, d) => d).reverse();
  for (let i = 1; i < order.length && !t.isContiguous(); i++) {
    let at = i;
    for (let before = i - 1; before >= 0; before--) {
      const sign = compared(shape, strides, order[before]!, order[at]!);
      if (sign < 0) break;
      if (sign > 0) {
        [order[before], order[at]] = [order[at]!, order[before]!];
        at = before;
      }
    }
  }
  return order.reverse();
}

export const facts: Members = /* @__PURE__ */ membersOf<TensorFacts>({
  isComplex() {
    return false;
  },
  isConj() {
    return false;
  },
  isNeg() {
    return false;
  },
  get real(): Tensor {
    return this;
  },
  isSigned() {
    const { dtype } = this._facts;
    return dtype !== UNSIGNED && dtype !== BOOL;
  },
  isSameSize(...args: unknown[]) {
    const { shape } = LISTS.isSameSize.read(args).other;
    return shape.length === this.shape.length && shape.every((size, d) => size === this.shape[d]);
  },
  isNonzero() {
    if (this.numel() !== 1) {
      const many = this.numel() === 0 ? 'no elements' : 'more than one element';
      throw new ShapeError(`isNonzero: a tensor of shape [${this.shape.join(', ')}] has ${many}, so it is neither 0 nor not; use any() or all()`, 'isNonzero');
    }
    return Number(item(this)) !== 0;
  },
  get isCpu(): true {
    return true;
  },
  get isCuda(): false {
    return false;
  },
  get isMeta(): false {
    return false;
  },
  get isMps(): false {
    return false;
  },
  get isXpu(): false {
    return false;
  },
  get isNested(): false {
    return false;
  },
  get isQuantized(): false {
    return false;
  },
  get isSparse(): false {
    return false;
  },
  get isSparseCsr(): false {
    return false;
  },
  get layout(): 'strided' {
    return 'strided';
  },
  getDevice() {
    return -1;
  },
  nelement() {
    return this.numel();
  },
  ndimension() {
    return this.ndim;
  },
  elementSize() {
    return this.itemsize;
  },
  get itemsize(): number {
    return SIZES[this._facts.dtype]!;
  },
  get nbytes(): number {
    return byteLength(this);
  },
  dimOrder() {
    return dimOrder(this);
  },
  numpy() {
    if (this.requiresGrad) throw new UsageError('numpy: cannot be called on a tensor that requires grad; use detach().numpy()', 'numpy');
    return toTypedArray(this);
  },
  type(...args: unknown[]) {
    if (args.length === 0) return `torch.${CLASSES[this._facts.dtype]!}Tensor`;
    return under('type', () => this.to(...(args as [DType])));
  },
  rand(...args: unknown[]) {
    const { other } = LISTS.rand.read(args);
    return under('rand', () => this.bitwiseAnd(other));
  },
  polygamma(...args: unknown[]) {
    return polygamma(this, 'polygamma', args);
  },
  polygamma_(...args: unknown[]) {
    // Of a copy, which its derivative may read after this one is overwritten.
    return this.copy_(polygamma(this.clone(), 'polygamma_', args));
  },
}, { refusing: 'isComplex isConj isNeg isSigned isNonzero getDevice nelement ndimension elementSize dimOrder numpy', lists: LISTS });

