// Errors name what was called, not what that is made of.
import { AdjointError, Generator, func, nn, ones, tensor } from 'adjoint';
import { expect, test } from 'vitest';

type Loose = (...args: unknown[]) => unknown;
const gone = (shape: number[]): ReturnType<typeof ones> => { const t = ones(shape); t.dispose(); return t; };
const whole = (): ReturnType<typeof ones> => tensor([[1n, 2n]]);
const square = (x: ReturnType<typeof ones>): ReturnType<typeof ones> => x.mul(x);
const disposed = (): Generator => { const g = new Generator(); g.dispose(); return g; };

const calls: Record<string, [string, () => unknown]> = {
  'kaimingUniform_ of integers': ['kaimingUniform_', () => nn.init.kaimingUniform_(whole())],
  'kaimingNormal_ of integers': ['kaimingNormal_', () => nn.init.kaimingNormal_(whole())],
  'xavierUniform_ of integers': ['xavierUniform_', () => nn.init.xavierUniform_(whole())],
  'xavierNormal_ of integers': ['xavierNormal_', () => nn.init.xavierNormal_(whole())],
  'kaimingNormal_ of what was disposed of': ['kaimingNormal_', () => nn.init.kaimingNormal_(gone([1, 1]))],
  'ones_ of what was disposed of': ['ones_', () => nn.init.ones_(gone([1]))],
  'zeros_ of what was disposed of': ['zeros_', () => nn.init.zeros_(gone([1]))],
  'constant_ of what was disposed of': ['constant_', () => nn.init.constant_(gone([1]), 2)],
  'eye_ of what was disposed of': ['eye_', () => nn.init.eye_(gone([1, 1]))],
  'xavierUniform_ with a generator that is gone': ['xavierUniform_', () => nn.init.xavierUniform_(ones([1, 1]), 1, disposed())],
  'linearize of no function': ['linearize', () => (func.linearize as Loose)(5, ones([1]))],
  'linearize of what returns a number': ['linearize', () => (func.linearize as Loose)(() => 5, ones([1]))],
  'linearize of what returns integers': ['linearize', () => func.linearize((x: ReturnType<typeof ones>) => x.to('int64'), ones([1]))],
  'linearize at nothing': ['linearize', () => (func.linearize as Loose)(square)],
  'linearize at a string': ['linearize', () => func.linearize(square, 'a' as never)],
  'linearize at integers': ['linearize', () => func.linearize(square, whole())],
  'a push with another shape': ['linearize', () => func.linearize(square, ones([2]))[1](ones([3]))],
  'a push without a tensor': ['linearize', () => func.linearize(square, ones([2]))[1]('a' as never)],
  'jacrev at integers': ['jacrev', () => func.jacrev(square)(whole())],
  'vjp at integers': ['vjp', () => func.vjp(square, whole())],
  'grad at integers': ['grad', () => func.grad((x: ReturnType<typeof ones>) => x.sum())(whole())],
  'newTensor of a string': ['newTensor', () => ones([1]).newTensor('a' as never)],
  'newTensor of ragged arrays': ['newTensor', () => ones([1]).newTensor([[1], [1, 2]])],
  'newTensor of another dtype': ['newTensor', () => ones([1]).newTensor([1], { dtype: 'float' as never })],
  'newTensor out of range': ['newTensor', () => tensor([1], { dtype: 'uint8' }).newTensor([300])],
  'newTensor of integers with gradients': ['newTensor', () => tensor([1n]).newTensor([1], { requiresGrad: true })],
  'newTensor of what was disposed of': ['newTensor', () => ones([1]).newTensor(gone([1]))],
};

test.each(Object.entries(calls))('%s', (_, [name, call]) => {
  let error: unknown;
  try {
    call();
  } catch (e) {
    error = e;
  }
  expect(error).toBeInstanceOf(AdjointError);
  expect((error as Error).message).toMatch(new RegExp(`^${name}: (?!\\w+: )`));
  expect((error as AdjointError).op).toBe(name);
});

test('what a function of the program throws keeps its name', () => {
  expect(() => func.linearize((x: ReturnType<typeof ones>) => x.matmul(ones([5])), ones([2]))).toThrow(/^matmul: /);
  expect(() => func.jacrev((x: ReturnType<typeof ones>) => x.matmul(ones([5])))(ones([2]))).toThrow(/^matmul: /);
});
