// Modules that pool windows of images and sequences.
import { UsageError } from '../errors';
import { adaptiveAvgPool1d, adaptiveAvgPool2d, avgPool1d, avgPool2d, maxPool1d, maxPool2d } from '../generated/functional';
import { withDefaults, type Suffix } from '../options';
import type { Tensor } from '../tensor';
import type { Outputs } from '../types';
import { Module } from './module';
import type { Sizes } from './pairs';

/** Options of pooling by the greatest element. */
export interface MaxPoolOptions {
  /** Steps between windows; the kernel's size by default. */
  stride: Sizes | null;
  /** How far windows reach past both edges, at most half the kernel; 0 by default. */
  padding: Sizes;
  /** Steps between the elements of a window; 1 by default. */
  dilation: Sizes;
  /** Whether the places of the elements are returned as well; false by default. */
  returnIndices: boolean;
  /** Whether a last window that does not fit counts; false by default. */
  ceilMode: boolean;
}

/** Options of pooling by the mean. */
export interface AvgPoolOptions {
  /** Steps between windows; the kernel's size by default. */
  stride: Sizes | null;
  /** Zeros on both sides, at most half the kernel; 0 by default. */
  padding: Sizes;
  /** Whether a last window that does not fit counts; false by default. */
  ceilMode: boolean;
  /** Whether those zeros count in the mean; true by default. */
  countIncludePad: boolean;
}

/** Options of pooling images by the mean. */
export interface AvgPool2dOptions extends AvgPoolOptions {
  /** What sums are divided by instead of the number of elements. */
  divisorOverride: number | null;
}

type MaxArguments = Suffix<MaxPoolOptions, ['stride', 'padding', 'dilation', 'returnIndices', 'ceilMode']>;

const show = (sizes: Sizes): string => (typeof sizes === 'number' ? String(sizes) : `[${sizes.join(', ')}]`);

abstract class MaxPool extends Module {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly dilation: Sizes;
  readonly returnIndices: boolean;
  readonly ceilMode: boolean;

  constructor(where: string, kernelSize: Sizes, args: readonly unknown[]) {
    super();
    const defaults: MaxPoolOptions = { stride: null, padding: 0, dilation: 1, returnIndices: false, ceilMode: false };
    const options = withDefaults(where, defaults, ['stride', 'padding', 'dilation', 'returnIndices', 'ceilMode'], args);
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? kernelSize;
    ({ padding: this.padding, dilation: this.dilation, returnIndices: this.returnIndices, ceilMode: this.ceilMode } = options);
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return `kernelSize=${show(kernelSize)}, stride=${show(stride)}, padding=${show(padding)}, dilation=${show(dilation)}, ceilMode=${ceilMode}`;
  }
}

/**
 * The greatest element of each window of images. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`; see `nn.functional.maxPool2d`. With
 * `returnIndices` the result is `{ values, indices }`.
 */
export class MaxPool2d extends MaxPool {
  constructor(kernelSize: Sizes, ...args: MaxArguments) {
    super('MaxPool2d', kernelSize, args);
  }

  override forward(x: Tensor): Tensor {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    if (!this.returnIndices) return maxPool2d(x, kernelSize, stride, padding, dilation, ceilMode);
    const both: Outputs<'values' | 'indices'> = maxPool2d(x, kernelSize, stride, padding, dilation, ceilMode, true);
    return both as unknown as Tensor;
  }
}

/** The greatest element of each window of sequences, x `[N, C, L]` or `[C, L]`; otherwise as {@link MaxPool2d}. */
export class MaxPool1d extends MaxPool {
  constructor(kernelSize: Sizes, ...args: MaxArguments) {
    super('MaxPool1d', kernelSize, args);
  }

  override forward(x: Tensor): Tensor {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    if (!this.returnIndices) return maxPool1d(x, kernelSize, stride, padding, dilation, ceilMode);
    const both: Outputs<'values' | 'indices'> = maxPool1d(x, kernelSize, stride, padding, dilation, ceilMode, true);
    return both as unknown as Tensor;
  }
}

abstract class AvgPool extends Module {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;

  constructor(kernelSize: Sizes, options: AvgPoolOptions) {
    super();
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? kernelSize;
    ({ padding: this.padding, ceilMode: this.ceilMode, countIncludePad: this.countIncludePad } = options);
  }

  override extraRepr(): string {
    return `kernelSize=${show(this.kernelSize)}, stride=${show(this.stride)}, padding=${show(this.padding)}`;
  }
}

const AVG_DEFAULTS: AvgPoolOptions = { stride: null, padding: 0, ceilMode: false, countIncludePad: true };

/** The mean over each window of images. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`; see `nn.functional.avgPool2d`. */
export class AvgPool2d extends AvgPool {
  readonly divisorOverride: number | null;

  constructor(kernelSize: Sizes, ...args: Suffix<AvgPool2dOptions, ['stride', 'padding', 'ceilMode', 'countIncludePad', 'divisorOverride']>) {
    const names = ['stride', 'padding', 'ceilMode', 'countIncludePad', 'divisorOverride'] as const;
    const options = withDefaults<AvgPool2dOptions>('AvgPool2d', { ...AVG_DEFAULTS, divisorOverride: null }, names, args);
    super(kernelSize, options);
    this.divisorOverride = options.divisorOverride;
  }

  override forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this.stride, this.padding, this.ceilMode, this.countIncludePad, this.divisorOverride);
  }
}

/** The mean over each window of sequences, x `[N, C, L]` or `[C, L]`; see `nn.functional.avgPool1d`. */
export class AvgPool1d extends AvgPool {
  constructor(kernelSize: Sizes, ...args: Suffix<AvgPoolOptions, ['stride', 'padding', 'ceilMode', 'countIncludePad']>) {
    super(kernelSize, withDefaults('AvgPool1d', AVG_DEFAULTS, ['stride', 'padding', 'ceilMode', 'countIncludePad'], args));
  }

  override forward(x: Tensor): Tensor {
    return avgPool1d(x, this.kernelSize, this.stride, this.padding, this.ceilMode, this.countIncludePad);
  }
}

/** A size for each axis; null keeps the input's. */
export type AdaptiveSizes = number | null | readonly (number | null)[];

/** The sizes of the result for an input of this shape. */
function adapted(where: string, outputSize: AdaptiveSizes, axes: number, shape: readonly number[]): number[] {
  const sizes = Array.isArray(outputSize) ? (outputSize as readonly (number | null)[]) : new Array<number | null>(axes).fill(outputSize as number | null);
  if (sizes.length !== axes) {
    throw new UsageError(`${where}: outputSize must be one size or a list of ${axes}, got a list of ${sizes.length}`, where);
  }
  return sizes.map((size, i) => size ?? shape[shape.length - axes + i] ?? 0);
}

/** The means over windows that cover images evenly, as many as `outputSize` says; null keeps the size of that axis. */
export class AdaptiveAvgPool2d extends Module {
  constructor(readonly outputSize: AdaptiveSizes) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, adapted('AdaptiveAvgPool2d', this.outputSize, 2, x.shape));
  }

  override extraRepr(): string {
    const { outputSize } = this;
    return `outputSize=${Array.isArray(outputSize) ? `[${outputSize.map(String).join(', ')}]` : String(outputSize)}`;
  }
}

/** The means over windows that cover sequences evenly, as many as `outputSize` says. */
export class AdaptiveAvgPool1d extends Module {
  constructor(readonly outputSize: number) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, adapted('AdaptiveAvgPool1d', this.outputSize, 1, x.shape));
  }

  override extraRepr(): string {
    return `outputSize=${this.outputSize}`;
  }
}
