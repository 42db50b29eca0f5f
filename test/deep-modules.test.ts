// What is done with modules without calling them does not go by the stack, however deep they are nested; nor do copies of data.
import { type Tensor, nn, ones } from 'adjoint';
import { describe, expect, it } from 'vitest';

const DEEP = 20_000;

class Box extends nn.Module {
  constructor(readonly inner: nn.Module) {
    super();
  }
  override forward(x: Tensor): Tensor {
    return x;
  }
}

function nested(depth = DEEP): nn.Module {
  let m: nn.Module = new nn.BatchNorm1d(2);
  for (let i = 0; i < depth; i++) m = i % 2 === 0 ? new Box(m) : new nn.Sequential(m);
  return m;
}

describe(`${DEEP} modules in one another`, () => {
  const m = nested();

  it.each<[string, () => unknown, unknown]>([
    ['parameters()', () => m.parameters().length, 2],
    ['buffers()', () => m.buffers().length, 3],
    ['modules()', () => m.modules().length, DEEP + 1],
    ['namedModules() with duplicates', () => m.namedModules('', false).length, DEEP + 1],
    ['train()', () => m.train(false).modules().some(({ training }) => training), false],
    ['requiresGrad_()', () => m.requiresGrad_(false).parameters().some((p) => p.requiresGrad), false],
    ['zeroGrad()', () => m.zeroGrad(), undefined],
    ['apply()', () => { let n = 0; m.apply(() => { n += 1; }); return n; }, DEEP + 1],
    ['to()', () => m.to('float64').parameters()[0]!.dtype, 'float64'],
    ['stateDict()', () => Object.keys(m.stateDict()).length, 5],
    ['loadStateDict()', () => m.loadStateDict(m.stateDict()).missingKeys, []],
    ['toJSON()', () => Object.keys(m.toJSON()).length, 5],
    ['clone()', () => m.clone().parameters().length, 2],
  ])('%s', (_, call, expected) => {
    expect(call()).toEqual(expected);
  });

  it('are printed as far as a reader would go', () => {
    const text = String(m);
    expect(text).toMatch(/^Sequential\(\n {2}\(0\): Box\(\n {4}\(inner\): Sequential\(/);
    expect(text).toContain('(...)');
    expect(String(nested(100))).not.toContain('(...)');
  });

  it('apply() visits parts before the whole, and a class with an apply of its own by that', () => {
    class Own extends Box {
      override apply(...args: Parameters<nn.Module['apply']>): this {
        seen.push('own');
        return super.apply(...args);
      }
    }
    const seen: string[] = [];
    new nn.Sequential(new Own(new nn.ReLU()), new nn.Tanh()).apply((module) => { seen.push(module.constructor.name); });
    expect(seen).toEqual(['own', 'ReLU', 'Own', 'Tanh', 'Sequential']);
  });
});

it('clone() of data that is nested as deep', () => {
  class Holder extends nn.Module {
    data: unknown = null;
  }
  const holder = new Holder();
  let data: unknown = [ones([1])];
  for (let i = 0; i < 100_000; i++) data = [[data], { data }, new Map([['data', data]]), new Set([data])][i % 4];
  holder.data = data;
  let [a, b] = [holder.data, holder.clone().data];
  for (let depth = 0; typeof a === 'object' && a !== null && !('dtype' in a); depth++) {
    if (a === b) throw new Error(`shared at ${depth}`);
    [a, b] = [a, b].map((at) => (Array.isArray(at) ? at[0] as unknown : at instanceof Map || at instanceof Set ? [...at.values()][0] as unknown : (at as { data: unknown }).data)) as [unknown, unknown];
  }
  expect(a === b).toBe(false);
  expect((b as Tensor).tolist()).toEqual([1]);
});
