// The loss of sequences of labels whose places are not known.
import { ctcLoss } from '../generated/functional';
import { boolean, integer } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import type { Inputs } from './inputs';
import { Module } from './module';
import { reduction, type Reduction } from './reduction';

/** Options of `CTCLoss`. */
export interface CTCLossOptions {
  /** The class that stands for no label; 0 by default. */
  blank?: number;
  /** What becomes of the losses of samples; `'mean'`, the default, divides each by the length of its target first. */
  reduction?: Reduction;
  /** Whether a target that is too long for its input counts 0 instead of ∞; false by default. */
  zeroInfinity?: boolean;
}

const CTC_LOSS = /* @__PURE__ */ parameters<CTCLossOptions>('CTCLoss', () => ({ blank: integer.or(0), reduction: reduction(), zeroInfinity: boolean.or(false) }));

interface CTCInputs {
  logProbs: Tensor;
  targets: Tensor;
  inputLengths: Tensor;
  targetLengths: Tensor;
}

const CTC_INPUTS: Inputs<CTCInputs, ['logProbs', 'targets', 'inputLengths', 'targetLengths']> = /* @__PURE__ */ parameters('forward', () => ({
  logProbs: tensor,
  targets: tensor,
  inputLengths: tensor,
  targetLengths: tensor,
}));

/**
 * The negative log probability of targets under log probabilities, summed over all ways to place them.
 *
 * **Shapes**: logProbs `[T, N, C]`, or `[T, C]` of one sample; targets int64 `[N, S]`, or all in one vector; the lengths `[N]`.
 *
 * Source: Graves et al., "Connectionist temporal classification", ICML 2006.
 */
export class CTCLoss extends Module {
  /** @internal */
  static readonly _parameters = CTC_LOSS;
  readonly blank: number;
  readonly reduction: Reduction;
  readonly zeroInfinity: boolean;

  constructor(...args: Arguments<CTCLossOptions, ['blank', 'reduction', 'zeroInfinity']>) {
    super();
    ({ blank: this.blank, reduction: this.reduction, zeroInfinity: this.zeroInfinity } = CTC_LOSS.read(args));
  }

  /** @internal */
  get _inputs(): typeof CTC_INPUTS {
    return CTC_INPUTS;
  }

  override forward(logProbs: Tensor, targets: Tensor, inputLengths: Tensor, targetLengths: Tensor): Tensor {
    const { blank, reduction, zeroInfinity } = this;
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, { blank, reduction, zeroInfinity });
  }
}
