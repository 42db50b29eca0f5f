// What networks are made of: products, convolutions, pools, losses, attention, recurrent layers, and whole steps.
import { addmm, baddbmm, cdist, einsum, lstm, nn, type Tensor } from 'adjoint';
import { inferences, trainings } from '../../subjects/models';
import { integers, million, normal, uniform, type Case, type Family, type Inputs } from '../case';

const F = nn.functional;

const product = (name: string, x: readonly number[], y: readonly number[], flops: number): Case => ({
  name,
  inputs: () => ({ x: normal(x), y: normal(y) }),
  ours: ({ x, y }) => x!.matmul(y!),
  torch: 'x @ y',
  of: ['x', 'y'],
  flops,
});

const linear = (name: string, rows: number, from: number, to: number): Case => ({
  name,
  // One row cannot be less.
  inputs: (n) => ({ x: normal([rows === 1 ? 1 : rows * n, from]), weight: normal([to, from]), bias: normal([to]) }),
  ours: ({ x, weight, bias }) => F.linear(x!, weight!, bias),
  torch: 'F.linear(x, weight, bias)',
  of: ['x', 'weight', 'bias'],
  flops: 2 * rows * from * to,
});

export const products: Family = {
  name: 'products',
  title: 'Products',
  ofTorch: 2,
  cases: [
    product('matmul.32', [32, 32], [32, 32], 2 * 32 ** 3),
    product('matmul.128', [128, 128], [128, 128], 2 * 128 ** 3),
    product('matmul.512', [512, 512], [512, 512], 2 * 512 ** 3),
    product('matmul.thin', [4096, 64], [64, 64], 2 * 4096 * 64 * 64),
    product('matmul.vector', [1024, 1024], [1024], 2 * 1024 ** 2),
    product('bmm', [64, 64, 64], [64, 64, 64], 2 * 64 ** 4),
    product('bmm.broadcast', [32, 8, 64, 32], [32, 64], 2 * 32 * 8 * 64 * 32 * 64),
    million('matmul.transposed', (x) => x.t().matmul(x), 'x.t() @ x', { inputs: () => ({ x: normal([1024, 256]) }), flops: 2 * 1024 * 256 * 256 }),
    linear('linear.large', 64, 2048, 2048),
    linear('linear.batch1', 1, 2048, 2048),
    linear('linear.small', 64, 128, 128),
    {
      name: 'addmm', inputs: () => ({ b: normal([256]), x: normal([256, 256]), y: normal([256, 256]) }),
      ours: ({ b, x, y }) => addmm(b!, x!, y!), torch: 'torch.addmm(b, x, y)', of: ['b', 'x', 'y'], flops: 2 * 256 ** 3,
    },
    {
      name: 'baddbmm', inputs: (n) => ({ b: normal([16 * n, 64, 64]), x: normal([16 * n, 64, 64]), y: normal([16 * n, 64, 64]) }),
      ours: ({ b, x, y }) => baddbmm(b!, x!, y!), torch: 'torch.baddbmm(b, x, y)', of: ['b', 'x', 'y'], flops: 2 * 16 * 64 ** 3,
    },
    {
      name: 'einsum', inputs: (n) => ({ x: normal([16 * n, 64, 8, 32]), y: normal([16 * n, 64, 8, 32]) }),
      ours: ({ x, y }) => einsum('bqhd,bkhd->bhqk', x!, y!), torch: 'torch.einsum("bqhd,bkhd->bhqk", x, y)', of: ['x', 'y'], flops: 2 * 16 * 8 * 64 * 64 * 32,
    },
    million('outer', (x) => x.outer(x), 'torch.outer(x, x)', { inputs: () => ({ x: normal([1024]) }) }),
  ],
};

interface Conv {
  readonly x: readonly number[];
  readonly weight: readonly number[];
  readonly stride?: number;
  readonly padding?: number;
  readonly groups?: number;
}

