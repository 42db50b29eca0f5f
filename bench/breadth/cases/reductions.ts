// Sums and what else makes few numbers of many; softmax and norms; scans and orders.
import { argmax, bincount, cumprod, histc, linspace, logsumexp, median, nn, searchsorted, softmax, std, topk, unique, type Tensor } from 'adjoint';
import { SIDE, integers, million, normal, positive, uniform, type Case, type Family, type Inputs } from '../case';

const F = nn.functional;

export const reductions: Family = {
  name: 'reductions',
  title: 'Reductions of a million float32',
  ofTorch: 2,
  isMemory: true,
  cases: [
    million('sum', (x) => x.sum(), 'x.sum()'),
    million('sum.dim0', (x) => x.sum(0), 'x.sum(0)'),
    million('sum.dim1', (x) => x.sum(1), 'x.sum(1)'),
    million('mean', (x) => x.mean(), 'x.mean()'),
    million('amax.dim1', (x) => x.amax(1), 'x.amax(1)'),
    million('amax.dim0', (x) => x.amax(0), 'x.amax(0)'),
    million('max.dim1', (x) => { const { values, indices } = x.max(1); return [values, indices]; }, 'x.max(1)'),
    million('argmax.dim1', (x) => argmax(x, 1), 'x.argmax(1)', { of: [] }),
    million('var', (x) => x.var(1), 'x.var(1)'),
    million('std.all', (x) => std(x), 'x.std()'),
    million('norm', (x) => x.norm(), 'x.norm()'),
    million('logsumexp', (x) => logsumexp(x, 1), 'torch.logsumexp(x, 1)'),
    positive('prod.dim1', (x) => x.prod(1), 'x.prod(1)', { inputs: (n) => ({ x: uniform([SIDE * n, SIDE], 0.9, 1.1) }) }),
    million('any', (x) => x.gt(9).any(), '(x > 9).any()', { of: [] }),
    million('countNonzero', (x) => x.countNonzero(), 'x.count_nonzero()', { of: [] }),
  ],
};

export const softmaxes: Family = {
  name: 'softmax',
  title: 'Softmax of a million float32',
  ofTorch: 2,
  cases: [
    million('softmax', (x) => softmax(x, 1), 'torch.softmax(x, 1)'),
    million('softmax.dim0', (x) => softmax(x, 0), 'torch.softmax(x, 0)'),
    million('logSoftmax', (x) => x.logSoftmax(1), 'torch.log_softmax(x, 1)'),
    million('softmax.rows of 10', (x) => softmax(x, 1), 'torch.softmax(x, 1)', { inputs: (n) => ({ x: normal([100_000 * n, 10]) }) }),
  ],
};

const channels = (n: number): Inputs => ({
  x: normal([32 * n, 64, 28, 28]), mean: normal([64]), variance: uniform([64]), weight: uniform([64]), bias: normal([64]),
});
const norm = (name: string, ours: (t: Readonly<Record<string, Tensor>>) => Tensor, torch: string, rest: Partial<Case> = {}): Case => ({
  name, inputs: channels, ours, torch, of: ['x', 'weight', 'bias'], ...rest,
});

