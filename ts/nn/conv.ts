// Modules that are convolutions.
import type { DType } from '../dtype';
import { UsageError } from '../errors';
import { conv1d, conv2d, convTranspose1d, convTranspose2d } from '../generated/functional';
import { empty } from '../generated/functions';
import { integerAtLeast, withDefaults, type Suffix } from '../options';
import type { Tensor } from '../tensor';
import { fansOf } from './fans';
import { kaimingUniform_, uniform_ } from './init';
import { declareMembers } from './members';
import { Module } from './module';
import { listed, sizesOf, type Sizes } from './pairs';
import { parameterOf, type Parameter } from './parameter';

/** Options that all convolutions have. */
interface CommonOptions {
  /** Steps between outputs (for a transposed convolution between inputs); 1 by default. */
  stride: Sizes;
  /** Steps between weights; 1 by default. */
  dilation: Sizes;
  /** Parts into which channels are split; each output channel sees one. 1 by default. */
  groups: number;
  /** Whether a bias is learned; true by default. */
  bias: boolean;
  /** The dtype of the parameters; float32 by default. */
  dtype: DType;
}

/** Options of convolutions. */
export interface ConvOptions extends CommonOptions {
  /** Zeros on both sides, or `'valid'` (none) or `'same'` (as many as keep the size, stride 1 only); 0 by default. */
  padding: Sizes | 'valid' | 'same';
}

/** Options of transposed convolutions. */
export interface ConvTransposeOptions extends CommonOptions {
  /** What is taken off both sides of the result; 0 by default. */
  padding: Sizes;
  /** What is added behind the result, to choose among the sizes a convolution would map to the input's; 0 by default. */
  outputPadding: Sizes;
}

const COMMON: CommonOptions = { stride: 1, dilation: 1, groups: 1, bias: true, dtype: 'float32' };

/** Weight, bias and sizes of a convolution over `axes` axes. */
abstract class Convolution extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | 'valid' | 'same';
  readonly dilation: readonly number[];
  readonly groups: number;
  declare weight: Parameter;
  declare bias: Parameter | null;

  static {
    declareMembers(this, { parameter: ['weight', 'bias'] });
  }

  constructor(
    axes: number,
    transposed: boolean,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: CommonOptions & { padding: Sizes | 'valid' | 'same' },
  ) {
    super();
    const where = this.constructor.name;
    integerAtLeast(where, 'inChannels', inChannels, 0);
    integerAtLeast(where, 'outChannels', outChannels, 0);
    integerAtLeast(where, 'groups', options.groups, 1);
    for (const [name, channels] of [['inChannels', inChannels], ['outChannels', outChannels]] as const) {
      if (channels % options.groups !== 0) {
        throw new UsageError(`${where}: ${name}=${channels} must be divisible by groups=${options.groups}`, where, { argument: name });
      }
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = sizesOf(where, 'kernelSize', kernelSize, axes, 0);
    this.stride = sizesOf(where, 'stride', options.stride, axes, 1);
    this.dilation = sizesOf(where, 'dilation', options.dilation, axes, 1);
    this.groups = options.groups;
    const { padding } = options;
    if (typeof padding === 'string' && (transposed || !['valid', 'same'].includes(padding))) {
      const words = transposed ? 'sizes' : "sizes, 'valid' or 'same'";
      throw new UsageError(`${where}: padding must be ${words}, got '${padding}'`, where, { argument: 'padding' });
    }
    if (padding === 'same' && this.stride.some((s) => s !== 1)) {
      throw new UsageError(`${where}: padding='same' needs a stride of 1, got ${listed(this.stride)}`, where, { argument: 'stride' });
    }
    this.padding = typeof padding === 'string' ? padding : sizesOf(where, 'padding', padding, axes, 0);
    const [first, second] = transposed ? [inChannels, outChannels] : [outChannels, inChannels];
    this.weight = parameterOf(empty([first, second / options.groups, ...this.kernelSize], { dtype: options.dtype }));
    this.bias = options.bias ? parameterOf(empty([outChannels], { dtype: options.dtype })) : null;
    this.resetParameters();
  }

  /** Draws the parameters anew. */
  resetParameters(): void {
    // a = √5 makes the bound of Kaiming's distribution 1/√fanIn.
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    const { fanIn } = fansOf(this.constructor.name, this.weight);
    const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  /** What the representation says between stride and dilation besides padding. */
  protected extraPadding(): string {
    return '';
  }

  override extraRepr(): string {
    const { padding, dilation, groups } = this;
    let text = `${this.inChannels}, ${this.outChannels}, kernelSize=${listed(this.kernelSize)}, stride=${listed(this.stride)}`;
    if (typeof padding === 'string') text += `, padding='${padding}'`;
    else if (padding.some((p) => p !== 0)) text += `, padding=${listed(padding)}`;
    if (dilation.some((d) => d !== 1)) text += `, dilation=${listed(dilation)}`;
    text += this.extraPadding();
    if (groups !== 1) text += `, groups=${groups}`;
    return this.bias === null ? `${text}, bias=false` : text;
  }
}

type ConvArguments = Suffix<ConvOptions, ['stride', 'padding', 'dilation', 'groups', 'bias']>;

function convOptions(where: string, args: readonly unknown[]): ConvOptions {
  return withDefaults<ConvOptions>(where, { ...COMMON, padding: 0 }, ['stride', 'padding', 'dilation', 'groups', 'bias'], args);
}

/**
 * A convolution of images.
 *
 * **Shapes**: x `[N, inChannels, H, W]` or `[inChannels, H, W]`, y `[N, outChannels, oH, oW]` with
 * oH = ⌊(H + 2·padding − dilation·(kernelSize − 1) − 1) / stride⌋ + 1; weight `[outChannels, inChannels / groups, ...kernelSize]`, bias `[outChannels]`.
 * Sizes are one number or `[rows, columns]`. Weight and bias start uniform on ±1/√(inChannels / groups · kH · kW), drawn in that order, as PyTorch does.
 */
export class Conv2d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...args: ConvArguments) {
    super(2, false, inChannels, outChannels, kernelSize, convOptions('Conv2d', args));
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this;
    if (typeof padding === 'string') return conv2d(x, weight, bias, stride, padding, dilation, groups);
    return conv2d(x, weight, bias, stride, padding, dilation, groups);
  }
}

