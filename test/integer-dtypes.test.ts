// What elementwise ops make of integers and bools: PyTorch's dtype and values, or an error where PyTorch raises.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type DType, type Tensor, nn, scope, tensor } from 'adjoint';
import { type Fn, decoded, functionNamed, methodNamed } from './named-functions';

/** Left out: PyTorch takes the absolute value in 8 bits, where that of −128 is itself. */
const LEFT_OUT: readonly string[] = ['nn.functional.softsign int8'];

/** `[dtype, values]`, only the dtype, the word `error`, or null where PyTorch has no such form. */
type Result = string | readonly [string, readonly (number | string)[]] | null;

interface Case {
  op: string;
  options: Record<string, unknown>;
  results: Record<string, readonly [Result, Result]>;
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/integer-dtypes.json', import.meta.url), 'utf8')) as {
  values: Record<string, (number | string)[]>;
  others: Record<string, number[]>;
  unary: Case[];
  binary: Case[];
};

function made(values: readonly (number | string)[], dtype: string): Tensor {
  return tensor(values.map((v) => (dtype === 'int64' ? BigInt(v) : Number(v))), { dtype: dtype as DType });
}

const close = (a: number, b: number): boolean => Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= 2e-5 * Math.abs(b) + 1e-6;

/** What is wrong with a call, or null. */
function difference(call: () => unknown, want: Result): string | null {
  return scope(() => {
    let got: Tensor;
    try {
      got = call() as Tensor;
    } catch (error) {
      return want === 'error' ? null : `expected ${JSON.stringify(want)}, got ${String(error)}`;
    }
    if (want === 'error') return `expected an error, got ${got.dtype} [${Array.from(got.toTypedArray() as Iterable<unknown>).join()}]`;
    const [dtype, values] = typeof want === 'string' ? [want, null] : want!;
    if (got.dtype !== dtype) return `expected ${dtype}, got ${got.dtype}`;
    if (values === null) return null;
    const have = Array.from(got.toTypedArray() as Iterable<number | bigint>);
    const same = have.every((v, i) => (typeof v === 'bigint' ? v === BigInt(values[i]!) : close(v, decoded(values[i]!))));
    return same ? null : `expected [${values.join()}], got [${have.join()}]`;
  });
}

/** The differences of the function and of the in-place method; ops that the package does not have are left out. */
function differences(c: Case, arguments_: (key: string) => [Tensor, ...unknown[]]): string[] {
  const f = functionNamed(c.op);
  if (f === undefined) return [];
  const out: string[] = [];
  for (const [key, [value, inPlace]] of Object.entries(c.results)) {
    if (LEFT_OUT.includes(`${c.op} ${key}`)) continue;
    const options = Object.keys(c.options).length === 0 ? [] : [c.options];
    const wrong = value === null ? null : difference(() => f(...arguments_(key), ...options), value);
    if (wrong !== null) out.push(`${key} ${JSON.stringify(c.options)}: ${wrong}`);
    if (inPlace === null) continue;
    const changed = difference(() => {
      const [x, ...rest] = arguments_(key);
      const method: Fn | undefined = methodNamed(x, `${c.op.split('.').at(-1)!}_`);
      if (method === undefined) throw new Error('there is no such method');
      method(...rest, ...options);
      return x;
    }, inPlace);
    if (changed !== null) out.push(`${key} in place ${JSON.stringify(c.options)}: ${changed}`);
  }
  return out;
}

describe('an elementwise op of integers and bools', () => {
  for (const op of new Set(fixture.unary.map((c) => c.op))) {
    it(`gives PyTorch's dtype and values, or refuses where PyTorch does: ${op}`, () => {
      const wrong = fixture.unary.filter((c) => c.op === op).flatMap((c) => differences(c, (dtype) => [made(fixture.values[dtype]!, dtype)]));
      expect(wrong).toEqual([]);
    });
  }
  for (const c of fixture.binary) {
    it(`gives PyTorch's dtype and values, or refuses where PyTorch does: ${c.op}`, () => {
      const wrong = differences(c, (key) => {
        const [a, b] = key.split(' ') as [string, string];
        return [made(fixture.values[a]!, a), b in fixture.others ? made(fixture.others[b]!, b) : Number(b)];
      });
      expect(wrong).toEqual([]);
    });
  }
  it('takes bounds beyond its range as the last number in it', () => {
    const bytes = tensor([250, 7, 1, 0], { dtype: 'uint8' });
    expect(bytes.clamp(-1, 1).tolist()).toEqual([1, 1, 1, 0]);
    expect(bytes.clamp({ max: 300 }).tolist()).toEqual([250, 7, 1, 0]);
    expect(bytes.clamp({ min: -1 }).tolist()).toEqual([250, 7, 1, 0]);
    expect(tensor([100, -100], { dtype: 'int8' }).clamp(-300, 300).tolist()).toEqual([100, -100]);
    expect(nn.functional.hardtanh(bytes).tolist()).toEqual([1, 1, 1, 0]);
  });

  it('keeps integers that no float holds', () => {
    for (const op of ['floor', 'ceil', 'trunc', 'round'] as const) {
      const y = tensor([16777217n, -9007199254740993n])[op]();
      expect([y.dtype, ...(y.toTypedArray() as BigInt64Array)]).toEqual(['int64', 16777217n, -9007199254740993n]);
    }
  });
});
