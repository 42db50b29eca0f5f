// What an error says of a function's parameters is all it takes, by the name under which it is called.
import { UsageError, arange, eye, full, linalg, normal, ones, rand, randint, randn, randperm, tensor, zeros, zerosLike } from 'adjoint';
import { expect, test } from 'vitest';

type Loose = (...args: unknown[]) => unknown;
const makers: Record<string, () => unknown> = {
  zeros: () => (zeros as unknown as Loose)([1], { nonsense: 1 }),
  full: () => (full as unknown as Loose)([1], 1, { nonsense: 1 }),
  arange: () => (arange as unknown as Loose)(3, { nonsense: 1 }),
  eye: () => (eye as unknown as Loose)(3, { nonsense: 1 }),
  rand: () => (rand as unknown as Loose)([1], { nonsense: 1 }),
  randn: () => (randn as unknown as Loose)([1], { nonsense: 1 }),
  randint: () => (randint as unknown as Loose)(0, 2, [1], { nonsense: 1 }),
  randperm: () => (randperm as unknown as Loose)(3, { nonsense: 1 }),
  normal: () => (normal as unknown as Loose)(0, 1, [2], { nonsense: 1 }),
  zerosLike: () => (zerosLike as unknown as Loose)(ones([1]), { nonsense: 1 }),
  newZeros: () => (tensor([1]).newZeros as unknown as Loose).call(tensor([1]), [1], { nonsense: 1 }),
};

test.each(Object.entries(makers))('%s lists device and requiresGrad among what it takes', (name, call) => {
  expect(call).toThrow(UsageError);
  expect(call).toThrow(new RegExp(`^${name}: there is no argument named nonsense; .*dtype=null.*, device=null, requiresGrad=false\\)`));
});

test('members of linalg go by their public name', () => {
  const norm = linalg.norm as unknown as Loose;
  expect(() => norm(tensor([[3, 4]]), 'foo')).toThrow(/^linalg\.norm: .*the signatures? (is|are) linalg\.norm\(A, /);
  expect(() => norm(ones([2]), { nonsense: 1 })).toThrow(/^linalg\.norm: (?!.*linalgNorm)/);
});

test('a signature is listed once', () => {
  const message = ((): string => {
    try {
      (ones([1]).squeeze as unknown as Loose).call(ones([1]), 0, 1);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  })();
  expect(message.match(/squeeze\(input, dim\)/g)).toHaveLength(1);
});
