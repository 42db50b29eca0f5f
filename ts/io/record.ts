// Tensors by name, as files hold them.
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { Kind, REFUSED } from '../core/kinds';
import { isOptions, isReadable } from '../core/plain-object';
import { Tensor } from '../tensor/tensor';
import { setOwn } from './make-tensors';

/** Tensors by name. */
export type TensorRecord = Record<string, Tensor>;

/** The parameter `record`: a plain object or a Map. */
export const tensorRecord = /* @__PURE__ */ new Kind<TensorRecord>(
  'an object of tensors',
  (value) => (isOptions(value) || value instanceof Map ? value : REFUSED),
  undefined,
  true,
);

/** The tensors of a record in its order; throws for anything else in it. */
export function tensorsIn(op: string, given: TensorRecord | ReadonlyMap<string, Tensor>): [string, Tensor][] {
  const entries: [unknown, unknown][] = given instanceof Map ? [...(given as Map<unknown, unknown>)] : Object.entries(given);
  for (const [name, value] of entries) {
    if (typeof name !== 'string') throw new UsageError(`${op}: names must be texts, got ${describe(name)}`, op);
    // A revoked proxy throws at the second question.
    if (isReadable(value) && value instanceof Tensor) continue;
    throw new UsageError(`${op}: ${JSON.stringify(name)} must be a tensor, got ${describe(value)}`, op, { key: name });
  }
  return entries as [string, Tensor][];
}

/** A record of what `make` makes for each name; if it throws, what was made before is released. */
export function recordOf(names: Iterable<string>, make: (name: string) => Tensor): TensorRecord {
  const record: TensorRecord = {};
  try {
    for (const name of names) setOwn(record, name, make(name));
  } catch (error) {
    for (const t of Object.values(record)) t.dispose();
    throw error;
  }
  return record;
}