/** A convolution of sequences: x `[N, inChannels, L]` or `[inChannels, L]`. Everything else as {@link Conv2d}, with one axis. */
export class Conv1d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...args: ConvArguments) {
    super(1, false, inChannels, outChannels, kernelSize, convOptions('Conv1d', args));
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this;
    if (typeof padding === 'string') return conv1d(x, weight, bias, stride, padding, dilation, groups);
    return conv1d(x, weight, bias, stride, padding, dilation, groups);
  }
}

type TransposeArguments = Suffix<ConvTransposeOptions, ['stride', 'padding', 'outputPadding', 'groups', 'bias', 'dilation']>;

/** A transposed convolution over `axes` axes. */
abstract class TransposedConvolution extends Convolution {
  readonly outputPadding: readonly number[];

  constructor(axes: number, where: string, inChannels: number, outChannels: number, kernelSize: Sizes, args: readonly unknown[]) {
    const names = ['stride', 'padding', 'outputPadding', 'groups', 'bias', 'dilation'] as const;
    const options = withDefaults<ConvTransposeOptions>(where, { ...COMMON, padding: 0, outputPadding: 0 }, names, args);
    super(axes, true, inChannels, outChannels, kernelSize, options);
    this.outputPadding = sizesOf(where, 'outputPadding', options.outputPadding, axes, 0);
  }

  protected override extraPadding(): string {
    return this.outputPadding.some((p) => p !== 0) ? `, outputPadding=${listed(this.outputPadding)}` : '';
  }
}

/**
 * A transposed convolution of images: the map that the gradient of a convolution by its input is.
 *
 * **Shapes**: x `[N, inChannels, H, W]` or `[inChannels, H, W]`, y `[N, outChannels, oH, oW]` with
 * oH = (H − 1)·stride − 2·padding + dilation·(kernelSize − 1) + outputPadding + 1; weight `[inChannels, outChannels / groups, ...kernelSize]`, bias
 * `[outChannels]`. Parameters start as {@link Conv2d}'s, with outChannels / groups · kH · kW inputs.
 */
export class ConvTranspose2d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...args: TransposeArguments) {
    super(2, 'ConvTranspose2d', inChannels, outChannels, kernelSize, args);
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, stride, padding, outputPadding, groups, dilation } = this;
    return convTranspose2d(x, weight, bias, stride, padding as readonly number[], outputPadding, groups, dilation);
  }
}

/** A transposed convolution of sequences; everything as {@link ConvTranspose2d}, with one axis. */
export class ConvTranspose1d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...args: TransposeArguments) {
    super(1, 'ConvTranspose1d', inChannels, outChannels, kernelSize, args);
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, stride, padding, outputPadding, groups, dilation } = this;
    return convTranspose1d(x, weight, bias, stride, padding as readonly number[], outputPadding, groups, dilation);
  }
}