/** The output's numbers are counted by what PyTorch says of its shape. */
function convolution(name: string, fn: 'conv1d' | 'conv2d' | 'conv3d', { x, weight, stride = 1, padding = 0, groups = 1 }: Conv): Case {
  const spatial = x.slice(2).map((size, i) => Math.floor((size + 2 * padding - weight[i + 2]!) / stride) + 1);
  const flops = 2 * x[0]! * spatial.reduce((a, b) => a * b, 1) * weight.reduce((a, b) => a * b, 1);
  return {
    name,
    inputs: (n): Inputs => ({ x: normal([x[0]! * n, ...x.slice(1)]), weight: normal(weight), bias: normal([weight[0]!]) }),
    ours: ({ x, weight, bias }) => F[fn](x!, weight!, bias, stride, padding, 1, groups),
    torch: `F.${fn}(x, weight, bias, ${stride}, ${padding}, 1, ${groups})`,
    of: ['x', 'weight', 'bias'],
    flops,
  };
}

export const convolutions: Family = {
  name: 'convolutions',
  title: 'Convolutions',
  ofTorch: 2,
  cases: [
    convolution('3x3.256 on 7x7', 'conv2d', { x: [4, 256, 7, 7], weight: [256, 256, 3, 3], padding: 1 }),
    convolution('3x3.64 on 28x28', 'conv2d', { x: [4, 64, 28, 28], weight: [64, 64, 3, 3], padding: 1 }),
    convolution('1x1.256 on 14x14', 'conv2d', { x: [8, 256, 14, 14], weight: [256, 256, 1, 1] }),
    convolution('7x7 stride 2 on 112x112', 'conv2d', { x: [4, 3, 112, 112], weight: [64, 3, 7, 7], stride: 2, padding: 3 }),
    convolution('5x5.1 on 28x28', 'conv2d', { x: [32, 1, 28, 28], weight: [6, 1, 5, 5], padding: 2 }),
    convolution('depthwise.64 on 28x28', 'conv2d', { x: [8, 64, 28, 28], weight: [64, 1, 3, 3], padding: 1, groups: 64 }),
    convolution('grouped.4', 'conv2d', { x: [8, 64, 28, 28], weight: [64, 16, 3, 3], padding: 1, groups: 4 }),
    convolution('1d.64 on 256', 'conv1d', { x: [16, 64, 256], weight: [64, 64, 3], padding: 1 }),
    convolution('3d.16 on 16x16x16', 'conv3d', { x: [4, 16, 16, 16, 16], weight: [16, 16, 3, 3, 3], padding: 1 }),
    {
      name: 'transposed', inputs: (n) => ({ x: normal([4 * n, 64, 14, 14]), weight: normal([64, 32, 4, 4]), bias: normal([32]) }),
      ours: ({ x, weight, bias }) => F.convTranspose2d(x!, weight!, bias, 2, 1), torch: 'F.conv_transpose2d(x, weight, bias, 2, 1)',
      of: ['x', 'weight', 'bias'], flops: 2 * 4 * 14 * 14 * 64 * 32 * 16,
    },
    million('unfold', (x) => F.unfold(x, 3), 'F.unfold(x, 3)', { inputs: (n) => ({ x: normal([4 * n, 32, 28, 28]) }) }),
    million('fold', (x) => F.fold(x, [28, 28], 3), 'F.fold(x, (28, 28), 3)', { inputs: (n) => ({ x: normal([4 * n, 288, 676]) }) }),
  ],
};

const images = (n: number) => ({ x: normal([16 * n, 64, 32, 32]) });
const volumes = (n: number) => ({ x: normal([4 * n, 16, 16, 32, 32]) });

