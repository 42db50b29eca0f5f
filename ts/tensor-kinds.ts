// Parameters that take tensors.
import { kind } from './kinds';
import { Tensor } from './tensor';

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function';

/** A tensor. */
export const tensor = /* @__PURE__ */ kind<Tensor>('a tensor', (value) => value instanceof Tensor);

/** A tensor, or an array or other iterable of tensors. */
export const tensors = /* @__PURE__ */ kind<Tensor | Iterable<Tensor>>('a tensor or an iterable of tensors', isIterable);

/** An array or other iterable. */
export const iterable = /* @__PURE__ */ kind<Iterable<never>>('an array or another iterable', (value) => isIterable(value) && !(value instanceof Tensor));
