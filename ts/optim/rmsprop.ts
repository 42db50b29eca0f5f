// RMSprop.
import { anyWay, boolean, numberFrom, only } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { declareKeys } from '../tensor/state-keys';
import { StepOp } from './fused';
import { FusedOptimizer } from './fused-optimizer';
import { paramsKind, rateKind, type ParamGroup, type Params, type WaysToCompute, type WithRate } from './optimizer';

/** Options of `RMSprop`. */
export interface RMSpropOptions {
  /** The learning rate; 0.01 by default. */
  lr: number;
  /** The decay of the average of squares; 0.99 by default. */
  alpha: number;
  /** Added to the denominator; 1e-8 by default. */
  eps: number;
  /** The factor of the parameter added to its gradient; 0 by default. */
  weightDecay: number;
  /** The factor on the velocity of the step before; 0 by default. */
  momentum: number;
  /** Whether the variance of gradients takes the place of their squares; false by default. */
  centered: boolean;
  /** Whether the objective grows; false by default. */
  maximize: boolean;
}

/** The arguments of `RMSprop`. */
export type RMSpropArguments = { params: Params<WithRate<RMSpropOptions>> } & WithRate<RMSpropOptions> & Omit<WaysToCompute, 'fused'> & {
  /** Whether steps are recorded by a device: false, there is none. */
  capturable?: false;
};

const STEP = /* @__PURE__ */ new StepOp('_fusedRmsprop_');

const RMSPROP = /* @__PURE__ */ parameters<RMSpropArguments>(
  'RMSprop',
  () => ({
    params: paramsKind,
    lr: rateKind().or(0.01),
    alpha: numberFrom(0).or(0.99),
    eps: numberFrom(0).or(1e-8),
    weightDecay: numberFrom(0).or(0),
    momentum: numberFrom(0).or(0),
    centered: boolean.or(false),
    capturable: only(false),
    foreach: anyWay(),
    maximize: boolean.or(false),
    differentiable: only(false),
  }),
);

/**
 * RMSprop: s ← alpha · s + (1 − alpha) · g²; p ← p − lr · g / (√s + eps). `centered` takes the square of the average
 * gradient from s; with momentum a velocity v ← momentum · v + g / (√s + eps) is followed, p ← p − lr · v.
 *
 * Source: Hinton, "Neural networks for machine learning", lecture 6; centered: Graves, "Generating sequences with recurrent neural
 * networks", 2013. Where eps is added follows PyTorch's `torch.optim.RMSprop`.
 */
export class RMSprop extends FusedOptimizer<RMSpropOptions> {
  /** @internal */
  static readonly _parameters = RMSPROP;

  static {
    declareKeys(this, ['squareAvg', 'gradAvg', 'momentumBuffer']);
  }

  constructor(...args: Arguments<RMSpropArguments, ['params', 'lr', 'alpha', 'eps', 'weightDecay', 'momentum', 'centered', 'capturable', 'foreach', 'maximize', 'differentiable']>) {
    const { params, lr, alpha, eps, weightDecay, momentum, centered, maximize } = RMSPROP.read(args);
    // A tensor is read by the groups, for which it is a number.
    super(params as Params<RMSpropOptions>, { lr: lr as number, alpha, eps, weightDecay, momentum, centered, maximize });
  }

  protected override updateGroup(group: ParamGroup<RMSpropOptions>): void {
    const { lr, alpha, eps, weightDecay, momentum, centered, maximize } = group;
    const remembered = ['squareAvg', centered ? 'gradAvg' : null, momentum === 0 ? null : 'momentumBuffer'];
    this.takeStep(group, STEP, remembered, () => [lr, alpha, eps, weightDecay, momentum, centered, maximize]);
  }
}