export const pools: Family = {
  name: 'pools',
  title: 'Pools and sampling of images, 16 × 64 × 32 × 32',
  ofTorch: 2,
  cases: [
    million('maxPool2d', (x) => F.maxPool2d(x, 2), 'F.max_pool2d(x, 2)', { inputs: images }),
    million('maxPool2d.3 stride 2', (x) => F.maxPool2d(x, 3, 2, 1), 'F.max_pool2d(x, 3, 2, 1)', { inputs: images }),
    million('avgPool2d', (x) => F.avgPool2d(x, 2), 'F.avg_pool2d(x, 2)', { inputs: images }),
    million('adaptiveAvgPool2d', (x) => F.adaptiveAvgPool2d(x, 1), 'F.adaptive_avg_pool2d(x, 1)', { inputs: images }),
    million('adaptiveMaxPool2d', (x) => F.adaptiveMaxPool2d(x, 7), 'F.adaptive_max_pool2d(x, 7)', { inputs: images }),
    million('maxPool1d', (x) => F.maxPool1d(x, 2), 'F.max_pool1d(x, 2)', { inputs: (n) => ({ x: normal([16 * n, 64, 1024]) }) }),
    million('maxPool3d', (x) => F.maxPool3d(x, 2), 'F.max_pool3d(x, 2)', { inputs: volumes }),
    million('avgPool3d', (x) => F.avgPool3d(x, 2), 'F.avg_pool3d(x, 2)', { inputs: volumes }),
    ...(['nearest', 'bilinear', 'bicubic'] as const).map((mode) =>
      million(`interpolate.${mode}`, (x) => F.interpolate(x, { scaleFactor: 2, mode }), `F.interpolate(x, scale_factor=2, mode="${mode}")`, {
        inputs: (n) => ({ x: normal([8 * n, 32, 32, 32]) }),
      })),
    {
      name: 'gridSample', inputs: (n) => ({ x: normal([8 * n, 16, 32, 32]), grid: uniform([8 * n, 64, 64, 2], -1, 1) }),
      ours: ({ x, grid }) => F.gridSample(x!, grid!, { alignCorners: false }), torch: 'F.grid_sample(x, grid, align_corners=False)', of: ['x', 'grid'],
    },
    million('affineGrid', (x) => F.affineGrid(x, [32, 3, 64, 64], false), 'F.affine_grid(x, [32, 3, 64, 64], False)', { inputs: () => ({ x: normal([32, 2, 3]) }) }),
  ],
};

const pairs = (n: number) => ({ x: normal([1024 * n, 1024]), y: normal([1024 * n, 1024]) });
const loss = (name: string, ours: (x: Tensor, y: Tensor) => Tensor, torch: string, rest: Partial<Case> = {}): Case => ({
  name, inputs: pairs, ours: ({ x, y }) => ours(x!, y!), torch, of: ['x'], ...rest,
});
const classes = (n: number) => ({ x: normal([1024 * n, 1000]), y: integers(0, 1000, [1024 * n]) });

export const losses: Family = {
  name: 'losses',
  title: 'Losses',
  ofTorch: 2,
  cases: [
    loss('crossEntropy', (x, y) => F.crossEntropy(x, y), 'F.cross_entropy(x, y)', { inputs: classes }),
    loss('crossEntropy.10', (x, y) => F.crossEntropy(x, y), 'F.cross_entropy(x, y)', { inputs: (n) => ({ x: normal([8192 * n, 10]), y: integers(0, 10, [8192 * n]) }) }),
    loss('nllLoss', (x, y) => F.nllLoss(x, y), 'F.nll_loss(x, y)', { inputs: classes }),
    loss('mseLoss', (x, y) => F.mseLoss(x, y), 'F.mse_loss(x, y)'),
    loss('l1Loss', (x, y) => F.l1Loss(x, y), 'F.l1_loss(x, y)'),
    loss('smoothL1Loss', (x, y) => F.smoothL1Loss(x, y), 'F.smooth_l1_loss(x, y)'),
    loss('huberLoss', (x, y) => F.huberLoss(x, y), 'F.huber_loss(x, y)'),
    loss('bceWithLogits', (x, y) => F.binaryCrossEntropyWithLogits(x, y), 'F.binary_cross_entropy_with_logits(x, y)', {
      inputs: (n) => ({ x: normal([1024 * n, 1024]), y: uniform([1024 * n, 1024], 0, 1) }),
    }),
    loss('klDiv', (x, y) => F.klDiv(x, y), 'F.kl_div(x, y)', { inputs: (n) => ({ x: normal([1024 * n, 1024]), y: uniform([1024 * n, 1024]) }) }),
    loss('cosineSimilarity', (x, y) => F.cosineSimilarity(x, y), 'F.cosine_similarity(x, y)', { of: ['x', 'y'] }),
    {
      name: 'tripletMarginLoss', inputs: (n) => ({ x: normal([1024 * n, 256]), y: normal([1024 * n, 256]), z: normal([1024 * n, 256]) }),
      ours: ({ x, y, z }) => F.tripletMarginLoss(x!, y!, z!), torch: 'F.triplet_margin_loss(x, y, z)', of: ['x', 'y', 'z'],
    },
    {
      name: 'ctcLoss', inputs: (n) => ({ x: normal([100, 16 * n, 28]), y: integers(1, 28, [16 * n, 20]), lengths: integers(100, 101, [16 * n]), to: integers(20, 21, [16 * n]) }),
      ours: ({ x, y, lengths, to }) => F.ctcLoss(x!.logSoftmax(2), y!, lengths!, to!),
      torch: 'F.ctc_loss(x.log_softmax(2), y, lengths, to)', of: ['x'],
    },
  ],
};

