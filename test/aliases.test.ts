// PyTorch's other names of ops: the same calls, and errors that name what was called.
import * as adjoint from 'adjoint';
import { ShapeError, Tensor, capture, profiler, special, tensor } from 'adjoint';
import { describe, expect, it } from 'vitest';

type Call = (...args: unknown[]) => unknown;

/** Other names of functions and methods. */
const BOTH: Readonly<Record<string, string>> = {
  absolute: 'abs',
  arccos: 'acos',
  arccosh: 'acosh',
  arcsin: 'asin',
  arcsinh: 'asinh',
  arctan: 'atan',
  arctan2: 'atan2',
  arctanh: 'atanh',
  clip: 'clamp',
  divide: 'div',
  trueDivide: 'div',
  multiply: 'mul',
  subtract: 'sub',
  negative: 'neg',
  greater: 'gt',
  greaterEqual: 'ge',
  less: 'lt',
  lessEqual: 'le',
  notEqual: 'ne',
  fix: 'trunc',
  ger: 'outer',
};
const SPECIAL: Readonly<Record<string, string>> = { expit: 'sigmoid', gammaln: 'lgamma', psi: 'digamma', gammainc: 'igamma', gammaincc: 'igammac', multigammaln: 'mvlgamma' };
/** The members of `special` that are functions elsewhere, too. */
const SHARED = ['digamma', 'erf', 'erfc', 'erfinv', 'exp2', 'expm1', 'i0', 'log1p', 'logSoftmax', 'logit', 'logsumexp', 'polygamma', 'round', 'sinc', 'softmax', 'xlogy'];

const TWO = new Set(['arctan2', 'divide', 'trueDivide', 'multiply', 'subtract', 'greater', 'greaterEqual', 'less', 'lessEqual', 'notEqual', 'ger', 'gammainc', 'gammaincc']);

function argumentsOf(alias: string): unknown[] {
  const x = tensor([1.25, 1.5, 2.75]);
  if (alias === 'clip') return [x, 1.5, 2];
  if (alias === 'multigammaln') return [x, 2];
  return TWO.has(alias) ? [x, tensor([0.5, 1.5, 3])] : [x];
}

const values = (t: unknown): unknown => (t as Tensor).tolist();

describe('another name is the same call', () => {
  it.each(Object.entries(BOTH))('%s is %s', (alias, name) => {
    const functions = adjoint as unknown as Record<string, Call>;
    const expected = values(functions[name]!(...argumentsOf(alias)));
    expect(values(functions[alias]!(...argumentsOf(alias)))).toEqual(expected);
    const [x, ...rest] = argumentsOf(alias) as [Record<string, Call>, ...unknown[]];
    expect(values(x[alias]!(...rest))).toEqual(expected);
    expect(`${alias}_` in Tensor.prototype).toBe(`${name}_` in Tensor.prototype);
  });

  it.each(Object.entries(SPECIAL))('special.%s is %s', (alias, name) => {
    const [of, functions] = [special, adjoint] as unknown as [Record<string, Call>, Record<string, Call>];
    expect(values(of[alias]!(...argumentsOf(alias)))).toEqual(values(functions[name]!(...argumentsOf(alias))));
  });

  it('special has those that are functions elsewhere', () => {
    expect(SHARED.filter((name) => typeof (special as unknown as Record<string, unknown>)[name] !== 'function')).toEqual([]);
  });

  it('concat and concatenate are cat', () => {
    expect(adjoint.concat([tensor([1]), tensor([2])]).tolist()).toEqual([1, 2]);
    expect(adjoint.concatenate([tensor([1]), tensor([2])]).tolist()).toEqual([1, 2]);
  });

  it('also in place', () => {
    const x = tensor([-1.5, 2]);
    expect(x.absolute_()).toBe(x);
    expect(x.tolist()).toEqual([1.5, 2]);
  });

  it('takes arguments by name', () => {
    expect(adjoint.divide({ input: tensor([3]), other: 2 }).tolist()).toEqual([1.5]);
    expect(adjoint.trueDivide(tensor([3]), { other: 2 }).tolist()).toEqual([1.5]);
  });
});

describe('what is shown', () => {
  it('is the name that was called, in errors', () => {
    const [a, b] = [tensor([[1, 2, 3]]), tensor([1, 2])];
    expect(() => adjoint.trueDivide(a, b)).toThrow(/^trueDivide: /);
    expect(() => a.trueDivide(b)).toThrow(/^trueDivide: /);
    expect(() => a.multiply_(b)).toThrow(/^multiply_: /);
    try {
      adjoint.subtract(a, b);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ShapeError);
      expect((error as ShapeError).op).toBe('subtract');
    }
  });

  it('is the op, in records and profiles', () => {
    expect(capture((x: Tensor) => x.multiply(2), tensor([1])).record.records.map(({ op }) => op)).toEqual(['mul']);
    const profile = profiler.profile(() => void tensor([1]).negative());
    expect(profile.keyAverages().map(({ name }) => name)).toContain('neg');
  });
});
