// Stochastic gradient descent.
import { UsageError } from '../errors';
import { zerosLike } from '../generated/functions';
import { atLeast, withDefaults, type Suffix } from '../options';
import { declareKeys } from '../state-keys';
import type { Tensor } from '../tensor';
import { wasm } from '../wasm';
import { FusedStep, hasGrad } from './fused';
import { Optimizer, type ParamGroup, type Params } from './optimizer';

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

const NO_STATE: readonly Tensor[] = [];

/**
 * Stochastic gradient descent: g ← g + weightDecay · p; v ← momentum · v + (1 − dampening) · g, v = g at first;
 * p ← p − lr · v, or p − lr · (g + momentum · v) with Nesterov's momentum.
 *
 * Source: PyTorch's `torch.optim.SGD`, whose form of momentum (lr outside v) this is.
 */
export class SGD extends Optimizer<SGDOptions> {
  static {
    declareKeys(this, ['momentumBuffer']);
  }

  constructor(params: Params<SGDOptions>, ...args: Suffix<SGDOptions, ['lr', 'momentum', 'dampening', 'weightDecay', 'nesterov']>) {
    const defaults: SGDOptions = { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false };
    super(params, withDefaults('SGD', defaults, ['lr', 'momentum', 'dampening', 'weightDecay', 'nesterov'], args));
  }

  protected override checkOptions({ lr, momentum, dampening, weightDecay, nesterov }: SGDOptions): void {
    atLeast('SGD', 'lr', lr, 0);
    atLeast('SGD', 'momentum', momentum, 0);
    atLeast('SGD', 'weightDecay', weightDecay, 0);
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      throw new UsageError('SGD: nesterov needs a momentum and no dampening', 'SGD', { momentum, dampening });
    }
  }

  /** One call of the instance for the whole group. */
  protected override updateGroup(group: ParamGroup<SGDOptions>): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    const step = new FusedStep([lr, momentum, dampening, weightDecay, nesterov ? 1 : 0, maximize ? 1 : 0]);
    for (const p of group.params) {
      if (momentum === 0) step.add(p, 0, NO_STATE);
      else {
        const state = this.state.get(p);
        const isFirst = state?.['momentumBuffer'] === undefined;
        if (isFirst && !hasGrad(p)) continue;
        step.add(p, isFirst ? 1 : 0, [this.remembered(state ?? this.stateOf(p), 'momentumBuffer', () => zerosLike(p))]);
      }
    }
    step.run('SGD', (words) => wasm().step_sgd(words));
  }
}
