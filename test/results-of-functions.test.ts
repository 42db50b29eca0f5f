// What functions return: those of the caller where a number or tensors are expected, and those of the op table.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as adjoint from 'adjoint';
import { IndexError, Tensor, UsageError, autograd, nn, ones, optim, scope, tensor, tensordot } from 'adjoint';
import { argumentsOf, callable, seeded, type ManifestOp } from './gradcheck-samples';

test('a rate that is no number is refused, and not NaN', () => {
  const optimizer = new optim.SGD(new nn.Linear(1, 1).parameters(), 0.1);
  expect(() => new optim.lrScheduler.LambdaLR(optimizer, () => 'a' as never)).toThrow(UsageError);
  expect(() => new optim.lrScheduler.LambdaLR(optimizer, () => 'a' as never)).toThrow('LambdaLR: lrLambda must return a number, got the string "a"');
});

test('a distance that is no tensor is refused', () => {
  const x = ones([2, 2]);
  const loss = (distanceFunction: () => unknown): unknown => nn.functional.tripletMarginWithDistanceLoss(x, x, x, { distanceFunction: distanceFunction as never });
  expect(() => loss(() => [x, x])).toThrow('tripletMarginWithDistanceLoss: distanceFunction must return a tensor, got an array');
  expect(() => new nn.TripletMarginWithDistanceLoss({ distanceFunction: (() => 1) as never })(x, x, x)).toThrow(UsageError);
});

test('gradcheck of a function without tensors is an error, as in PyTorch', () => {
  const x = tensor([1], { dtype: 'float64', requiresGrad: true });
  expect(() => autograd.gradcheck((() => 5), [x])).toThrow('gradcheck: the function must return tensors, got the number 5');
});

test('pieces may be longer than the dim, and more than it has', () => {
  expect(ones([2]).split(2 ** 32 + 1).map((t) => t.shape)).toEqual([[2]]);
  expect(ones([4]).chunk(2 ** 32 + 2).map((t) => t.shape)).toEqual([[1], [1], [1], [1]]);
});

test('tensors without dims have none to contract', () => {
  expect(() => tensordot(tensor(1), tensor(1), [[0], [0]])).toThrow(IndexError);
  expect(tensordot(tensor(2), tensor(3), 0).item()).toBe(6);
});

test('every op gives a tensor, a list or named outputs as its declaration says', () => {
  const ops = JSON.parse(readFileSync(new URL('./generated/manifest.json', import.meta.url), 'utf8')) as (ManifestOp & { outputs: string[] })[];
  const kind = (value: unknown): string => (value instanceof Tensor ? 'a tensor' : Object.keys(value as object).some((key) => !/^\d+$/.test(key)) ? 'names' : 'a list');
  const wrong = ops.flatMap((op) => {
    const call = callable(op, adjoint);
    const sample = op.samples[0];
    if (call === null || sample === undefined) return [];
    const declared = op.outputs.length === 0 ? 'a list' : op.outputs.length === 1 ? 'a tensor' : 'names';
    const given = scope(() => {
      const { tensors, place } = argumentsOf(op, sample, seeded(op.name));
      return kind(call(...place(tensors)));
    });
    return given === declared ? [] : [`${op.op}: ${declared} is declared, ${given} is given`];
  });
  expect(wrong).toEqual([]);
});
