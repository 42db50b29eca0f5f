// Values and gradients of first and second order at kinks, poles, infinities and NaN, held to PyTorch's.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type DType, type Tensor, fullLike, grad, nn, scope, tensor, zerosLike } from 'adjoint';
import { decoded, functionNamed } from './named-functions';

type Value = number | string;
/** A pair is what PyTorch gives in float64 and in float32, where that is not the same. */
type Numbers = readonly (Value | readonly [Value, Value])[];

interface Case {
  op: string;
  options: Record<string, unknown>;
  inputs: (readonly Value[])[];
  y: Numbers;
  first: Numbers[];
  /** The first gradients where they are not to be differentiated again, if those are others. */
  alone?: Numbers[];
  second: Numbers[] | null;
}

const { cotangent, directions, cases } = JSON.parse(readFileSync(new URL('fixtures/kinks.json', import.meta.url), 'utf8')) as {
  cotangent: number;
  directions: number[];
  cases: Case[];
};

/** Where PyTorch's answer is not wanted, and why. */
interface Exception {
  op: RegExp;
  group?: RegExp;
  /** Only where PyTorch says this. */
  theirs?: number;
  /** Only for such a case. */
  when?: (c: Case) => boolean;
  why: string;
}

const holds = (c: Case, words: readonly string[]): boolean => c.inputs.flat().some((v) => words.includes(String(v)));
const NO_DERIVATIVE = 'there is no second derivative: PyTorch gives NaN, here it is finite';

const EXCEPTIONS: readonly Exception[] = [
  { op: /^(linalg\.vectorNorm|norm|nn\.functional\.(normalize|cosineSimilarity|pairwiseDistance)|dist)$/, group: /^second/, theirs: NaN, why: NO_DERIVATIVE },
  { op: /^std$/, group: /^second/, theirs: NaN, why: NO_DERIVATIVE },
  {
    op: /^nn\.functional\.softMarginLoss$/,
    when: (c) => holds(c, ['200', '-200']),
    why: 'PyTorch overflows in an exponential, the gradient is NaN where it is ±1; infinite arguments are in cases of their own',
  },
  { op: /^nn\.functional\.(gelu|mish)$/, group: /^second/, theirs: NaN, why: 'PyTorch overflows in a square of the argument; the second derivative is 0' },
  { op: /^sinc$/, group: /^second/, when: (c) => holds(c, ['1e-30']), why: 'the terms of the second derivative cancel' },
  { op: /^nn\.functional\.glu$/, group: /^second/, when: (c) => holds(c, ['-Infinity', '-200']), why: 'an infinite factor: the terms of the second derivative of a sigmoid cancel' },
];

interface Results {
  y: number[];
  first: number[][];
  alone: number[][];
  second: number[][];
}

/** Value and gradients as PyTorch's script takes them; those that do not depend on an input are zeros. */
function results({ op, options, inputs, first }: Case, dtype: DType): Results {
  const f = functionNamed(op);
  if (f === undefined) throw new Error(`there is no ${op}`);
  return scope(() => {
    const inputsThere = inputs.map((data, i) => tensor(data.map(decoded), { dtype, requiresGrad: i < first.length }));
    const given = Object.fromEntries(Object.entries(options).map(([k, v]) => [k, typeof v === 'string' && !Number.isNaN(Number(v)) ? decoded(v) : v === 'NaN' ? NaN : v]));
    const y = f(...inputsThere, given) as Tensor;
    const xs = inputsThere.slice(0, first.length);
    const c = fullLike(y, cotangent).requiresGrad_();
    const take = (out: Tensor, of: Tensor[], gradOutputs: Tensor | null, createGraph = true): Tensor[] => {
      const found = grad(out, of, { gradOutputs, createGraph, retainGraph: true, allowUnused: true });
      return found.map((g, i) => g ?? zerosLike(of[i]!));
    };
    const alone = take(y, xs, c.detach(), false);
    const ones = take(y, xs, c);
    const total = ones.map((g, i) => g.mul(directions[i]!).sum()).reduce((a, b) => a.add(b));
    const twos = total.requiresGrad ? take(total, [...xs, c], null, false) : [...xs, c].map((t) => zerosLike(t));
    const numbers = (t: Tensor): number[] => Array.from(t.detach().toTypedArray() as Iterable<number>);
    return { y: numbers(y), first: ones.map(numbers), alone: alone.map(numbers), second: twos.map(numbers) };
  });
}

function agree(got: number, want: number, tolerance: number): boolean {
  if (Number.isNaN(want)) return Number.isNaN(got);
  if (!Number.isFinite(want)) return got === want;
  return Math.abs(got - want) <= tolerance * (1 + Math.abs(want));
}

/** What differs from PyTorch's answer; a zero's sign does not count. */
function differences(c: Case, dtype: DType): string[] {
  const tolerance = dtype === 'float32' ? 3e-4 : 2e-6;
  const got = results(c, dtype);
  const out: string[] = [];
  const compare = (group: string, have: readonly number[], want: Numbers): void => {
    want.forEach((both, i) => {
      const w = Array.isArray(both) ? (both as Value[])[dtype === 'float64' ? 0 : 1]! : (both as Value);
      const excepted = EXCEPTIONS.some(
        (e) => e.op.test(c.op) && (e.group?.test(group) ?? true) && (e.theirs === undefined || Object.is(decoded(w), e.theirs)) && (e.when?.(c) ?? true),
      );
      if (excepted || agree(have[i]!, decoded(w), tolerance)) return;
      const at = c.inputs.map((x) => (x.length === want.length ? x[i] : `[${x.join()}]`)).join(', ');
      out.push(`${JSON.stringify(c.options)} ${group} at (${at}): expected ${w}, got ${have[i]}`);
    });
  };
  compare('value', got.y, c.y);
  c.first.forEach((want, i) => compare(`first ${i}`, got.first[i]!, want));
  (c.alone ?? c.first).forEach((want, i) => compare(`first alone ${i}`, got.alone[i]!, want));
  c.second?.forEach((want, i) => compare(`second ${i}`, got.second[i]!, want));
  return out;
}

describe('values and gradients of first and second order at kinks, poles, infinities and NaN', () => {
  for (const op of new Set(cases.map((c) => c.op))) {
    for (const dtype of ['float64', 'float32'] as const) {
      it(`are PyTorch's in ${op} of ${dtype}`, () => {
        expect(cases.filter((c) => c.op === op).flatMap((c) => differences(c, dtype))).toEqual([]);
      });
    }
  }
});

describe('functions that are smooth at 0', () => {
  it('have derivatives of third order there: the target’s gradient of weighted logits', () => {
    const tensors = (): Tensor[] => [0, 0.25, 3].map((v, i) => tensor([v], { dtype: 'float64', requiresGrad: i < 2 }));
    // PyTorch's: of input and target, each differentiated three times more by the input.
    const expected = [[0, 0.375, 0, -0.1875], [2 * Math.LN2, -2, 0.5, 0]];
    expected.forEach((numbers, of) => {
      const [x, target, posWeight] = tensors() as [Tensor, Tensor, Tensor];
      let y = nn.functional.binaryCrossEntropyWithLogits(x, target, { posWeight, reduction: 'sum' });
      numbers.forEach((want, order) => {
        y = grad(y, [order === 0 ? [x, target][of]! : x], { createGraph: true })[0]!;
        expect(y.item()).toBeCloseTo(want, 12);
      });
    });
  });
});
