// Powers: values and gradients at special and usual operands, recorded from PyTorch by test/fixtures/pow.py.
import { readFileSync } from 'node:fs';
import { type Tensor, autograd, floatPower, full, pow, tensor } from 'adjoint';
import { describe, expect, test } from 'vitest';

interface Case {
  kind: string;
  dtype: 'float32' | 'float64' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8';
  exponent: number | string;
  base?: number;
  bases?: number[];
  values: (number | string)[];
  gradient?: (number | string)[];
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/pow.json', import.meta.url), 'utf8')) as {
  bases: (number | string)[];
  exponents: (number | string)[];
  cases: Case[];
};

const number = (v: number | string): number => (v === 'inf' ? Infinity : v === '-inf' ? -Infinity : v === 'nan' ? NaN : Number(v));
const list = (t: Tensor): number[] => Array.from(t.to('float64').toTypedArray() as Float64Array);

/** Equal numbers, NaN and the sign of zero included; finite ones up to rounding. */
function agrees(got: number, want: number, dtype: string): boolean {
  if (Object.is(got, want)) return true;
  return Math.abs(got - want) <= (dtype === 'float64' ? 4e-15 : 5e-7) * Math.abs(want) + (dtype === 'float64' ? 0 : 3e-45);
}

function check(got: Tensor, want: (number | string)[], dtype: string, what: string): void {
  const wrong = list(got).flatMap((v, i) => (agrees(v, number(want[i]!), dtype) ? [] : [`${what} at ${i} (${fixture.bases[i]}): ${v} instead of ${want[i]}`]));
  expect(wrong).toEqual([]);
}

describe('powers are those of PyTorch', () => {
  for (const { kind, dtype, exponent, base, bases, values, gradient } of fixture.cases) {
    test(`${kind} ${dtype} ${base ?? exponent}`, () => {
      const e = number(exponent);
      const floats = (): Tensor => tensor(fixture.bases.map(number), { dtype }).requiresGrad_();
      const whole = (): Tensor => tensor(bases!, { dtype });
      switch (kind) {
        case 'number': {
          const x = floats();
          const y = x.pow(e);
          check(y, values, dtype, 'value');
          check(x.detach().pow(e), values, dtype, 'value of a constant');
          y.sum().backward();
          check(x.grad!, gradient!, dtype, 'gradient');
          return;
        }
        case 'tensor': {
          const x = floats();
          const y = x.pow(full([x.numel()], e, { dtype }));
          check(y, values, dtype, 'value');
          y.sum().backward();
          check(x.grad!, gradient!, dtype, 'gradient');
          return;
        }
        case 'in place':
          check(floats().detach().pow_(e), values, dtype, 'value');
          return;
        case 'second': {
          const x = floats();
          const [g] = autograd.grad(x.pow(e).sum(), [x], undefined, { createGraph: true });
          check(g, values, dtype, 'gradient');
          g.sum().backward();
          check(x.grad!, gradient!, dtype, 'second gradient');
          return;
        }
        case 'base': {
          const t = tensor(fixture.exponents.map(number), { dtype }).requiresGrad_();
          const y = pow(base!, t);
          check(y, values, dtype, 'value');
          check(t.detach().rpow(base!), values, dtype, 'value of rpow');
          y.sum().backward();
          check(t.grad!, gradient!, dtype, 'gradient');
          return;
        }
        case 'whole tensor':
          expect(list(whole().pow(full([bases!.length], e, { dtype })))).toEqual(values);
          return;
        case 'float power':
          check(floatPower(whole(), e), values, 'float64', 'value');
          return;
        default:
          check(whole().pow(e), values, dtype, 'value');
      }
    });
  }
});

test('square, sqrt, rsqrt and reciprocal are the powers they are named for, to the bit', () => {
  const x = tensor([0.1, 1 / 3, 2, 7.25, 1e-30, 1e30]);
  for (const [named, exponent] of [[x.square(), 2], [x.sqrt(), 0.5], [x.rsqrt(), -0.5], [x.reciprocal(), -1]] as const) {
    expect(list(x.pow(exponent))).toEqual(list(named));
  }
});

test('long, short, strided and 0-dim tensors have the same powers', () => {
  for (const exponent of [2, 3, 0.5, 2.5, -1, 0]) {
    for (const n of [1, 7, 64, 65, 1000]) {
      const values = Array.from({ length: n }, (_, i) => 0.25 + (i % 17) / 4);
      const x = tensor(values);
      const each = values.map((v) => list(tensor(v).pow(exponent))[0]);
      expect(list(x.pow(exponent))).toEqual(each);
      expect(list(x.reshape([n, 1]).expand([n, 2]).select(1, 1).pow(exponent))).toEqual(each);
    }
  }
});