export const distances: Family = {
  name: 'distances',
  title: 'Distances',
  ofTorch: 2,
  cases: [
    ...([2, 1, 3] as const).map((p): Case => ({
      name: `cdist.${p}`, inputs: () => ({ x: normal([256, 64]), y: normal([256, 64]) }),
      ours: ({ x, y }) => cdist(x!, y!, p), torch: `torch.cdist(x, y, ${p}.0)`, of: ['x', 'y'], power: 2,
    })),
    million('pdist', (x) => F.pdist(x), 'F.pdist(x)', { inputs: () => ({ x: normal([256, 64]) }), power: 2 }),
    { name: 'pairwiseDistance', inputs: (n) => ({ x: normal([1024 * n, 256]), y: normal([1024 * n, 256]) }), ours: ({ x, y }) => F.pairwiseDistance(x!, y!), torch: 'F.pairwise_distance(x, y)', of: ['x', 'y'] },
  ],
};

const heads = (n: number) => ({ q: normal([4 * n, 4, 128, 32]), k: normal([4 * n, 4, 128, 32]), v: normal([4 * n, 4, 128, 32]) });
/** The four weights of a recurrent layer of width 128 whose gates are `gates`. */
const recurrent = (gates: number) => (n: number) => ({
  x: normal([32, 8 * n, 128]), h: normal([1, 8 * n, 128]), c: normal([1, 8 * n, 128]),
  wi: uniform([gates * 128, 128], -0.1, 0.1), wh: uniform([gates * 128, 128], -0.1, 0.1), bi: uniform([gates * 128], -0.1, 0.1), bh: uniform([gates * 128], -0.1, 0.1),
});

export const models: Family = {
  name: 'models',
  title: 'Attention, recurrent layers and whole steps',
  ofTorch: 2,
  cases: [
    {
      name: 'attention', inputs: heads, ours: ({ q, k, v }) => F.scaledDotProductAttention(q!, k!, v!),
      torch: 'F.scaled_dot_product_attention(q, k, v)', of: ['q', 'k', 'v'], flops: 4 * 16 * 128 * 128 * 32,
    },
    {
      name: 'attention.causal', inputs: heads, ours: ({ q, k, v }) => F.scaledDotProductAttention(q!, k!, v!, { isCausal: true }),
      torch: 'F.scaled_dot_product_attention(q, k, v, is_causal=True)', of: ['q', 'k', 'v'],
    },
    {
      name: 'lstm', inputs: recurrent(4),
      ours: ({ x, h, c, wi, wh, bi, bh }) => lstm(x!, [h!, c!], [wi!, wh!, bi!, bh!], true, 1, 0, false, false, false)[0],
      torch: 'torch.lstm(x, [h, c], [wi, wh, bi, bh], True, 1, 0.0, False, False, False)[0]', of: ['x', 'wi', 'wh', 'bi', 'bh'],
    },
    ...['train.tiny', 'train.digits', 'train.lenet', 'train.transformer'].map((name) => ({ name, prepare: trainings[name]!, torch: `models.${name.replace('.', '_')}()` })),
    ...['infer.digits', 'infer.lenet', 'infer.transformer'].map((name) => ({ name, prepare: inferences[name]!, torch: `models.WORKLOADS["${name}"]()` })),
  ],
};
