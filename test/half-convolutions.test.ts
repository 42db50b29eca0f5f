// Transposed convolutions of halves, and the gradients that are such: rounded at every addition, as PyTorch's are.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { grad, manualSeed, nn, rand, scope, type Tensor } from 'adjoint';
import { ulpsApart } from './half/recorded';

type Dtype = 'float16' | 'bfloat16';

interface Case {
  op: 'conv1d' | 'conv2d' | 'convTranspose1d' | 'convTranspose2d' | 'convTranspose3d';
  shapes: number[][];
  options: Record<string, unknown>;
  output: number[];
  /** Of the input. */
  gradient?: number[];
}

const { dtypes } = JSON.parse(readFileSync(new URL('fixtures/half-convolutions.json', import.meta.url), 'utf8')) as { dtypes: Record<Dtype, Case[]> };

describe('halves', () => {
  for (const dtype of ['float16', 'bfloat16'] as const) {
    it.each(dtypes[dtype].map((c) => [`${c.op} of ${JSON.stringify(c.shapes[0])} with ${JSON.stringify(c.options)}`, c] as const))(`in ${dtype}: %s`, (_, c) => {
      scope(() => {
        manualSeed(5);
        const operands = c.shapes.map((shape) => rand(shape).sub(0.5).mul(4).to(dtype).detach().requiresGrad_());
        const f = nn.functional[c.op] as (...args: unknown[]) => Tensor;
        const y = f(...operands, c.options);
        const got = y.float().flatten().tolist() as number[];
        // Those that are not transposed sum in float32, in another order: a sum between two halves may go to the other.
        if (c.op.startsWith('conv1d') || c.op.startsWith('conv2d')) expect(Math.max(...got.map((v, i) => ulpsApart(v, c.output[i]!, dtype)))).toBeLessThanOrEqual(1);
        else expect(got).toEqual(c.output);
        if (c.gradient === undefined) return;
        manualSeed(9);
        const g = rand(y.shape as number[]).sub(0.5).to(dtype);
        expect(grad(y, [operands[0]!], { gradOutputs: g })[0].float().flatten().tolist()).toEqual(c.gradient);
      });
    });
  }
});
