// Two copies of the package in one process, and tensors handed to JSON and structuredClone.
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import * as mine from 'adjoint';
import { DisposedError, UsageError, nn, ones, scope, tensor, zeros, type Tensor } from 'adjoint';

const other = createRequire(import.meta.url)('../dist/node.cjs') as typeof mine;

describe('two copies of the package', () => {
  const t = () => other.ones(2) as any;
  const layer = () => new other.nn.Linear(2, 2) as any;
  class Holds extends nn.Module {
    constructor(readonly part: unknown) { super(); }
    override forward(x: Tensor): Tensor { return x; }
  }
  const MEETINGS: Record<string, () => unknown> = {
    'a function': () => mine.relu(t()), 'a function of two': () => mine.add(zeros(2), t()), 'arguments by name': () => mine.add({ input: zeros(2), other: t() }), 'a method': () => zeros(2).add(t()),
    'a method of the other': () => (zeros(2).add as any).call(t(), 1), 'a list': () => mine.cat([zeros(2), t()]), 'index()': () => zeros(2).index(other.tensor([0n])), 'setitem()': () => zeros(2).setitem(0, t()),
    'an index of setitem()': () => zeros(2).setitem(other.tensor([0n]), 1), 'indexPut_()': () => zeros(2).indexPut_([other.tensor([0n])], ones(1)), 'tensor()': () => tensor(t()),
    'tensor() of an array': () => tensor([t()]), 'grad()': () => mine.grad(t(), [t()]), 'backward()': () => { ones(2).requiresGrad_().backward(t()); }, '.grad =': () => { zeros(2).grad = t(); },
    '.data =': () => { zeros(2).data = t(); }, 'func.grad': () => mine.func.grad((x: Tensor) => x.sum())(t()), vmap: () => mine.vmap((x: Tensor) => x)(t()), capture: () => (mine.capture as any)((x: Tensor) => x, t()),
    checkpoint: () => mine.checkpoint((x: Tensor) => x, t()), 'a Parameter': () => new nn.Parameter(t()), 'a part of a Sequential': () => new nn.Sequential(layer()).parameters(),
    'a module as a property': () => new Holds(layer()).parameters(), 'a parameter as a property': () => new Holds(layer().weight).stateDict(), 'a property, at call()': () => new Holds(layer()).call(zeros(1)),
    'a buffer': () => { new nn.Module().registerBuffer('b', t()); }, 'the input of a module': () => new nn.Linear(2, 2).call(t()), 'a state dict': () => new nn.Linear(2, 2).loadStateDict(layer().stateDict()),
    'an optimizer': () => new mine.optim.SGD(layer().parameters(), 0.1), 'groups of an optimizer': () => new mine.optim.Adam([{ params: layer().parameters() }], { lr: 0.1 }),
    'a scheduler': () => new mine.optim.lrScheduler.StepLR(new other.optim.SGD(layer().parameters(), 0.1), 1), 'a TensorDataset': () => new mine.data.TensorDataset(t()),
    'the items of a DataLoader': () => [...new mine.data.DataLoader({ length: 1, get: () => t() })], 'a generator': () => mine.rand(2, { generator: new other.Generator() }),
    'the graph': () => mine.graph(t()),
  };
  for (const [name, meet] of Object.entries(MEETINGS)) {
    it(`say so where ${name} meets the other`, () => {
      expect(meet).toThrow('another copy of adjoint (two copies are loaded in this program');
      expect(meet).toThrow(UsageError);
    });
  }

  it('say it in both directions, and each works alone', () => {
    expect(() => other.relu(zeros(2) as any)).toThrow('a Tensor of another copy of adjoint');
    expect([t().add(1).tolist(), ones(2).add(1).tolist()]).toEqual([[2, 2], [2, 2]]);
    // A dataset is any object with a length and items; those of the other copy are its own.
    expect(() => new Holds(new Map()).parameters()).not.toThrow();
  });
});

describe('JSON.stringify()', () => {
  it('gives shape, dtype and data', () => {
    expect(JSON.parse(JSON.stringify({ x: tensor([[1, 2.5], [3, 4]]) }))).toEqual({ x: { shape: [2, 2], dtype: 'float32', data: [1, 2.5, 3, 4] } });
    expect(JSON.stringify(tensor(true))).toBe('{"shape":[],"dtype":"bool","data":[true]}');
    expect(JSON.stringify(zeros(0, 2))).toBe('{"shape":[0,2],"dtype":"float32","data":[]}');
    expect(JSON.stringify(new nn.Parameter(ones(1)))).toBe('{"shape":[1],"dtype":"float32","data":[1]}');
    expect(JSON.stringify(ones(2, { dtype: 'bfloat16' }))).toBe('{"shape":[2],"dtype":"bfloat16","data":[1,1]}');
    expect(tensor([[1, 2], [3, 4]]).T.toJSON().data).toEqual([1, 3, 2, 4]);
  });

  it('writes what JSON has no number for as a string', () => {
    expect(tensor([NaN, Infinity, -Infinity, -0, 0]).toJSON().data).toEqual(['NaN', 'Infinity', '-Infinity', '-0', 0]);
    expect(tensor([2n ** 53n - 1n, 2n ** 60n, -(2n ** 60n)]).toJSON().data).toEqual([2 ** 53 - 1, '1152921504606846976', '-1152921504606846976']);
  });

  it('of a tensor that is gone is an error', () => {
    const t = ones(1);
    t.dispose();
    expect(() => JSON.stringify(t)).toThrow(DisposedError);
  });
});

describe('structuredClone()', () => {
  it('of a tensor is an error that says what to do, and of its JSON is plain data', () => {
    const message = /a tensor's memory; clone t\.toJSON\(\) or t\.toTypedArray\(\) instead/;
    expect(() => structuredClone(ones(2))).toThrow(message);
    expect(() => structuredClone({ deep: [new nn.Linear(1, 1).weight] })).toThrow(message);
    scope(() => { expect(() => structuredClone(ones(2))).toThrow(message); });
    expect(structuredClone(ones(2).toJSON())).toEqual({ shape: [2], dtype: 'float32', data: [1, 1] });
  });
});
