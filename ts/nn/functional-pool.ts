// Pooling functions of `nn.functional` that are made of others: by a norm, and with indices.
import { UsageError } from '../core/errors';
import { boolean, kind, number, numbers, type Kind } from '../core/kinds';
import { named, parameters, type Arguments, type Kinds, type Stated } from '../core/options';
import * as pools from '../generated/functional';
import type { Outputs } from '../tensor/outputs';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { sizeList, type Sizes } from './pairs';

interface ByNorm {
  /** The tensor. */
  input: Tensor;
  /** The p of the norm, not 0; infinite ones give the greatest and the least absolute value. */
  normType: number;
  /** The size of a window along each axis. */
  kernelSize: Sizes;
  /** Steps between windows; the kernel's size by default. */
  stride?: Sizes | null;
  /** Whether a last window that does not fit counts; false by default. */
  ceilMode?: boolean;
}

type LPPool = Stated & ((...args: Arguments<ByNorm, ['input', 'normType', 'kernelSize', 'stride', 'ceilMode']>) => Tensor);
type Pool = (input: Tensor, kernelSize: Sizes, stride: Sizes | null, ceilMode: boolean) => Tensor;

/** Pooling by a norm along `axes` axes, of which windows have a mean and a greatest element. */
function byNorm(where: string, axes: number, mean: Pool, max: Pool): LPPool {
  return named(
    parameters<ByNorm>(where, () => ({ input: tensor, normType: number, kernelSize: sizeList, stride: sizeList.orNull(), ceilMode: boolean.or(false) })),
    ({ input, normType, kernelSize, stride, ceilMode }) => {
      if (normType === 0) throw new UsageError(`${where}: normType must not be 0`, where, { normType });
      if (normType === Infinity) return max(input.abs(), kernelSize, stride, ceilMode);
      if (normType === -Infinity) return max(input.abs().neg(), kernelSize, stride, ceilMode).neg();
      const means = mean(input.pow(normType), kernelSize, stride, ceilMode);
      const count = typeof kernelSize === 'number' ? kernelSize ** axes : kernelSize.reduce((a, b) => a * b, 1);
      // Odd powers may add up to less than 0, of which there is no root.
      return means.sign().mul(means.abs().relu()).mul(count).pow(1 / normType);
    },
  );
}

/** Returns (Σ x^p)^(1/p) over each window of sequences, `[N, C, L]` or `[C, L]`. Source: PyTorch, `torch.nn.functional.lp_pool1d`. */
export const lpPool1d: LPPool = /* @__PURE__ */ byNorm(
  'lpPool1d',
  1,
  (x, kernel, stride, ceil) => pools.avgPool1d(x, kernel, stride, 0, ceil),
  (x, kernel, stride, ceil) => pools.maxPool1d(x, kernel, stride, 0, 1, ceil),
);

/** The same of images, `[N, C, H, W]` or `[C, H, W]`. Source: PyTorch, `torch.nn.functional.lp_pool2d`. */
export const lpPool2d: LPPool = /* @__PURE__ */ byNorm(
  'lpPool2d',
  2,
  (x, kernel, stride, ceil) => pools.avgPool2d(x, kernel, stride, 0, ceil),
  (x, kernel, stride, ceil) => pools.maxPool2d(x, kernel, stride, 0, 1, ceil),
);

/** The same of volumes, `[N, C, D, H, W]` or `[C, D, H, W]`. Source: PyTorch, `torch.nn.functional.lp_pool3d`. */
export const lpPool3d: LPPool = /* @__PURE__ */ byNorm(
  'lpPool3d',
  3,
  (x, kernel, stride, ceil) => pools.avgPool3d(x, kernel, stride, 0, ceil),
  (x, kernel, stride, ceil) => pools.maxPool3d(x, kernel, stride, 0, 1, ceil),
);

/** The greatest elements of windows, and their places in their planes. */
export type WithIndices = Outputs<'values' | 'indices'>;

/** The arguments of pooling by the greatest element, whose places are returned too. */
export interface MaxPooling {
  /** The tensor. */
  input: Tensor;
  /** The size of a window along each axis. */
  kernelSize: Sizes;
  /** Steps between windows; the kernel's size by default. */
  stride?: Sizes | null;
  /** How far −∞ is put around the input; 0 by default. */
  padding?: Sizes;
  /** Steps within a window; 1 by default. */
  dilation?: Sizes;
  /** Whether a last window that does not fit counts; false by default. */
  ceilMode?: boolean;
}

export const maxPooling = (): Kinds<MaxPooling> => ({
  input: tensor,
  kernelSize: sizeList,
  stride: sizeList.orNull(),
  padding: sizeList.or(0),
  dilation: sizeList.or(1),
  ceilMode: boolean.or(false),
});

interface MaxPooled extends MaxPooling {
  /** Of no effect: indices are returned. */
  returnIndices?: boolean;
}

type MaxPool = Stated & ((...args: Arguments<MaxPooled, ['input', 'kernelSize', 'stride', 'padding', 'dilation', 'ceilMode', 'returnIndices']>) => WithIndices);
type Generated = (...args: readonly unknown[]) => unknown;

