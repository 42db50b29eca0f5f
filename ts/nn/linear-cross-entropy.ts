// The cross-entropy of a linear map.
import type { DType, Device } from '../core/dtype';
import { ShapeError, UsageError } from '../core/errors';
import { crossEntropy } from '../generated/functional';
import { boolean, device, dtype, integer, integerFrom, list, number, only } from '../core/kinds';
import { checkArgument, parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { INPUT_AND_TARGET } from './inputs';
import { Linear } from './linear';
import { declareMembers } from './members';
import { Module } from './module';
import { part } from './parts';
import { reduction, type Reduction } from './reduction';

/** Options of `LinearCrossEntropyLoss`. */
export interface LinearCrossEntropyLossOptions {
  /** The sizes of further dims of the loss; none by default. */
  outFeatures?: readonly number[];
  /** Whether the linear map has a bias; false by default. */
  bias?: boolean;
  /** Where the parameters are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the parameters; float32 by default. */
  dtype?: DType | null;
  /** `'mean'` by default: over the weights of the targets that count. */
  reduction?: Reduction;
  /** A factor for each class. */
  weight?: Tensor | null;
  /** Targets of this value count nothing; null, the default, for −100. */
  ignoreIndex?: number | null;
  /** How much of each target is spread over all classes, in [0, 1]; 0 by default. */
  labelSmoothing?: number;
  /** PyTorch's choice among ways of computing the same; null, there is one here. */
  options?: null;
}

/** The arguments of `LinearCrossEntropyLoss`. */
export interface LinearCrossEntropyLossArguments extends LinearCrossEntropyLossOptions {
  /** The size of the last dim of inputs. */
  inFeatures: number;
  /** How many classes there are. */
  numClasses: number;
}

const LINEAR_CROSS_ENTROPY_LOSS = /* @__PURE__ */ parameters<LinearCrossEntropyLossArguments>(
  'LinearCrossEntropyLoss',
  () => ({
    inFeatures: integerFrom(0),
    numClasses: integerFrom(0),
    outFeatures: list('integers', integerFrom(0)).or([]),
    bias: boolean.or(false),
    device: device(),
    dtype: dtype.orNullFor('float32'),
    reduction: reduction(),
    weight: tensor.orNull(),
    ignoreIndex: integer.orNull(),
    labelSmoothing: number.or(0),
    options: only(null),
  }),
  9,
);

/**
 * The cross-entropy of the logits x Wᵀ + b, with a linear map that is learned.
 *
 * **Shapes**: x `[N, inFeatures]` or `[inFeatures]`; target int64 `[N, ...outFeatures]` or `outFeatures`, or floating
 * `[N, numClasses, ...outFeatures]`. The map is the part `linear`, of numClasses · Π outFeatures outputs.
 */
export class LinearCrossEntropyLoss extends Module {
  /** @internal */
  static readonly _parameters = LINEAR_CROSS_ENTROPY_LOSS;
  readonly numClasses: number;
  readonly outFeatures: readonly number[];
  readonly ignoreIndex: number | null;
  readonly labelSmoothing: number;
  readonly reduction: Reduction;
  declare readonly weight: Tensor | null;
  declare linear: Linear;

  static {
    declareMembers(this, { buffer: ['weight'], module: ['linear'] });
  }

  constructor(...args: Arguments<LinearCrossEntropyLossArguments, ['inFeatures', 'numClasses']>) {
    super();
    const where = 'LinearCrossEntropyLoss';
    const { inFeatures, numClasses, outFeatures, bias, dtype, weight, ...options } = LINEAR_CROSS_ENTROPY_LOSS.read(args);
    if (weight !== null && (weight.ndim !== 1 || weight.size(0) !== numClasses)) {
      throw new ShapeError(`${where}: expected a weight of shape [${numClasses}], got [${weight.shape.join(', ')}]`, where, { shape: weight.shape });
    }
    if (!(options.labelSmoothing >= 0 && options.labelSmoothing <= 1)) {
      throw new UsageError(`${where}: labelSmoothing must be within [0, 1], got ${options.labelSmoothing}`, where);
    }
    this.registerBuffer('weight', weight);
    this.numClasses = numClasses;
    this.outFeatures = [...outFeatures];
    ({ ignoreIndex: this.ignoreIndex, labelSmoothing: this.labelSmoothing, reduction: this.reduction } = options);
    this.linear = new Linear(inFeatures, outFeatures.reduce((a, b) => a * b, numClasses), { bias, dtype });
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    checkArgument('LinearCrossEntropyLoss', 'input', input, tensor);
    const { numClasses, outFeatures, weight, reduction, labelSmoothing } = this;
    const flat = part(this, 'linear').call(input);
    const logits = outFeatures.length === 0 ? flat : flat.reshape([...input.shape.slice(0, -1), numClasses, ...outFeatures]);
    return crossEntropy(logits, target, { weight, ignoreIndex: this.ignoreIndex ?? -100, reduction, labelSmoothing });
  }

  override extraRepr(): string {
    const { numClasses, outFeatures, reduction, ignoreIndex, labelSmoothing } = this;
    const linear = part(this, 'linear');
    return `inFeatures=${linear.inFeatures}, numClasses=${numClasses}, outFeatures=[${outFeatures.join(', ')}], bias=${linear.bias !== null}, ` +
      `reduction=${reduction}, ignoreIndex=${ignoreIndex}, labelSmoothing=${labelSmoothing}, options=null`;
  }
}
