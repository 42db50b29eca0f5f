// The names of nodes, PyTorch's, of what is made of several ops here and of one there. Recorded from PyTorch 2.15.
import { describe, expect, it } from 'vitest';
import { type Tensor, manualSeed, nn, ones, rand, tensor, zeros } from 'adjoint';

const F = nn.functional;
manualSeed(0);
const leaf = (...shape: number[]): Tensor => rand(shape).add(0.1).detach().requiresGrad_();
const x = (): Tensor => leaf(3, 4);
const t = rand([3, 4]);
const classes = tensor([0n, 1n, 2n]);
const signs = rand([3, 4]).sub(0.5).sign();
const none = (...shape: number[]): Tensor => zeros(shape, { dtype: 'int64' });
type Options = { reduction: 'none' | 'mean' | 'sum' };

/** Each loss with PyTorch's names for no reduction, the mean and the sum. */
const losses: Record<string, [(o: Options) => Tensor, string, string?, string?]> = {
  mseLoss: [(o) => F.mseLoss(x(), t, o), 'MseLossBackward0'],
  l1Loss: [(o) => F.l1Loss(x(), t, o), 'AbsBackward0', 'MeanBackward0', 'SumBackward0'],
  smoothL1Loss: [(o) => F.smoothL1Loss(x(), t, o), 'SmoothL1LossBackward0'],
  'smoothL1Loss of beta 0': [(o) => F.smoothL1Loss(x(), t, { ...o, beta: 0 }), 'AbsBackward0', 'MeanBackward0', 'SumBackward0'],
  huberLoss: [(o) => F.huberLoss(x(), t, o), 'HuberLossBackward0'],
  binaryCrossEntropy: [(o) => F.binaryCrossEntropy(x().mul(0.5), t, o), 'BinaryCrossEntropyBackward0'],
  'binaryCrossEntropy with a weight': [(o) => F.binaryCrossEntropy(x().mul(0.5), t, { ...o, weight: ones([4]) }), 'BinaryCrossEntropyBackward0'],
  binaryCrossEntropyWithLogits: [(o) => F.binaryCrossEntropyWithLogits(x(), t, o), 'BinaryCrossEntropyWithLogitsBackward0'],
  softMarginLoss: [(o) => F.softMarginLoss(x(), signs, o), 'SoftMarginLossBackward0'],
  multiMarginLoss: [(o) => F.multiMarginLoss(x(), classes, o), 'MultiMarginLossBackward0'],
  multilabelMarginLoss: [(o) => F.multilabelMarginLoss(x(), none(3, 4), o), 'MultilabelMarginLossBackward0'],
  'nllLoss of rows': [(o) => F.nllLoss(x(), classes, o), 'NllLossBackward0'],
  'nllLoss of one': [(o) => F.nllLoss(leaf(4), tensor(1n), o), 'NllLossBackward0'],
  'nllLoss of images': [(o) => F.nllLoss(leaf(3, 4, 2, 2), none(3, 2, 2), o), 'NllLoss2DBackward0'],
  'nllLoss of sequences': [(o) => F.nllLoss(leaf(3, 4, 2), none(3, 2), o), 'ViewBackward0', 'NllLoss2DBackward0', 'NllLoss2DBackward0'],
  'crossEntropy of rows': [(o) => F.crossEntropy(x(), classes, o), 'NllLossBackward0'],
  'crossEntropy of one': [(o) => F.crossEntropy(leaf(4), tensor(1n), o), 'NllLossBackward0'],
  'crossEntropy of images': [(o) => F.crossEntropy(leaf(3, 4, 2, 2), none(3, 2, 2), o), 'NllLoss2DBackward0'],
  'crossEntropy of sequences': [(o) => F.crossEntropy(leaf(3, 4, 2), none(3, 2), o), 'ViewBackward0', 'NllLoss2DBackward0', 'NllLoss2DBackward0'],
  'crossEntropy that is smoothed': [(o) => F.crossEntropy(x(), classes, { ...o, labelSmoothing: 0.1 }), 'AddBackward0'],
  'crossEntropy of probabilities': [(o) => F.crossEntropy(x(), t, o), 'NegBackward0', 'DivBackward1', 'NegBackward0'],
  klDiv: [(o) => F.klDiv(x(), t, o), 'SubBackward0', 'MeanBackward0', 'SumBackward0'],
  poissonNllLoss: [(o) => F.poissonNllLoss(x(), t, o), 'SubBackward0', 'MeanBackward0', 'SumBackward0'],
  marginRankingLoss: [(o) => F.marginRankingLoss(leaf(3), leaf(3), ones([3]), o), 'ClampMinBackward0', 'MeanBackward0', 'SumBackward0'],
  hingeEmbeddingLoss: [(o) => F.hingeEmbeddingLoss(x(), signs, o), 'AddBackward0', 'MeanBackward0', 'SumBackward0'],
  cosineEmbeddingLoss: [(o) => F.cosineEmbeddingLoss(x(), x(), ones([3]), o), 'AddBackward0', 'MeanBackward0', 'SumBackward0'],
  tripletMarginLoss: [(o) => F.tripletMarginLoss(x(), x(), x(), o), 'ClampMinBackward0', 'MeanBackward0', 'SumBackward0'],
  multilabelSoftMarginLoss: [(o) => F.multilabelSoftMarginLoss(x(), t, o), 'DivBackward0', 'MeanBackward0', 'SumBackward0'],
};

