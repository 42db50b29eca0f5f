// Lists of indices: an array between the brackets of x[...] as one tensor, of integers or, where it holds booleans alone, a mask.
import { refuseInCapture } from '../core/capturing';
import { MAX_DIMS, tensor, type TensorData } from './create';
import { describe } from '../core/describe';
import { codeOf, isFloatCode } from '../core/dtype';
import { DTypeError, IndexError, ShapeError, UsageError } from '../core/errors';
import { isReadable } from '../core/plain-object';
import { Tensor } from './tensor';
import type { Nested } from '../core/types';

/** A list of indices of a dim, or a mask: nested arrays of integers or of booleans, or a typed array of integers. */
export type IndexList = IntegerArray | readonly Nested<number | bigint | boolean | Tensor | IntegerArray>[];

/** A typed array of integers. */
export type IntegerArray =
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/** Whether it is an array, or a typed array of integers. */
export function isIndexList(item: object): item is IndexList {
  return Array.isArray(item) || isIntegerArray(item);
}

function isIntegerArray(item: unknown): item is ArrayLike<number | bigint> {
  return ArrayBuffer.isView(item) && /[Ii]nt(8|16|32|64)(Clamped)?Array/.test(Object.prototype.toString.call(item));
}

/** A list of indices as an int64 tensor, or a mask as a bool one. Booleans beside integers are 0 and 1. */
export function indexListOf(list: IndexList, op: string): Tensor {
  const isMask = new ListCheck(op).check(list, 0, '');
  return tensor((Array.isArray(list) ? list : BigInt64Array.from(list as ArrayLike<number>, BigInt)) as TensorData, { dtype: isMask ? 'bool' : 'int64' });
}

/** Whether a tensor used as an index is a mask; uint8 is one too, as in PyTorch. */
export function isMask(t: Tensor): boolean {
  return t.dtype === 'bool' || t.dtype === 'uint8';
}

/** An index tensor, if it has a dtype for that; one number may be an integer of any. */
export function checkedIndex(t: Tensor, op: string): Tensor {
  const { dtype } = t;
  const isNarrow = dtype === 'int8' || dtype === 'int16';
  if (isFloatCode(codeOf(dtype)!) || (isNarrow && t.ndim > 0)) {
    const message = `${op}: tensors used as indices must be int64, int32, uint8 or bool, got ${dtype}; make it with { dtype: 'int64' } or cast with to('int64')`;
    throw new DTypeError(message, op, { dtype });
  }
  return t;
}

const ELEMENTS = -1;

/** One look at a list: its rows are of one length at each depth, and hold what can be an index. */
class ListCheck {
  private readonly op: string;
  /** How long the rows are by depth, or ELEMENTS at the depth of integers and booleans. */
  private readonly lengths: number[] = [];

  constructor(op: string) {
    this.op = op;
  }

  /** Whether what is in `list`, at `path`, is a mask: booleans, or tensors of one, and nothing else. */
  check(list: IndexList, depth: number, path: string): boolean {
    if (depth === MAX_DIMS) throw new ShapeError(`${this.op}: lists of indices may be nested ${MAX_DIMS} deep, got more (does an array hold itself?)`, this.op);
    this.checkLength(list, depth, path);
    if (!Array.isArray(list)) {
      this.checkDepth(depth + 1, list[0], path);
      return false;
    }
    let areBools = list.length > 0;
    for (let i = 0; i < list.length; i++) {
      const item: unknown = list[i];
      const at = `${path}[${i}]`;
      if (typeof item === 'object' && isReadable(item) && item !== null && isIndexList(item)) {
        if (!this.check(item, depth + 1, at)) areBools = false;
      } else {
        if (!this.isBoolean(item, at)) areBools = false;
        this.checkDepth(depth + 1, item, at);
      }
    }
    return areBools;
  }

  /** Whether one element is a boolean; anything but a boolean or an integer is refused. */
  private isBoolean(item: unknown, at: string): boolean {
    if (typeof item === 'boolean') return true;
    if (typeof item === 'bigint' || Number.isInteger(item)) {
      const value = BigInt(item as number);
      if (BigInt.asIntN(64, value) !== value) throw new IndexError(`${this.op}: index ${value} at ${at} is out of bounds`, this.op, { index: item });
      return false;
    }
    const isTensor = isReadable(item) && item instanceof Tensor;
    if (isTensor && item.ndim === 0) {
      checkedIndex(item, this.op);
      refuseInCapture(this.op, 'read');
      return isMask(item);
    }
    const got = isTensor ? `a tensor of shape [${item.shape.join(', ')}]` : describe(item);
    throw new UsageError(
      `${this.op}: an array is a list of indices and holds integers or booleans, got ${got} at ${at}; ` +
        'give the index of each dim as an argument of its own, as in index(a, b) for x[a, b]',
      this.op,
    );
  }

  private checkLength(list: ArrayLike<unknown>, depth: number, path: string): void {
    const expected = (this.lengths[depth] ??= list.length);
    if (list.length !== expected) throw this.ragged(expected, `an array of length ${list.length}`, path);
  }

  /** Checks that elements are met at one depth only. */
  private checkDepth(depth: number, item: unknown, at: string): void {
    const expected = (this.lengths[depth] ??= ELEMENTS);
    if (expected !== ELEMENTS) throw this.ragged(expected, item instanceof Tensor ? 'a tensor' : describe(item), at);
  }

  private ragged(expected: number, got: string, path: string): ShapeError {
    const row = expected === ELEMENTS ? 'an integer' : `an array of length ${expected}`;
    const message = `${this.op}: the rows of a list of indices must be of one length, expected ${row} at ${path}, got ${got}; `;
    return new ShapeError(`${message}give the index of each dim as an argument of its own, as in index([0], [1, 2]) for x[[0], [1, 2]]`, this.op);
  }
}
