// The files that `npm run new-op` writes: what a formula becomes in Rust, where samples are drawn from, and what it refuses.
import { describe, expect, it } from 'vitest';
import * as binary from '../scripts/new-op/binary.mjs';
import * as composite from '../scripts/new-op/composite.mjs';
import { primitives } from '../scripts/new-op/primitives.mjs';
import * as reduction from '../scripts/new-op/reduction.mjs';
import * as unary from '../scripts/new-op/unary.mjs';

/** The line of `text` that holds `part`. */
const line = (text: string, part: string) => text.split('\n').find((each) => each.includes(part))?.trim();

describe('new-op', () => {
  it('knows the functions of the table of primitives, and how many operands they take', () => {
    const known = primitives();
    expect([known.get('exp'), known.get('atan2'), known.get('max'), known.get('floor')]).toEqual([1, 2, 2, 1]);
    expect(['add', 'lt', 'mul_add', 'bitand'].filter((name) => known.has(name))).toEqual([]);
  });

  it('writes a formula over Algebra, and leaves its gradient to be derived', () => {
    const text = unary.file('bump', '1 / (1 + x * x)');
    expect(text).toContain('A::c(1.0) / (A::c(1.0) + x * x)');
    expect(text).not.toContain('fn vjp');
    expect(line(text, 'samples')).toBeUndefined();
    expect(unary.file('wave', '-x ^ 3 * sin(2 * x).abs()')).toContain('-(x * x * x) * (A::c(2.0) * x).sin().abs()');
    expect(unary.file('root', 'x ^ 0.5 + x ** -1 + x ^ 2.5')).toContain('x.sqrt() + x.recip() + x.powf(A::c(2.5))');
  });

  it('draws samples where the formula has a value, away from its kinks', () => {
    expect(line(unary.file('a', 'x * log(x)'), 'samples:')).toBe('samples: || samples::unary_in(0.2, 3.0, &[]),');
    expect(line(unary.file('b', 'acosh(x)'), 'samples:')).toBe('samples: || samples::unary_in(1.1, 3.0, &[]),');
    expect(line(unary.file('c', 'max(x, 0.3)'), 'samples:')).toBe('samples: || samples::unary_in(-2.0, 2.0, &[0.3]),');
    expect(line(unary.file('d', 'lgamma(x)', [0.5, 4]), 'samples:')).toBe('samples: || samples::unary_in(0.5, 4.0, &[]),');
    expect(line(binary.file('e', 'x / other'), 'samples:')).toBe('samples: || samples::binary_in((0.2, 3.0), (0.2, 3.0), &[]),');
    expect(line(binary.file('f', 'max(x, other)'), 'samples:')).toContain('Sample::kink');
  });

  it('calls ops in composites and reductions', () => {
    expect(line(composite.file('gated', 'x * sigmoid(other)'), 'smallvec![')).toBe('Ok(smallvec![mul(x, &sigmoid(other)?)?])');
    expect(line(composite.file('halved', 'x / 2 - max(x, 1)'), 'smallvec![')).toBe(
      'Ok(smallvec![sub(&div(x, &invoke::number(2.0)?)?, &maximum(x, &invoke::number(1.0)?)?)?])',
    );
    const text = reduction.file('rms', 'sqrt(mean(x * x))');
    expect(line(text, 'smallvec![')).toBe('Ok(smallvec![sqrt(&mean_dims(&mul(x, x)?, &dims, keepdim)?)?])');
    expect(text).toContain('use crate::reduce::mean::mean_dims;');
  });

  it('says what it cannot read', () => {
    expect(() => unary.file('a', 'x + foo(x)')).toThrow('there is no function foo; the functions are ');
    expect(() => unary.file('a', 'atan2(x)')).toThrow('atan2 takes 2 argument(s), got 1');
    expect(() => unary.file('a', 'x +')).toThrow('cannot read the formula `x +` at its token 3');
    expect(() => unary.file('a', '1 + 2')).toThrow('does not depend on x');
    expect(() => binary.file('a', 'x + 1')).toThrow('does not depend on other');
    expect(() => unary.file('a', 'log(-x ^ 2)')).toThrow('give the samples\' range: --range LOW HIGH');
    expect(() => unary.file('a', 'lgamma(x)')).toThrow('where lgamma is defined is not known here');
    expect(() => reduction.file('a', 'x * x')).toThrow('reduces nothing');
    expect(() => composite.file('a', 'x')).toThrow('calls no op');
  });
});
