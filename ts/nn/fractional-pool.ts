// Modules that pool by the greatest element of windows at random places.
import { UsageError } from '../core/errors';
import { fractionalMaxPool2d, fractionalMaxPool3d } from '../generated/functional';
import { boolean, numbers } from '../core/kinds';
import { parameters, type Arguments, type Kinds, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { INPUT } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { sizeList, type Sizes } from './pairs';

/** Options of `FractionalMaxPool2d` and `FractionalMaxPool3d`, of which either `outputSize` or `outputRatio` must be given. */
export interface FractionalMaxPoolOptions {
  /** How many windows there are along each axis. */
  outputSize?: Sizes | null;
  /** The same as a part of the input's size, between 0 and 1. */
  outputRatio?: number | readonly number[] | null;
  /** Whether the places of the elements are returned as well; false by default. */
  returnIndices?: boolean;
  /** The random numbers, `[N, C, axes]`, in place of new ones at each call. */
  _randomSamples?: Tensor | null;
}

/** The arguments of `FractionalMaxPool2d` and `FractionalMaxPool3d`. */
export interface FractionalMaxPoolArguments extends FractionalMaxPoolOptions {
  /** The size of a window along each axis. */
  kernelSize: Sizes;
}

const KINDS = (): Kinds<FractionalMaxPoolArguments> => ({
  kernelSize: sizeList,
  outputSize: sizeList.orNull(),
  outputRatio: numbers.orNull(),
  returnIndices: boolean.or(false),
  _randomSamples: tensor.orNull(),
});

type Order = ['kernelSize', 'outputSize', 'outputRatio', 'returnIndices', '_randomSamples'];

abstract class FractionalMaxPool extends Module {
  readonly kernelSize: Sizes;
  readonly outputSize: Sizes | null;
  readonly outputRatio: number | readonly number[] | null;
  readonly returnIndices: boolean;
  declare _randomSamples: Tensor | null;

  static {
    declareMembers(this, { buffer: ['_randomSamples'] });
  }

  constructor(of: ParameterList<FractionalMaxPoolArguments>, args: readonly unknown[]) {
    super();
    const { kernelSize, outputSize, outputRatio, returnIndices, _randomSamples } = of.read(args);
    ({ kernelSize: this.kernelSize, outputSize: this.outputSize, outputRatio: this.outputRatio } = { kernelSize, outputSize, outputRatio });
    this.returnIndices = returnIndices;
    this._randomSamples = _randomSamples;
    if ((outputSize === null) === (outputRatio === null)) {
      const got = outputSize === null ? 'neither' : 'both';
      throw new UsageError(`${of.where}: expected one of outputSize and outputRatio, got ${got}`, of.where, { outputSize, outputRatio });
    }
    const ratios = outputRatio === null ? [] : [outputRatio].flat();
    if (!ratios.every((ratio) => ratio > 0 && ratio < 1)) {
      throw new UsageError(`${of.where}: outputRatio must be between 0 and 1, got ${ratios.join(', ')}`, of.where, { outputRatio });
    }
  }

  /** The function of as many axes. */
  protected abstract get run(): typeof fractionalMaxPool2d;

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const { kernelSize, outputSize, outputRatio, returnIndices, _randomSamples } = this;
    if (!returnIndices) return this.run(input, kernelSize, outputSize, outputRatio, _randomSamples);
    return this.run(input, kernelSize, outputSize, outputRatio, true, _randomSamples) as unknown as Tensor;
  }
}

const FRACTIONAL_MAX_POOL2D = /* @__PURE__ */ parameters('FractionalMaxPool2d', KINDS);

/** The greatest elements of windows at random places of images; see `nn.functional.fractionalMaxPool2d`. */
export class FractionalMaxPool2d extends FractionalMaxPool {
  /** @internal */
  static readonly _parameters = FRACTIONAL_MAX_POOL2D;

  constructor(...args: Arguments<FractionalMaxPoolArguments, Order>) {
    super(FRACTIONAL_MAX_POOL2D, args);
  }

  protected override get run(): typeof fractionalMaxPool2d {
    return fractionalMaxPool2d;
  }
}

const FRACTIONAL_MAX_POOL3D = /* @__PURE__ */ parameters('FractionalMaxPool3d', KINDS);

/** The same for volumes; see {@link FractionalMaxPool2d}. */
export class FractionalMaxPool3d extends FractionalMaxPool {
  /** @internal */
  static readonly _parameters = FRACTIONAL_MAX_POOL3D;

  constructor(...args: Arguments<FractionalMaxPoolArguments, Order>) {
    super(FRACTIONAL_MAX_POOL3D, args);
  }

  protected override get run(): typeof fractionalMaxPool3d {
    return fractionalMaxPool3d;
  }
}
