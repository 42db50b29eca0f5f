// What the instance says of a tensor.
import { META_DTYPE, META_NUMEL, META_OFFSET, META_RANK, META_SHAPE } from '../generated/abi';
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

/** Whether a tensor has a flag. */
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
  const rank = words[META_RANK]!;
  const end = META_SHAPE + rank;
  const shape = Array.from(words.subarray(META_SHAPE, end));
  return {
    dtype: words[META_DTYPE]!,
    numel: words[META_NUMEL]!,
    offset: words[META_OFFSET]!,
    shape: Object.freeze(shape),
    strides: Object.freeze(stridesOf(shape, Array.from(words.subarray(end, end + rank)))),
  };
}
