// PyTorch's forms of layers at the root, with parameters in another order than those of `nn.functional`.
import { noGrad } from '../autograd/autograd';
import { ShapeError, UsageError, under } from '../core/errors';
import { anyWay, boolean, integer, number, only } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import * as functional from '../generated/functional';
import { unique } from '../generated/functions';
import { vectorNorm } from '../generated/linalg';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { sizeList, type Sizes } from './pairs';

interface Normalized {
  input: Tensor;
  weight: Tensor | null;
  bias: Tensor | null;
  runningMean: Tensor | null;
  runningVar: Tensor | null;
  momentum: number;
  eps: number;
  /** Of no effect: there is one way to compute it. */
  cudnnEnabled: boolean | null;
}

const normalized = () => ({
  input: tensor,
  weight: tensor.orNull(),
  bias: tensor.orNull(),
  runningMean: tensor.orNull(),
  runningVar: tensor.orNull(),
});
const numbers = () => ({ momentum: number, eps: number, cudnnEnabled: anyWay() });

type Order<Mode extends string> = ['input', 'weight', 'bias', 'runningMean', 'runningVar', Mode, 'momentum', 'eps', 'cudnnEnabled'];

/** PyTorch's `torch.batch_norm`: `nn.functional.batchNorm` with weight and bias before the running values. */
export const batchNorm: Stated & ((...args: Arguments<Normalized & { training: boolean }, Order<'training'>>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Normalized & { training: boolean }>('batchNorm', () => ({ ...normalized(), training: boolean, ...numbers() })),
  ({ input, weight, bias, runningMean, runningVar, training, momentum, eps }) =>
    under('batchNorm', () => functional.batchNorm(input, runningMean, runningVar, weight, bias, training, momentum, eps)),
);

/** PyTorch's `torch.instance_norm`: `nn.functional.instanceNorm` with weight and bias before the running values. */
export const instanceNorm: Stated & ((...args: Arguments<Normalized & { useInputStats: boolean }, Order<'useInputStats'>>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Normalized & { useInputStats: boolean }>('instanceNorm', () => ({ ...normalized(), useInputStats: boolean, ...numbers() })),
  ({ input, weight, bias, runningMean, runningVar, useInputStats, momentum, eps }) =>
    under('instanceNorm', () => functional.instanceNorm(input, runningMean, runningVar, weight, bias, useInputStats, momentum, eps)),
);

interface Embedded {
  /** The rows. */
  weight: Tensor;
  /** Which to take. */
  indices: Tensor;
  /** A row that learns nothing; negative, the default, for none. */
  paddingIdx?: number;
  /** Whether the gradient of a row is divided by how often it occurs; false by default. */
  scaleGradByFreq?: boolean;
  /** There are no sparse gradients. */
  sparse?: false;
}

/** PyTorch's `torch.embedding`: `nn.functional.embedding` with the weight first. */
export const embedding: Stated & ((...args: Arguments<Embedded, ['weight', 'indices', 'paddingIdx', 'scaleGradByFreq', 'sparse']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Embedded>('embedding', () => ({ weight: tensor, indices: tensor, paddingIdx: integer.or(-1), scaleGradByFreq: boolean.or(false), sparse: only(false) })),
  ({ weight, indices, paddingIdx, scaleGradByFreq }) =>
    under('embedding', () => functional.embedding(indices, weight, { paddingIdx: paddingIdx < 0 ? null : paddingIdx, scaleGradByFreq })),
);

interface Renormed {
  /** The rows, which are written. */
  input: Tensor;
  /** Which of them. */
  indices: Tensor;
  maxNorm: number;
  /** The order of the norm. */
  normType: number;
}

/**
 * Scales the rows of `input` that `indices` name and whose norm is above `maxNorm` down to it, in place. Source: PyTorch,
 * `torch.embedding_renorm_`.
 */
export const embeddingRenorm_: Stated & ((...args: Arguments<Renormed, ['input', 'indices', 'maxNorm', 'normType']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Renormed>('embeddingRenorm_', () => ({ input: tensor, indices: tensor, maxNorm: number, normType: number })),
  ({ input, indices, maxNorm, normType }) =>
    under('embeddingRenorm_', () => {
      if (input.ndim !== 2) throw new ShapeError(`embeddingRenorm_: expected an input of 2 dims, got shape [${input.shape.join(', ')}]`, 'embeddingRenorm_', { shape: input.shape });
      noGrad(() => {
        const places = unique(indices.reshape([-1]));
        const rows = input.detach().indexSelect(0, places);
        const norms = vectorNorm(rows, normType, [1], true);
        const factors = norms.add(1e-7).reciprocal().mul(maxNorm);
        input.indexCopy_(0, places, rows.where(norms.le(maxNorm), rows.mul(factors)));
      });
      return input;
    }),
);

interface Bagged {
  /** The rows. */
  weight: Tensor;
  /** Which to take, bag after bag. */
  indices: Tensor;
  /** Where each bag starts. */
  offsets: Tensor;
  scaleGradByFreq?: boolean;
  /** 0 for sums, 1 for means, 2 for the greatest. */
  mode?: number;
  /** There are no sparse gradients. */
  sparse?: false;
  perSampleWeights?: Tensor | null;
  includeLastOffset?: boolean;
  paddingIdx?: number | null;
}

type BagOrder = ['weight', 'indices', 'offsets', 'scaleGradByFreq', 'mode', 'sparse', 'perSampleWeights', 'includeLastOffset', 'paddingIdx'];

const MODES = ['sum', 'mean', 'max'] as const;

/**
 * PyTorch's `torch.embedding_bag`: `nn.functional.embeddingBag` with the weight first and a number for the mode, whose default is the sum.
 * Returns the output alone, in a list: the three tensors PyTorch adds are its kernel's own.
 */
export const embeddingBag: Stated & ((...args: Arguments<Bagged, BagOrder>) => [output: Tensor]) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Bagged>('embeddingBag', () => ({
    weight: tensor,
    indices: tensor,
    offsets: tensor,
    scaleGradByFreq: boolean.or(false),
    mode: integer.or(0),
    sparse: only(false),
    perSampleWeights: tensor.orNull(),
    includeLastOffset: boolean.or(false),
    paddingIdx: integer.orNull(),
  })),
  ({ weight, indices, mode, ...options }): [Tensor] => {
    const word = MODES[mode];
    if (word === undefined) throw new UsageError(`embeddingBag: mode must be 0 for sums, 1 for means or 2 for the greatest, got ${mode}`, 'embeddingBag', { mode });
    return [under('embeddingBag', () => functional.embeddingBag(indices, weight, { ...options, mode: word }))];
  },
);

interface Convolved {
  input: Tensor;
  weight: Tensor;
  bias: Tensor | null;
  stride: Sizes;
  padding: Sizes;
  dilation: Sizes;
  /** Whether it is a transposed convolution. */
  transposed: boolean;
  /** Added to one side of the output of a transposed one. */
  outputPadding: Sizes;
  groups: number;
}

type ConvOrder = ['input', 'weight', 'bias', 'stride', 'padding', 'dilation', 'transposed', 'outputPadding', 'groups'];

/**
 * The convolution along as many axes as `weight` has behind its channels, one to three, or the transposed one: `conv1d` to
 * `convTranspose3d`, with all arguments given. Source: PyTorch, `torch.convolution`.
 */
export const convolution: Stated & ((...args: Arguments<Convolved, ConvOrder>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Convolved>('convolution', () => ({
    input: tensor,
    weight: tensor,
    bias: tensor.orNull(),
    stride: sizeList,
    padding: sizeList,
    dilation: sizeList,
    transposed: boolean,
    outputPadding: sizeList,
    groups: integer,
  })),
  ({ input, weight, bias, stride, padding, dilation, transposed, outputPadding, groups }) => {
    const axes = weight.ndim - 3;
    const { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } = functional;
    const [plain, back] = [[conv1d, conv2d, conv3d][axes], [convTranspose1d, convTranspose2d, convTranspose3d][axes]];
    if (plain === undefined || back === undefined || input.ndim !== weight.ndim) {
      const shapes = `[${input.shape.join(', ')}] and [${weight.shape.join(', ')}]`;
      throw new ShapeError(`convolution: expected an input and a weight of 3 to 5 dims each, as many, got shapes ${shapes}`, 'convolution');
    }
    return under('convolution', () =>
      transposed ? back(input, weight, bias, stride, padding, outputPadding, groups, dilation) : plain(input, weight, bias, stride, padding, dilation, groups),
    );
  },
);
