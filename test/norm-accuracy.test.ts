// Norms and variances, and their gradients, are at least as accurate as PyTorch's: by the median over many inputs, in every layout.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Tensor, grad, manualSeed, rand, scope } from 'adjoint';
import { functionNamed } from './named-functions';

type Input = readonly [shape: number[], kind: string, layout: string] | null;

interface Case {
  op: string;
  inputs: Input[];
  options: Record<string, unknown>;
  /** By result and seed. */
  outputs: (number | string)[][];
  gradients: (number | string)[][];
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/norm-accuracy.json', import.meta.url), 'utf8')) as { seeds: number[]; cases: Case[] };

/** As in fixtures/record/accuracy.py: exact arithmetic on `rand`, whose numbers are PyTorch's. */
const KINDS: Readonly<Record<string, (u: Tensor) => Tensor>> = {
  positive: (u) => u,
  centred: (u) => u.sub(0.5).mul(4),
  offset: (u) => u.add(4096),
  thousand: (u) => u.sub(0.5).mul(4).add(1000),
};

const LAYOUTS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  contiguous: (x) => x,
  transposed: (x) => x.transpose(-2, -1),
  strided: (x) => x.index('...', { start: 0, step: 2 }),
  channels_last: (x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2),
};

function called({ op, options }: Case, inputs: readonly (Tensor | null)[], gradients: boolean, dtype: 'float32' | 'float64', seed: number): Tensor[] {
  const f = functionNamed(op)!;
  const xs = inputs.map((x) => (x === null ? null : x.to(dtype).detach().requiresGrad_(gradients)));
  const { normalizedShape, numGroups, ...rest } = options;
  const second = normalizedShape ?? numGroups;
  const args = second === undefined ? xs : [xs[0], second, ...xs.slice(2)];
  const y = f(...args, ...(Object.keys(rest).length === 0 ? [] : [rest])) as Tensor;
  if (!gradients) return [y];
  manualSeed(1000 + seed);
  const c = rand(y.shape as number[]).to(dtype);
  return grad(y, xs.filter((x) => x !== null), { gradOutputs: c });
}

/** The greatest distance from a reference, in units of its greatest element. */
function distance(got: Tensor, reference: Tensor): number {
  const greatest = (x: Tensor): number => Number(x.abs().max().item());
  return greatest(got.to('float64').sub(reference)) / (greatest(reference) || 1);
}

/** Half the spacing of numbers at 1: no result in float32 is nearer than that but by chance. */
const ROUNDING = 2 ** -24;

/** The median of what ours are of theirs, which are recorded to three digits; within a rounding of the exact result chance decides. */
function median(ours: number[], theirs: (number | string)[]): number {
  const factors = ours.map((error, i) => (error <= ROUNDING ? Math.min(1, error / Number(theirs[i])) : error / Number(theirs[i]))).sort((a, b) => a - b);
  return factors[factors.length >> 1]!;
}

describe('at least as accurate as PyTorch’s', () => {
  for (const c of fixture.cases) {
    it(`${c.op} ${JSON.stringify(c.inputs[0])} ${JSON.stringify(c.options)}`, () => {
      const found: Record<string, number> = {};
      for (const gradients of [false, true]) {
        const errors = fixture.seeds.map((seed) =>
          scope(() => {
            manualSeed(seed);
            const inputs = c.inputs.map((input) => (input === null ? null : LAYOUTS[input[2]]!(KINDS[input[1]]!(rand(input[0])))));
            const [got, reference] = (['float32', 'float64'] as const).map((dtype) => called(c, inputs, gradients, dtype, seed));
            return got!.map((y, i) => distance(y, reference![i]!));
          }),
        );
        const theirs = gradients ? c.gradients : c.outputs;
        theirs.forEach((t, i) => (found[`${gradients ? 'gradient' : 'output'} ${i}`] = median(errors.map((e) => e[i]!), t)));
      }
      const beyond = Object.entries(found).filter(([, factor]) => !(factor <= 1.01));
      expect(beyond).toEqual([]);
    });
  }
});
