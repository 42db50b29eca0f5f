// Normalisation of channels over a batch.
import type { DType, Device } from '../core/dtype';
import { ShapeError } from '../core/errors';
import { batchNorm } from '../generated/functional';
import { ones, zeros } from '../generated/functions';
import { boolean, device, dtype, integerFrom, number } from '../core/kinds';
import { checkArgument, parameters, withoutArguments, type Arguments, type Kinds, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { INPUT } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { parameterOf, type Parameter } from './parameter';
import { perhaps } from './parts';

/** Options of batch normalisation. */
export interface BatchNormOptions {
  /** Added to the variance; 1e-5 by default. */
  eps?: number;
  /** How far the running mean and variance move towards a batch's; 0.1 by default. Null averages over all batches evenly. */
  momentum?: number | null;
  /** Whether a weight and a bias are learned; true by default. */
  affine?: boolean;
  /** Whether mean and variance are followed, to be used in evaluation; true by default. */
  trackRunningStats?: boolean;
  /** Where parameters and running values are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of parameters and running values; float32 by default. */
  dtype?: DType | null;
  /** Whether there is a bias beside the weight; true by default. */
  bias?: boolean;
}

/** The arguments of batch normalisation. */
export interface BatchNormArguments extends BatchNormOptions {
  /** How many channels inputs have. */
  numFeatures: number;
}

/** The kinds of the arguments; instance normalisation has other defaults. */
export const KINDS = (): Kinds<BatchNormArguments> => ({
  numFeatures: integerFrom(0),
  eps: number.or(1e-5),
  momentum: number.orNull().or(0.1),
  affine: boolean.or(true),
  trackRunningStats: boolean.or(true),
  device: device(),
  dtype: dtype.orNullFor('float32'),
  bias: boolean.or(true),
});

/** The argument lists of the constructors. */
export type BatchNormCall = Arguments<BatchNormArguments, ['numFeatures', 'eps', 'momentum', 'affine', 'trackRunningStats', 'device', 'dtype']>;

/** What batch and instance normalisation hold: PyTorch's `_NormBase`. */
export abstract class NormBase extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;
  declare runningMean: Tensor | null;
  declare runningVar: Tensor | null;
  declare numBatchesTracked: Tensor | null;

  static {
    declareMembers(this, { parameter: ['weight', 'bias'], buffer: ['runningMean', 'runningVar', 'numBatchesTracked'] });
    withoutArguments(this.prototype, 'resetRunningStats');
  }

  constructor(of: ParameterList<BatchNormArguments>, args: readonly unknown[]) {
    super();
    const options = of.read(args);
    const { numFeatures, dtype, bias } = options;
    this.numFeatures = numFeatures;
    ({ eps: this.eps, momentum: this.momentum, affine: this.affine, trackRunningStats: this.trackRunningStats } = options);
    this.weight = this.affine ? parameterOf(ones([numFeatures], { dtype })) : null;
    this.bias = this.affine && bias ? parameterOf(zeros([numFeatures], { dtype })) : null;
    const isTracked = this.trackRunningStats;
    this.runningMean = isTracked ? zeros([numFeatures], { dtype }) : null;
    this.runningVar = isTracked ? ones([numFeatures], { dtype }) : null;
    this.numBatchesTracked = isTracked ? zeros([], { dtype: 'int64' }) : null;
  }

  /** The ranks of inputs. */
  protected abstract readonly ranks: readonly number[];

  /** Sets the running mean to 0 and the running variance to 1. */
  resetRunningStats(): void {
    this.runningMean?.zero_();
    this.runningVar?.fill_(1);
    this.numBatchesTracked?.zero_();
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  /** @internal */
  override get _optionalState(): readonly string[] {
    return ['num_batches_tracked'];
  }

  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    return this.normalized(input);
  }

  /** Throws unless it is a tensor of right dims. */
  protected checkInput(input: Tensor): void {
    const where = this.constructor.name;
    checkArgument(where, 'input', input, tensor);
    if (!this.ranks.includes(input.dim())) {
      const expected = this.ranks.join(' or ');
      throw new ShapeError(`${where}: expected an input of ${expected} dims, got shape [${input.shape.join(', ')}]`, where, { shape: input.shape });
    }
  }

  /** The result for an input of right dims. */
  protected normalized(input: Tensor): Tensor {
    let momentum = this.momentum ?? 0;
    const count = perhaps(this.numBatchesTracked);
    if (this.training && count !== null) {
      count.add_(1);
      if (this.momentum === null) momentum = 1 / Number(count.item());
    }
    // In evaluation without running values those of the batch are used, and in training running values move only where they are followed.
    const ofBatch = this.training || this.runningMean === null;
    return batchNorm(input, this.runningMean, this.runningVar, this.weight, this.bias, ofBatch, momentum, this.eps);
  }

  override extraRepr(): string {
    const { numFeatures, eps, momentum, affine, trackRunningStats } = this;
    return `${numFeatures}, eps=${eps}, momentum=${momentum}, affine=${affine}, bias=${this.bias !== null}, trackRunningStats=${trackRunningStats}`;
  }
}

const BATCH_NORM2D = /* @__PURE__ */ parameters('BatchNorm2d', KINDS, 1);

/** Batch normalisation of images, x `[N, numFeatures, H, W]`; see `nn.functional.batchNorm`. Weight starts at 1, bias at 0. */
export class BatchNorm2d extends NormBase {
  /** @internal */
  static readonly _parameters = BATCH_NORM2D;
  protected override readonly ranks = [4];

  constructor(...args: BatchNormCall) {
    super(BATCH_NORM2D, args);
  }
}

const BATCH_NORM1D = /* @__PURE__ */ parameters('BatchNorm1d', KINDS, 1);

/** Batch normalisation of vectors or sequences, x `[N, numFeatures]` or `[N, numFeatures, L]`; see `nn.functional.batchNorm`. */
export class BatchNorm1d extends NormBase {
  /** @internal */
  static readonly _parameters = BATCH_NORM1D;
  protected override readonly ranks = [2, 3];

  constructor(...args: BatchNormCall) {
    super(BATCH_NORM1D, args);
  }
}

const BATCH_NORM3D = /* @__PURE__ */ parameters('BatchNorm3d', KINDS, 1);

/** Batch normalisation of volumes, x `[N, numFeatures, D, H, W]`; see `nn.functional.batchNorm`. */
export class BatchNorm3d extends NormBase {
  /** @internal */
  static readonly _parameters = BATCH_NORM3D;
  protected override readonly ranks = [5];

  constructor(...args: BatchNormCall) {
    super(BATCH_NORM3D, args);
  }
}
