// Names of a state dict that JavaScript's objects have members of are names like any other.
import { expect, it } from 'vitest';
import { nn, ones, type Tensor } from 'adjoint';

it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is an unexpected key', (name) => {
  const module = new nn.Linear(2, 1);
  const entries: [string, Tensor][] = [...Object.entries(module.stateDict()), [name, ones([1])]];
  const state = Object.fromEntries(entries);
  expect(() => module.loadStateDict(state)).toThrow(`unexpected keys: ${name}`);
  expect(module.loadStateDict(state, false)).toMatchObject({ missingKeys: [], unexpectedKeys: [name] });
});
