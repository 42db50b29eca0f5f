// Convolutions that learn how many channels their inputs have from the first of them.
import { ShapeError, UsageError } from '../core/errors';
import { checkArgument, parameters, withoutArguments, type Arguments, type Kinds, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import {
  Conv1d,
  Conv2d,
  ConvTranspose1d,
  ConvTranspose2d,
  TRANSPOSE_INPUTS,
  convolution,
  transposedConvolution,
  type ConvArguments,
  type ConvTransposeArguments,
} from './conv';
import { INPUT } from './inputs';
import type { Module } from './module';
import type { Parameter } from './parameter';
import type { Sizes } from './pairs';
import { UninitializedParameter, isWaiting, materialize } from './uninitialized';

/** The arguments of lazy convolutions. */
export type LazyConvArguments = Omit<ConvArguments, 'inChannels'>;

/** The arguments of lazy transposed convolutions. */
export type LazyConvTransposeArguments = Omit<ConvTransposeArguments, 'inChannels'>;

/** The order of the arguments of lazy convolutions. */
export type LazyConvOrder = ['outChannels', 'kernelSize', 'stride', 'padding', 'dilation', 'groups', 'bias', 'paddingMode', 'device', 'dtype'];
/** The order of the arguments of lazy transposed convolutions. */
export type LazyTransposeOrder = [
  'outChannels', 'kernelSize', 'stride', 'padding', 'outputPadding', 'groups', 'bias', 'dilation', 'paddingMode', 'device', 'dtype',
];

/** The parameters without the number of input channels. */
export function withoutChannels<T extends { inChannels: number }>(where: string, kinds: () => Kinds<T>): ParameterList<Omit<T, 'inChannels'>> {
  return parameters<Omit<T, 'inChannels'>>(where, () => {
    const { inChannels: _, ...others } = kinds();
    return others;
  });
}

/** What of a convolution is known at its first call only. */
interface Lazy extends Module {
  inChannels: number;
  outChannels: number;
  readonly kernelSize: readonly number[];
  readonly groups: number;
  weight: Parameter;
  bias: Parameter | null;
  resetParameters(): void;
}

/** Puts parameters without a shape in place of the empty ones. */
export function postpone(module: unknown, outChannels: number, bias: boolean, dtype: Parameter['dtype'] | null): void {
  const lazy = module as Lazy;
  const where = lazy.constructor.name;
  if (outChannels % lazy.groups !== 0) {
    throw new UsageError(`${where}: outChannels=${outChannels} must be divisible by groups=${lazy.groups}`, where, { argument: 'outChannels' });
  }
  lazy.outChannels = outChannels;
  lazy.weight = new UninitializedParameter({ dtype });
  if (bias) lazy.bias = new UninitializedParameter({ dtype });
}

/** Gives the parameters their shapes, draws them and makes the module one of class `become`. */
export function settle(module: unknown, input: Tensor, become: { readonly prototype: object }, isTransposed: boolean): void {
  const lazy = module as Lazy;
  const where = lazy.constructor.name;
  checkArgument(where, 'input', input, tensor);
  const { shape } = input;
  const { groups, outChannels, kernelSize } = lazy;
  const dims = kernelSize.length + 1;
  if (shape.length !== dims && shape.length !== dims + 1) {
    throw new ShapeError(`${where}: expected an input of ${dims} or ${dims + 1} dims, got shape [${shape.join(', ')}]`, where, { shape });
  }
  const inChannels = shape[shape.length - dims]!;
  if (inChannels % groups !== 0) {
    throw new UsageError(`${where}: inChannels=${inChannels} must be divisible by groups=${groups}`, where, { argument: 'input' });
  }
  // A state dict may have been loaded.
  const isDrawn = !isWaiting(lazy.weight, lazy.bias);
  lazy.inChannels = inChannels;
  const [first, second] = isTransposed ? [inChannels, outChannels] : [outChannels, inChannels];
  materialize(lazy.weight, [first, second / groups, ...kernelSize]);
  materialize(lazy.bias, [outChannels]);
  Object.setPrototypeOf(lazy, become.prototype);
  if (!isDrawn) lazy.resetParameters();
}

const LAZY_CONV1D = /* @__PURE__ */ withoutChannels<ConvArguments>('LazyConv1d', () => convolution(1));

/** A {@link Conv1d} whose `inChannels` are those of the first input: at that call it draws its parameters and becomes a `Conv1d`. */
export class LazyConv1d extends Conv1d {
  /** @internal */
  static override readonly _parameters = LAZY_CONV1D as never;

  static {
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<LazyConvArguments, LazyConvOrder>) {
    const { outChannels, bias, ...options } = LAZY_CONV1D.read(args);
    super({ inChannels: 0, outChannels: 0, bias: false, ...options });
    postpone(this, outChannels, bias, options.dtype);
  }

  /** Nothing: there are no parameters yet. */
  override resetParameters(): void {
    // Drawn at the first call.
  }

  /** @internal */
  override get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    settle(this, input, Conv1d, false);
    return this.forward(input);
  }
}

