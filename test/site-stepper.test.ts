// The page that steps through formulas: what it shows is what the library computes.
import * as adjoint from 'adjoint';
import { describe, expect, test } from 'vitest';
import { operations } from '../scripts/site/operations.mjs';
import { EXAMPLES } from '../site/workers/stepper/examples';
import { formulaOf, leafOf } from '../site/workers/stepper/formula';
import { resultOf, traceOf } from '../site/workers/stepper/trace';
import type { Input, Trace } from '../site/workers/stepper/trace-data';
import { literal, type Operations } from '../site/workers/stepper/call';

const table = operations() as Operations;

function trace(formula: string, inputs: readonly Input[], rest: { detached?: number[]; moved?: { input: number; element: number } } = {}): Trace {
  const leaves = inputs.map((input) => leafOf(adjoint, input));
  const f = formulaOf(adjoint, formula, inputs.map(({ name }) => name));
  return traceOf(adjoint, table, f, leaves, { inputs, detached: [], moved: { input: 0, element: 0 }, ...rest });
}

const number = (name: string, value: unknown, isFrozen = false): Input => ({ name, value: JSON.stringify(value), isFrozen });

describe.each(EXAMPLES.map((example) => [example.title, example] as const))('%s', (_, { formula, inputs }) => {
  test('shows the values and gradients of the formula itself', () => {
    const { values, result, inputs: given, steps } = trace(formula, inputs);
    const leaves = inputs.map((input) => leafOf(adjoint, input));
    const y = formulaOf(adjoint, formula, inputs.map(({ name }) => name))(...leaves);
    y.sum().backward();
    const numbers = (text: string): number[] => (JSON.parse(`[${text}]`) as unknown[]).flat(3) as number[];
    expect(numbers(values[result]!.text)[0]).toBeCloseTo(y.sum().item(), 3);
    leaves.forEach((leaf, i) => {
      const { gradient } = values[given[i]!]!;
      if (leaf.grad === null) return expect(gradient).toBeNull();
      // Long lists are cut short for the page.
      if (gradient!.endsWith('…')) return;
      numbers(gradient!).forEach((g, k) => { expect(g).toBeCloseTo((leaf.grad!.flatten().tolist() as number[])[k]!, 3); });
    });
    expect(steps.length).toBeGreaterThan(1);
  });

  test('has no less alive with a backward pass to come than without', () => {
    const { bytes, steps } = trace(formula, inputs);
    expect(bytes.recorded).toHaveLength(steps.length);
    bytes.recorded.forEach((alive, i) => { expect(alive).toBeGreaterThanOrEqual(bytes.unrecorded[i]!); });
    expect(bytes.unrecorded[0]).toBeGreaterThan(0);
  });
});

test('memory of a loop grows with its length when it is recorded, and does not when it is not', () => {
  const most = (n: number): [number, number] => {
    const { bytes } = trace(`let h = x; for (let i = 0; i < ${n}; i++) h = h.sin(); return h;`, [number('x', Array(100).fill(1))]);
    return [Math.max(...bytes.recorded), Math.max(...bytes.unrecorded)];
  };
  const [[recorded, unrecorded], [recordedTwice, unrecordedTwice]] = [most(10), most(20)];
  expect(recordedTwice / recorded).toBeGreaterThan(1.8);
  expect(unrecordedTwice).toBe(unrecorded);
});

test('edges show the parts, values their sum', () => {
  const { steps, values, inputs } = trace('x.mul(x).add(x)', [number('x', 3)]);
  expect(steps[0]!.reads.map(({ gradient }) => gradient)).toEqual(['3', '3']);
  expect(steps[1]!.reads[1]!.gradient).toBe('1');
  expect(values[inputs[0]!]!.gradient).toBe('7');
});

