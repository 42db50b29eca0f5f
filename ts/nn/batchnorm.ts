// Normalisation of channels over a batch.
import type { DType } from '../dtype';
import { ShapeError } from '../errors';
import { batchNorm } from '../generated/functional';
import { ones, zeros } from '../generated/functions';
import { integerAtLeast, withDefaults, type Suffix } from '../options';
import type { Tensor } from '../tensor';
import { declareMembers } from './members';
import { Module } from './module';
import { parameterOf, type Parameter } from './parameter';

/** Options of batch normalisation. */
export interface BatchNormOptions {
  /** Added to the variance; 1e-5 by default. */
  eps: number;
  /** How far the running mean and variance move towards a batch's; 0.1 by default. Null averages over all batches evenly. */
  momentum: number | null;
  /** Whether a weight and a bias are learned; true by default. */
  affine: boolean;
  /** Whether mean and variance are followed, to be used in evaluation; true by default. */
  trackRunningStats: boolean;
  /** The dtype of parameters and running values; float32 by default. */
  dtype: DType;
}

type Arguments = Suffix<BatchNormOptions, ['eps', 'momentum', 'affine', 'trackRunningStats']>;

abstract class BatchNorm extends Module {
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
  }

  constructor(where: string, numFeatures: number, args: readonly unknown[]) {
    super();
    integerAtLeast(where, 'numFeatures', numFeatures, 0);
    const defaults: BatchNormOptions = { eps: 1e-5, momentum: 0.1, affine: true, trackRunningStats: true, dtype: 'float32' };
    const options = withDefaults(where, defaults, ['eps', 'momentum', 'affine', 'trackRunningStats'], args);
    const { dtype } = options;
    this.numFeatures = numFeatures;
    ({ eps: this.eps, momentum: this.momentum, affine: this.affine, trackRunningStats: this.trackRunningStats } = options);
    this.weight = this.affine ? parameterOf(ones([numFeatures], { dtype })) : null;
    this.bias = this.affine ? parameterOf(zeros([numFeatures], { dtype })) : null;
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

  override forward(x: Tensor): Tensor {
    const where = this.constructor.name;
    if (!this.ranks.includes(x.dim())) {
      const expected = this.ranks.join(' or ');
      throw new ShapeError(`${where}: expected an input of ${expected} dims, got shape [${x.shape.join(', ')}]`, where, { shape: x.shape });
    }
    let momentum = this.momentum ?? 0;
    if (this.training && this.numBatchesTracked !== null) {
      this.numBatchesTracked.add_(1);
      if (this.momentum === null) momentum = 1 / Number(this.numBatchesTracked.item());
    }
    // In evaluation without running values those of the batch are used, and in training running values move only where they are followed.
    const ofBatch = this.training || this.runningMean === null;
    return batchNorm(x, this.runningMean, this.runningVar, this.weight, this.bias, ofBatch, momentum, this.eps);
  }

  override extraRepr(): string {
    const { numFeatures, eps, momentum, affine, trackRunningStats } = this;
    return `${numFeatures}, eps=${eps}, momentum=${momentum}, affine=${affine}, trackRunningStats=${trackRunningStats}`;
  }
}

/** Batch normalisation of images, x `[N, numFeatures, H, W]`; see `nn.functional.batchNorm`. Weight starts at 1, bias at 0. */
export class BatchNorm2d extends BatchNorm {
  protected override readonly ranks = [4];

  constructor(numFeatures: number, ...args: Arguments) {
    super('BatchNorm2d', numFeatures, args);
  }
}

/** Batch normalisation of vectors or sequences, x `[N, numFeatures]` or `[N, numFeatures, L]`; see `nn.functional.batchNorm`. */
export class BatchNorm1d extends BatchNorm {
  protected override readonly ranks = [2, 3];

  constructor(numFeatures: number, ...args: Arguments) {
    super('BatchNorm1d', numFeatures, args);
  }
}
