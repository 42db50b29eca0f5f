// Stochastic gradient descent.
import { UsageError } from '../core/errors';
import { zerosLike } from '../generated/functions';
import { anyWay, boolean, number, numberFrom, only } from '../core/kinds';
import { checkArgument, parameters, type Arguments } from '../core/options';
import { declareKeys } from '../tensor/state-keys';
import type { Tensor } from '../tensor/tensor';
import { StepOp, withGradients } from './fused';
import { Optimizer, paramsKind, rateKind, type ParamGroup, type Params, type WaysToCompute, type WithRate } from './optimizer';

/** Options of `SGD`. */
export interface SGDOptions {
  /** The learning rate; 0.001 by default. */
  lr: number;
  /** The factor on the velocity of the step before; 0 by default. */
  momentum: number;
  /** How much less the gradient counts in the velocity; 0 by default. */
  dampening: number;
  /** The factor of the parameter added to its gradient; 0 by default. */
  weightDecay: number;
  /** Whether the gradient is taken at the place the velocity leads to; false by default. */
  nesterov: boolean;
  /** Whether the objective grows; false by default. */
  maximize: boolean;
}

const STEP = /* @__PURE__ */ new StepOp('_fusedSgd_');

/** The arguments of `SGD`. */
export type SGDArguments = { params: Params<WithRate<SGDOptions>> } & WithRate<SGDOptions> & WaysToCompute;

const SGD_PARAMETERS = /* @__PURE__ */ parameters<SGDArguments>(
  'SGD',
  () => ({
    params: paramsKind,
    lr: rateKind().or(1e-3),
    momentum: numberFrom(0).or(0),
    dampening: number.or(0),
    weightDecay: numberFrom(0).or(0),
    nesterov: boolean.or(false),
    maximize: boolean.or(false),
    foreach: anyWay(),
    differentiable: only(false),
    fused: anyWay(),
  }),
  4,
);

/**
 * Stochastic gradient descent: g ← g + weightDecay · p; v ← momentum · v + (1 − dampening) · g, v = g at first;
 * p ← p − lr · v, or p − lr · (g + momentum · v) with Nesterov's momentum.
 *
 * Source: PyTorch's `torch.optim.SGD`, whose form of momentum (lr outside v) this is.
 */
export class SGD extends Optimizer<SGDOptions> {
  /** @internal */
  static readonly _parameters = SGD_PARAMETERS;

  static {
    declareKeys(this, ['momentumBuffer']);
  }

  constructor(...args: Arguments<SGDArguments, ['params', 'lr', 'momentum', 'dampening', 'weightDecay', 'nesterov']>) {
    const { params, lr, momentum, dampening, weightDecay, nesterov, maximize } = SGD_PARAMETERS.read(args);
    // A tensor is read by the groups, for which it is a number.
    super(params as Params<SGDOptions>, { lr: lr as number, momentum, dampening, weightDecay, nesterov, maximize });
  }

  protected override checkOptions({ lr, momentum, dampening, weightDecay, nesterov }: SGDOptions): void {
    checkArgument('SGD', 'lr', lr, numberFrom(0));
    checkArgument('SGD', 'momentum', momentum, numberFrom(0));
    checkArgument('SGD', 'weightDecay', weightDecay, numberFrom(0));
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      throw new UsageError('SGD: nesterov needs a momentum and no dampening', 'SGD', { momentum, dampening });
    }
  }

  /** One call of the instance for the whole group. */
  protected override updateGroup(group: ParamGroup<SGDOptions>): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    const params = withGradients(this, group.params);
    if (params.length === 0) return;
    const first: number[] = [];
    const velocities: Tensor[] = [];
    for (const p of params) {
      if (momentum === 0) first.push(0);
      else {
        const state = this.stateOf(p);
        first.push(state['momentumBuffer'] === undefined ? 1 : 0);
        velocities.push(this.remembered(state, 'momentumBuffer', () => zerosLike(p)));
      }
    }
    STEP.take(params, [velocities], [weightDecay, momentum, lr, dampening, nesterov, maximize, first]);
  }
}