test('the backward pass goes through the newest step first, and only where gradients flow', () => {
  const { backward, steps } = trace('x.exp().add(y.exp())', [number('x', 1), number('y', 1, true)]);
  expect(backward.map((i) => steps[i]!.label)).toEqual(['add', 'exp']);
});

test('a detached value gets nothing', () => {
  const inputs = [number('x', 2)];
  const before = trace('x.square().exp()', inputs);
  const square = before.steps[0]!.makes[0]!;
  expect(before.values[before.inputs[0]!]!.gradient).not.toBeNull();
  const after = trace('x.square().exp().add(x)', inputs, { detached: [square] });
  expect(after.steps[0]!.isDetached).toBe(true);
  expect(after.values[after.inputs[0]!]!.gradient).toBe('1');
});

test('forward mode moves one element of one input', () => {
  const { values, result } = trace('x.square().sum()', [number('x', [3, 5])], { moved: { input: 0, element: 1 } });
  expect(values[result]!.tangent).toBe('10');
});

test('gradients of several passes add up until they are set to zero', () => {
  const x = leafOf(adjoint, number('x', 3));
  const f = formulaOf(adjoint, 'x.square()', ['x']);
  const pass = (): void => { resultOf(adjoint, table, f, [x], []).backward(); };
  pass();
  pass();
  expect(x.grad!.item()).toBe(12);
  x.grad!.zero_();
  pass();
  expect(x.grad!.item()).toBe(6);
});

// Calls with lists, arguments between tensors, numbers on the left, several outputs, modules' functions and writes in place.
const CALLS = [
  'cat([x, x.neg()], 0).sum(0, true)',
  'x.indexSelect(0, tensor([1, 0], { dtype: "int64" })).sub(1)',
  'x.max(1).values.mul(2)',
  'x.topk(1, 1)[0].square()',
  'stack([x, x]).softmax(2).select(0, 1)',
  'nn.functional.layerNorm(x, [2])',
  'nn.functional.gelu(x).add(nn.functional.linear(x, x))',
  'x.mul(2).add_(x)',
  'x.to("float64").clamp(0, 3).prod()',
  'where(x.gt(2), x, x.mul(10)).std()',
  'linalg.norm(x).add(special.erf(x).sum())',
  'x.index({ start: 0, stop: 1 }).pow(2).rsub(1)',
  'einsum("ij,jk->ik", [x, x])',
  'nn.functional.scaledDotProductAttention(x.view(1, 1, 2, 2), x.view(1, 1, 2, 2), x.view(1, 1, 2, 2))',
  'nn.functional.dropout(x, 0.5).sum()',
  'nn.functional.mseLoss(x, x.neg())',
  'x.index([0, 1]).add(x.index({}, { start: 1 }))',
];

test.each(CALLS)('%s runs call by call', (formula) => {
  const { steps, values, result } = trace(formula, [number('x', [[1, 2], [3, 4]])]);
  expect(steps.length).toBeGreaterThan(0);
  expect(values[result]!.text).not.toBe('');
});

test('what is no input is said', () => {
  expect(() => leafOf(adjoint, { name: 'x', value: '[1, 2', isFrozen: false })).toThrow(/x: '\[1, 2' is not a number or a list/);
  expect(() => formulaOf(adjoint, 'x', ['x', 'x'])).toThrow(/'x' cannot be an input/);
  expect(() => formulaOf(adjoint, 'x', ['2x'])).toThrow(/'2x' cannot be an input/);
  expect(() => trace('x.matmul(x)', [number('x', [[1, 2]])])).toThrow(adjoint.ShapeError);
  expect(() => trace('let h = x; for (let i = 0; i < 300; i++) h = h.sin(); return h;', [number('x', 1)])).toThrow(/300 steps; up to 200/);
});

test('arguments are read as they are written', () => {
  expect(['1', 'true', '[1, 2]', "'float64'", 'inf', '-inf'].map(literal)).toEqual([1, true, [1, 2], 'float64', Infinity, -Infinity]);
});
