// RAdam.
import { anyWay, boolean, numberFrom, only } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { declareKeys } from '../tensor/state-keys';
import { StepOp } from './fused';
import { FusedOptimizer, pair } from './fused-optimizer';
import { paramsKind, rateKind, type ParamGroup, type Params, type WaysToCompute, type WithRate } from './optimizer';

/** Options of `RAdam`. */
export interface RAdamOptions {
  /** The learning rate; 0.001 by default. */
  lr: number;
  /** The decay of the averages of gradients and of their sizes; [0.9, 0.999] by default. */
  betas: readonly [number, number];
  /** Added to the denominator; 1e-8 by default. */
  eps: number;
  /** The factor of the parameter added to its gradient; 0 by default. */
  weightDecay: number;
  /** Whether weight decay acts on the parameters and not through their gradients; false by default. */
  decoupledWeightDecay: boolean;
  /** Whether the objective grows; false by default. */
  maximize: boolean;
}

/** The arguments of `RAdam`. */
export type RAdamArguments = { params: Params<WithRate<RAdamOptions>> } & WithRate<RAdamOptions> & Omit<WaysToCompute, 'fused'> & {
  /** Whether steps are recorded by a device: false, there is none. */
  capturable?: false;
};

const STEP = /* @__PURE__ */ new StepOp('_fusedRadam_');

const RADAM = /* @__PURE__ */ parameters<RAdamArguments>(
  'RAdam',
  () => ({
    params: paramsKind,
    lr: rateKind().or(0.001),
    betas: pair.or([0.9, 0.999]),
    eps: numberFrom(0).or(1e-8),
    weightDecay: numberFrom(0).or(0),
    decoupledWeightDecay: boolean.or(false),
    foreach: anyWay(),
    maximize: boolean.or(false),
    capturable: only(false),
    differentiable: only(false),
  }),
  4,
);

/**
 * RAdam: Adam whose denominator is used, rectified, from the step on in which its variance is tractable; before, p ← p − lr · m̂.
 *
 * Source: Liu et al., "On the variance of the adaptive learning rate and beyond", ICLR 2020; PyTorch, `torch.optim.RAdam`.
 */
export class RAdam extends FusedOptimizer<RAdamOptions> {
  /** @internal */
  static readonly _parameters = RADAM;

  static {
    declareKeys(this, ['expAvg', 'expAvgSq', 'decoupledWeightDecay']);
  }

  constructor(...args: Arguments<RAdamArguments, ['params', 'lr', 'betas', 'eps', 'weightDecay', 'decoupledWeightDecay']>) {
    const { params, lr, betas, eps, weightDecay, decoupledWeightDecay, maximize } = RADAM.read(args);
    // A tensor is read by the groups, for which it is a number.
    super(params as Params<RAdamOptions>, { lr: lr as number, betas, eps, weightDecay, decoupledWeightDecay, maximize });
  }

  protected override updateGroup(group: ParamGroup<RAdamOptions>): void {
    const { lr, betas, weightDecay, eps, decoupledWeightDecay, maximize } = group;
    this.takeStep(group, STEP, ['expAvg', 'expAvgSq'], (steps) => [steps, lr, ...betas, weightDecay, eps, decoupledWeightDecay, maximize]);
  }
}
