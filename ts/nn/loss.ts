// Losses as modules. They hold no parameters; each is a call of the function of the same name.
import { crossEntropy, mseLoss, nllLoss } from '../generated/functional';
import { boolean, integer, number } from '../core/kinds';
import { parameters, type Arguments, type Values } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { INPUT_AND_TARGET } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { reduction, reductionKinds, reductionOf, type Reduction, type ReductionOptions } from './reduction';

/** Options of `MSELoss`. */
export type MSELossOptions = ReductionOptions;

const MSE_LOSS = /* @__PURE__ */ parameters<MSELossOptions>('MSELoss', reductionKinds);

/** (x − y)², reduced. */
export class MSELoss extends Module {
  /** @internal */
  static readonly _parameters = MSE_LOSS;
  readonly reduction: Reduction;

  constructor(...args: Arguments<MSELossOptions, ['sizeAverage', 'reduce', 'reduction']>) {
    super();
    this.reduction = reductionOf(MSE_LOSS.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    // Without arguments by name the call is found at once.
    return this.reduction === 'mean' ? mseLoss(input, target) : mseLoss(input, target, { reduction: this.reduction });
  }
}

/** Options of `NLLLoss`. */
export interface NLLLossOptions extends MSELossOptions {
  /** A factor for each class. */
  weight?: Tensor | null;
  /** Targets of this value count nothing; −100 by default. */
  ignoreIndex?: number;
  /** `'mean'` by default: over the weights of the targets that count. */
  reduction?: Reduction;
}

/** A loss over classes, with a weight for each. */
abstract class ClassLoss extends Module {
  declare readonly weight: Tensor | null;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;

  static {
    declareMembers(this, { buffer: ['weight'] });
  }

  constructor(options: Values<NLLLossOptions>) {
    super();
    this.registerBuffer('weight', options.weight);
    this.ignoreIndex = options.ignoreIndex;
    this.reduction = reductionOf(options);
  }
}

const NLL_LOSS = /* @__PURE__ */ parameters<NLLLossOptions>('NLLLoss', () => ({
  weight: tensor.orNull(),
  sizeAverage: boolean.orNull(),
  ignoreIndex: integer.or(-100),
  reduce: boolean.orNull(),
  reduction: reduction(),
}));

/** −x_target for log-probabilities x. **Shapes**: x `[N, C, *]` or `[C]`, target int64 `[N, *]` or `[]`. */
export class NLLLoss extends ClassLoss {
  /** @internal */
  static readonly _parameters = NLL_LOSS;

  constructor(...args: Arguments<NLLLossOptions, ['weight', 'sizeAverage', 'ignoreIndex', 'reduce', 'reduction']>) {
    super(NLL_LOSS.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction } = this;
    return nllLoss(input, target, { weight, ignoreIndex, reduction });
  }
}

/** Options of `CrossEntropyLoss`. */
export interface CrossEntropyLossOptions extends NLLLossOptions {
  /** How much of each target is spread over all classes, in [0, 1]; 0 by default. */
  labelSmoothing?: number;
}

const CROSS_ENTROPY_LOSS = /* @__PURE__ */ parameters<CrossEntropyLossOptions>('CrossEntropyLoss', () => ({
  weight: tensor.orNull(),
  sizeAverage: boolean.orNull(),
  ignoreIndex: integer.or(-100),
  reduce: boolean.orNull(),
  reduction: reduction(),
  labelSmoothing: number.or(0),
}));

/**
 * −log softmax(x)_target for logits x; the target is a class index or a distribution.
 *
 * **Shapes**: x `[N, C, *]` or `[C]`; target int64 `[N, *]` or `[]`, or floating of x's shape.
 */
export class CrossEntropyLoss extends ClassLoss {
  /** @internal */
  static readonly _parameters = CROSS_ENTROPY_LOSS;
  readonly labelSmoothing: number;

  constructor(...args: Arguments<CrossEntropyLossOptions, ['weight', 'sizeAverage', 'ignoreIndex', 'reduce', 'reduction', 'labelSmoothing']>) {
    const options = CROSS_ENTROPY_LOSS.read(args);
    super(options);
    this.labelSmoothing = options.labelSmoothing;
  }

  /** @internal */
  get _inputs(): typeof INPUT_AND_TARGET {
    return INPUT_AND_TARGET;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction, labelSmoothing } = this;
    return crossEntropy(input, target, { weight, ignoreIndex, reduction, labelSmoothing });
  }
}
