// Norms and variances, and their gradients, are at least as accurate as PyTorch's: by the median over many inputs, in every layout.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { manualSeed, scope } from 'adjoint';
import { type Input, called, distance, drawn } from './accuracy-inputs';

interface Case {
  op: string;
  inputs: Input[];
  options: Record<string, unknown>;
  /** By result and seed. */
  outputs: (number | string)[][];
  gradients: (number | string)[][];
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/norm-accuracy.json', import.meta.url), 'utf8')) as { seeds: number[]; cases: Case[] };

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
            const inputs = drawn(c.inputs);
            const [got, reference] = (['float32', 'float64'] as const).map((dtype) => called(c, inputs, dtype, gradients ? 1000 + seed : null));
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
