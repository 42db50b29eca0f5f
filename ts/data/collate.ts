// From single items to a batch.
import { isForeign } from '../core/copies';
import { UsageError } from '../core/errors';
import { describe, ours } from '../core/describe';
import { stack } from '../generated/functions';
import { anyObject, kind } from '../core/kinds';
import { keysOf, mapNested, type Nesting } from '../core/nested';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { isOptions, isReadable } from '../core/plain-object';
import type { TypedArray } from '../core/types';
import { tensor } from '../tensor/create';
import { Tensor } from '../tensor/tensor';

/** What `defaultCollate` makes of items `T`. */
export type Collated<T> = T extends Tensor | number | boolean
  ? Tensor
  : T extends string
    ? string[]
    : T extends object
      ? { -readonly [K in keyof T]: Collated<T[K]> }
      : T;

/**
 * Joins items of the same form: tensors are stacked, numbers and booleans become a tensor (numbers int64 where all are
 * integers, otherwise float32), and arrays and plain objects are joined part by part.
 */
export const defaultCollate: Stated & ((...args: Arguments<{ batch: readonly unknown[] }, ['batch']>) => unknown) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ batch: readonly unknown[] }>('defaultCollate', () => ({ batch: kind<readonly unknown[]>('a list of items', (value) => Array.isArray(value)) })),
  ({ batch }) => collate(batch),
);

/**
 * What `DataLoader` makes of an item where there are no batches: typed arrays become tensors, in arrays and plain objects too;
 * anything else stays as it is.
 */
export const defaultConvert: Stated & ((...args: Arguments<{ data: unknown }, ['data']>) => unknown) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ data: unknown }>('defaultConvert', () => ({ data: anyObject })),
  ({ data }) => converted(data),
);

/** The same of what is no argument. */
export function converted(item: unknown): unknown {
  return mapNested('DataLoader', item, PARTS, (part) => (ArrayBuffer.isView(part) && !(part instanceof DataView) ? tensor(part as TypedArray) : part));
}

/** The parts of arrays and plain objects. */
const PARTS: Nesting<unknown> = {
  keys: (value) => (isReadable(value) && (Array.isArray(value) || isOptions(value)) ? keysOf(value) : null),
  part: (value, key) => (value as Record<string | number, unknown>)[key],
  holder: (value) => value as object,
  copy: (value) => (Array.isArray(value) ? new Array(value.length) : {}) as Record<string | number, unknown>,
};

/** What an item is joined as. */
function formOf(item: unknown): string {
  if (item === null) return 'null';
  if (!isReadable(item)) return 'unreadable';
  if (item instanceof Tensor) return 'tensor';
  if (Array.isArray(item)) return `array of ${item.length}`;
  return isOptions(item) ? 'object' : typeof item;
}

/** Items of the same form, by the form of the first. */
const ITEMS: Nesting<readonly unknown[]> = {
  keys(items) {
    const [first] = items;
    for (const item of items) if (isReadable(item) && isForeign(item)) ours('DataLoader', item);
    const form = formOf(first);
    // By place: what is strange may be undefined, where an object lacks a key of the first.
    const strange = Array.from(items).findIndex((item) => formOf(item) !== form);
    if (strange >= 0) {
      throw new UsageError(`DataLoader: cannot join ${describe(first)} and ${describe(items[strange])}; items must be of one form, or pass collateFn`, 'DataLoader');
    }
    if (form === 'unreadable') return null;
    return Array.isArray(first) || (form === 'object' && isOptions(first)) ? keysOf(first as object) : null;
  },
  part: (items, key) => items.map((item) => (item as Record<string | number, unknown>)[key]),
  holder: ([first]) => first as object,
  copy: ([first]) => (Array.isArray(first) ? new Array(first.length) : {}) as Record<string | number, unknown>,
};

function collate(items: readonly unknown[]): unknown {
  return mapNested('DataLoader', items, ITEMS, join);
}

function join(items: readonly unknown[]): unknown {
  const [first] = items;
  if (formOf(first) === 'tensor') return stack(items as Tensor[]);
  if (typeof first === 'number') {
    const numbers = items as number[];
    return numbers.every(Number.isInteger) ? tensor(BigInt64Array.from(numbers, BigInt)) : tensor(numbers);
  }
  if (typeof first === 'boolean') return tensor(items as boolean[]);
  if (typeof first === 'string') return [...items];
  throw new UsageError(`DataLoader: cannot join items that are ${describe(first)}; pass collateFn`, 'DataLoader');
}
