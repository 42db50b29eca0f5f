// Modules that give their input another size.
import { interpolate } from '../generated/functional';
import { boolean, numbers, word } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { INPUT } from './inputs';
import { Module } from './module';
import { sizeList, type Sizes } from './pairs';
import { show } from './pooling';

/** How an element of the result is made of those around its place. */
export type UpsampleMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear' | 'area';

/** The size of the result, or what the input's is multiplied by: one of the two. */
export interface UpsamplingOptions {
  /** One size for all axes or one each. */
  size?: Sizes | null;
  /** One factor for all axes or one each. */
  scaleFactor?: number | readonly number[] | null;
}

/** Options of `Upsample`. */
export interface UpsampleOptions extends UpsamplingOptions {
  /** `'nearest'` by default. */
  mode?: UpsampleMode;
  /** Whether the centers of the corner elements stay where they are, rather than the edges; for lines and cubics only. */
  alignCorners?: boolean | null;
  /** Whether coordinates come from the sizes rather than from `scaleFactor`. */
  recomputeScaleFactor?: boolean | null;
}

const SIZES = () => ({ size: sizeList.orNull(), scaleFactor: numbers.orNull() });

const UPSAMPLE = /* @__PURE__ */ parameters<UpsampleOptions>('Upsample', () => ({
  ...SIZES(),
  mode: word<UpsampleMode>('nearest', 'nearest-exact', 'linear', 'bilinear', 'bicubic', 'trilinear', 'area').or('nearest'),
  alignCorners: boolean.orNull(),
  recomputeScaleFactor: boolean.orNull(),
}));

/** `nn.functional.interpolate` as a module. **Shapes**: x `[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`. */
export class Upsample extends Module {
  /** @internal */
  static readonly _parameters = UPSAMPLE;
  readonly size: Sizes | null;
  readonly scaleFactor: number | readonly number[] | null;
  readonly mode: UpsampleMode;
  readonly alignCorners: boolean | null;
  readonly recomputeScaleFactor: boolean | null;

  constructor(...args: Arguments<UpsampleOptions, ['size', 'scaleFactor', 'mode', 'alignCorners', 'recomputeScaleFactor']>) {
    super();
    const options = UPSAMPLE.read(args);
    ({ size: this.size, scaleFactor: this.scaleFactor, mode: this.mode, alignCorners: this.alignCorners } = options);
    this.recomputeScaleFactor = options.recomputeScaleFactor;
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return interpolate(input, this.size, this.scaleFactor, this.mode, this.alignCorners, this.recomputeScaleFactor);
  }

  override extraRepr(): string {
    const { size, scaleFactor, mode } = this;
    const given = scaleFactor !== null ? `scaleFactor=${show(scaleFactor)}` : `size=${size === null ? 'null' : show(size)}`;
    return `${given}, mode='${mode}'`;
  }
}

const UPSAMPLING_NEAREST2D = /* @__PURE__ */ parameters<UpsamplingOptions>('UpsamplingNearest2d', SIZES);

/** {@link Upsample} of images with mode `'nearest'`. */
export class UpsamplingNearest2d extends Upsample {
  /** @internal */
  static override readonly _parameters = UPSAMPLING_NEAREST2D as never;

  constructor(...args: Arguments<UpsamplingOptions, ['size', 'scaleFactor']>) {
    super({ ...UPSAMPLING_NEAREST2D.read(args), mode: 'nearest' });
  }
}

const UPSAMPLING_BILINEAR2D = /* @__PURE__ */ parameters<UpsamplingOptions>('UpsamplingBilinear2d', SIZES);

/** {@link Upsample} of images with mode `'bilinear'` and corners aligned. */
export class UpsamplingBilinear2d extends Upsample {
  /** @internal */
  static override readonly _parameters = UPSAMPLING_BILINEAR2D as never;

  constructor(...args: Arguments<UpsamplingOptions, ['size', 'scaleFactor']>) {
    super({ ...UPSAMPLING_BILINEAR2D.read(args), mode: 'bilinear', alignCorners: true });
  }
}
