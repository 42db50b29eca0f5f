// Reading values out of tensors.
import { refuseInCapture } from '../core/capturing';
import { BFLOAT16, BOOL, FLOAT16, FLOAT32, INT64, SIZES, codeOf, viewOf, type DType } from '../core/dtype';
import { ITEM_HIGH, ITEM_LOW, ITEM_VALUE, NUMBER_BOOL, NUMBER_BY_VALUE } from '../generated/abi';
import { disposedError } from '../runtime/disposed';
import { UsageError } from '../core/errors';
import { nothing } from '../core/options';
import { scratch } from '../runtime/scratch';
import { membersOf, type Members } from './members';
import type { Tensor } from './tensor';
import type { Nested, TypedArray } from '../core/types';
import { lastError } from '../runtime/last-error';
import { crashed, wasm } from '../runtime/wasm';

/** The code whose typed array can hold values of this dtype. */
function readableCode(code: number): number {
  return code === FLOAT16 || code === BFLOAT16 ? FLOAT32 : code;
}

/** The values in place, valid until the next call into the instance. */
export function peek(t: Tensor): TypedArray {
  refuseInCapture('peek', 'read');
  return values(t, 'peek');
}

/** The same for what only shows them. */
export function values(t: Tensor, op: string): TypedArray {
  if (t._handle <= 0) throw disposedError(op, t);
  const code = readableCode(codeOf(t.dtype)!);
  const address = readAt(t, code);
  return viewOf(code, wasm().memory.buffer, address, t.numel());
}

/** Where the values of a tensor that was not disposed are, row-major and of the dtype with this code, until the next call into the instance. */
export function readAt(t: Tensor, code: number): number {
  let address: number;
  try {
    address = wasm().read_ptr(t._handle, code) >>> 0;
  } catch (e) {
    throw crashed(e);
  }
  if (address === 0) throw lastError();
  return address;
}

/** A copy of the values. */
export function toTypedArray(t: Tensor): TypedArray {
  refuseInCapture('toTypedArray', 'read');
  const copy = values(t, 'toTypedArray').slice();
  wasm().unpark();
  return copy;
}

/** The value of a one-element tensor. */
export function item(t: Tensor): number | boolean | bigint {
  refuseInCapture('item', 'read');
  if (t._handle <= 0) throw disposedError('item', t);
  let kind: number;
  try {
    kind = wasm().item(t._handle);
  } catch (e) {
    throw crashed(e);
  }
  if (kind < 0) throw lastError();
  const words = scratch(0);
  const value = words[ITEM_VALUE]!;
  if (kind === NUMBER_BOOL) return value !== 0;
  if (kind === NUMBER_BY_VALUE && !Number.isSafeInteger(value)) return (BigInt(words[ITEM_HIGH]!) << 32n) | BigInt(words[ITEM_LOW]!);
  return value;
}

/** A value as JavaScript has it: bools as bools, int64 as numbers as far as they are exact. */
export function valueAt(values: TypedArray, i: number, code: number): number | boolean | bigint {
  const v = values[i]!;
  if (code === BOOL) return v !== 0;
  if (code !== INT64) return v;
  const n = Number(v);
  return Number.isSafeInteger(n) ? n : v;
}

function refuseSample(t: Tensor, op: string): void {
  if (t._handle > 0 && wasm().is_sample(t._handle) === 1) {
    throw new UsageError(`${op}: vmap: it looks like you're calling ${op}() on a tensor inside vmap, which is not supported; use operations on tensors`, op);
  }
}

/** The values as nested arrays. */
export function toList(t: Tensor): Nested<number | boolean | bigint> {
  refuseInCapture('tolist', 'read');
  const { shape } = t;
  refuseSample(t, 'tolist');
  const code = codeOf(t.dtype)!;
  const all = values(t, 'tolist');
  let next = 0;
  const build = (dim: number): Nested<number | boolean | bigint> =>
    dim === shape.length ? valueAt(all, next++, code) : Array.from({ length: shape[dim]! }, () => build(dim + 1));
  const list = build(0);
  wasm().unpark();
  return list;
}

/** A tensor as JSON has it. */
export interface TensorJson {
  shape: number[];
  dtype: DType;
  /** Row-major. */
  data: (number | boolean | string)[];
}

/** The tensor as `JSON.stringify` takes it; numbers JSON lacks are strings. */
export function toJson(t: Tensor): TensorJson {
  refuseInCapture('toJSON', 'read');
  if (t._handle <= 0) throw disposedError('toJSON', t);
  refuseSample(t, 'toJSON');
  const { dtype } = t;
  const code = codeOf(dtype)!;
  const plain = (v: number | boolean | bigint): number | boolean | string => {
    if (typeof v === 'boolean') return v;
    if (Object.is(v, -0)) return '-0';
    return typeof v === 'bigint' || !Number.isFinite(v) ? String(v) : v;
  };
  const all = values(t, 'toJSON');
  const data = Array.from({ length: t.numel() }, (_, i) => plain(valueAt(all, i, code)));
  wasm().unpark();
  return { shape: [...t.shape], dtype, data };
}

/** Bytes of the values. */
export function byteLength(t: Tensor): number {
  return t.numel() * SIZES[codeOf(t.dtype)!]!;
}

export interface TensorReading {
  /** The value of a tensor of one element; an integer beyond 2^53 is a bigint. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows the dtype, the compiler does not
  item<T extends number | boolean | bigint = number>(): T;

  /** The values as nested arrays, one level a dim; a 0-dim tensor gives its value. */
  tolist<T extends number | boolean | bigint = number>(): Nested<T>;

  /**
   * What `JSON.stringify` takes: `{ shape, dtype, data }` with the values row-major in one array, where NaN, the infinities,
   * minus zero and integers beyond 2^53 are strings, since JSON has no such numbers.
   */
  toJSON(): TensorJson;

  /** A copy of the values, row-major: BigInt64Array for int64, Uint8Array for bool, Float32Array for the half dtypes. */
  toTypedArray(): TypedArray;

  /**
   * The values, row-major, without copying where the tensor is contiguous. **Valid only until the next call of anything in
   * this package**: memory may then move or be given to another tensor. Do not write to it.
   */
  peek(): TypedArray;
}

export const reading: Members = /* @__PURE__ */ membersOf<TensorReading>({
  item(...none: unknown[]) {
    if (none.length > 0) nothing('item').read(none);
    return item(this);
  },
  tolist() {
    return toList(this);
  },
  toJSON() {
    return toJson(this);
  },
  toTypedArray() {
    return toTypedArray(this);
  },
  peek() {
    return peek(this);
  },
}, { refusing: 'tolist toTypedArray peek' });
