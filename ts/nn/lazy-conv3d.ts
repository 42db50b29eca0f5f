// Convolutions of volumes that learn how many channels their inputs have from the first of them.
import { withoutArguments, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { TRANSPOSE_INPUTS, convolution, transposedConvolution, type ConvArguments, type ConvTransposeArguments } from './conv';
import { Conv3d, ConvTranspose3d } from './conv3d';
import { INPUT } from './inputs';
import {
  postpone,
  settle,
  withoutChannels,
  type LazyConvArguments,
  type LazyConvOrder,
  type LazyConvTransposeArguments,
  type LazyTransposeOrder,
} from './lazy-conv';
import type { Sizes } from './pairs';

const LAZY_CONV3D = /* @__PURE__ */ withoutChannels<ConvArguments>('LazyConv3d', () => convolution(3));

/** A {@link Conv3d} whose `inChannels` are those of the first input: at that call it draws its parameters and becomes a `Conv3d`. */
export class LazyConv3d extends Conv3d {
  /** @internal */
  static override readonly _parameters = LAZY_CONV3D as never;

  static {
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<LazyConvArguments, LazyConvOrder>) {
    const { outChannels, bias, ...options } = LAZY_CONV3D.read(args);
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
    settle(this, input, Conv3d, false);
    return this.forward(input);
  }
}

const LAZY_CONV_TRANSPOSE3D = /* @__PURE__ */ withoutChannels<ConvTransposeArguments>('LazyConvTranspose3d', () => transposedConvolution(3));

/** A {@link ConvTranspose3d} whose `inChannels` are those of the first input: at that call it draws its parameters and becomes one. */
export class LazyConvTranspose3d extends ConvTranspose3d {
  /** @internal */
  static override readonly _parameters = LAZY_CONV_TRANSPOSE3D as never;

  static {
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<LazyConvTransposeArguments, LazyTransposeOrder>) {
    const { outChannels, bias, ...options } = LAZY_CONV_TRANSPOSE3D.read(args);
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
    settle(this, input, ConvTranspose3d, true);
    return this.forward(input, outputSize);
  }
}
