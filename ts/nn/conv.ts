// Modules that are convolutions.
import type { DType, Device } from '../core/dtype';
import { ShapeError, UsageError } from '../core/errors';
import { conv1d, conv2d, convTranspose1d, convTranspose2d, pad } from '../generated/functional';
import { Kind, boolean, device, dtype, integerFrom, only, word } from '../core/kinds';
import { checkArgument, parameters, withoutArguments, type Arguments, type Kinds, type ParameterList, type Values } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { fansOf } from './fans';
import { kaimingUniform_, uniform_ } from './init';
import { INPUT, type Inputs } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { listed, sizeList, sizes, type Sizes } from './pairs';
import { emptyParameter, type Parameter } from './parameter';

/** What padding adds: zeros, reflections, the edge, or what is at the other end. */
export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

/** Options that all convolutions have. */
interface CommonOptions {
  /** Steps between outputs (for a transposed convolution between inputs); 1 by default. */
  stride?: Sizes;
  /** Steps between weights; 1 by default. */
  dilation?: Sizes;
  /** Parts into which channels are split; each output channel sees one. 1 by default. */
  groups?: number;
  /** Whether a bias is learned; true by default. */
  bias?: boolean;
  /** What is around the input; `'zeros'` by default, the only mode of transposed convolutions. */
  paddingMode?: PaddingMode;
  /** Where the parameters are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the parameters; float32 by default. */
  dtype?: DType | null;
}

/** Options of convolutions. */
export interface ConvOptions extends CommonOptions {
  /** Zeros on both sides, or `'valid'` (none) or `'same'` (as many as keep the size, stride 1 only); 0 by default. */
  padding?: Sizes | 'valid' | 'same';
}

/** Options of transposed convolutions. */
export interface ConvTransposeOptions extends CommonOptions {
  /** What is taken off both sides of the result; 0 by default. */
  padding?: Sizes;
  /** What is added behind the result, to choose among the sizes a convolution would map to the input's; 0 by default. */
  outputPadding?: Sizes;
}

/** What a convolution cannot be made without. */
interface Channels {
  /** How many channels inputs have. */
  inChannels: number;
  /** How many channels outputs have. */
  outChannels: number;
  /** How many weights there are along each axis. */
  kernelSize: Sizes;
}

/** The arguments of convolutions. */
export type ConvArguments = Channels & ConvOptions;

/** The arguments of transposed convolutions. */
export type ConvTransposeArguments = Channels & ConvTransposeOptions;

