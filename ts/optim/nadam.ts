// NAdam.
import { anyWay, boolean, numberFrom, only } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { declareKeys } from '../tensor/state-keys';
import { StepOp } from './fused';
import { FusedOptimizer, pair } from './fused-optimizer';
import { paramsKind, rateKind, type ParamGroup, type Params, type ParamState, type WaysToCompute, type WithRate } from './optimizer';

/** Options of `NAdam`. */
export interface NAdamOptions {
  /** The learning rate; 0.002 by default. */
  lr: number;
  /** The decay of the averages of gradients and of their sizes; [0.9, 0.999] by default. */
  betas: readonly [number, number];
  /** Added to the denominator; 1e-8 by default. */
  eps: number;
  /** The factor of the parameter added to its gradient; 0 by default. */
  weightDecay: number;
  /** How fast the momentum nears β₁; 0.004 by default. */
  momentumDecay: number;
  /** Whether weight decay acts on the parameters and not through their gradients; false by default. */
  decoupledWeightDecay: boolean;
  /** Whether the objective grows; false by default. */
  maximize: boolean;
}

/** The arguments of `NAdam`. */
export type NAdamArguments = { params: Params<WithRate<NAdamOptions>> } & WithRate<NAdamOptions> & Omit<WaysToCompute, 'fused'> & {
  /** Whether steps are recorded by a device: false, there is none. */
  capturable?: false;
};

const STEP = /* @__PURE__ */ new StepOp('_fusedNadam_');

const NADAM = /* @__PURE__ */ parameters<NAdamArguments>(
  'NAdam',
  () => ({
    params: paramsKind,
    lr: rateKind().or(0.002),
    betas: pair.or([0.9, 0.999]),
    eps: numberFrom(0).or(1e-8),
    weightDecay: numberFrom(0).or(0),
    momentumDecay: numberFrom(0).or(0.004),
    decoupledWeightDecay: boolean.or(false),
    foreach: anyWay(),
    maximize: boolean.or(false),
    capturable: only(false),
    differentiable: only(false),
  }),
  4,
);

/**
 * NAdam: Adam with Nesterov's momentum, μ(t) = β₁ · (1 − 0.96^(t · momentumDecay) / 2) in step t.
 *
 * Source: Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016; PyTorch, `torch.optim.NAdam`.
 */
export class NAdam extends FusedOptimizer<NAdamOptions> {
  /** @internal */
  static readonly _parameters = NADAM;

  static {
    declareKeys(this, ['expAvg', 'expAvgSq', 'muProduct', 'momentumDecay', 'decoupledWeightDecay']);
  }

  constructor(...args: Arguments<NAdamArguments, ['params', 'lr', 'betas', 'eps', 'weightDecay', 'momentumDecay', 'decoupledWeightDecay']>) {
    const { params, lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize } = NADAM.read(args);
    // A tensor is read by the groups, for which it is a number.
    super(params as Params<NAdamOptions>, { lr: lr as number, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize });
  }

  protected override get numbersOfState(): readonly string[] {
    return ['step', 'muProduct'];
  }

  protected override updateGroup(group: ParamGroup<NAdamOptions>): void {
    const { lr, betas, weightDecay, eps, momentumDecay, decoupledWeightDecay, maximize } = group;
    const products: number[] = [];
    const given: ParamState[] = [];
    this.takeStep(group, STEP, ['expAvg', 'expAvgSq'], (steps, states) => {
      states.forEach((state, i) => {
        const mu = betas[0] * (1 - 0.5 * 0.96 ** (steps[i]! * momentumDecay));
        // PyTorch keeps the product in float32.
        products.push(Math.fround(((state['muProduct'] as number | undefined) ?? 1) * Math.fround(mu)));
        given.push(state);
      });
      return [steps, products, lr, ...betas, weightDecay, eps, momentumDecay, decoupledWeightDecay, maximize];
    });
    given.forEach((state, i) => { state['muProduct'] = products[i]!; });
  }
}
