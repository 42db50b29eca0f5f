// Fans and gains: what the variance of initial weights depends on.
import { UsageError } from '../errors';
import type { Tensor } from '../tensor';

/** Which nonlinearity follows. */
export type Nonlinearity =
  | 'linear'
  | 'conv1d'
  | 'conv2d'
  | 'conv3d'
  | 'convTranspose1d'
  | 'convTranspose2d'
  | 'convTranspose3d'
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leakyRelu'
  | 'selu';

/** Which fan keeps its variance: the inputs in the forward pass or the outputs in the backward pass. */
export type FanMode = 'fanIn' | 'fanOut';

/** The factor on the standard deviation recommended before a nonlinearity; `param` is the slope of a leaky ReLU. */
export function calculateGain(nonlinearity: Nonlinearity, param?: number): number {
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + (param ?? 0.01) ** 2));
    case 'selu':
      return 3 / 4;
    case 'sigmoid':
    case 'linear':
    case 'conv1d':
    case 'conv2d':
    case 'conv3d':
    case 'convTranspose1d':
    case 'convTranspose2d':
    case 'convTranspose3d':
      return 1;
    default:
      throw new UsageError(`calculateGain: there is no nonlinearity ${String(nonlinearity)}`, 'calculateGain');
  }
}

/** How many inputs feed an output, and how many outputs an input feeds: `[out, in, ...receptive field]`. */
export function fansOf(op: string, weight: Tensor): { fanIn: number; fanOut: number } {
  const { shape } = weight;
  if (shape.length < 2) {
    throw new UsageError(`${op}: a tensor of fewer than 2 dims has no fans, got shape [${shape.join(', ')}]`, op, { shape });
  }
  const field = shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: shape[1]! * field, fanOut: shape[0]! * field };
}
