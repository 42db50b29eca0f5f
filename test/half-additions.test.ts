// Sums of halves at repeated indices: rounded at every addition, or once, where PyTorch does so.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Tensor, arange, grad, manualSeed, nn, rand, scope, tensor, zeros } from 'adjoint';

type Dtype = 'float16' | 'bfloat16';

const { shapes, dtypes } = JSON.parse(readFileSync(new URL('fixtures/half-additions.json', import.meta.url), 'utf8')) as {
  shapes: number[][];
  dtypes: Record<Dtype, Record<string, number[]>[]>;
};

const N = 200;

function calls(shape: number[], dtype: Dtype): Record<string, () => Tensor> {
  manualSeed(5);
  const x = rand(shape).mul(4).to(dtype);
  const source = rand([N, ...shape.slice(1)]).mul(2).to(dtype);
  const index = arange(N).mul(7).remainder(4);
  const wide = index.view([N, ...shape.slice(1).map(() => 1)]).expand(source.shape as number[]);
  const weight = zeros(shape, { dtype, requiresGrad: true });
  const gradient = (y: Tensor): Tensor => grad(y, [weight], { gradOutputs: source.view(y.shape as number[]) })[0];
  return {
    indexAdd: () => x.indexAdd(0, index, source),
    'indexAdd with alpha': () => x.indexAdd(0, index, source, { alpha: 0.3 }),
    indexPut: () => x.indexPut([index], source, true),
    'indexPut of one': () => x.indexPut([index], tensor(0.3, { dtype }), true),
    scatterAdd: () => x.scatterAdd(0, wide, source),
    'scatterReduce sum': () => x.scatterReduce(0, wide, source, 'sum'),
    'scatterReduce mean': () => x.scatterReduce(0, wide, source, 'mean'),
    'gradient of index': () => gradient(weight.index(index)),
    'gradient of indexSelect': () => gradient(weight.indexSelect(0, index)),
    'gradient of gather': () => gradient(weight.gather(0, wide)),
    'gradient of take': () => gradient(weight.take(index)),
    'gradient of embedding': () => gradient(nn.functional.embedding(index, weight)),
  };
}

describe('sums of halves at repeated indices', () => {
  for (const dtype of ['float16', 'bfloat16'] as const) {
    it.each(shapes.map((shape, i) => [shape, i] as const))(`round in ${dtype} as PyTorch’s do, in shape [%s]`, (shape, i) => {
      scope(() => {
        const all = calls(shape, dtype);
        for (const [name, expected] of Object.entries(dtypes[dtype][i]!)) {
          expect({ [name]: all[name]!().float().flatten().tolist() }).toEqual({ [name]: expected });
        }
      });
    });
  }
});
