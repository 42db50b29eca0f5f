// Modules that pool windows of images and sequences.
import { UsageError } from '../core/errors';
import { adaptiveAvgPool1d, adaptiveAvgPool2d, avgPool1d, avgPool2d, maxPool1d, maxPool2d } from '../generated/functional';
import { boolean, integer, kind } from '../core/kinds';
import { checkArgument, parameters, type Arguments, type Kinds, type ParameterList, type Values } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import type { Outputs } from '../tensor/outputs';
import { INPUT } from './inputs';
import { Module } from './module';
import { sizeList, type Sizes } from './pairs';

/** Options of pooling by the greatest element. */
export interface MaxPoolOptions {
  /** Steps between windows; the kernel's size by default. */
  stride?: Sizes | null;
  /** How far windows reach past both edges, at most half the kernel; 0 by default. */
  padding?: Sizes;
  /** Steps between the elements of a window; 1 by default. */
  dilation?: Sizes;
  /** Whether the places of the elements are returned as well; false by default. */
  returnIndices?: boolean;
  /** Whether a last window that does not fit counts; false by default. */
  ceilMode?: boolean;
}

/** Options of pooling by the mean. */
export interface AvgPoolOptions {
  /** Steps between windows; the kernel's size by default. */
  stride?: Sizes | null;
  /** Zeros on both sides, at most half the kernel; 0 by default. */
  padding?: Sizes;
  /** Whether a last window that does not fit counts; false by default. */
  ceilMode?: boolean;
  /** Whether those zeros count in the mean; true by default. */
  countIncludePad?: boolean;
}

/** Options of pooling images by the mean. */
export interface AvgPool2dOptions extends AvgPoolOptions {
  /** What sums are divided by instead of the number of elements. */
  divisorOverride?: number | null;
}

/** What no pool can be made without. */
interface Window {
  /** The size of a window along each axis. */
  kernelSize: Sizes;
}

/** The arguments of pooling by the greatest element. */
export type MaxPoolArguments = Window & MaxPoolOptions;

/** The order of the arguments of pooling by the greatest element. */
export type MaxOrder = ['kernelSize', 'stride', 'padding', 'dilation', 'returnIndices', 'ceilMode'];

/** The kinds of the arguments of pooling by the greatest element. */
export const MAX = (): Kinds<MaxPoolArguments> => ({
  kernelSize: sizeList,
  stride: sizeList.orNull(),
  padding: sizeList.or(0),
  dilation: sizeList.or(1),
  returnIndices: boolean.or(false),
  ceilMode: boolean.or(false),
});

/** Sizes in a representation. */
export const show = (sizes: Sizes): string => (typeof sizes === 'number' ? String(sizes) : `[${sizes.join(', ')}]`);

/** Pooling by the greatest element. */
export abstract class MaxPool extends Module {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly dilation: Sizes;
  readonly returnIndices: boolean;
  readonly ceilMode: boolean;

  constructor(of: ParameterList<MaxPoolArguments>, args: readonly unknown[]) {
    super();
    const options = of.read(args);
    this.kernelSize = options.kernelSize;
    this.stride = options.stride ?? options.kernelSize;
    ({ padding: this.padding, dilation: this.dilation, returnIndices: this.returnIndices, ceilMode: this.ceilMode } = options);
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return `kernelSize=${show(kernelSize)}, stride=${show(stride)}, padding=${show(padding)}, dilation=${show(dilation)}, ceilMode=${ceilMode}`;
  }
}

const MAX_POOL2D = /* @__PURE__ */ parameters('MaxPool2d', MAX);

/**
 * The greatest element of each window of images. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`; see `nn.functional.maxPool2d`. With
 * `returnIndices` the result is `{ values, indices }`.
 */
export class MaxPool2d extends MaxPool {
  /** @internal */
  static readonly _parameters = MAX_POOL2D;

  constructor(...args: Arguments<MaxPoolArguments, MaxOrder>) {
    super(MAX_POOL2D, args);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    if (!this.returnIndices) return maxPool2d(input, kernelSize, stride, padding, dilation, ceilMode);
    const both: Outputs<'values' | 'indices'> = maxPool2d(input, kernelSize, stride, padding, dilation, ceilMode, true);
    return both as unknown as Tensor;
  }
}

const MAX_POOL1D = /* @__PURE__ */ parameters('MaxPool1d', MAX);

/** The greatest element of each window of sequences, x `[N, C, L]` or `[C, L]`; otherwise as {@link MaxPool2d}. */
export class MaxPool1d extends MaxPool {
  /** @internal */
  static readonly _parameters = MAX_POOL1D;

  constructor(...args: Arguments<MaxPoolArguments, MaxOrder>) {
    super(MAX_POOL1D, args);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    if (!this.returnIndices) return maxPool1d(input, kernelSize, stride, padding, dilation, ceilMode);
    const both: Outputs<'values' | 'indices'> = maxPool1d(input, kernelSize, stride, padding, dilation, ceilMode, true);
    return both as unknown as Tensor;
  }
}

/** Pooling by the mean. */
export abstract class AvgPool extends Module {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;

  constructor(options: Values<Window & AvgPoolOptions>) {
    super();
    this.kernelSize = options.kernelSize;
    this.stride = options.stride ?? options.kernelSize;
    ({ padding: this.padding, ceilMode: this.ceilMode, countIncludePad: this.countIncludePad } = options);
  }

