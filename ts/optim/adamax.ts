// Adamax.
import { anyWay, boolean, numberFrom, only } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { declareKeys } from '../tensor/state-keys';
import { StepOp } from './fused';
import { FusedOptimizer, pair } from './fused-optimizer';
import { paramsKind, rateKind, type ParamGroup, type Params, type WaysToCompute, type WithRate } from './optimizer';

/** Options of `Adamax`. */
export interface AdamaxOptions {
  /** The learning rate; 0.002 by default. */
  lr: number;
  /** The decay of the averages of gradients and of their sizes; [0.9, 0.999] by default. */
  betas: readonly [number, number];
  /** Added to the denominator; 1e-8 by default. */
  eps: number;
  /** The factor of the parameter added to its gradient; 0 by default. */
  weightDecay: number;
  /** Whether the objective grows; false by default. */
  maximize: boolean;
}

/** The arguments of `Adamax`. */
export type AdamaxArguments = { params: Params<WithRate<AdamaxOptions>> } & WithRate<AdamaxOptions> & Omit<WaysToCompute, 'fused'> & {
  /** Whether steps are recorded by a device: false, there is none. */
  capturable?: false;
};

const STEP = /* @__PURE__ */ new StepOp('_fusedAdamax_');

const ADAMAX = /* @__PURE__ */ parameters<AdamaxArguments>(
  'Adamax',
  () => ({
    params: paramsKind,
    lr: rateKind().or(0.002),
    betas: pair.or([0.9, 0.999]),
    eps: numberFrom(0).or(1e-8),
    weightDecay: numberFrom(0).or(0),
    foreach: anyWay(),
    maximize: boolean.or(false),
    differentiable: only(false),
    capturable: only(false),
  }),
  3,
);

/**
 * Adamax: m ← β₁ m + (1 − β₁) g; u ← max(β₂ u, |g| + eps); p ← p − lr / (1 − β₁ᵗ) · m / u in step t.
 *
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015; PyTorch, `torch.optim.Adamax`.
 */
export class Adamax extends FusedOptimizer<AdamaxOptions> {
  /** @internal */
  static readonly _parameters = ADAMAX;

  static {
    declareKeys(this, ['expAvg', 'expInf']);
  }

  constructor(...args: Arguments<AdamaxArguments, ['params', 'lr', 'betas', 'eps', 'weightDecay', 'foreach']>) {
    const { params, lr, betas, eps, weightDecay, maximize } = ADAMAX.read(args);
    // A tensor is read by the groups, for which it is a number.
    super(params as Params<AdamaxOptions>, { lr: lr as number, betas, eps, weightDecay, maximize });
  }

  protected override updateGroup(group: ParamGroup<AdamaxOptions>): void {
    const { lr, betas, weightDecay, eps, maximize } = group;
    this.takeStep(group, STEP, ['expAvg', 'expInf'], (steps) => [steps, lr, ...betas, weightDecay, eps, maximize]);
  }
}
