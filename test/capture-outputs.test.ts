// What a captured function may return, and results whose shapes depend on values.
import { describe, expect, it } from 'vitest';
import { ShapeError, type Tensor, UsageError, capture, tensor } from 'adjoint';

const x = tensor([1, 0, 2]);
const captured = (fn: (t: Tensor) => unknown): (() => unknown) => () => capture(fn as (t: Tensor) => Tensor, x);

describe('a captured function returns', () => {
  it('a tensor, an array of tensors, or the outputs of an op', () => {
    expect(capture((t) => t.mul(2), x).run(tensor([4, 5, 6])).tolist()).toEqual([8, 10, 12]);
    expect(capture((t) => [t.mul(2), t], x).runAll(tensor([4, 5, 6])).map((t) => t.tolist())).toEqual([[8, 10, 12], [4, 5, 6]]);
    expect(capture((t) => t.topk(2), x).runAll(tensor([4, 5, 6])).map((t) => t.tolist())).toEqual([[6, 5], [2, 1]]);
    expect(capture((t) => t.max(0), x).runAll(tensor([4, 5, 6])).map((t) => t.item())).toEqual([6, 2]);
    expect(capture((t) => new Set([t.neg()]), x).runAll(tensor([4, 5, 6])).map((t) => t.tolist())).toEqual([[-4, -5, -6]]);
    expect(() => capture((t) => t.topk(2), x).run(x)).toThrow('has 2 outputs; call runAll');
  });

  it.each<[string, (t: Tensor) => unknown, string]>([
    ['a number', () => 3, 'got the number 3; return the tensors'],
    ['undefined', () => undefined, 'got undefined'],
    ['null', () => null, 'got null'],
    ['a string', () => 'ab', 'got the string "ab"'],
    ['a boolean', () => true, 'got the boolean true'],
    ['a record', (t) => ({ a: t.mul(2) }), 'got an object; return the tensors, several as an array'],
    ['a function', () => () => 1, 'got a function'],
    ['a promise', (t) => Promise.resolve(t), 'got a Promise; what is awaited runs after the capture'],
    ['a promise that is rejected', () => Promise.reject(new Error('late')), 'got a Promise'],
    ['what an async function does', async (t) => { await Promise.resolve(); return t.item(); }, 'got a Promise'],
  ])('nothing else: %s is a typed error', (_, fn, message) => {
    expect(captured(fn)).toThrow(UsageError);
    expect(captured(fn)).toThrow(`capture: the function must return a tensor or an array of tensors, ${message}`);
    expect(capture((t) => t.mul(2), x).run(tensor([1, 1, 1])).tolist()).toEqual([2, 2, 2]);
  });

  it.each<[string, (t: Tensor) => unknown, string]>([
    ['nested arrays', (t) => [t, [t.mul(2)]], 'output 1 must be a tensor, got an array; return all tensors in one flat array'],
    ['an array of records', (t) => [{ t }], 'output 0 must be a tensor, got an object'],
    ['an array with a number', (t) => [t, 1], 'output 1 must be a tensor, got the number 1'],
    ['an array with a hole', (t) => [t, undefined], 'output 1 must be a tensor, got undefined'],
    ['a Map', (t) => new Map([['a', t]]), 'output 0 must be a tensor, got an array'],
  ])('tensors one by one: %s is a typed error', (_, fn, message) => {
    expect(captured(fn)).toThrow(UsageError);
    expect(captured(fn)).toThrow(`capture: ${message}`);
  });
});

describe('a shape that depends on values', () => {
  it.each<[string, (t: Tensor) => Tensor]>([
    ['of nonzero()', (t) => t.mul(t.nonzero().shape[0]!)],
    ['of maskedSelect()', (t) => t.mul(t.maskedSelect(t.gt(0)).numel())],
    ['of an index by a mask', (t) => t.mul(t.index(t.gt(0)).size(0))],
  ])('%s and was read is refused by a replay that has another one', (_, fn) => {
    const f = capture(fn, x);
    expect(f.run(tensor([5, 6, 0])).tolist()).toEqual([10, 12, 0]);
    expect(() => f.run(tensor([4, 5, 6]))).toThrow(ShapeError);
    expect(() => f.run(tensor([4, 5, 6]))).toThrow('captured function: ');
  });

  it('and is how many tensors there are is refused too', () => {
    const f = capture((t) => t.nonzero().unbind().reduce((a, b) => a.add(b)), x);
    expect(f.run(tensor([0, 5, 6])).tolist()).toEqual([3]);
    expect(() => f.run(tensor([4, 5, 6]))).toThrow(ShapeError);
  });

  it('and was not read may be another one', () => {
    expect(capture((t) => t.nonzero(), x).run(tensor([4, 5, 6])).tolist()).toEqual([[0], [1], [2]]);
    expect(capture((t) => t.index(t.gt(0)), x).run(tensor([4, 5, 6])).tolist()).toEqual([4, 5, 6]);
    expect(capture((t) => t.maskedSelect(t.gt(0)).sum().mul(t.shape[0]!), x).run(tensor([4, 5, 6])).item()).toBe(45);
  });
});
