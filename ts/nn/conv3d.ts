// Convolutions of volumes.
import { conv3d, convTranspose3d } from '../generated/functional';
import { parameters, type Arguments } from '../core/options';
import {
  PlainConvolution,
  TransposedConvolution,
  convolution,
  transposedConvolution,
  type ConvArguments,
  type ConvOrder,
  type ConvTransposeArguments,
  type TransposeOrder,
} from './conv';

const CONV3D = /* @__PURE__ */ parameters('Conv3d', () => convolution(3));

/**
 * A convolution of volumes, x `[N, inChannels, D, H, W]` or `[inChannels, D, H, W]`; everything else as {@link Conv2d}, with three axes: sizes are
 * one number or `[depth, rows, columns]`.
 */
export class Conv3d extends PlainConvolution {
  /** @internal */
  static readonly _parameters = CONV3D;

  constructor(...args: Arguments<ConvArguments, ConvOrder>) {
    super(CONV3D, args);
  }

  protected override get run(): typeof conv3d {
    return conv3d;
  }
}

const CONV_TRANSPOSE3D = /* @__PURE__ */ parameters('ConvTranspose3d', () => transposedConvolution(3));

/** A transposed convolution of volumes; everything as {@link ConvTranspose2d}, with three axes. */
export class ConvTranspose3d extends TransposedConvolution {
  /** @internal */
  static readonly _parameters = CONV_TRANSPOSE3D;

  constructor(...args: Arguments<ConvTransposeArguments, TransposeOrder>) {
    super(CONV_TRANSPOSE3D, args);
  }

  protected override get run(): typeof convTranspose3d {
    return convTranspose3d;
  }
}
