// tensor(): from JavaScript values to a tensor.
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { disposedError } from '../runtime/disposed';
import {
  BFLOAT16,
  BOOL,
  DTYPES,
  FLOAT16,
  FLOAT32,
  INT64,
  INTEGER_RANGES,
  codeOf,
  codeOfArray,
  isFloatCode,
  promote,
  viewOf,
  type DType,
  type Device,
} from '../core/dtype';
import { DTypeError, OutOfMemoryError, ShapeError, UsageError, under } from '../core/errors';
import { anything, boolean, device } from '../core/kinds';
import { parameters, type ParameterList } from '../core/options';
import { isOptions } from '../core/plain-object';
import { scratch } from '../runtime/scratch';
import { Tensor, wrap } from './tensor';
import type { Nested, Scalar, TypedArray } from '../core/types';
import { checked, lastError } from '../runtime/last-error';
import { newTensor } from './new-tensor';
import { wasm } from '../runtime/wasm';

/** How a tensor is made. */
export interface TensorOptions {
  /** The dtype; by default what that of typed arrays and tensors, float32 for numbers, bool for booleans and int64 for bigints promote to. */
  dtype?: DType | null;
  /** Where it is: on the CPU. */
  device?: Device | null;
  /** Whether gradients flow to it. */
  requiresGrad?: boolean;
  /** Of no effect. */
  pinMemory?: boolean;
}

const listFor = (where: string): ParameterList<{ data: TensorData } & TensorOptions> =>
  parameters(where, () => ({ data: anything, dtype: anything.orNull(), device: device(), requiresGrad: boolean.or(false), pinMemory: boolean.or(false) }), 4);

const TENSOR = /* @__PURE__ */ listFor('tensor');
const NEW_TENSOR = /* @__PURE__ */ listFor('newTensor');

/** What `tensor()` takes: a number, nested arrays, among them typed arrays and tensors of one element, or a tensor to copy. */
export type TensorData = Nested<Scalar | TypedArray | Tensor>;

/**
 * Makes a tensor that holds a copy of `data`.
 *
 * Nested arrays must be rectangular. Numbers make float32, booleans bool, bigints int64, typed arrays and tensors of one
 * element have their dtype, and where there are several kinds they promote as PyTorch's do: `[true, 2n]` is int64. Numbers are
 * rounded towards zero for integer dtypes and must fit them. Cost: one pass over the data.
 *
 * @throws ShapeError where rows differ in length, saying which; DTypeError for values no dtype holds; UsageError for anything else.
 */
export function tensor(options: { data: TensorData } & TensorOptions): Tensor;
export function tensor(data: TensorData, options?: TensorOptions): Tensor;
export function tensor(...args: unknown[]): Tensor {
  // A call without options, the usual one, has nothing to read.
  const given = args.length === 1 && !isOptions(args[0]) ? { data: args[0] as TensorData, dtype: null, requiresGrad: false } : TENSOR.read(args);
  const { data, dtype, requiresGrad } = given;
  const asked = dtype === null ? undefined : codeOf(dtype);
  if (dtype !== null && asked === undefined) {
    throw new DTypeError(`tensor: there is no dtype ${describe(dtype)}; the dtypes are ${DTYPES.join(', ')}`, 'tensor', { dtype });
  }
  const made = data instanceof Tensor ? copyOf(data, asked) : fromValues(data, asked);
  if (requiresGrad) made.requiresGrad = true;
  return made;
}

/** What `t.newTensor(...)` makes: as `tensor(...)` does, of the dtype of `t` where none is given. */
export function newTensorLike(t: Tensor, args: readonly unknown[]): Tensor {
  const { dtype, ...options } = NEW_TENSOR.read(args);
  return under('newTensor', () => tensor({ ...options, dtype: dtype ?? t.dtype }));
}

/** A new tensor of this dtype and shape, and a view to fill it through at once. */
function allocate(code: number, shape: readonly number[], fill: (view: TypedArray) => void): Tensor {
  const length = shape.reduce((a, b) => a * b, 1);
  return newTensor(code, shape, (buffer, address) => { fill(viewOf(code, buffer, address, length)); });
}

