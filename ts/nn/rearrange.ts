// Modules that move elements to other places.
import { ShapeError } from '../core/errors';
import { unflatten } from '../generated/functions';
import { integer, integerFrom, list } from '../core/kinds';
import { checkArgument, parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
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

/** Throws a ShapeError of `where`, which expected `expected`. */
function misfit(where: string, expected: string, shape: readonly number[]): ShapeError {
  return new ShapeError(`${where}: expected an input ${expected}, got shape ${listed(shape)}`, where, { shape });
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
    checkArgument('PixelShuffle', 'input', input, tensor);
    const r = this.upscaleFactor;
    const outer = input.shape.slice(0, -3);
    const [c = 0, h = 0, w = 0] = input.shape.slice(-3);
    if (input.ndim < 3 || c % (r * r) !== 0) throw misfit('PixelShuffle', `of at least 3 dims whose channels are divisible by ${r * r}`, input.shape);
    const n = outer.length;
    const order = [...outer.keys(), n, n + 3, n + 1, n + 4, n + 2];
    return input.reshape([...outer, c / (r * r), r, r, h, w]).permute(order).reshape([...outer, c / (r * r), h * r, w * r]);
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
    checkArgument('PixelUnshuffle', 'input', input, tensor);
    const r = this.downscaleFactor;
    const outer = input.shape.slice(0, -3);
    const [c = 0, h = 0, w = 0] = input.shape.slice(-3);
    if (input.ndim < 3 || h % r !== 0 || w % r !== 0) throw misfit('PixelUnshuffle', `of at least 3 dims whose last two are divisible by ${r}`, input.shape);
    const n = outer.length;
    const order = [...outer.keys(), n, n + 2, n + 4, n + 1, n + 3];
    return input.reshape([...outer, c, h / r, r, w / r, r]).permute(order).reshape([...outer, c * r * r, h / r, w / r]);
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
    checkArgument('ChannelShuffle', 'input', input, tensor);
    const { groups } = this;
    const { shape } = input;
    const [n = 0, c = 0] = shape;
    if (shape.length < 3 || c % groups !== 0) throw misfit('ChannelShuffle', `of at least 3 dims whose channels are divisible by ${groups}`, shape);
    return input.reshape([n, groups, c / groups, ...shape.slice(2)]).transpose(1, 2).reshape(shape);
  }

  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}
