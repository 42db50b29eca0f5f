// Parameters that take tensors.
import { Kind, REFUSED, kind } from '../core/kinds';
import { isObject } from '../core/plain-object';
import { Tensor } from './tensor';

const isIterable = (value: unknown): value is Iterable<unknown> =>
  isObject(value) && typeof (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function';

/** A tensor. */
export const tensor = /* @__PURE__ */ kind<Tensor>('a tensor', (value) => value instanceof Tensor);

/** An array or other iterable of values of one kind, `expected` of them; the callee gets an array. */
export function iterableOf<T>(expected: string, of: Kind<T>): Kind<Iterable<T>> {
  const take = (value: unknown): unknown => {
    if (!isIterable(value) || value instanceof Tensor) return REFUSED;
    const items = Array.from(value);
    return items.every((item) => typeof of.take(item) !== 'symbol') ? items : REFUSED;
  };
  return new Kind<Iterable<T>>(`an iterable of ${expected}`, take, undefined, false, of);
}

/** An array or other iterable of tensors. */
export const tensorList = /* @__PURE__ */ iterableOf('tensors', tensor);

/** A tensor, or an array or other iterable of tensors. */
export const tensors = /* @__PURE__ */ new Kind<Tensor | Iterable<Tensor>>(
  'a tensor or an iterable of tensors',
  (value) => (value instanceof Tensor ? value : tensorList.take(value)),
  undefined,
  false,
  tensor,
);

/** An array or other iterable. */
export const iterable = /* @__PURE__ */ kind<Iterable<never>>('an array or another iterable', (value) => isIterable(value) && !(value instanceof Tensor));

/** The tensors of an argument that is one or many. */
export function tensorsOf(given: Tensor | Iterable<Tensor>): Tensor[] {
  return given instanceof Tensor ? [given] : [...given];
}