describe.each(Object.entries(losses))('%s', (_, [loss, ofNone, ofMean = ofNone, ofSum = ofNone]) => {
  it('has the node that PyTorch has', () => {
    const names = (['none', 'mean', 'sum'] as const).map((reduction) => loss({ reduction }).gradFn!.name());
    expect(names).toEqual([ofNone, ofMean, ofSum]);
  });
});

const image = (): Tensor => leaf(1, 4, 6, 6);
const sequence = (): Tensor => leaf(1, 4, 6);

const others: Record<string, [() => Tensor, string]> = {
  conv1d: [() => F.conv1d(sequence(), leaf(2, 4, 3)), 'ConvolutionBackward0'],
  'conv1d of one sequence': [() => F.conv1d(leaf(4, 6), leaf(2, 4, 3)), 'SqueezeBackward1'],
  conv2d: [() => F.conv2d(image(), leaf(2, 4, 3, 3)), 'ConvolutionBackward0'],
  convTranspose1d: [() => F.convTranspose1d(sequence(), leaf(4, 2, 3)), 'ConvolutionBackward0'],
  convTranspose2d: [() => F.convTranspose2d(image(), leaf(4, 2, 3, 3)), 'ConvolutionBackward0'],
  groupNorm: [() => F.groupNorm(image(), 2), 'NativeGroupNormBackward0'],
  layerNorm: [() => F.layerNorm(x(), [4]), 'NativeLayerNormBackward0'],
  batchNorm: [() => F.batchNorm(image(), zeros([4]), ones([4]), { training: true }), 'NativeBatchNormBackward0'],
  'batchNorm that is evaluated': [() => F.batchNorm(image(), zeros([4]), ones([4])), 'NativeBatchNormBackward0'],
  adaptiveAvgPool1d: [() => F.adaptiveAvgPool1d(sequence(), 2), 'SqueezeBackward1'],
  adaptiveAvgPool2d: [() => F.adaptiveAvgPool2d(image(), 2), 'AdaptiveAvgPool2DBackward0'],
  'adaptiveAvgPool2d to one': [() => F.adaptiveAvgPool2d(image(), 1), 'MeanBackward1'],
  glu: [() => F.glu(x()), 'GluBackward0'],
  softsign: [() => F.softsign(x()), 'DivBackward0'],
  tanhshrink: [() => F.tanhshrink(x()), 'SubBackward0'],
  linear: [() => F.linear(x(), leaf(2, 4)), 'MmBackward0'],
  'linear with a bias': [() => F.linear(x(), leaf(2, 4), leaf(2)), 'AddmmBackward0'],
  'linear of three dims': [() => F.linear(leaf(2, 3, 4), leaf(2, 4), leaf(2)), 'UnsafeViewBackward0'],
  'linear of a vector': [() => F.linear(leaf(4), leaf(2, 4), leaf(2)), 'UnsafeViewBackward0'],
  pairwiseDistance: [() => F.pairwiseDistance(x(), x()), 'NormBackward1'],
  'matmul of batches': [() => leaf(2, 3, 4).matmul(leaf(2, 4, 2)), 'UnsafeViewBackward0'],
  'matmul of a batch and a matrix': [() => leaf(2, 3, 4).matmul(leaf(4, 2)), 'UnsafeViewBackward0'],
  'matmul of a vector and a matrix': [() => leaf(4).matmul(leaf(4, 2)), 'SqueezeBackward4'],
  'matmul of matrices': [() => leaf(3, 4).matmul(leaf(4, 2)), 'MmBackward0'],
  'pad with a constant': [() => F.pad(x(), [1, 1]), 'ConstantPadNdBackward0'],
  'pad that reflects': [() => F.pad(sequence(), [1, 1], 'reflect'), 'ReflectionPad1DBackward0'],
  'pad that reflects images': [() => F.pad(image(), [1, 1, 1, 1], 'reflect'), 'ReflectionPad2DBackward0'],
  'pad that replicates': [() => F.pad(sequence(), [1, 1], 'replicate'), 'ReplicationPad1DBackward0'],
  'pad that replicates images': [() => F.pad(image(), [1, 1, 1, 1], 'replicate'), 'ReplicationPad2DBackward0'],
  scaledDotProductAttention: [() => F.scaledDotProductAttention(leaf(1, 2, 3, 4), leaf(1, 2, 3, 4), leaf(1, 2, 3, 4)), 'ScaledDotProductFlashAttentionForCpuBackward0'],
};

describe.each(Object.entries(others))('%s', (_, [call, name]) => {
  it('has the node that PyTorch has', () => {
    expect(call().gradFn!.name()).toBe(name);
  });
});

it('a composite that hands on what it was given renames nothing', () => {
  const y = x().mul(2);
  expect(F.dropout(y, 0.5, false).gradFn!.name()).toBe('MulBackward0');
  expect(F.pad(y, [0, 0]).gradFn!.name()).not.toBe('');
  expect(y.gradFn!.name()).toBe('MulBackward0');
});
