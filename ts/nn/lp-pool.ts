// Modules that pool windows by their p-norm.
import { UsageError } from '../core/errors';
import { avgPool1d, avgPool2d, avgPool3d, maxPool1d, maxPool2d, maxPool3d } from '../generated/functional';
import { boolean, number } from '../core/kinds';
import { checkArgument, parameters, type Arguments, type Kinds, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { INPUT } from './inputs';
import { Module } from './module';
import { sizeList, type Sizes } from './pairs';
import { show } from './pooling';

/** Options of pooling by a norm. */
export interface LPPoolOptions {
  /** Steps between windows; the kernel's size by default. */
  stride?: Sizes | null;
  /** Whether a last window that does not fit counts; false by default. */
  ceilMode?: boolean;
}

/** The arguments of pooling by a norm. */
export interface LPPoolArguments extends LPPoolOptions {
  /** The p of the norm, not 0; infinite ones give the greatest and the least absolute value. */
  normType: number;
  /** The size of a window along each axis. */
  kernelSize: Sizes;
}

const LP = (): Kinds<LPPoolArguments> => ({ normType: number, kernelSize: sizeList, stride: sizeList.orNull(), ceilMode: boolean.or(false) });

type Order = ['normType', 'kernelSize', 'stride', 'ceilMode'];

type Pool = (input: Tensor, kernelSize: Sizes, stride: Sizes | null, ceilMode: boolean) => Tensor;

abstract class LPPool extends Module {
  readonly normType: number;
  readonly kernelSize: Sizes;
  readonly stride: Sizes | null;
  readonly ceilMode: boolean;

  constructor(of: ParameterList<LPPoolArguments>, args: readonly unknown[]) {
    super();
    ({ normType: this.normType, kernelSize: this.kernelSize, stride: this.stride, ceilMode: this.ceilMode } = of.read(args));
    if (this.normType === 0) throw new UsageError(`${of.where}: normType must not be 0`, of.where, { normType: 0 });
  }

  /** The means and the greatest elements of windows. */
  protected abstract readonly pools: { readonly axes: number; readonly mean: Pool; readonly max: Pool };

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    checkArgument(this.constructor.name, 'input', input, tensor);
    const { normType, kernelSize, stride, ceilMode } = this;
    const { axes, mean, max } = this.pools;
    if (normType === Infinity) return max(input.abs(), kernelSize, stride, ceilMode);
    if (normType === -Infinity) return max(input.abs().neg(), kernelSize, stride, ceilMode).neg();
    const means = mean(input.pow(normType), kernelSize, stride, ceilMode);
    const count = typeof kernelSize === 'number' ? kernelSize ** axes : kernelSize.reduce((a, b) => a * b, 1);
    // Odd powers may add up to less than 0, of which there is no root.
    return means.sign().mul(means.abs().relu()).mul(count).pow(1 / normType);
  }

  override extraRepr(): string {
    const { normType, kernelSize, stride, ceilMode } = this;
    return `normType=${normType}, kernelSize=${show(kernelSize)}, stride=${stride === null ? 'null' : show(stride)}, ceilMode=${ceilMode}`;
  }
}

const LP_POOL1D = /* @__PURE__ */ parameters('LPPool1d', LP);

/** (Σ x^p)^(1/p) over each window of sequences. **Shapes**: x `[N, C, L]` or `[C, L]`. */
export class LPPool1d extends LPPool {
  /** @internal */
  static readonly _parameters = LP_POOL1D;
  protected override readonly pools = {
    axes: 1,
    mean: (x: Tensor, kernel: Sizes, stride: Sizes | null, ceil: boolean) => avgPool1d(x, kernel, stride, 0, ceil),
    max: (x: Tensor, kernel: Sizes, stride: Sizes | null, ceil: boolean) => maxPool1d(x, kernel, stride, 0, 1, ceil),
  };

  constructor(...args: Arguments<LPPoolArguments, Order>) {
    super(LP_POOL1D, args);
  }
}

const LP_POOL2D = /* @__PURE__ */ parameters('LPPool2d', LP);

/** (Σ x^p)^(1/p) over each window of images. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`. */
export class LPPool2d extends LPPool {
  /** @internal */
  static readonly _parameters = LP_POOL2D;
  protected override readonly pools = {
    axes: 2,
    mean: (x: Tensor, kernel: Sizes, stride: Sizes | null, ceil: boolean) => avgPool2d(x, kernel, stride, 0, ceil),
    max: (x: Tensor, kernel: Sizes, stride: Sizes | null, ceil: boolean) => maxPool2d(x, kernel, stride, 0, 1, ceil),
  };

  constructor(...args: Arguments<LPPoolArguments, Order>) {
    super(LP_POOL2D, args);
  }
}

const LP_POOL3D = /* @__PURE__ */ parameters('LPPool3d', LP);

/** (Σ x^p)^(1/p) over each window of volumes. **Shapes**: x `[N, C, D, H, W]` or `[C, D, H, W]`. */
export class LPPool3d extends LPPool {
  /** @internal */
  static readonly _parameters = LP_POOL3D;
  protected override readonly pools = {
    axes: 3,
    mean: (x: Tensor, kernel: Sizes, stride: Sizes | null, ceil: boolean) => avgPool3d(x, kernel, stride, 0, ceil),
    max: (x: Tensor, kernel: Sizes, stride: Sizes | null, ceil: boolean) => maxPool3d(x, kernel, stride, 0, 1, ceil),
  };

  constructor(...args: Arguments<LPPoolArguments, Order>) {
    super(LP_POOL3D, args);
  }
}
