// Normalisation of the channels of each sample.
import { ShapeError } from '../core/errors';
import { instanceNorm } from '../generated/functional';
import { boolean } from '../core/kinds';
import { parameters, type Kinds } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { NormBase, KINDS, type BatchNormArguments, type BatchNormCall } from './batchnorm';
import { perhaps } from './parts';

/** The arguments of instance normalisation: those of batch normalisation, without parameters and running values by default. */
const INSTANCE = (): Kinds<BatchNormArguments> => ({ ...KINDS(), affine: boolean.or(false), trackRunningStats: boolean.or(false) });

let warned = false;

abstract class InstanceNorm extends NormBase {
  protected override normalized(input: Tensor): Tensor {
    const where = this.constructor.name;
    const { shape } = input;
    const batched = this.ranks[1]!;
    const dim = input.ndim === batched ? 1 : 0;
    if (shape[dim] !== this.numFeatures) {
      const message = `${where}: the input has ${shape[dim]} channels in dim ${dim} and numFeatures is ${this.numFeatures}`;
      if (this.affine) throw new ShapeError(message, where, { shape });
      if (!warned) console.warn(`adjoint: ${message}, which changes nothing since affine is false`);
      warned = true;
    }
    return dim === 1 ? this.ofSamples(input) : this.ofSamples(input.unsqueeze(0)).squeeze(0);
  }

  /** With a batch. */
  private ofSamples(input: Tensor): Tensor {
    const { runningMean, runningVar, weight, bias } = this;
    const ofBatch = this.training || !this.trackRunningStats;
    return instanceNorm(input, perhaps(runningMean), perhaps(runningVar), perhaps(weight), perhaps(bias), ofBatch, this.momentum ?? 0, this.eps);
  }
}

const INSTANCE_NORM1D = /* @__PURE__ */ parameters('InstanceNorm1d', INSTANCE, 1);

/**
 * y = (x − mean) / √(variance + eps) · weight + bias, with mean and variance of each channel of each sample. There are no
 * parameters and no running values unless `affine` and `trackRunningStats` ask for them.
 *
 * **Shapes**: x and y `[N, numFeatures, L]` or `[numFeatures, L]`.
 *
 * Source: Ulyanov, Vedaldi and Lempitsky, "Instance normalization", 2016.
 */
export class InstanceNorm1d extends InstanceNorm {
  /** @internal */
  static readonly _parameters = INSTANCE_NORM1D;
  protected override readonly ranks = [2, 3];

  constructor(...args: BatchNormCall) {
    super(INSTANCE_NORM1D, args);
  }
}

const INSTANCE_NORM2D = /* @__PURE__ */ parameters('InstanceNorm2d', INSTANCE, 1);

/** Instance normalisation of images, x `[N, numFeatures, H, W]` or `[numFeatures, H, W]`; see {@link InstanceNorm1d}. */
export class InstanceNorm2d extends InstanceNorm {
  /** @internal */
  static readonly _parameters = INSTANCE_NORM2D;
  protected override readonly ranks = [3, 4];

  constructor(...args: BatchNormCall) {
    super(INSTANCE_NORM2D, args);
  }
}

const INSTANCE_NORM3D = /* @__PURE__ */ parameters('InstanceNorm3d', INSTANCE, 1);

/** Instance normalisation of volumes, x `[N, numFeatures, D, H, W]` or `[numFeatures, D, H, W]`; see {@link InstanceNorm1d}. */
export class InstanceNorm3d extends InstanceNorm {
  /** @internal */
  static readonly _parameters = INSTANCE_NORM3D;
  protected override readonly ranks = [4, 5];

  constructor(...args: BatchNormCall) {
    super(INSTANCE_NORM3D, args);
  }
}
