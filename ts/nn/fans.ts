// Fans and gains: what the variance of initial weights depends on.
import { UsageError } from '../core/errors';
import { number, word } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import type { Tensor } from '../tensor/tensor';

/** The nonlinearities that have a gain. */
export const NONLINEARITIES = [
  'linear',
  'conv1d',
  'conv2d',
  'conv3d',
  'convTranspose1d',
  'convTranspose2d',
  'convTranspose3d',
  'sigmoid',
  'tanh',
  'relu',
  'leakyRelu',
  'selu',
] as const;

/** Which nonlinearity follows, as PyTorch writes it or in camelCase. */
export type Nonlinearity = (typeof NONLINEARITIES)[number] | 'conv_transpose1d' | 'conv_transpose2d' | 'conv_transpose3d' | 'leaky_relu';

/** Which fan keeps its variance: the inputs in the forward pass or the outputs in the backward pass. */
export type FanMode = 'fanIn' | 'fanOut' | 'fan_in' | 'fan_out';

interface GainArguments {
  /** What follows. */
  nonlinearity: Nonlinearity;
  /** The slope of a leaky ReLU; 0.01 by default. */
  param?: number | null;
}

/** The factor on the standard deviation recommended before a nonlinearity; `param` is the slope of a leaky ReLU. */
export const calculateGain: Stated & ((...args: Arguments<GainArguments, ['nonlinearity', 'param']>) => number) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<GainArguments>('calculateGain', () => ({ nonlinearity: word(...NONLINEARITIES), param: number.orNull() })),
  ({ nonlinearity, param }) => gainOf(nonlinearity, param ?? 0.01),
);

function gainOf(nonlinearity: Nonlinearity, slope: number): number {
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + slope ** 2));
    case 'selu':
      return 3 / 4;
    default:
      return 1;
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
