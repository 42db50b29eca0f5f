// Modules that contain themselves.
import { UsageError, nn, ones } from 'adjoint';
import { describe, expect, it } from 'vitest';

const direct = (): nn.Module => {
  const list = new nn.ModuleList<nn.Module>([new nn.Linear(1, 1)]);
  return list.append(list);
};
const indirect = (): nn.Module => {
  const inner = new nn.Sequential(new nn.Linear(1, 1));
  const outer = new nn.Sequential(inner);
  inner.append(outer);
  return outer;
};

describe.each([['directly', direct], ['below another', indirect]] as const)('a module that contains itself %s', (_, make) => {
  it.each<[string, (m: nn.Module) => unknown]>([
    ['namedModules', (m) => m.namedModules('', false)],
    ['namedParameters', (m) => m.namedParameters('', true, false)],
    ['namedBuffers', (m) => m.namedBuffers('', true, false)],
    ['stateDict', (m) => m.stateDict()],
    ['loadStateDict', (m) => m.loadStateDict({})],
    ['apply', (m) => m.apply(() => undefined)],
  ])('has no end of paths, which %s says', (_name, call) => {
    expect(() => call(make())).toThrow(UsageError);
    expect(() => call(make())).toThrow('the module contains itself, as ');
  });

  it('does not overflow the stack where it runs its parts', () => {
    const sequence = new nn.Sequential();
    sequence.append(sequence);
    for (const m of [sequence, indirect()]) {
      expect(() => m.call(ones([1, 1]))).toThrow(UsageError);
      expect(() => m.call(ones([1, 1]))).toThrow('the module contains itself, as ');
    }
  });

  it('lists each module once', () => {
    expect(make().modules().length).toBe(make().namedModules().length);
    expect(make().parameters().length).toBe(2);
  });

  it('is printed as Python prints what contains itself', () => {
    expect(String(make())).toContain('(...)');
  });
});

it('one module under two names is no cycle', () => {
  const shared = new nn.Linear(1, 1);
  const twice = new nn.Sequential(shared, shared);
  expect(twice.namedParameters('', true, false).map(([name]) => name)).toEqual(['0.weight', '0.bias', '1.weight', '1.bias']);
  expect(Object.keys(twice.stateDict())).toEqual(['0.weight', '0.bias', '1.weight', '1.bias']);
});