function maxPooled(where: string, pool: unknown): MaxPool {
  return named(
    parameters<MaxPooled>(where, () => ({ ...maxPooling(), returnIndices: boolean.or(false) })),
    ({ input, kernelSize, stride, padding, dilation, ceilMode }) => (pool as Generated)(input, kernelSize, stride, padding, dilation, ceilMode, true),
  );
}

/** `maxPool1d` with the places of the elements. Source: PyTorch, `torch.nn.functional.max_pool1d_with_indices`. */
export const maxPool1dWithIndices: MaxPool = /* @__PURE__ */ maxPooled('maxPool1dWithIndices', pools.maxPool1d);

/** `maxPool2d` with the places of the elements. Source: PyTorch, `torch.nn.functional.max_pool2d_with_indices`. */
export const maxPool2dWithIndices: MaxPool = /* @__PURE__ */ maxPooled('maxPool2dWithIndices', pools.maxPool2d);

/** `maxPool3d` with the places of the elements. Source: PyTorch, `torch.nn.functional.max_pool3d_with_indices`. */
export const maxPool3dWithIndices: MaxPool = /* @__PURE__ */ maxPooled('maxPool3dWithIndices', pools.maxPool3d);

/** How many windows there are along each axis; null for as many as elements. */
type OutputSize = number | readonly (number | null)[];

interface AdaptivelyPooled {
  /** The tensor. */
  input: Tensor;
  /** How many windows there are along each axis; null for as many as elements. */
  outputSize: OutputSize;
  /** Of no effect: indices are returned. */
  returnIndices?: boolean;
}

type AdaptivePool = Stated & ((...args: Arguments<AdaptivelyPooled, ['input', 'outputSize', 'returnIndices']>) => WithIndices);

function adaptivelyPooled(where: string, pool: unknown): AdaptivePool {
  return named(
    parameters<AdaptivelyPooled>(where, () => ({ input: tensor, outputSize: outputSize(), returnIndices: boolean.or(false) })),
    ({ input, outputSize }) => (pool as Generated)(input, outputSize, true),
  );
}

const isCount = (value: unknown): boolean => value === null || (Number.isSafeInteger(value) && (value as number) >= 0);

function outputSize(): Kind<OutputSize> {
  return kind<OutputSize>('a size, or a list of sizes and nulls', (value) => (typeof value === 'number' && isCount(value)) || (Array.isArray(value) && value.every(isCount)));
}

/** `adaptiveMaxPool1d` with the places of the elements. Source: PyTorch, `torch.nn.functional.adaptive_max_pool1d_with_indices`. */
export const adaptiveMaxPool1dWithIndices: AdaptivePool = /* @__PURE__ */ adaptivelyPooled('adaptiveMaxPool1dWithIndices', pools.adaptiveMaxPool1d);

/** `adaptiveMaxPool2d` with the places of the elements. Source: PyTorch, `torch.nn.functional.adaptive_max_pool2d_with_indices`. */
export const adaptiveMaxPool2dWithIndices: AdaptivePool = /* @__PURE__ */ adaptivelyPooled('adaptiveMaxPool2dWithIndices', pools.adaptiveMaxPool2d);

/** `adaptiveMaxPool3d` with the places of the elements. Source: PyTorch, `torch.nn.functional.adaptive_max_pool3d_with_indices`. */
export const adaptiveMaxPool3dWithIndices: AdaptivePool = /* @__PURE__ */ adaptivelyPooled('adaptiveMaxPool3dWithIndices', pools.adaptiveMaxPool3d);

interface FractionallyPooled {
  /** The tensor. */
  input: Tensor;
  /** The size of a window along each axis. */
  kernelSize: Sizes;
  /** How many windows there are along each axis. */
  outputSize?: Sizes | null;
  /** The same as a part of the input's size. */
  outputRatio?: number | readonly number[] | null;
  /** Of no effect: indices are returned. */
  returnIndices?: boolean;
  /** The random numbers, in place of new ones. */
  _randomSamples?: Tensor | null;
}

type FractionalPool = Stated & ((...args: Arguments<FractionallyPooled, ['input', 'kernelSize', 'outputSize', 'outputRatio', 'returnIndices', '_randomSamples']>) => WithIndices);

function fractionallyPooled(where: string, pool: unknown): FractionalPool {
  return named(
    parameters<FractionallyPooled>(where, () => ({
      input: tensor,
      kernelSize: sizeList,
      outputSize: sizeList.orNull(),
      outputRatio: numbers.orNull(),
      returnIndices: boolean.or(false),
      _randomSamples: tensor.orNull(),
    })),
    ({ input, kernelSize, outputSize, outputRatio, _randomSamples }) => (pool as Generated)(input, kernelSize, outputSize, outputRatio, true, _randomSamples),
  );
}

/** `fractionalMaxPool2d` with the places of the elements. Source: PyTorch, `torch.nn.functional.fractional_max_pool2d_with_indices`. */
export const fractionalMaxPool2dWithIndices: FractionalPool = /* @__PURE__ */ fractionallyPooled('fractionalMaxPool2dWithIndices', pools.fractionalMaxPool2d);

/** `fractionalMaxPool3d` with the places of the elements. Source: PyTorch, `torch.nn.functional.fractional_max_pool3d_with_indices`. */
export const fractionalMaxPool3dWithIndices: FractionalPool = /* @__PURE__ */ fractionallyPooled('fractionalMaxPool3dWithIndices', pools.fractionalMaxPool3d);
