// Modules that pool windows by their p-norm.
import { UsageError } from '../core/errors';
import { boolean, number } from '../core/kinds';
import { checkArgument, parameters, type Arguments, type Kinds, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { lpPool1d, lpPool2d, lpPool3d } from './functional-pool';
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

  /** The function of as many axes. */
  protected abstract get pool(): typeof lpPool1d;

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    checkArgument(this.constructor.name, 'input', input, tensor);
    const { normType, kernelSize, stride, ceilMode } = this;
    return this.pool(input, normType, kernelSize, stride, ceilMode);
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
  constructor(...args: Arguments<LPPoolArguments, Order>) {
    super(LP_POOL1D, args);
  }

  protected override get pool(): typeof lpPool1d {
    return lpPool1d;
  }
}

const LP_POOL2D = /* @__PURE__ */ parameters('LPPool2d', LP);

/** (Σ x^p)^(1/p) over each window of images. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`. */
export class LPPool2d extends LPPool {
  /** @internal */
  static readonly _parameters = LP_POOL2D;
  constructor(...args: Arguments<LPPoolArguments, Order>) {
    super(LP_POOL2D, args);
  }

  protected override get pool(): typeof lpPool1d {
    return lpPool2d;
  }
}

const LP_POOL3D = /* @__PURE__ */ parameters('LPPool3d', LP);

/** (Σ x^p)^(1/p) over each window of volumes. **Shapes**: x `[N, C, D, H, W]` or `[C, D, H, W]`. */
export class LPPool3d extends LPPool {
  /** @internal */
  static readonly _parameters = LP_POOL3D;
  constructor(...args: Arguments<LPPoolArguments, Order>) {
    super(LP_POOL3D, args);
  }

  protected override get pool(): typeof lpPool1d {
    return lpPool3d;
  }
}