/** Half dtypes are made in float32 and cast by the reader. */
function half(single: Tensor, code: number): Tensor {
  try {
    const bits = addressOf(single, code);
    const length = single.numel();
    scratch(single.ndim).set(single.shape);
    const out = wrap(checked(wasm().new_empty(code, single.ndim)));
    const { buffer } = wasm().memory;
    new Uint16Array(buffer, wasm().data_ptr(out._handle) >>> 0, length).set(new Uint16Array(buffer, bits, length));
    return out;
  } finally {
    wasm().unpark();
    single.dispose();
  }
}

/** Where the elements are in row-major order, cast to the dtype of a code. A copy, where one is needed, stays until `unpark`. */
function addressOf(t: Tensor, code: number): number {
  const address = wasm().read_ptr(t._handle, code) >>> 0;
  if (address === 0) throw lastError();
  return address;
}

function copyOf(source: Tensor, asked: number | undefined): Tensor {
  refuseInCapture('tensor', 'read');
  if (source._handle <= 0) throw disposedError('tensor', source);
  const code = asked ?? codeOf(source.dtype)!;
  const through = code === FLOAT16 || code === BFLOAT16 ? FLOAT32 : code;
  // Allocating may move memory, so the values are looked at only after it.
  const { shape } = source;
  const out = allocate(through, shape, () => undefined);
  const length = source.numel();
  try {
    const address = addressOf(source, through);
    const { buffer } = wasm().memory;
    viewOf(through, buffer, wasm().data_ptr(out._handle) >>> 0, length).set(viewOf(through, buffer, address, length) as never);
  } catch (error) {
    out.dispose();
    throw error;
  }
  wasm().unpark();
  return through === code ? out : half(out, code);
}

type Kind = 'number' | 'boolean' | 'bigint';

const DEFAULT_CODES: Readonly<Record<Kind, number>> = { number: FLOAT32, boolean: BOOL, bigint: INT64 };

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** The most dims a tensor made of nested arrays has, PyTorch's limit. An array that holds itself would have no end. */
export const MAX_DIMS = 64;

/** The most values that are collected: the length of the longest array JavaScript has. */
const MAX_VALUES = 2 ** 32 - 1;

/** The shape that the first elements at each depth have. */
function shapeOf(data: unknown): number[] {
  const shape: number[] = [];
  for (let at = data; isList(at); at = at[0]) {
    if (shape.length === MAX_DIMS) {
      throw new ShapeError(`tensor: arrays may be nested ${MAX_DIMS} deep, got more (does an array hold itself?)`, 'tensor');
    }
    shape.push(at.length);
    if (at.length === 0) break;
  }
  return shape;
}

function fromValues(data: unknown, asked: number | undefined): Tensor {
  const shape = shapeOf(data);
  if (ArrayBuffer.isView(data)) {
    const own = codeOfArray(data);
    if (own === undefined) throw notHeld(data, '');
    // The values of halves are collected as numbers: not every host has views of them.
    if (own === FLOAT16) asked ??= FLOAT16;
    else if (asked === undefined || asked === own) return allocate(own, shape, (view) => { view.set(data as never); });
  }
  const leaves = shape.reduce((a, b) => a * b, 1);
  if (leaves > MAX_VALUES) {
    throw new OutOfMemoryError(`tensor: shape [${shape.join(', ')}] has more values than an array can hold; use typed arrays`, 'tensor');
  }
  const values: unknown[] = new Array<unknown>(leaves);
  const found = collect(data, shape, values);
  const code = asked ?? found;
  const through = code === FLOAT16 || code === BFLOAT16 ? FLOAT32 : code;
  const out = allocate(through, shape, (view) => { convert(values, view, through); });
  return through === code ? out : half(out, code);
}