/** Weight, bias and sizes of a convolution. */
abstract class Convolution extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | 'valid' | 'same';
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  declare weight: Parameter;
  declare bias: Parameter | null;

  static {
    declareMembers(this, { parameter: ['weight', 'bias'] });
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(transposed: boolean, options: Values<Channels & CommonOptions & { padding: Sizes | 'valid' | 'same' }>) {
    super();
    const where = this.constructor.name;
    const { inChannels, outChannels, groups, padding, dtype } = options;
    for (const [name, channels] of [['inChannels', inChannels], ['outChannels', outChannels]] as const) {
      if (channels % groups !== 0) {
        throw new UsageError(`${where}: ${name}=${channels} must be divisible by groups=${groups}`, where, { argument: name });
      }
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    // The kinds made lists of them.
    this.kernelSize = options.kernelSize as readonly number[];
    this.stride = options.stride as readonly number[];
    this.dilation = options.dilation as readonly number[];
    this.groups = groups;
    this.paddingMode = options.paddingMode;
    if (padding === 'same' && this.stride.some((s) => s !== 1)) {
      throw new UsageError(`${where}: padding='same' needs a stride of 1, got ${listed(this.stride)}`, where, { argument: 'stride' });
    }
    this.padding = padding as readonly number[] | 'valid' | 'same';
    const [first, second] = transposed ? [inChannels, outChannels] : [outChannels, inChannels];
    this.weight = emptyParameter([first, second / groups, ...this.kernelSize], dtype);
    this.bias = options.bias ? emptyParameter([outChannels], dtype) : null;
    this.resetParameters();
  }

  /** Draws the parameters anew. */
  resetParameters(): void {
    // a = √5 makes the bound of Kaiming's distribution 1/√fanIn.
    kaimingUniform_(this.weight, Math.sqrt(5));
    const { fanIn } = fansOf(this.constructor.name, this.weight);
    const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  /** How much padding adds, for each axis from the last one on before and behind. */
  protected around(): number[] {
    const { padding, dilation } = this;
    return [...this.kernelSize.entries()].reverse().flatMap(([axis, size]) => {
      if (typeof padding !== 'string') return [padding[axis]!, padding[axis]!];
      const total = padding === 'same' ? dilation[axis]! * (size - 1) : 0;
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
  }

  /** What the representation says between stride and dilation besides padding. */
  protected extraPadding(): string {
    return '';
  }

  override extraRepr(): string {
    const { padding, dilation, groups } = this;
    let text = `${this.inChannels}, ${this.outChannels}, kernelSize=${listed(this.kernelSize)}, stride=${listed(this.stride)}`;
    if (typeof padding === 'string') text += `, padding=${padding}`;
    else if (padding.some((p) => p !== 0)) text += `, padding=${listed(padding)}`;
    if (dilation.some((d) => d !== 1)) text += `, dilation=${listed(dilation)}`;
    text += this.extraPadding();
    if (groups !== 1) text += `, groups=${groups}`;
    if (this.bias === null) text += ', bias=false';
    return this.paddingMode === 'zeros' ? text : `${text}, paddingMode=${this.paddingMode}`;
  }
}

/** Sizes, or a word for them. */
function paddings(axes: number): Kind<Sizes | 'valid' | 'same'> {
  const [inNumbers, inWords] = [sizes(axes), word('valid', 'same')];
  return new Kind(`${inNumbers.expected}, or ${inWords.expected}`, (value) => (typeof value === 'string' ? inWords : inNumbers).take(value));
}

const numbersOf = (axes: number, fallback: number): Kind<Sizes> => sizes(axes).or(sameFor(axes, fallback));

/** The parameters that every convolution has, by name; each kind of convolution has them in an order of its own. */
const shared = (axes: number): Kinds<Channels & CommonOptions> => ({
  inChannels: integerFrom(0),
  outChannels: integerFrom(0),
  kernelSize: sizes(axes, 0),
  stride: numbersOf(axes, 1),
  dilation: numbersOf(axes, 1),
  groups: integerFrom(1).or(1),
  bias: boolean.or(true),
  paddingMode: word('zeros', 'reflect', 'replicate', 'circular').or('zeros'),
  device: device(),
  dtype: dtype.orNullFor('float32'),
});

/** The kinds of the arguments of convolutions. */
export const convolution = (axes: number): Kinds<ConvArguments> => {
  const { inChannels, outChannels, kernelSize, stride, ...others } = shared(axes);
  return { inChannels, outChannels, kernelSize, stride, padding: paddings(axes).or(sameFor(axes, 0)), ...others };
};

/** The kinds of the arguments of transposed convolutions. */
export const transposedConvolution = (axes: number): Kinds<ConvTransposeArguments> => {
  const { inChannels, outChannels, kernelSize, stride, dilation, groups, bias, ...others } = { ...shared(axes), paddingMode: only<PaddingMode>('zeros') };
  const [padding, outputPadding] = [numbersOf(axes, 0), numbersOf(axes, 0)];
  return { inChannels, outChannels, kernelSize, stride, padding, outputPadding, groups, bias, dilation, ...others };
};

const sameFor = (axes: number, value: number): readonly number[] => new Array<number>(axes).fill(value);

/** The order of a convolution's arguments. */
export type ConvOrder = ['inChannels', 'outChannels', 'kernelSize', 'stride', 'padding', 'dilation', 'groups', 'bias', 'paddingMode', 'device', 'dtype'];

/** A convolution that is not transposed. */
export abstract class PlainConvolution extends Convolution {
  constructor(of: ParameterList<ConvArguments>, args: readonly unknown[]) {
    super(false, of.read(args));
  }

  /** The function of as many axes. */
  protected abstract get run(): typeof conv2d;

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups, paddingMode } = this;
    if (paddingMode !== 'zeros') {
      checkArgument(this.constructor.name, 'input', input, tensor);
      return this.run(pad(input, this.around(), paddingMode), weight, bias, stride, 0, dilation, groups);
    }
    // Words and sizes are two signatures of the function.
    return this.run(input, weight, bias, stride, padding as readonly number[], dilation, groups);
  }
}

const CONV2D = /* @__PURE__ */ parameters('Conv2d', () => convolution(2));

/**
 * A convolution of images.
 *
 * **Shapes**: x `[N, inChannels, H, W]` or `[inChannels, H, W]`, y `[N, outChannels, oH, oW]` with
 * oH = ⌊(H + 2·padding − dilation·(kernelSize − 1) − 1) / stride⌋ + 1; weight `[outChannels, inChannels / groups, ...kernelSize]`, bias `[outChannels]`.
 * Sizes are one number or `[rows, columns]`. Weight and bias start uniform on ±1/√(inChannels / groups · kH · kW), drawn in that order, as PyTorch does.
 */
export class Conv2d extends PlainConvolution {
  /** @internal */
  static readonly _parameters = CONV2D;

  constructor(...args: Arguments<ConvArguments, ConvOrder>) {
    super(CONV2D, args);
  }

  protected override get run(): typeof conv2d {
    return conv2d;
  }
}

const CONV1D = /* @__PURE__ */ parameters('Conv1d', () => convolution(1));

/** A convolution of sequences: x `[N, inChannels, L]` or `[inChannels, L]`. Everything else as {@link Conv2d}, with one axis. */
export class Conv1d extends PlainConvolution {
  /** @internal */
  static readonly _parameters = CONV1D;

  constructor(...args: Arguments<ConvArguments, ConvOrder>) {
    super(CONV1D, args);
  }

  protected override get run(): typeof conv1d {
    return conv1d;
  }
}

/** The order of a transposed convolution's arguments. */
export type TransposeOrder = [
  'inChannels', 'outChannels', 'kernelSize', 'stride', 'padding', 'outputPadding', 'groups', 'bias', 'dilation', 'paddingMode', 'device', 'dtype',
];

interface TransposeInputs {
  input: Tensor;
  /** The size of the result along each axis (or its whole shape), among those a convolution maps to the input's. */
  outputSize?: Sizes | null;
}

/** The inputs of transposed convolutions. */
export const TRANSPOSE_INPUTS: Inputs<TransposeInputs, ['input', 'outputSize']> = /* @__PURE__ */ parameters('forward', () => ({
  input: tensor,
  outputSize: sizeList.orNull(),
}));

/** A transposed convolution. */
export abstract class TransposedConvolution extends Convolution {
  readonly outputPadding: readonly number[];

  constructor(of: ParameterList<ConvTransposeArguments>, args: readonly unknown[]) {
    const options = of.read(args);
    super(true, options);
    this.outputPadding = options.outputPadding as readonly number[];
  }

  /** The function of as many axes. */
  protected abstract get run(): typeof convTranspose2d;

  /** @internal */
  get _inputs(): typeof TRANSPOSE_INPUTS {
    return TRANSPOSE_INPUTS;
  }

  override forward(input: Tensor, outputSize?: Sizes | null): Tensor {
    const { weight, bias, stride, padding, groups, dilation } = this;
    return this.run(input, weight, bias, stride, padding as readonly number[], this.paddingFor(input, outputSize), groups, dilation);
  }

  /** What is added behind the result of `input` so that it has this size. */
  private paddingFor(input: Tensor, outputSize: Sizes | null | undefined): readonly number[] {
    if (outputSize == null) return this.outputPadding;
    const where = this.constructor.name;
    checkArgument(where, 'input', input, tensor);
    checkArgument(where, 'outputSize', outputSize, sizeList);
    const { kernelSize, stride, dilation } = this;
    const axes = kernelSize.length;
    const given = typeof outputSize === 'number' ? sameFor(axes, outputSize) : outputSize;
    const outer = input.ndim - axes;
    if (given.length !== axes && given.length !== input.ndim) {
      throw new ShapeError(`${where}: outputSize must have ${axes} or ${axes + outer} elements, got ${given.length}`, where, { outputSize });
    }
    const wanted = given.slice(-axes);
    const padding = this.padding as readonly number[];
    const least = wanted.map((_, d) => (input.size(outer + d) - 1) * stride[d]! - 2 * padding[d]! + dilation[d]! * (kernelSize[d]! - 1) + 1);
    const most = least.map((size, d) => size + stride[d]! - 1);
    if (wanted.some((size, d) => size < least[d]! || size > most[d]!)) {
      throw new ShapeError(
        `${where}: requested an output size of ${listed(wanted)}, but valid sizes range from ${listed(least)} to ${listed(most)} ` +
          `for an input of shape ${listed(input.shape)}`,
        where,
        { outputSize, least, most },
      );
    }
    return wanted.map((size, d) => size - least[d]!);
  }

  protected override extraPadding(): string {
    return this.outputPadding.some((p) => p !== 0) ? `, outputPadding=${listed(this.outputPadding)}` : '';
  }
}

const CONV_TRANSPOSE2D = /* @__PURE__ */ parameters('ConvTranspose2d', () => transposedConvolution(2));

/**
 * A transposed convolution of images: the map that the gradient of a convolution by its input is.
 *
 * **Shapes**: x `[N, inChannels, H, W]` or `[inChannels, H, W]`, y `[N, outChannels, oH, oW]` with
 * oH = (H − 1)·stride − 2·padding + dilation·(kernelSize − 1) + outputPadding + 1; weight `[inChannels, outChannels / groups, ...kernelSize]`, bias
 * `[outChannels]`. Parameters start as {@link Conv2d}'s, with outChannels / groups · kH · kW inputs. `call(x, { outputSize })` chooses
 * oH and oW in place of `outputPadding`.
 */
export class ConvTranspose2d extends TransposedConvolution {
  /** @internal */
  static readonly _parameters = CONV_TRANSPOSE2D;

  constructor(...args: Arguments<ConvTransposeArguments, TransposeOrder>) {
    super(CONV_TRANSPOSE2D, args);
  }

  protected override get run(): typeof convTranspose2d {
    return convTranspose2d;
  }
}

const CONV_TRANSPOSE1D = /* @__PURE__ */ parameters('ConvTranspose1d', () => transposedConvolution(1));

/** A transposed convolution of sequences; everything as {@link ConvTranspose2d}, with one axis. */
export class ConvTranspose1d extends TransposedConvolution {
  /** @internal */
  static readonly _parameters = CONV_TRANSPOSE1D;

  constructor(...args: Arguments<ConvTransposeArguments, TransposeOrder>) {
    super(CONV_TRANSPOSE1D, args);
  }

  protected override get run(): typeof convTranspose1d {
    return convTranspose1d;
  }
}