export const norms: Family = {
  name: 'norms',
  title: 'Norms of images, 32 × 64 × 28 × 28, and of rows',
  ofTorch: 2,
  cases: [
    norm('batchNorm.eval', ({ x, mean, variance, weight, bias }) => F.batchNorm(x!, mean, variance, weight, bias), 'F.batch_norm(x, mean, variance, weight, bias)'),
    norm(
      'batchNorm.train', ({ x, mean, variance, weight, bias }) => F.batchNorm(x!, mean, variance, weight, bias, true),
      'F.batch_norm(x, mean, variance, weight, bias, True)',
    ),
    norm('groupNorm', ({ x, weight, bias }) => F.groupNorm(x!, 8, weight, bias), 'F.group_norm(x, 8, weight, bias)'),
    norm('instanceNorm', ({ x }) => F.instanceNorm(x!), 'F.instance_norm(x)', { of: ['x'] }),
    ...(['layerNorm', 'layerNorm.512', 'rmsNorm'] as const).map((name): Case => {
      const width = name === 'layerNorm.512' ? 512 : SIDE;
      return {
        name,
        inputs: (n) => ({ x: normal([SIDE * n, width]), weight: uniform([width]), bias: normal([width]) }),
        ours: ({ x, weight, bias }) => (name === 'rmsNorm' ? F.rmsNorm(x!, [width], weight) : F.layerNorm(x!, [width], weight, bias)),
        torch: name === 'rmsNorm' ? `F.rms_norm(x, [${width}], weight)` : `F.layer_norm(x, [${width}], weight, bias)`,
        of: name === 'rmsNorm' ? ['x', 'weight'] : ['x', 'weight', 'bias'],
      };
    }),
    million('normalize', (x) => F.normalize(x), 'F.normalize(x)'),
  ],
};

const rows = (n: number) => ({ x: normal([256 * n, SIDE]) });
const line = (n: number) => ({ x: normal([262_144 * n]) });

export const scans: Family = {
  name: 'scans',
  title: 'Scans and orders',
  ofTorch: 2,
  cases: [
    million('cumsum.dim1', (x) => x.cumsum(1), 'x.cumsum(1)'),
    million('cumsum.dim0', (x) => x.cumsum(0), 'x.cumsum(0)'),
    positive('cumprod', (x) => cumprod(x, 1), 'x.cumprod(1)', { inputs: (n) => ({ x: uniform([256 * n, SIDE], 0.9, 1.1) }) }),
    million('cummax', (x) => { const { values, indices } = x.cummax(1); return [values, indices]; }, 'x.cummax(1)', { inputs: rows }),
    million('logcumsumexp', (x) => x.logcumsumexp(1), 'x.logcumsumexp(1)', { inputs: rows }),
    million('sort', (x) => { const { values } = x.sort(); return values; }, 'x.sort().values', { inputs: line }),
    million('sort.rows', (x) => { const { values } = x.sort(1); return values; }, 'x.sort(1).values', { inputs: rows }),
    million('sort.dim0', (x) => { const { values } = x.sort(0); return values; }, 'x.sort(0).values', { inputs: rows }),
    million('sort.int64', (x) => { const { values } = x.sort(); return values; }, 'x.sort().values', { inputs: (n) => ({ x: integers(0, 1_000_000, [262_144 * n]) }), of: [] }),
    million('argsort', (x) => x.argsort(1), 'x.argsort(1)', { inputs: rows, of: [] }),
    million('topk.10', (x) => { const { values } = topk(x, 10); return values; }, 'x.topk(10).values', { inputs: rows }),
    million('topk.line', (x) => { const { values } = topk(x, 100); return values; }, 'x.topk(100).values', { inputs: line }),
    million('kthvalue', (x) => { const { values } = x.kthvalue(100); return values; }, 'x.kthvalue(100).values', { inputs: rows }),
    million('median', (x) => median(x), 'x.median()', { inputs: line }),
    million('unique', (x) => unique(x), 'x.unique()', { inputs: (n) => ({ x: integers(0, 1000, [262_144 * n]) }), of: [] }),
    million('bincount', (x) => bincount(x), 'x.bincount()', { inputs: (n) => ({ x: integers(0, 1000, [262_144 * n]) }), of: [] }),
    million('histc', (x) => histc(x, 64, -3, 3), 'x.histc(64, -3, 3)', { inputs: line, of: [] }),
    {
      name: 'searchsorted', inputs: (n) => ({ x: normal([262_144 * n]) }),
      ours: ({ x }) => searchsorted(linspace(-3, 3, 1001), x!), torch: 'torch.searchsorted(torch.linspace(-3, 3, 1001), x)',
    },
  ],
};
