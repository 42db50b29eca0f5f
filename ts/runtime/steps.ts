// Loops that release, iteration by iteration, what they make.
import { kind, type Kind } from '../core/kinds';
import { named, parameters, type Stated } from '../core/options';
import { isObject } from '../core/plain-object';
import { Scope } from './scope';

/**
 * Gives the items of `from`, each in a scope of its own: what was made since the item before is released when the next one is
 * asked for, and when the loop is left. Making the item itself belongs to its scope.
 */
export function eachInScope<T>(from: Iterator<T>): IterableIterator<T> {
  let iteration: Scope | null = null;
  let isOver = false;
  const finish = (): IteratorReturnResult<undefined> => {
    iteration?.dispose();
    iteration = null;
    isOver = true;
    return { done: true, value: undefined };
  };
  return {
    next(): IteratorResult<T> {
      iteration?.dispose();
      iteration = null;
      if (isOver) return finish();
      iteration = new Scope();
      try {
        const item = from.next();
        return item.done === true ? finish() : item;
      } catch (error) {
        finish();
        throw error;
      }
    },
    return(): IteratorReturnResult<undefined> {
      const closed = finish();
      from.return?.();
      return closed;
    },
    [Symbol.iterator]() {
      return this;
    },
  };
}

function* counted(count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield i;
}

const source = /* @__PURE__ */ kind<never>(
  'a count or something to iterate over',
  (value) => (typeof value === 'number' ? value >= 0 && (Number.isInteger(value) || value === Infinity) : isObject(value) && Symbol.iterator in value),
) as Kind<number | Iterable<unknown>>;

/** The function `steps`. */
interface Steps extends Stated {
  (of: number | { of: number }): IterableIterator<number>;
  <T>(of: Iterable<T> | { of: Iterable<T> }): IterableIterator<T>;
}

/**
 * Returns the numbers from 0 up to a count, or the items of an iterable, for a loop with a scope an iteration: tensors made in
 * the body are released at its end, except those a `keep` was asked for, parameters, gradients and the state of optimizers.
 * As with every scope, tensors made after an `await` in the body are not collected.
 *
 * @example
 * for (const step of steps(1000)) {
 *   const loss = w.mul(x).sub(y).square().mean();
 *   loss.backward();
 *   optimizer.step();
 * }
 *
 * @throws UsageError for what is neither a count of at least 0 nor iterable.
 */
export const steps: Steps = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ of: number | Iterable<unknown> }>('steps', () => ({ of: source })),
  ({ of }) => eachInScope(typeof of === 'number' ? counted(of) : of[Symbol.iterator]()),
);
