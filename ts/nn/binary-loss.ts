// Losses of yes and no: against 0 and 1, or −1 and 1.
import { binaryCrossEntropy, binaryCrossEntropyWithLogits, hingeEmbeddingLoss, multilabelSoftMarginLoss, softMarginLoss } from '../generated/functional';
import { boolean, number } from '../core/kinds';
import { parameters, type Arguments, type Kinds, type Values } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { INPUT_AND_TARGET } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { reduction, reductionKinds, reductionOf, type Reduction, type ReductionOptions } from './reduction';

/** Options of losses with weights. */
export interface WeightedLossOptions extends ReductionOptions {
  /** A factor on the loss, which is broadcast. */
  weight?: Tensor | null;
}

/** A loss with weights, which are no parameters but are saved with the module. */
abstract class WeightedLoss extends Module {
  declare readonly weight: Tensor | null;
  readonly reduction: Reduction;

  static {
    declareMembers(this, { buffer: ['weight'] });
  }

  constructor(options: Values<WeightedLossOptions>) {
    super();
    this.registerBuffer('weight', options.weight);
    this.reduction = reductionOf(options);
  }
}

/** The kinds of `WeightedLossOptions`. */
const WEIGHTED = (): Kinds<WeightedLossOptions> => ({ weight: tensor.orNull(), ...reductionKinds() });

type WeightedOrder = ['weight', 'sizeAverage', 'reduce', 'reduction'];

const BCE_LOSS = /* @__PURE__ */ parameters<WeightedLossOptions>('BCELoss', WEIGHTED);

/** −(y · log x + (1 − y) · log(1 − x)) for probabilities x, each logarithm at least −100, reduced. */
export class BCELoss extends WeightedLoss {
  /** @internal */
  static readonly _parameters = BCE_LOSS;

  constructor(...args: Arguments<WeightedLossOptions, WeightedOrder>) {
    super(BCE_LOSS.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, this.weight, this.reduction);
  }
}

/** Options of `BCEWithLogitsLoss`. */
export interface BCEWithLogitsLossOptions extends WeightedLossOptions {
  /** A factor on the loss of targets that are 1, broadcast along their last dims. */
  posWeight?: Tensor | null;
}

const BCE_WITH_LOGITS_LOSS = /* @__PURE__ */ parameters<BCEWithLogitsLossOptions>('BCEWithLogitsLoss', () => ({
  ...WEIGHTED(),
  posWeight: tensor.orNull(),
}));

/** The binary cross-entropy of sigmoid(x), computed without overflow, reduced. */
export class BCEWithLogitsLoss extends WeightedLoss {
  /** @internal */
  static readonly _parameters = BCE_WITH_LOGITS_LOSS;
  declare readonly posWeight: Tensor | null;

  static {
    declareMembers(this, { buffer: ['posWeight'] });
  }

  constructor(...args: Arguments<BCEWithLogitsLossOptions, [...WeightedOrder, 'posWeight']>) {
    const options = BCE_WITH_LOGITS_LOSS.read(args);
    super(options);
    this.registerBuffer('posWeight', options.posWeight);
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropyWithLogits(input, target, this.weight, this.reduction, this.posWeight);
  }
}

const MULTI_LABEL_SOFT_MARGIN_LOSS = /* @__PURE__ */ parameters<WeightedLossOptions>('MultiLabelSoftMarginLoss', WEIGHTED);

/** The mean over classes of the binary cross-entropy of sigmoid(x), reduced over the batch. **Shapes**: x and y `[N, C]`. */
export class MultiLabelSoftMarginLoss extends WeightedLoss {
  /** @internal */
  static readonly _parameters = MULTI_LABEL_SOFT_MARGIN_LOSS;

  constructor(...args: Arguments<WeightedLossOptions, WeightedOrder>) {
    super(MULTI_LABEL_SOFT_MARGIN_LOSS.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(input, target, this.weight, this.reduction);
  }
}

const SOFT_MARGIN_LOSS = /* @__PURE__ */ parameters<ReductionOptions>('SoftMarginLoss', reductionKinds);

/** log(1 + exp(−y · x)) for targets y of −1 and 1, reduced. */
export class SoftMarginLoss extends Module {
  /** @internal */
  static readonly _parameters = SOFT_MARGIN_LOSS;
  readonly reduction: Reduction;

  constructor(...args: Arguments<ReductionOptions, ['sizeAverage', 'reduce', 'reduction']>) {
    super();
    this.reduction = reductionOf(SOFT_MARGIN_LOSS.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, this.reduction);
  }
}

/** Options of losses with a margin. */
export interface MarginLossOptions extends ReductionOptions {
  /** What is called far enough. */
  margin?: number;
}

const HINGE_EMBEDDING_LOSS = /* @__PURE__ */ parameters<MarginLossOptions>('HingeEmbeddingLoss', () => ({
  margin: number.or(1),
  sizeAverage: boolean.orNull(),
  reduce: boolean.orNull(),
  reduction: reduction(),
}));

/** x where the target is 1, and max(0, margin − x) where it is −1, reduced; the margin is 1 by default. */
export class HingeEmbeddingLoss extends Module {
  /** @internal */
  static readonly _parameters = HINGE_EMBEDDING_LOSS;
  readonly margin: number;
  readonly reduction: Reduction;

  constructor(...args: Arguments<MarginLossOptions, ['margin', 'sizeAverage', 'reduce', 'reduction']>) {
    super();
    const options = HINGE_EMBEDDING_LOSS.read(args);
    this.margin = options.margin;
    this.reduction = reductionOf(options);
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(input, target, this.margin, this.reduction);
  }
}
