// Averaged stochastic gradient descent.
import { anyWay, boolean, number, numberFrom, only } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { declareKeys } from '../tensor/state-keys';
import { StepOp } from './fused';
import { FusedOptimizer } from './fused-optimizer';
import { paramsKind, rateKind, type ParamGroup, type Params, type WaysToCompute, type WithRate } from './optimizer';

/** Options of `ASGD`. */
export interface ASGDOptions {
  /** The learning rate; 0.01 by default. */
  lr: number;
  /** How strongly parameters are drawn to 0; 1e-4 by default. */
  lambd: number;
  /** The power by which the rate falls; 0.75 by default. */
  alpha: number;
  /** The step from which on an average is taken; 1e6 by default. */
  t0: number;
  /** The factor of the parameter added to its gradient; 0 by default. */
  weightDecay: number;
  /** Whether the objective grows; false by default. */
  maximize: boolean;
}

/** The arguments of `ASGD`. */
export type ASGDArguments = { params: Params<WithRate<ASGDOptions>> } & WithRate<ASGDOptions> & Omit<WaysToCompute, 'fused'> & {
  /** Whether steps are recorded by a device: false, there is none. */
  capturable?: false;
};

const STEP = /* @__PURE__ */ new StepOp('_fusedAsgd_');

const ASGD_PARAMETERS = /* @__PURE__ */ parameters<ASGDArguments>(
  'ASGD',
  () => ({
    params: paramsKind,
    lr: rateKind().or(0.01),
    lambd: numberFrom(0).or(1e-4),
    alpha: numberFrom(0).or(0.75),
    t0: number.or(1e6),
    weightDecay: numberFrom(0).or(0),
    foreach: anyWay(),
    maximize: boolean.or(false),
    differentiable: only(false),
    capturable: only(false),
  }),
);

/**
 * Averaged stochastic gradient descent: p ← (1 − lambd · eta) · p − eta · g with eta = lr / (1 + lambd · lr · t)^alpha after step t, and
 * in the state's `ax` the average of p from step `t0` on.
 *
 * Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992; PyTorch, `torch.optim.ASGD`.
 */
export class ASGD extends FusedOptimizer<ASGDOptions> {
  /** @internal */
  static readonly _parameters = ASGD_PARAMETERS;

  static {
    declareKeys(this, ['ax', 'eta', 'mu']);
  }

  constructor(...args: Arguments<ASGDArguments, ['params', 'lr', 'lambd', 'alpha', 't0', 'weightDecay', 'foreach', 'maximize', 'differentiable', 'capturable']>) {
    const { params, lr, lambd, alpha, t0, weightDecay, maximize } = ASGD_PARAMETERS.read(args);
    // A tensor is read by the groups, for which it is a number.
    super(params as Params<ASGDOptions>, { lr: lr as number, lambd, alpha, t0, weightDecay, maximize });
  }

  protected override get numbersOfState(): readonly string[] {
    return ['step', 'eta', 'mu'];
  }

  protected override updateGroup(group: ParamGroup<ASGDOptions>): void {
    // The rate of the next step is made of these, and would not be a number.
    this._checkGroup(group);
    const { lr, lambd, alpha, t0, weightDecay, maximize } = group;
    const changes: (() => void)[] = [];
    this.takeStep(group, STEP, ['ax'], (steps, states) => {
      // PyTorch keeps both in float32.
      const etas = states.map((state) => (state['eta'] ??= Math.fround(lr)) as number);
      const mus = states.map((state) => (state['mu'] ??= 1) as number);
      states.forEach((state, i) => changes.push(() => {
        state['eta'] = Math.fround(lr / (1 + lambd * lr * steps[i]!) ** alpha);
        state['mu'] = Math.fround(1 / Math.max(1, steps[i]! - t0));
      }));
      return [etas, mus, lambd, weightDecay, maximize];
    });
    for (const change of changes) change();
  }
}
