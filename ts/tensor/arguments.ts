// From JavaScript values to words in the scratch area; `crates/wasm/src/arguments.rs` reads them. Values are written by
// their JavaScript type alone: what an op makes of them is decided on the other side.
import { describe } from '../core/describe';
import { isCpu } from '../core/dtype';
import { UsageError } from '../core/errors';
export { isOptions } from '../core/plain-object';
import {
  TAG_BIGINT,
  TAG_BOOL,
  TAG_FLOAT,
  TAG_FLOATS,
  TAG_GENERATOR,
  TAG_GRADIENTS,
  TAG_INT,
  TAG_INTS,
  TAG_MISSING,
  TAG_NAMED,
  TAG_NULL,
  TAG_SIZES,
  TAG_TENSOR,
  TAG_TENSORS,
  TAG_TEXT,
  TAG_UNKNOWN,
} from '../generated/abi';
import { PARAMETERS } from '../generated/table';
import { Generator } from './generator';
import { scratch } from '../runtime/scratch';
import { Tensor } from './tensor';

let names: Map<string, number> | null = null;
let words: Float64Array = new Float64Array(0);
let length = 0;

/** Starts a new list of arguments. */
export function begin(): void {
  words = scratch(64);
  length = 0;
}

/** How many words were written. */
export function written(): number {
  return length;
}

function room(count: number): void {
  if (length + count > words.length) words = scratch(2 * (length + count));
}

function put(v: number): void {
  words[length++] = v;
}

/** PyTorch's arguments that say what is always so here, with the values that do. */
const ALWAYS_SO: Readonly<Record<string, readonly unknown[]>> = {
  layout: ['strided', null],
  memoryFormat: ['preserve_format', null],
  nonBlocking: [false],
  pinMemory: [false, null],
};

/** Writes the arguments given by name. `requiresGrad` of a function that makes tensors is left to the caller. */
export function putOptions(op: string, options: Record<string, unknown>, isFactory: boolean): void {
  names ??= new Map(PARAMETERS.split(' ').map((name, index) => [name, index]));
  for (const key in options) {
    const value = options[key];
    if (value === undefined || (isFactory && key === 'requiresGrad')) continue;
    const index = names.get(key);
    if (Object.hasOwn(ALWAYS_SO, key) && ALWAYS_SO[key]!.includes(value)) continue;
    if (index === undefined && key === 'device') {
      if (value === null || isCpu(value)) continue;
      throw notOnCpu(op, value);
    }
    if (index === undefined) {
      // The other side knows the names there are.
      putText(key, TAG_UNKNOWN);
      continue;
    }
    room(2);
    put(TAG_NAMED);
    put(index);
    putArgument(op, value);
  }
}

/** The error for a device other than the CPU. */
export function notOnCpu(op: string, device: unknown): UsageError {
  return new UsageError(`${op}: device must be 'cpu', got ${describe(device)}; Adjoint computes on the CPU`, op, { argument: 'device' });
}

/** Writes one argument. */
export function putArgument(op: string, value: unknown): void {
  room(4);
  switch (typeof value) {
    case 'undefined':
      put(TAG_MISSING);
      return;
    case 'number':
      put(Number.isInteger(value) ? TAG_INT : TAG_FLOAT);
      put(value);
      return;
    case 'boolean':
      put(TAG_BOOL);
      put(value ? 1 : 0);
      return;
    case 'bigint':
      put(TAG_BIGINT);
      if (BigInt.asIntN(64, value) !== value) throw new UsageError(`${op}: the bigint does not fit 64 bits`, op);
      put(Number(value >> 32n));
      put(Number(value & 0xffff_ffffn));
      return;
    case 'string':
      putText(value);
      return;
    case 'object':
      if (value === null) put(TAG_NULL);
      else if (value instanceof Tensor) {
        put(TAG_TENSOR);
        put(value._handle);
      } else if (value instanceof Generator) {
        put(TAG_GENERATOR);
        put(value._id);
      } else if (Array.isArray(value) || ArrayBuffer.isView(value)) putList(op, value as unknown as ArrayLike<unknown>);
      else throw unusable(op, value);
      return;
    default:
      throw unusable(op, value);
  }
}

/** Writes the gradients of the tensors in positional argument `of`, all of which must have one, without handles for them. */
export function putGradients(of: number): void {
  room(2);
  put(TAG_GRADIENTS);
  put(of);
}

function putText(text: string, tag = TAG_TEXT): void {
  room(2 + text.length);
  put(tag);
  put(text.length);
  for (let i = 0; i < text.length; i++) put(text.charCodeAt(i));
}

function putList(op: string, list: ArrayLike<unknown>): void {
  room(2 + list.length);
  const start = length;
  put(TAG_INTS);
  put(list.length);
  for (let i = 0; i < list.length; i++) {
    const v = list[i];
    let kind = TAG_INTS;
    if (typeof v === 'number') {
      if (!Number.isInteger(v)) kind = TAG_FLOATS;
      put(v);
    } else if (v instanceof Tensor || v === null) {
      kind = TAG_TENSORS;
      put(v === null ? 0 : v._handle);
    } else if (typeof v === 'bigint' || typeof v === 'boolean') {
      put(Number(v));
    } else {
      throw unusable(op, v, ' in an array');
    }
    const before = words[start]!;
    if (i === 0) words[start] = kind;
    else if ((before === TAG_TENSORS) !== (kind === TAG_TENSORS)) {
      if (putSizes(list, start)) return;
      throw new UsageError(`${op}: an array holds numbers and tensors; it may hold only one of them`, op);
    } else if (kind > before) words[start] = kind;
  }
}

/** Writes integers and nulls over what was written of them from `start` on; false where there is anything else. */
function putSizes(list: ArrayLike<unknown>, start: number): boolean {
  for (let i = 0; i < list.length; i++) if (list[i] !== null && !Number.isInteger(list[i])) return false;
  length = start;
  put(TAG_SIZES);
  put(list.length);
  for (let i = 0; i < list.length; i++) put(list[i] === null ? NaN : (list[i] as number));
  return true;
}

function unusable(op: string, value: unknown, where = ''): UsageError {
  return new UsageError(`${op}: cannot use ${describe(value)} as an argument${where}`, op);
}
