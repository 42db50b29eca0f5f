// Objects that hold arguments by name, wherever they were made.
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { UsageError, autograd, nn, ones, optim, sum, tensor, zeros } from 'adjoint';

const foreign = (text: string): never => runInNewContext(`(${text})`) as never;
const bare = (options: object): never => Object.assign(Object.create(null) as object, options) as never;

describe('arguments by name are taken from', () => {
  const forms: readonly [string, (options: object) => never][] = [
    ['a literal', (options) => options as never],
    ['an object of another realm', (options) => foreign(JSON.stringify(options))],
    ['an object without a prototype', bare],
    ['a structured clone', (options) => structuredClone(options) as never],
  ];
  it.each(forms)('%s', (_, make) => {
    expect(sum(ones([2, 3]), make({ dim: 1 })).tolist()).toEqual([3, 3]);
    expect(ones([2, 3]).sum(make({ dim: 1, keepdim: true })).shape).toEqual([2, 1]);
    expect(zeros([2], make({ dtype: 'int32' })).dtype).toBe('int32');
    expect(tensor([1], make({ requiresGrad: true })).requiresGrad).toBe(true);
    expect(new nn.Linear(make({ inFeatures: 2, outFeatures: 3, bias: false })).bias).toBeNull();
    expect(new nn.Linear(2, 3, make({ bias: false })).bias).toBeNull();
    const p = tensor([1], { requiresGrad: true });
    const optimizer = new optim.SGD([p], make({ lr: 0.5 }));
    p.mul(2).backward(make({ retainGraph: true }));
    optimizer.zeroGrad(make({ setToNone: false }));
    expect([optimizer.paramGroups[0]!.lr, p.grad!.tolist()]).toEqual([0.5, [0]]);
    expect(new optim.SGD([{ params: [p], ...(make({ lr: 0.25 }) as object) }]).paramGroups[0]!.lr).toBe(0.25);
    expect(autograd.grad(p.mul(3), [p], make({ retainGraph: true }))[0]!.tolist()).toEqual([3]);
  });
});

describe('arguments by name are not taken from', () => {
  class Options {
    dim = 1;
  }
  const others: readonly [string, object][] = [
    ['a Map', new Map([['dim', 1]])],
    ['a Date', new Date()],
    ['a RegExp', /dim/],
    ['a Set', new Set([1])],
    ['an instance of a class', new Options()],
    ['a Promise', Promise.resolve()],
    ['an Error', new Error('dim')],
  ];
  it.each(others)('%s', (_, value) => {
    expect(() => ones([2, 3]).sum(value as never)).toThrow(UsageError);
    expect(() => new nn.Linear(2, 3, value as never)).toThrow(UsageError);
    expect(() => new optim.SGD([ones([1])], value as never)).toThrow(UsageError);
    expect(() => new nn.Linear(2, 3).loadStateDict(value as never)).toThrow(UsageError);
    expect(() => tensor([1], value as never)).toThrow(UsageError);
  });
});
