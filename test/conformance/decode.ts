// From the encoding of the vectors to values of the public API.
import { type Tensor, tensor, type DType, type TypedArray } from 'adjoint';
import type { Encoded, TensorSpec } from './vectors';

/** What float64 stands for: itself, float32 or a half dtype. */
export type Mode = 'f64' | 'f32' | 'float16' | 'bfloat16';

const STANDS_FOR: Readonly<Record<Mode, DType>> = { f64: 'float64', f32: 'float32', float16: 'float16', bfloat16: 'bfloat16' };

/** The dtype that stands for `dtype` in `mode`. */
export function dtypeIn(mode: Mode, dtype: string): DType {
  return dtype === 'float64' ? STANDS_FOR[mode] : (dtype as DType);
}

/** A tensor of the vectors; one that wants a gradient is a leaf. */
export function tensorOf(spec: TensorSpec, mode: Mode): Tensor {
  const { strided, shape, dtype, data } = spec;
  const t =
    strided === undefined
      ? contiguous(shape, dtype, data, mode)
      : contiguous([strided.base.length], dtype, strided.base, mode).asStrided(shape, strided.stride, strided.offset).detach();
  return spec.requiresGrad === true ? t.requiresGrad_() : t;
}

function contiguous(shape: readonly number[], dtype: string, data: readonly (number | string)[], mode: Mode): Tensor {
  // Made flat, so that empty shapes are possible.
  return tensor(arrayOf(data, dtypeIn(mode, dtype)), { dtype: dtypeIn(mode, dtype) }).reshape(shape).detach();
}

function arrayOf(data: readonly (number | string)[], dtype: DType): TypedArray | boolean[] {
  switch (dtype) {
    case 'int64':
      return BigInt64Array.from(data, BigInt);
    case 'bool':
      return data.map((v) => v !== 0);
    case 'int32':
      return Int32Array.from(data, Number);
    case 'int16':
      return Int16Array.from(data, Number);
    case 'int8':
      return Int8Array.from(data, Number);
    case 'uint8':
      return Uint8Array.from(data, Number);
    case 'float32':
      return Float32Array.from(data, Number);
    default:
      return Float64Array.from(data, Number);
  }
}

const tuples = new WeakSet<unknown[]>();

/** Whether an argument was a tuple: in a key that is several indices, where a list is one. */
export function isTuple(value: unknown): value is unknown[] {
  return Array.isArray(value) && tuples.has(value);
}

/** A call: its arguments, and the tensors among them that want a gradient, by path. */
export interface Call {
  readonly args: unknown[];
  readonly kwargs: Record<string, unknown>;
  readonly leaves: Map<string, Tensor>;
}

/** How the tensors of a call are made; the default makes them as they are. */
export type Make = (spec: TensorSpec, path: string) => Tensor;

/** Decodes the arguments of a sample or of an error case. */
export function decode(
  { args, kwargs = {}, argNames = [] }: { args: readonly Encoded[]; kwargs?: Readonly<Record<string, Encoded>>; argNames?: readonly string[] },
  mode: Mode,
  make: Make = (spec) => tensorOf(spec, mode),
): Call {
  const leaves = new Map<string, Tensor>();
  const value = (e: Encoded, path: string): unknown => {
    if (Array.isArray(e)) return e.map((part, i) => value(part as Encoded, `${path}.${i}`));
    if (typeof e !== 'object' || e === null) return e;
    const [[kind, body] = ['', null]] = Object.entries(e as Record<string, unknown>);
    switch (kind) {
      case 'tensor': {
        const spec = body as TensorSpec;
        const t = make(spec, path);
        if (spec.requiresGrad === true) leaves.set(path, t);
        return t;
      }
      case 'tuple': {
        const tuple = value(body as Encoded, path) as unknown[];
        tuples.add(tuple);
        return tuple;
      }
      case 'float':
        return Number(body);
      case 'dtype':
        return dtypeIn(mode, body as string);
      case 'slice': {
        const [start, stop, step] = body as (number | null)[];
        return { start, stop, step };
      }
      case 'ellipsis':
        return '...';
      case 'dict':
        return Object.fromEntries(Object.entries(body as Record<string, Encoded>).map(([k, v]) => [camel(k), value(v, `${path}.${k}`)]));
      default:
        return body;
    }
  };
  let positional = args.map((a, i) => value(a, `args.${i}`));
  // `*name`: this argument and all that follow are the elements of one list.
  const star = argNames.findIndex((name) => name.startsWith('*'));
  if (star >= 0 && !Array.isArray(positional[star])) positional = [...positional.slice(0, star), positional.slice(star)];
  const named = Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [camel(k), value(v, `kwargs.${k}`)]));
  return { args: positional, kwargs: named, leaves };
}

/** `snake_case` as `camelCase`; a trailing underscore stays. */
export function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
}
