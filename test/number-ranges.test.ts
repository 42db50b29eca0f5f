// Numbers that a dtype does not hold, wherever a plain number becomes elements or a factor: held to PyTorch's.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type DType, type Tensor, addmm, full, fullLike, linspace, nn, ones, scope, tensor, where, zeros } from 'adjoint';
import { decoded } from './named-functions';

type Value = number | string;
type Result = readonly [dtype: DType, values: readonly Value[]];

type Recorded = readonly Value[] | Result | null;

const recorded = JSON.parse(readFileSync(new URL('fixtures/number-ranges.json', import.meta.url), 'utf8')) as {
  numbers: readonly Value[];
  calls: Readonly<Record<string, Readonly<Record<DType, readonly Recorded[]>>>>;
};

const isResult = (r: readonly unknown[]): r is Result => Array.isArray(r[1]);

/** Where PyTorch's answer is not wanted, and why. */
const EXCEPTIONS: readonly { call: RegExp; dtype?: RegExp; number: (v: Given) => boolean; why: string }[] = [
  { call: /alpha|beta|addcmul|^pad$|^threshold$/, dtype: /^(int64|bool|.*float.*)$/, number: (v) => typeof v === 'bigint', why: 'beyond 2^53 factors are refused, pad is exact where PyTorch is not' },
  { call: /^addmm/, dtype: /int/, number: (v) => !Number.isInteger(Number(v)), why: 'PyTorch cuts off the fraction of a factor for integers; here it is refused' },
  { call: /^sub with alpha$/, dtype: /^int32$/, number: (v) => Math.abs(Number(v)) === 2 ** 31, why: 'PyTorch negates alpha before it looks whether it fits' },
  { call: /^linspace/, dtype: /^int64$/, number: (v) => typeof v === 'bigint', why: 'beyond 2^53 PyTorch overflows' },
];

type Given = number | bigint;
type Call = (z: Tensor, o: Tensor, v: Given, dtype: DType) => Tensor;

const mask = (): Tensor => tensor([true, false]);
const first = (): Tensor => tensor([0], { dtype: 'int64' });
const product = (o: Tensor): [Tensor, Tensor, Tensor] => [o.view([1, 2]), o.index({ stop: 1 }).view([1, 1]), o.view([1, 2])];

const CALLS: Readonly<Record<string, Call>> = {
  full: (_z, _o, v, dtype) => full([2], v, { dtype }),
  fullLike: (z, _o, v) => fullLike(z, v),
  newFull: (z, _o, v) => z.newFull([2], v),
  fill_: (z, _o, v) => z.fill_(v),
  tensor: (_z, _o, v, dtype) => tensor([v], { dtype }),
  'tensor of one number': (_z, _o, v, dtype) => tensor(v, { dtype }),
  setitem: (z, _o, v) => {
    z.setitem(0, v);
    return z;
  },
  indexFill: (z, _o, v) => z.indexFill(0, first(), v),
  maskedFill: (z, _o, v) => z.maskedFill(mask(), v),
  scatter: (z, _o, v) => z.scatter(0, first(), v),
  where: (_z, o, v) => where(mask(), o, v),
  pad: (z, _o, v) => nn.functional.pad(z, [1, 0], { value: v }),
  add: (z, _o, v) => z.add(v),
  add_: (z, _o, v) => z.add_(v),
  sub: (_z, o, v) => o.sub(v),
  mul: (_z, o, v) => o.mul(v),
  'add with alpha': (z, o, v) => z.add(o, { alpha: v }),
  'sub with alpha': (z, o, v) => z.sub(o, { alpha: v }),
  addcmul: (z, o, v) => z.addcmul(o, o, { value: v }),
  'addmm with alpha': (_z, o, v) => addmm(...product(o), { alpha: v }),
  'addmm with beta': (_z, o, v) => addmm(...product(o), { beta: v }),
  clampMin: (_z, o, v) => o.clampMin(v as number),
  clampMax: (_z, o, v) => o.clampMax(v as number),
  linspace: (_z, _o, v, dtype) => linspace(0, v as number, 3, { dtype }),
  'linspace from': (_z, _o, v, dtype) => linspace(v as number, 0, 2, { dtype }),
  threshold: (_z, o, v) => nn.functional.threshold(o, 2, v as number),
};

/** Integers that no double holds are bigints. */
const given = (v: Value): Given => (typeof v === 'string' && /^-?\d+$/.test(v) ? BigInt(v) : decoded(v));

function resultOf(call: Call, dtype: DType, v: Given): Result | string {
  return scope(() => {
    try {
      const y = call(zeros([2], { dtype }), ones([2], { dtype }), v, dtype);
      const words = (e: unknown): Value => (typeof e === 'bigint' ? (e > -(2n ** 53n) && e < 2n ** 53n ? Number(e) : String(e)) : Number.isFinite(Number(e)) ? Number(e) : String(e));
      return [y.dtype, Array.from(y.flatten().toTypedArray() as Iterable<unknown>, words)];
    } catch (e) {
      return String(e);
    }
  });
}

describe('a number that the dtype does not hold is refused or wrapped as in PyTorch', () => {
  for (const name of Object.keys(CALLS)) {
    it(`by ${name}`, () => {
      const wrong = Object.entries(recorded.calls[name]!).flatMap(([key, results]) => {
        const dtype = key as DType;
        return recorded.numbers.flatMap((v, i) => {
          if (EXCEPTIONS.some((e) => e.call.test(name) && (e.dtype?.test(dtype) ?? true) && e.number(given(v)))) return [];
          const want = results[i] ?? null;
          const got = resultOf(CALLS[name]!, dtype, given(v));
          const result = want === null || isResult(want) ? want : [dtype, want];
          const same = want === null ? typeof got === 'string' : JSON.stringify(got) === JSON.stringify(result);
          return same ? [] : [`${dtype} of ${v}: expected ${JSON.stringify(result)}, got ${JSON.stringify(got)}`];
        });
      });
      expect(wrong).toEqual([]);
    });
  }
});
