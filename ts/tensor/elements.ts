// Members that go over the elements one by one: functions of JavaScript, and diagonals.
import { refuseInCapture } from '../core/capturing';
import { DTYPES, INTEGER_RANGES, codeOf } from '../core/dtype';
import { AutogradError, DTypeError, ShapeError, UsageError, under } from '../core/errors';
import { boolean, callable, kind, type Kind } from '../core/kinds';
import { parameters } from '../core/options';
import type { Nested, Scalar } from '../core/types';
import { tensor as make } from './create';
import { membersOf, type Members } from './members';
import type { Tensor } from './tensor';
import { tensor } from './tensor-kinds';

/** A value of a tensor as JavaScript has it. */
type Value = number | boolean | bigint;

export interface TensorElements {
  /**
   * Writes `callable` of each element into this tensor, which must not require grad: a call of JavaScript for each, so slow. Results that
   * the dtype does not hold are rounded towards zero, as by `tensor()`.
   */
  apply_(...args: [callable: ((value: never) => Value) | { callable: (value: never) => Value }]): this;

  /** Writes `callable` of each element and that of `tensor`, which is broadcast, into this tensor. */
  map_(tensor: Tensor, callable: ((value: never, other: never) => Value) | { callable: (value: never, other: never) => Value }): this;
  map_(options: { tensor: Tensor; callable: (value: never, other: never) => Value }): this;

  /** The same with the elements of two tensors, `x` and `y`. */
  map2_(x: Tensor, y: Tensor, callable: ((value: never, a: never, b: never) => Value) | { callable: (value: never, a: never, b: never) => Value }): this;
  map2_(options: { x: Tensor; y: Tensor; callable: (value: never, a: never, b: never) => Value }): this;

  /**
   * Writes `fillValue` to the main diagonal. **Shapes**: a matrix, or more dims, all of one size. With `wrap` the diagonal of a tall
   * matrix starts again below, after a row without it.
   */
  fillDiagonal_(fillValue: Scalar, wrap?: boolean | { wrap?: boolean }): this;
  fillDiagonal_(options: { fillValue: Scalar; wrap?: boolean }): this;
}

type Callable = (...values: Value[]) => Value;

const f: Kind<Callable> = callable;

const LISTS = {
  apply_: /* @__PURE__ */ parameters<{ callable: Callable }>('apply_', () => ({ callable: f })),
  map_: /* @__PURE__ */ parameters<{ tensor: Tensor; callable: Callable }>('map_', () => ({ tensor, callable: f })),
  map2_: /* @__PURE__ */ parameters<{ x: Tensor; y: Tensor; callable: Callable }>('map2_', () => ({ x: tensor, y: tensor, callable: f })),
  fillDiagonal_: /* @__PURE__ */ parameters<{ fillValue: Scalar; wrap?: boolean }>('fillDiagonal_', () => ({
    fillValue: kind<Scalar>('a number or a boolean', (value) => ['number', 'bigint', 'boolean'].includes(typeof value)),
    wrap: boolean.or(false),
  })),
};

/** Writes `callable` of the elements of `t` and `others`, which broadcast to it. */
function eachElement(op: string, t: Tensor, others: readonly Tensor[], callable: Callable): void {
  refuseInCapture(op, 'read');
  if (t.requiresGrad || others.some((other) => other.requiresGrad)) {
    throw new AutogradError(`${op}: cannot be called on a tensor that requires grad; use detach().${op}()`, op);
  }
  const wrong = others.find((other) => other.dtype !== t.dtype);
  if (wrong !== undefined) throw new DTypeError(`${op}: expected tensors of dtype ${t.dtype}, got ${wrong.dtype}`, op, { dtype: wrong.dtype });
  const columns = [t, ...others.map((other) => under(op, () => other.expand(t.shape)))].map((column) => [column.reshape([-1]).tolist<Value>()].flat() as Value[]);
  const results = columns[0]!.map((_, i) => fitting(op, t, callable(...columns.map((column) => column[i]!))));
  under(op, () => t.copy_(make(results as Nested<Scalar>, { dtype: t.dtype }).reshape(t.shape)));
}

/** What a function returned, where the dtype can hold it. */
function fitting(op: string, t: Tensor, value: unknown): Value {
  if (typeof value !== 'number' && typeof value !== 'boolean' && typeof value !== 'bigint') {
    throw new UsageError(`${op}: the function must return a number or a boolean, got ${value === null ? 'null' : typeof value}`, op);
  }
  const range = INTEGER_RANGES[codeOf(t.dtype)!];
  const isOutside = range !== undefined && !(Number(value) > range[0] - 1 && Number(value) < range[1] + 1);
  if (isOutside) throw new DTypeError(`${op}: ${value} cannot be held by ${DTYPES[codeOf(t.dtype)!]!}`, op, { value });
  return value;
}

/** The main diagonal, and the parts of it that `wrap` adds. */
function diagonals(t: Tensor, wrap: boolean): Tensor[] {
  const { shape, strides, offset } = t._facts;
  const shown = `[${shape.join(', ')}]`;
  if (shape.length < 2) throw new ShapeError(`fillDiagonal_: expected at least 2 dims, got shape ${shown}`, 'fillDiagonal_', { shape });
  const isCube = shape.every((size) => size === shape[0]);
  if (shape.length > 2 && !isCube) throw new ShapeError(`fillDiagonal_: more than 2 dims must all be of one size, got shape ${shown}`, 'fillDiagonal_', { shape });
  const [rows, columns] = shape as [number, number];
  const step = strides.reduce((a, b) => a + b, 0);
  const found: Tensor[] = [];
  for (let row = 0; row < rows && columns > 0; row += columns + 1) {
    found.push(t.asStrided([Math.min(rows - row, ...shape.slice(1))], [step], offset + row * strides[0]!));
    if (!wrap || shape.length > 2) break;
  }
  return found;
}

export const elements: Members = /* @__PURE__ */ membersOf<TensorElements>({
  apply_(...args: unknown[]) {
    eachElement('apply_', this, [], LISTS.apply_.read(args).callable);
    return this;
  },
  map_(...args: unknown[]) {
    const { tensor, callable } = LISTS.map_.read(args);
    eachElement('map_', this, [tensor], callable);
    return this;
  },
  map2_(...args: unknown[]) {
    const { x, y, callable } = LISTS.map2_.read(args);
    eachElement('map2_', this, [x, y], callable);
    return this;
  },
  fillDiagonal_(...args: unknown[]) {
    const { fillValue, wrap } = LISTS.fillDiagonal_.read(args);
    for (const part of diagonals(this, wrap)) under('fillDiagonal_', () => part.fill_(fillValue));
    return this;
  },
}, { lists: LISTS });
