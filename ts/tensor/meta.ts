// What the instance says of a tensor.
import { disposedError } from '../runtime/disposed';
import type { Owned } from '../runtime/owner';
import { scratch } from '../runtime/scratch';
import { checked } from '../runtime/last-error';
import { crashed, wasm } from '../runtime/wasm';

/** What never changes about a tensor. */
export interface Meta {
  readonly dtype: number;
  readonly numel: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

export const REQUIRES_GRAD = 1;
export const CONTIGUOUS = 4;
export const VIEW = 8;
export const INFERENCE = 16;
export const RETAINS_GRAD = 32;

/** Whether a tensor has one of the flags above. */
export function hasFlag(t: Owned, bit: number): boolean {
  return (live(wasm().flags_of(t._handle), t, 'flags') & bit) !== 0;
}

/** The result of an export, or the error it left; one about a disposed tensor says where. */
export function live(result: number, t: Owned, op: string): number {
  if (result >= 0) return result;
  if (t._handle <= 0) throw disposedError(op, t);
  return checked(result);
}

/** Strides as they are, or of a tensor without elements that are too large for the instance, row-major. */
function stridesOf(shape: readonly number[], strides: number[]): number[] {
  if (!strides.includes(2 ** 31 - 1)) return strides;
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= Math.max(shape[d]!, 1);
  }
  return strides;
}

/** Asks for what never changes. */
export function readMeta(t: Owned): Meta {
  let result: number;
  try {
    result = wasm().meta(t._handle);
  } catch (e) {
    throw crashed(e);
  }
  live(result, t, 'shape');
  const words = scratch(0);
  const rank = words[3]!;
  const shape = Array.from(words.subarray(6, 6 + rank));
  return {
    dtype: words[0]!,
    numel: words[2]!,
    offset: words[4]!,
    shape: Object.freeze(shape),
    strides: Object.freeze(stridesOf(shape, Array.from(words.subarray(6 + rank, 6 + 2 * rank)))),
  };
}
