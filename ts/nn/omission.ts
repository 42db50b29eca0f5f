// Dropout of whole channels, and dropout that keeps mean and variance: what modules and functions of `nn.functional` compute.
import { noGrad } from '../autograd/autograd';
import { ShapeError, UsageError } from '../core/errors';
import { empty } from '../generated/functions';
import type { Tensor } from '../tensor/tensor';

/** What an input is multiplied with, and what is then added. */
interface Noise {
  readonly factors: Tensor;
  readonly terms: Tensor | null;
}

/** The noise of elements of this shape, which is drawn with probability `p`. */
export type NoiseOf = (shape: readonly number[], p: number, input: Tensor) => Noise;

/** 1 with probability 1 − p and else 0, for each element of `shape`. */
function kept(shape: readonly number[], p: number, input: Tensor): Tensor {
  return empty(shape, { dtype: input.dtype }).bernoulli_(1 - p);
}

/** Noise that sets elements to 0, and scales the others so that the mean stays. */
export function zeroNoise(shape: readonly number[], p: number, input: Tensor): Noise {
  return { factors: p === 1 ? input.newZeros([]) : kept(shape, p, input).div_(1 - p), terms: null };
}

/** What SELU tends to for small inputs: −alpha · scale. */
const SATURATION = 1.7580993408473766;

/** Noise that sets elements to what SELU saturates at, scaled and moved so that mean 0 and variance 1 stay. */
export function alphaNoise(shape: readonly number[], p: number, input: Tensor): Noise {
  if (p === 1) return { factors: input.newZeros([]), terms: null };
  const factors = kept(shape, p, input);
  const a = 1 / Math.sqrt((SATURATION ** 2 * p + 1) * (1 - p));
  const terms = factors.sub(1).mul_(SATURATION * a).add_(SATURATION * a * p);
  return { factors: factors.mul_(a), terms };
}

/** The shape of one number for each channel of each sample. */
export function ofChannels(where: string, shape: readonly number[]): number[] {
  if (shape.length < 2) throw new ShapeError(`${where}: expected an input of at least 2 dims, got shape [${shape.join(', ')}]`, where, { shape });
  return shape.map((size, i) => (i < 2 ? size : 1));
}

/** The input with noise, where there is any to apply; `shapeOf` gives the shape of the noise. */
export function omitted(where: string, input: Tensor, p: number, training: boolean, inplace: boolean, noise: NoiseOf, shapeOf: (input: Tensor) => readonly number[]): Tensor {
  if (!(p >= 0 && p <= 1)) throw new UsageError(`${where}: p must be a probability, got ${p}`, where, { p });
  if (!training || p === 0 || input.numel() === 0) return input;
  const { factors, terms } = noGrad(() => noise(shapeOf(input), p, input));
  if (inplace) {
    input.mul_(factors);
    return terms === null ? input : input.add_(terms);
  }
  const scaled = input.mul(factors);
  return terms === null ? scaled : scaled.add(terms);
}

/**
 * The shape of the noise of channels of an input with `axes` behind them. PyTorch takes an input of one axis or three without a batch, and
 * for the first two dims of any other those of samples and channels.
 */
export function ofAxes(where: string, axes: number): (input: Tensor) => readonly number[] {
  return ({ shape }) => {
    const isBatched = axes === 2 || (axes === 3 && shape.length === 5) || (axes === 1 && shape.length === 3);
    if (axes === 1 && shape.length !== 2 && shape.length !== 3) {
      throw new ShapeError(`${where}: expected an input of 2 or 3 dims, got shape [${shape.join(', ')}]`, where, { shape });
    }
    return isBatched ? ofChannels(where, shape) : ofChannels(where, [1, ...shape]).slice(1);
  };
}
