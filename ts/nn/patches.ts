// Modules that take images apart into patches and put them together again.
import { fold, unfold } from '../generated/functional';
import { parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { INPUT } from './inputs';
import { Module } from './module';
import { sizeList, type Sizes } from './pairs';
import { show } from './pooling';

/** Options of `Unfold` and `Fold`. */
export interface PatchOptions {
  /** Steps between the pixels of a patch; 1 by default. */
  dilation?: Sizes;
  /** Zeros on both sides of images; 0 by default. */
  padding?: Sizes;
  /** Steps between patches; 1 by default. */
  stride?: Sizes;
}

/** The arguments of `Unfold`. */
export interface UnfoldArguments extends PatchOptions {
  /** The size of a patch. */
  kernelSize: Sizes;
}

/** The arguments of `Fold`. */
export interface FoldArguments extends UnfoldArguments {
  /** The size of the images. */
  outputSize: Sizes;
}

const PATCHES = () => ({ kernelSize: sizeList, dilation: sizeList.or(1), padding: sizeList.or(0), stride: sizeList.or(1) });

const UNFOLD = /* @__PURE__ */ parameters<UnfoldArguments>('Unfold', PATCHES);

/** The patches of images as columns. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`, y `[N, C · kH · kW, L]`; see `nn.functional.unfold`. */
export class Unfold extends Module {
  /** @internal */
  static readonly _parameters = UNFOLD;
  readonly kernelSize: Sizes;
  readonly dilation: Sizes;
  readonly padding: Sizes;
  readonly stride: Sizes;

  constructor(...args: Arguments<UnfoldArguments, ['kernelSize', 'dilation', 'padding', 'stride']>) {
    super();
    ({ kernelSize: this.kernelSize, dilation: this.dilation, padding: this.padding, stride: this.stride } = UNFOLD.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return unfold(input, this.kernelSize, this.dilation, this.padding, this.stride);
  }

  override extraRepr(): string {
    const { kernelSize, dilation, padding, stride } = this;
    return `kernelSize=${show(kernelSize)}, dilation=${show(dilation)}, padding=${show(padding)}, stride=${show(stride)}`;
  }
}

const FOLD = /* @__PURE__ */ parameters<FoldArguments>('Fold', () => ({ outputSize: sizeList, ...PATCHES() }));

/** Images as sums of patches. **Shapes**: x `[N, C · kH · kW, L]` or `[C · kH · kW, L]`, y `[N, C, ...outputSize]`; see `nn.functional.fold`. */
export class Fold extends Module {
  /** @internal */
  static readonly _parameters = FOLD;
  readonly outputSize: Sizes;
  readonly kernelSize: Sizes;
  readonly dilation: Sizes;
  readonly padding: Sizes;
  readonly stride: Sizes;

  constructor(...args: Arguments<FoldArguments, ['outputSize', 'kernelSize', 'dilation', 'padding', 'stride']>) {
    super();
    const options = FOLD.read(args);
    ({ outputSize: this.outputSize, kernelSize: this.kernelSize, dilation: this.dilation } = options);
    ({ padding: this.padding, stride: this.stride } = options);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return fold(input, this.outputSize, this.kernelSize, this.dilation, this.padding, this.stride);
  }

  override extraRepr(): string {
    const { outputSize, kernelSize, dilation, padding, stride } = this;
    return (
      `outputSize=${show(outputSize)}, kernelSize=${show(kernelSize)}, dilation=${show(dilation)}, ` +
      `padding=${show(padding)}, stride=${show(stride)}`
    );
  }
}
