// Adagrad.
import { fullLike } from '../generated/functions';
import type { Tensor } from '../tensor/tensor';
import { anyWay, boolean, numberFrom, only } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { declareKeys } from '../tensor/state-keys';
import { StepOp } from './fused';
import { FusedOptimizer } from './fused-optimizer';
import { paramsKind, rateKind, type ParamGroup, type Params, type WaysToCompute, type WithRate } from './optimizer';

/** Options of `Adagrad`. */
export interface AdagradOptions {
  /** The learning rate; 0.01 by default. */
  lr: number;
  /** How the rate falls: by 1 / (1 + (t − 1) · lrDecay) in step t; 0 by default. */
  lrDecay: number;
  /** The factor of the parameter added to its gradient; 0 by default. */
  weightDecay: number;
  /** What the sums of squares begin with; 0 by default. */
  initialAccumulatorValue: number;
  /** Added to the denominator; 1e-10 by default. */
  eps: number;
  /** Whether the objective grows; false by default. */
  maximize: boolean;
}

/** The arguments of `Adagrad`. */
export type AdagradArguments = { params: Params<WithRate<AdagradOptions>> } & WithRate<AdagradOptions> & WaysToCompute;

const STEP = /* @__PURE__ */ new StepOp('_fusedAdagrad_');

const ADAGRAD = /* @__PURE__ */ parameters<AdagradArguments>(
  'Adagrad',
  () => ({
    params: paramsKind,
    lr: rateKind().or(0.01),
    lrDecay: numberFrom(0).or(0),
    weightDecay: numberFrom(0).or(0),
    initialAccumulatorValue: numberFrom(0).or(0),
    eps: numberFrom(0).or(1e-10),
    foreach: anyWay(),
    maximize: boolean.or(false),
    differentiable: only(false),
    fused: anyWay(),
  }),
  3,
);

/**
 * Adagrad: s ← s + g²; p ← p − lr / (1 + (t − 1) · lrDecay) · g / (√s + eps) in step t.
 *
 * Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR 2011; PyTorch,
 * `torch.optim.Adagrad`.
 */
export class Adagrad extends FusedOptimizer<AdagradOptions> {
  /** @internal */
  static readonly _parameters = ADAGRAD;

  static {
    declareKeys(this, ['sum', 'lrDecay', 'initialAccumulatorValue']);
  }

  constructor(...args: Arguments<AdagradArguments, ['params', 'lr', 'lrDecay', 'weightDecay', 'initialAccumulatorValue', 'eps', 'foreach']>) {
    const { params, lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize } = ADAGRAD.read(args);
    // A tensor is read by the groups, for which it is a number.
    super(params as Params<AdagradOptions>, { lr: lr as number, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize });
  }

  protected override updateGroup(group: ParamGroup<AdagradOptions>): void {
    const { lr, lrDecay, weightDecay, eps, maximize } = group;
    this.takeStep(group, STEP, ['sum'], (steps) => [steps, lr, lrDecay, weightDecay, eps, maximize]);
  }

  protected override first(p: Tensor): Tensor {
    return fullLike(p, this.defaults.initialAccumulatorValue);
  }
}
