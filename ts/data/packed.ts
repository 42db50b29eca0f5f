// Items on their way from one thread to another: tensors go as typed arrays, whose memory changes hands.
import { isOptions } from '../core/plain-object';
import type { DType } from '../core/dtype';
import type { TypedArray } from '../core/types';
import { tensor } from '../tensor/create';
import { Tensor } from '../tensor/tensor';

/** Where a tensor was in a value, and what it holds. */
interface PackedTensor {
  readonly path: readonly string[];
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: TypedArray;
}

/** A value that can be posted: the tensors apart, null in their places. */
export interface Packed {
  readonly rest: unknown;
  readonly tensors: readonly PackedTensor[];
}

/** A value of tensors, arrays, plain objects and whatever else can be posted. */
export function pack(value: unknown): Packed {
  const tensors: PackedTensor[] = [];
  const visit = (part: unknown, path: readonly string[]): unknown => {
    if (part instanceof Tensor) {
      tensors.push({ path, dtype: part.dtype, shape: part.shape, values: part.toTypedArray() });
      return null;
    }
    if (Array.isArray(part)) return part.map((item, i) => visit(item, [...path, String(i)]));
    if (isOptions(part)) return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, visit(item, [...path, key])]));
    return part;
  };
  return { rest: visit(value, []), tensors };
}

/** The memory that goes along. */
export function transfers({ tensors }: Packed): ArrayBuffer[] {
  return tensors.map(({ values }) => values.buffer as ArrayBuffer);
}

/** The value again. Its tensors are made now, in the current scope. */
export function unpack({ rest, tensors }: Packed): unknown {
  const root = { rest };
  for (const { path, dtype, shape, values } of tensors) {
    const flat = tensor(values, { dtype });
    const made = flat.view([...shape]);
    const keys = ['rest', ...path];
    const last = keys.pop()!;
    const holder = keys.reduce<object>((at, key) => Reflect.get(at, key) as object, root);
    // Also where the key is __proto__.
    Object.defineProperty(holder, last, { value: made, writable: true, enumerable: true, configurable: true });
    flat.dispose();
  }
  return root.rest;
}
