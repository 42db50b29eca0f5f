// Values with tensors in them: a tensor, or arrays and plain objects of such, however deep. Anything else is a constant.
import { NamedOutputs } from '../call';
import { isForeign } from '../copies';
import { describe } from '../describe';
import { UsageError } from '../errors';
import { Tensor } from '../tensor';

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || value instanceof NamedOutputs;
}

/** The value with every tensor replaced. */
export function mapTensors(value: unknown, f: (t: Tensor) => unknown): unknown {
  if (value instanceof Tensor) return f(value);
  if (Array.isArray(value)) return value.map((part) => mapTensors(part, f));
  if (isForeign(value)) throw new UsageError(`cannot use ${describe(value)}`);
  if (!isPlain(value)) return value;
  const copy = Object.create(Object.getPrototypeOf(value) as object | null) as Record<string, unknown>;
  for (const [key, part] of Object.entries(value)) copy[key] = mapTensors(part, f);
  return copy;
}

/** The tensors of a value, in order. */
export function tensorsIn(value: unknown): Tensor[] {
  const found: Tensor[] = [];
  mapTensors(value, (t) => found.push(t));
  return found;
}

/** The value with its tensors, in order, replaced by `parts`. */
export function withTensors(value: unknown, parts: readonly unknown[]): unknown {
  let next = 0;
  return mapTensors(value, () => parts[next++]);
}
