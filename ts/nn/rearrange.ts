// Modules that move elements to other places.
import { channelShuffle, pixelShuffle, pixelUnshuffle } from '../generated/functional';
import { unflatten } from '../generated/functions';
import { integer, integerFrom, list } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { INPUT } from './inputs';
import { Module } from './module';
import { listed } from './pairs';

/** The arguments of `Unflatten`. */
export interface UnflattenArguments {
  /** The dim that is split. */
  dim: number;
  /** The sizes it is split into, one of which may be −1. */
  unflattenedSize: readonly number[];
}

const UNFLATTEN = /* @__PURE__ */ parameters<UnflattenArguments>('Unflatten', () => ({ dim: integer, unflattenedSize: list('integers', integer) }));

/** Splits the dim `dim` into dims of sizes `unflattenedSize`. */
export class Unflatten extends Module {
  /** @internal */
  static readonly _parameters = UNFLATTEN;
  readonly dim: number;
  readonly unflattenedSize: readonly number[];

  constructor(...args: Arguments<UnflattenArguments, ['dim', 'unflattenedSize']>) {
    super();
    const { dim, unflattenedSize } = UNFLATTEN.read(args);
    this.dim = dim;
    this.unflattenedSize = [...unflattenedSize];
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return unflatten(input, this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattenedSize=${listed(this.unflattenedSize)}`;
  }
}

const PIXEL_SHUFFLE = /* @__PURE__ */ parameters<{ upscaleFactor: number }>('PixelShuffle', () => ({ upscaleFactor: integerFrom(1) }));

/**
 * Makes of r² channels the r × r pixels in place of one, r being `upscaleFactor`. **Shapes**: x `[*, C · r², H, W]`, y `[*, C, H · r, W · r]`.
 *
 * Source: Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural network", CVPR 2016.
 */
export class PixelShuffle extends Module {
  /** @internal */
  static readonly _parameters = PIXEL_SHUFFLE;
  readonly upscaleFactor: number;

  constructor(...args: Arguments<{ upscaleFactor: number }, ['upscaleFactor']>) {
    super();
    this.upscaleFactor = PIXEL_SHUFFLE.read(args).upscaleFactor;
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.upscaleFactor);
  }

  override extraRepr(): string {
    return `upscaleFactor=${this.upscaleFactor}`;
  }
}

const PIXEL_UNSHUFFLE = /* @__PURE__ */ parameters<{ downscaleFactor: number }>('PixelUnshuffle', () => ({ downscaleFactor: integerFrom(1) }));

/** The inverse of {@link PixelShuffle}, r being `downscaleFactor`. **Shapes**: x `[*, C, H · r, W · r]`, y `[*, C · r², H, W]`. */
export class PixelUnshuffle extends Module {
  /** @internal */
  static readonly _parameters = PIXEL_UNSHUFFLE;
  readonly downscaleFactor: number;

  constructor(...args: Arguments<{ downscaleFactor: number }, ['downscaleFactor']>) {
    super();
    this.downscaleFactor = PIXEL_UNSHUFFLE.read(args).downscaleFactor;
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.downscaleFactor);
  }

  override extraRepr(): string {
    return `downscaleFactor=${this.downscaleFactor}`;
  }
}

const CHANNEL_SHUFFLE = /* @__PURE__ */ parameters<{ groups: number }>('ChannelShuffle', () => ({ groups: integerFrom(1) }));

/**
 * Takes the channels of `groups` groups in turn, one of each. **Shapes**: x and y `[N, C, *]`, of at least 3 dims.
 *
 * Source: Zhang, Zhou, Lin and Sun, "ShuffleNet", CVPR 2018.
 */
export class ChannelShuffle extends Module {
  /** @internal */
  static readonly _parameters = CHANNEL_SHUFFLE;
  readonly groups: number;

  constructor(...args: Arguments<{ groups: number }, ['groups']>) {
    super();
    this.groups = CHANNEL_SHUFFLE.read(args).groups;
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups);
  }

  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}
