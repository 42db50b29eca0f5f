// Reading the few values that decide shapes: lists of integers, numbers and conditions.
import { ShapeError } from '../../core/errors';
import { wasm } from '../../runtime/wasm';
import { values } from '../../tensor/read';
import type { Tensor } from '../../tensor/tensor';

/** What was read of tensors of modules, with the version of the values: such lists are read once. */
const known = /* @__PURE__ */ new WeakMap<Tensor, { version: number; values: readonly number[] }>();

/** Tensors that depend on shapes and constants alone: while a function is captured they may be read, for the shapes of a capture are fixed. */
const fixed = /* @__PURE__ */ new WeakSet<Tensor>();

/** Has the values of a constant read once. */
export function remember(t: Tensor): void {
  known.set(t, { version: t._version, values: read(t) });
}

/** Says that a tensor depends on shapes and constants alone; gives it back. */
export function fix(t: Tensor): Tensor {
  fixed.add(t);
  return t;
}

/** Whether that was said. */
export function isFixed(t: Tensor): boolean {
  return fixed.has(t);
}

function read(t: Tensor): readonly number[] {
  if (!fixed.has(t)) return Array.from(t.toTypedArray() as ArrayLike<number | bigint>, Number);
  const list = Array.from(values(t, 'toTypedArray') as ArrayLike<number | bigint>, Number);
  wasm().unpark();
  return list;
}

function valuesOf(t: Tensor): readonly number[] {
  const found = known.get(t);
  if (found === undefined) return read(t);
  const version = t._version;
  if (found.version !== version) {
    found.values = read(t);
    found.version = version;
  }
  return found.values;
}

/** The integers of a list, in order; of a single number a list of it. */
export function integersIn(t: Tensor): readonly number[] {
  return valuesOf(t);
}

/** The only element of a tensor. */
export function numberIn(t: Tensor, label: string): number {
  const values = valuesOf(t);
  if (values.length !== 1) throw new ShapeError(`${label}: expected a tensor of one element, got shape [${t.shape.join(', ')}]`, label, { shape: t.shape });
  return values[0]!;
}