  override extraRepr(): string {
    return `kernelSize=${show(this.kernelSize)}, stride=${show(this.stride)}, padding=${show(this.padding)}`;
  }
}

/** The arguments of pooling by the mean. */
export type AvgPoolArguments = Window & AvgPoolOptions;

/** The arguments of pooling images by the mean. */
export type AvgPool2dArguments = Window & AvgPool2dOptions;

/** The kinds of the arguments of pooling by the mean. */
export const AVG = (): Kinds<AvgPoolArguments> => ({
  kernelSize: sizeList,
  stride: sizeList.orNull(),
  padding: sizeList.or(0),
  ceilMode: boolean.or(false),
  countIncludePad: boolean.or(true),
});

const AVG_POOL2D = /* @__PURE__ */ parameters<AvgPool2dArguments>('AvgPool2d', () => ({ ...AVG(), divisorOverride: integer.orNull() }));

/** The mean over each window of images. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`; see `nn.functional.avgPool2d`. */
export class AvgPool2d extends AvgPool {
  /** @internal */
  static readonly _parameters = AVG_POOL2D;
  readonly divisorOverride: number | null;

  constructor(...args: Arguments<AvgPool2dArguments, ['kernelSize', 'stride', 'padding', 'ceilMode', 'countIncludePad', 'divisorOverride']>) {
    const options = AVG_POOL2D.read(args);
    super(options);
    this.divisorOverride = options.divisorOverride;
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return avgPool2d(input, this.kernelSize, this.stride, this.padding, this.ceilMode, this.countIncludePad, this.divisorOverride);
  }
}

const AVG_POOL1D = /* @__PURE__ */ parameters('AvgPool1d', AVG);

/** The mean over each window of sequences, x `[N, C, L]` or `[C, L]`; see `nn.functional.avgPool1d`. */
export class AvgPool1d extends AvgPool {
  /** @internal */
  static readonly _parameters = AVG_POOL1D;

  constructor(...args: Arguments<AvgPoolArguments, ['kernelSize', 'stride', 'padding', 'ceilMode', 'countIncludePad']>) {
    super(AVG_POOL1D.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return avgPool1d(input, this.kernelSize, this.stride, this.padding, this.ceilMode, this.countIncludePad);
  }
}

/** A size for each axis; null keeps the input's. */
export type AdaptiveSizes = number | null | readonly (number | null)[];

/** The sizes of the result for this input. */
export function adapted(where: string, outputSize: AdaptiveSizes, axes: number, input: Tensor): number[] {
  checkArgument(where, 'input', input, tensor);
  const sizes = Array.isArray(outputSize) ? (outputSize as readonly (number | null)[]) : new Array<number | null>(axes).fill(outputSize as number | null);
  if (sizes.length !== axes) {
    throw new UsageError(`${where}: outputSize must be one size or a list of ${axes}, got a list of ${sizes.length}`, where);
  }
  const { shape } = input;
  return sizes.map((size, i) => size ?? shape[shape.length - axes + i] ?? 0);
}

const isAdaptive = (value: unknown): boolean => value === null || (Number.isSafeInteger(value) && (value as number) >= 0);

/** One size for all axes or a list, where null keeps the input's. */
export const adaptiveSizes = /* @__PURE__ */ kind<AdaptiveSizes>(
  'an integer, null or a list of them',
  (value) => isAdaptive(value) || (Array.isArray(value) && value.every(isAdaptive)),
);

const ADAPTIVE_AVG_POOL2D = /* @__PURE__ */ parameters<{ outputSize: AdaptiveSizes }>('AdaptiveAvgPool2d', () => ({ outputSize: adaptiveSizes }));

/** The means over windows that cover images evenly, as many as `outputSize` says; null keeps the size of that axis. */
export class AdaptiveAvgPool2d extends Module {
  /** @internal */
  static readonly _parameters = ADAPTIVE_AVG_POOL2D;
  readonly outputSize: AdaptiveSizes;

  constructor(...args: Arguments<{ outputSize: AdaptiveSizes }, ['outputSize']>) {
    super();
    this.outputSize = ADAPTIVE_AVG_POOL2D.read(args).outputSize;
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return adaptiveAvgPool2d(input, adapted('AdaptiveAvgPool2d', this.outputSize, 2, input));
  }

  override extraRepr(): string {
    const { outputSize } = this;
    return `outputSize=${Array.isArray(outputSize) ? `[${outputSize.map(String).join(', ')}]` : String(outputSize)}`;
  }
}

const ADAPTIVE_AVG_POOL1D = /* @__PURE__ */ parameters<{ outputSize: AdaptiveSizes }>('AdaptiveAvgPool1d', () => ({ outputSize: adaptiveSizes }));

/** The means over windows that cover sequences evenly, as many as `outputSize` says. */
export class AdaptiveAvgPool1d extends Module {
  /** @internal */
  static readonly _parameters = ADAPTIVE_AVG_POOL1D;
  readonly outputSize: AdaptiveSizes;

  constructor(...args: Arguments<{ outputSize: AdaptiveSizes }, ['outputSize']>) {
    super();
    this.outputSize = ADAPTIVE_AVG_POOL1D.read(args).outputSize;
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return adaptiveAvgPool1d(input, adapted('AdaptiveAvgPool1d', this.outputSize, 1, input));
  }

  override extraRepr(): string {
    return `outputSize=${String(this.outputSize)}`;
  }
}