/** Checks the form of `data`, writes its leaves to `values` in order and returns the dtype they are of. */
function collect(data: unknown, shape: readonly number[], values: unknown[]): number {
  let next = 0;
  // The casts keep the compiler from taking what the closure below assigns for never changed.
  let kind = null as Kind | null;
  let found = null as number | null;
  const meet = (code: number): void => { found = found === null ? code : promote(found, code); };
  const visit = (value: unknown, dim: number, path: readonly number[]): void => {
    if (dim < shape.length) {
      if (!isList(value) || value.length !== shape[dim]) throw ragged(value, shape[dim]!, path);
      if (ArrayBuffer.isView(value)) {
        const code = codeOfArray(value);
        if (code === undefined) throw notHeld(value, ` at ${place(path)}`);
        meet(code);
        for (let i = 0; i < value.length; i++) values[next++] = value[i];
        if (dim + 1 < shape.length) throw ragged(value[0], shape[dim + 1]!, [...path, 0]);
        return;
      }
      for (let i = 0; i < value.length; i++) {
        const element = value[i];
        // Numbers in innermost rows are most of the work.
        if (dim + 1 === shape.length && typeof element === kind) values[next++] = element;
        else visit(element, dim + 1, [...path, i]);
      }
      return;
    }
    const type = typeof value;
    if (type !== 'number' && type !== 'boolean' && type !== 'bigint') {
      if (isList(value)) throw ragged(value, null, path);
      if (value instanceof Tensor) {
        if (value.numel() !== 1) {
          const message = `tensor: a tensor in an array must have one element, got shape [${value.shape.join(', ')}] at ${place(path)}; use stack()`;
          throw new ShapeError(message, 'tensor', { path });
        }
        meet(codeOf(value.dtype)!);
        values[next++] = value.item<Scalar>();
        return;
      }
      throw new UsageError(`tensor: cannot hold ${describe(value)}${path.length === 0 ? '' : ` at ${place(path)}`}`, 'tensor');
    }
    if (kind !== type) meet(DEFAULT_CODES[type]);
    kind = type;
    values[next++] = value;
  };
  visit(data, 0, []);
  return found ?? FLOAT32;
}

const place = (path: readonly number[]): string => path.map((i) => `[${i}]`).join('');

function ragged(value: unknown, expected: number | null, path: readonly number[]): ShapeError {
  const where = path.length === 0 ? 'the outermost array' : place(path);
  const want = expected === null ? 'a number' : `an array of length ${expected}`;
  const got = isList(value) ? `an array of length ${value.length}` : describe(value);
  return new ShapeError(`tensor: nested arrays must be rectangular, expected ${want} at ${where}, got ${got}`, 'tensor', { path });
}

function notHeld(value: unknown, where: string): DTypeError {
  return new DTypeError(`tensor: no dtype holds the elements of ${describe(value)}${where}; convert it first`, 'tensor');
}

/** Writes values of one JavaScript kind into a view of dtype `code`. */
function convert(values: readonly unknown[], view: TypedArray, code: number): void {
  if (isFloatCode(code)) {
    for (let i = 0; i < values.length; i++) view[i] = Number(values[i]);
    return;
  }
  if (code === BOOL) {
    for (let i = 0; i < values.length; i++) view[i] = Number(values[i]) !== 0 || Number.isNaN(values[i]) ? 1 : 0;
    return;
  }
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as Scalar;
    if (code === INT64 && typeof v === 'bigint') {
      if (BigInt.asIntN(64, v) !== v) throw outOfRange(v, code);
      (view as BigInt64Array)[i] = v;
      continue;
    }
    const number = Number(v);
    const whole = Math.trunc(number);
    const [low, high] = INTEGER_RANGES[code]!;
    // As in PyTorch: of an unsigned dtype a negative integer wraps, up to the greatest number, and a fraction below 0 is refused.
    const fits = number >= low ? whole <= high : low === 0 ? number === whole && -number <= high : whole >= low;
    if (!fits) throw outOfRange(v, code);
    if (code === INT64) (view as BigInt64Array)[i] = BigInt(whole);
    else view[i] = whole;
  }
}

function outOfRange(value: Scalar, code: number): DTypeError {
  return new DTypeError(`tensor: ${value} cannot be held by ${DTYPES[code]!}; choose another dtype`, 'tensor', { value });
}