const LAZY_CONV2D = /* @__PURE__ */ withoutChannels<ConvArguments>('LazyConv2d', () => convolution(2));

/** A {@link Conv2d} whose `inChannels` are those of the first input: at that call it draws its parameters and becomes a `Conv2d`. */
export class LazyConv2d extends Conv2d {
  /** @internal */
  static override readonly _parameters = LAZY_CONV2D as never;

  static {
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<LazyConvArguments, LazyConvOrder>) {
    const { outChannels, bias, ...options } = LAZY_CONV2D.read(args);
    super({ inChannels: 0, outChannels: 0, bias: false, ...options });
    postpone(this, outChannels, bias, options.dtype);
  }

  /** Nothing: there are no parameters yet. */
  override resetParameters(): void {
    // Drawn at the first call.
  }

  /** @internal */
  override get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    settle(this, input, Conv2d, false);
    return this.forward(input);
  }
}

const LAZY_CONV_TRANSPOSE1D = /* @__PURE__ */ withoutChannels<ConvTransposeArguments>('LazyConvTranspose1d', () => transposedConvolution(1));

/** A {@link ConvTranspose1d} whose `inChannels` are those of the first input: at that call it draws its parameters and becomes one. */
export class LazyConvTranspose1d extends ConvTranspose1d {
  /** @internal */
  static override readonly _parameters = LAZY_CONV_TRANSPOSE1D as never;

  static {
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<LazyConvTransposeArguments, LazyTransposeOrder>) {
    const { outChannels, bias, ...options } = LAZY_CONV_TRANSPOSE1D.read(args);
    super({ inChannels: 0, outChannels: 0, bias: false, ...options });
    postpone(this, outChannels, bias, options.dtype);
  }

  /** Nothing: there are no parameters yet. */
  override resetParameters(): void {
    // Drawn at the first call.
  }

  /** @internal */
  override get _inputs(): typeof TRANSPOSE_INPUTS {
    return TRANSPOSE_INPUTS;
  }

  override forward(input: Tensor, outputSize?: Sizes | null): Tensor {
    settle(this, input, ConvTranspose1d, true);
    return this.forward(input, outputSize);
  }
}

const LAZY_CONV_TRANSPOSE2D = /* @__PURE__ */ withoutChannels<ConvTransposeArguments>('LazyConvTranspose2d', () => transposedConvolution(2));

/** A {@link ConvTranspose2d} whose `inChannels` are those of the first input: at that call it draws its parameters and becomes one. */
export class LazyConvTranspose2d extends ConvTranspose2d {
  /** @internal */
  static override readonly _parameters = LAZY_CONV_TRANSPOSE2D as never;

  static {
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<LazyConvTransposeArguments, LazyTransposeOrder>) {
    const { outChannels, bias, ...options } = LAZY_CONV_TRANSPOSE2D.read(args);
    super({ inChannels: 0, outChannels: 0, bias: false, ...options });
    postpone(this, outChannels, bias, options.dtype);
  }

  /** Nothing: there are no parameters yet. */
  override resetParameters(): void {
    // Drawn at the first call.
  }

  /** @internal */
  override get _inputs(): typeof TRANSPOSE_INPUTS {
    return TRANSPOSE_INPUTS;
  }

  override forward(input: Tensor, outputSize?: Sizes | null): Tensor {
    settle(this, input, ConvTranspose2d, true);
    return this.forward(input, outputSize);
  }
}
