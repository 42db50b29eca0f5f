// What PyTorch's `raises(f)` of the oracle stands for here: the class of the error and the facts its message must name.
import { expect } from 'vitest';

/** Runs `fn`, which must throw a `type` whose message holds every one of `facts`; returns the error. */
export function raises<E extends Error>(fn: () => unknown, type: abstract new (...args: never[]) => E, ...facts: (string | RegExp)[]): E {
  let thrown: unknown = null;
  try {
    fn();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, 'nothing was thrown, or not an error').toBeInstanceOf(Error);
  expect(thrown, String(thrown)).toBeInstanceOf(type);
  for (const fact of facts) expect((thrown as E).message).toMatch(fact);
  return thrown as E;
}
