// The strides of results: those of PyTorch, recorded by test/fixtures/strides.py.
import { readFileSync } from 'node:fs';
import { type Tensor, autograd, manualSeed, nn, tensor, where } from 'adjoint';
import * as adjoint from 'adjoint';
import { describe, expect, test } from 'vitest';

type Layout = [shape: number[], strides: number[]];
interface Facts {
  shape: number[];
  strides: number[];
  dtype: string;
  values?: (number | string)[];
}
interface Case {
  kind: 'method' | 'function' | 'activation' | 'where' | 'cast' | 'format' | 'leaf' | 'grad';
  op: string;
  layouts: Layout[];
  args: never[];
  dtypes?: string[];
  weight?: Layout;
  results: (Facts | null)[];
}
interface Seeded {
  op: string;
  layout: Layout;
  result: { strides: number[]; values: number[] };
}
type Callable = (...args: unknown[]) => Tensor;

const fixture = JSON.parse(readFileSync(new URL('fixtures/strides.json', import.meta.url), 'utf8')) as { cases: Case[]; seeded: Seeded[] };
const namesOf = adjoint as unknown as Record<string, Callable>;

const value = (i: number): number => ((i * 7) % 11) * 0.25 + 0.25;

function make([shape, strides]: Layout, shift: number, dtype: string): Tensor {
  const reach = shape.includes(0) ? 0 : shape.reduce((end, n, d) => end + (n - 1) * strides[d]!, 1);
  const base = tensor(Array.from({ length: Math.max(reach, 1) }, (_, i) => value(i + shift)), { dtype: 'float32' });
  return base.to(dtype as 'float32').asStrided(shape, strides).detach();
}

const camel = (name: string): string => name.replace(/(?!^)_([a-z])/g, (_, c: string) => c.toUpperCase());
const method = (x: Tensor, op: string): Callable => ((x as unknown as Record<string, Callable>)[camel(op)] as Callable).bind(x);

/** The results of a case on these operands. */
function run({ kind, op, args, weight }: Case, xs: Tensor[]): (Tensor | null)[] {
  const [x, ...rest] = xs as [Tensor, ...Tensor[]];
  switch (kind) {
    case 'method':
      return [method(x, op)(...rest, ...args)];
    case 'function':
      return [namesOf[camel(op)]!(...xs, ...args)];
    case 'activation':
      return [(nn.functional as unknown as Record<string, Callable>)[camel(op)]!(...xs, ...args)];
    case 'where':
      return [where(x.gt(1), rest[0]!, rest[1]!)];
    case 'cast':
      return [x.to(args[0]!)];
    case 'format': {
      const format = { memoryFormat: 'contiguous_format' };
      return [op === 'clone' ? method(x, op)(format) : namesOf[camel(op)]!(x, format)];
    }
    case 'leaf':
    case 'grad': {
      const leaves = xs.map((t) => t.detach().requiresGrad_());
      const y = method(leaves[0]!, op)(...leaves.slice(1), ...args);
      const w = make(weight!, 5, 'float32');
      if (kind === 'grad') return autograd.grad(y, leaves, w, { allowUnused: true });
      y.mul(w).sum().backward();
      return leaves.map((leaf) => leaf.grad);
    }
  }
}

const title = ({ kind, op, args, layouts, weight }: Case): string =>
  `${kind} ${op}(${args.join(', ')}) of ${layouts.map(([shape, strides]) => `[${shape.join()}] / [${strides.join()}]`).join(', ')}${weight ? ` by [${weight[1].join()}]` : ''}`;

const numbers = (values: readonly (number | string)[]): number[] => values.map(Number);
const list = (t: Tensor): number[] => Array.from(t.to('float64').toTypedArray() as Float64Array);

/** What is wrong with a result, or nothing. */
function fault(got: Tensor | null, onCopies: Tensor | null, want: Facts | null, checksValues: boolean): string | null {
  if (got === null || want === null) return got === want ? null : `${got === null ? 'nothing' : 'a tensor'} instead of ${want === null ? 'nothing' : 'a tensor'}`;
  const facts = [got.shape, got.stride(), got.dtype].map((v) => JSON.stringify(v)).join(' ');
  const wanted = [want.shape, want.strides, want.dtype].map((v) => JSON.stringify(v)).join(' ');
  if (facts !== wanted) return `${facts} instead of ${wanted}`;
  if (!checksValues) return null;
  const values = list(got);
  const expected = want.values ? numbers(want.values) : list(onCopies!);
  const off = values.findIndex((v, i) => !(Object.is(v, expected[i]) || v === expected[i] || Math.abs(v - expected[i]!) <= 2e-5 * Math.max(1, Math.abs(expected[i]!))));
  return off < 0 ? null : `value ${off} is ${values[off]} instead of ${expected[off]}`;
}

const groups = new Map<string, Case[]>();
for (const each of fixture.cases) {
  const name = `${each.kind} ${each.op}`;
  groups.set(name, [...(groups.get(name) ?? []), each]);
}

describe('results have the strides that PyTorch gives them', () => {
  for (const [name, cases] of groups) {
    test(name, () => {
      const faults: string[] = [];
      for (const each of cases) {
        const operands = (contiguous: boolean): Tensor[] =>
          each.layouts.map((layout, i) => {
            const x = make(layout, 3 * i, each.dtypes?.[i] ?? 'float32');
            return contiguous ? x.clone({ memoryFormat: 'contiguous_format' }) : x;
          });
        const got = run(each, operands(false));
        const onCopies = run(each, operands(true));
        const random = each.op === 'empty_like' || each.op === 'rand_like';
        for (const [i, want] of each.results.entries()) {
          const wrong = fault(got[i]!, onCopies[i]!, want, !random);
          if (wrong !== null) faults.push(`${title(each)}: ${wrong}`);
        }
      }
      expect(faults).toEqual([]);
    });
  }
});

describe('random numbers go to elements in the order of memory, as in PyTorch', () => {
  for (const { op, layout, result } of fixture.seeded) {
    test(`${op} of [${layout[0].join()}] with strides [${layout[1].join()}]`, () => {
      const x = make(layout, 0, 'float32');
      manualSeed(3);
      const got = op.endsWith('_') ? method(x, op)() : namesOf[camel(op)]!(x);
      expect(got.stride()).toEqual(result.strides);
      list(got).forEach((v, i) => expect(v).toBeCloseTo(result.values[i]!, 5));
    });
  }
});
