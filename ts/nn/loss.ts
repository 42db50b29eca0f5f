// Losses as modules. They hold no parameters; each is a call of the function of the same name.
import { UsageError } from '../errors';
import { crossEntropy, mseLoss, nllLoss } from '../generated/functional';
import { withDefaults, type Suffix } from '../options';
import type { Tensor } from '../tensor';
import { declareMembers } from './members';
import { Module } from './module';

/** What becomes of the losses of single elements: all of them, their mean, or their sum. */
export type Reduction = 'none' | 'mean' | 'sum';

function checkReduction(where: string, reduction: string): void {
  if (reduction === 'none' || reduction === 'mean' || reduction === 'sum') return;
  throw new UsageError(`${where}: reduction must be 'none', 'mean' or 'sum', got '${reduction}'`, where, { reduction });
}

/** Options of `MSELoss`. */
export interface MSELossOptions {
  /** `'mean'` by default. */
  reduction: Reduction;
}

/** (x − y)², reduced. */
export class MSELoss extends Module {
  readonly reduction: Reduction;

  constructor(options: Partial<MSELossOptions> = {}) {
    super();
    this.reduction = withDefaults<MSELossOptions>('MSELoss', { reduction: 'mean' }, [], [options]).reduction;
    checkReduction('MSELoss', this.reduction);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, { reduction: this.reduction });
  }
}

/** Options of `NLLLoss`. */
export interface NLLLossOptions {
  /** A factor for each class. */
  weight: Tensor | null;
  /** Targets of this value count nothing; −100 by default. */
  ignoreIndex: number;
  /** `'mean'` by default: over the weights of the targets that count. */
  reduction: Reduction;
}

/** A loss over classes, with a weight for each. */
abstract class ClassLoss extends Module {
  declare readonly weight: Tensor | null;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;

  static {
    declareMembers(this, { buffer: ['weight'] });
  }

  constructor(options: NLLLossOptions) {
    super();
    this.registerBuffer('weight', options.weight);
    this.ignoreIndex = options.ignoreIndex;
    this.reduction = options.reduction;
    checkReduction(this.constructor.name, this.reduction);
  }
}

/** −x_target for log-probabilities x. **Shapes**: x `[N, C, *]` or `[C]`, target int64 `[N, *]` or `[]`. */
export class NLLLoss extends ClassLoss {
  constructor(...args: Suffix<NLLLossOptions, ['weight']>) {
    const defaults: NLLLossOptions = { weight: null, ignoreIndex: -100, reduction: 'mean' };
    super(withDefaults('NLLLoss', defaults, ['weight'], args));
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction } = this;
    return nllLoss(input, target, { weight, ignoreIndex, reduction });
  }
}

/** Options of `CrossEntropyLoss`. */
export interface CrossEntropyLossOptions extends NLLLossOptions {
  /** How much of each target is spread over all classes, in [0, 1]; 0 by default. */
  labelSmoothing: number;
}

/**
 * −log softmax(x)_target for logits x; the target is a class index or a distribution.
 *
 * **Shapes**: x `[N, C, *]` or `[C]`; target int64 `[N, *]` or `[]`, or floating of x's shape.
 */
export class CrossEntropyLoss extends ClassLoss {
  readonly labelSmoothing: number;

  constructor(...args: Suffix<CrossEntropyLossOptions, ['weight']>) {
    const defaults: CrossEntropyLossOptions = { weight: null, ignoreIndex: -100, reduction: 'mean', labelSmoothing: 0 };
    const options = withDefaults('CrossEntropyLoss', defaults, ['weight'], args);
    super(options);
    this.labelSmoothing = options.labelSmoothing;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction, labelSmoothing } = this;
    return crossEntropy(input, target, { weight, ignoreIndex, reduction, labelSmoothing });
  }
}
