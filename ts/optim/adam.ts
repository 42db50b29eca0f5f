// Adam and AdamW.
import { UsageError } from '../errors';
import { zerosLike } from '../generated/functions';
import { atLeast, withDefaults, type Suffix } from '../options';
import { declareKeys } from '../state-keys';
import { wasm } from '../wasm';
import { FusedStep, hasGrad } from './fused';
import { Optimizer, type ParamGroup, type Params } from './optimizer';

/** Options of `Adam` and `AdamW`. */
export interface AdamOptions {
  /** The learning rate; 0.001 by default. */
  lr: number;
  /** The decay of the averages of gradients and of their squares; [0.9, 0.999] by default. */
  betas: readonly [number, number];
  /** Added to the denominator; 1e-8 by default. */
  eps: number;
  /** How strongly parameters are drawn to 0: for `Adam` through the gradient, 0 by default; for `AdamW` directly, 0.01. */
  weightDecay: number;
  /** Whether the largest average of squares so far is used; false by default. */
  amsgrad: boolean;
  /** Whether the objective grows; false by default. */
  maximize: boolean;
}

type Positional = ['lr', 'betas', 'eps', 'weightDecay', 'amsgrad'];
const POSITIONAL: Readonly<Positional> = ['lr', 'betas', 'eps', 'weightDecay', 'amsgrad'];
const DEFAULTS: AdamOptions = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false, maximize: false };

/**
 * Adam: m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; p ← p − lr · m̂ / (√v̂ + eps), where m̂ = m / (1 − β₁ᵗ) and
 * v̂ = v / (1 − β₂ᵗ) in step t; `weightDecay` adds weightDecay · p to g first.
 *
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015; amsgrad: Reddi, Kale and Kumar, "On the
 * convergence of Adam and beyond", ICLR 2018. Where eps is added follows PyTorch's `torch.optim.Adam`.
 */
export class Adam extends Optimizer<AdamOptions> {
  static {
    declareKeys(this, ['expAvg', 'expAvgSq', 'maxExpAvgSq']);
  }

  constructor(params: Params<AdamOptions>, ...args: Suffix<AdamOptions, Positional>) {
    super(params, withDefaults('Adam', DEFAULTS, POSITIONAL, args));
  }

  protected override checkOptions({ lr, betas, eps, weightDecay }: AdamOptions): void {
    const { name } = this.constructor;
    atLeast(name, 'lr', lr, 0);
    atLeast(name, 'eps', eps, 0);
    atLeast(name, 'weightDecay', weightDecay, 0);
    betas.forEach((beta, i) => {
      if (!(beta >= 0 && beta < 1)) throw new UsageError(`${name}: betas[${i}] must be in [0, 1), got ${beta}`, name, { betas });
    });
  }

  /** Whether weight decay acts on the parameters and not through their gradients. */
  protected get isDecoupled(): boolean {
    return false;
  }

  /** One call of the instance for the whole group. */
  protected override updateGroup(group: ParamGroup<AdamOptions>): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize } = group;
    const step = new FusedStep([lr, ...betas, eps, weightDecay, this.isDecoupled ? 1 : 0, maximize ? 1 : 0, amsgrad ? 1 : 0]);
    for (const p of group.params) {
      const known = this.state.get(p);
      if (known === undefined && !hasGrad(p)) continue;
      const state = known ?? this.stateOf(p);
      state['step'] ??= 0;
      const moments = [this.remembered(state, 'expAvg', () => zerosLike(p)), this.remembered(state, 'expAvgSq', () => zerosLike(p))];
      if (amsgrad) moments.push(this.remembered(state, 'maxExpAvgSq', () => zerosLike(p)));
      step.add(p, (state['step'] as number) + 1, moments);
    }
    const had = step.run(this.constructor.name, (words) => wasm().step_adam(words));
    step.params.forEach((p, i) => {
      if (had[i] === 0) return;
      const state = this.stateOf(p);
      state['step'] = ((state['step'] as number | undefined) ?? 0) + 1;
    });
  }
}

/**
 * Adam with decoupled weight decay: p ← p − lr · weightDecay · p before the step of Adam.
 *
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
 */
export class AdamW extends Adam {
  constructor(params: Params<AdamOptions>, ...args: Suffix<AdamOptions, Positional>) {
    super(params, withDefaults('AdamW', { ...DEFAULTS, weightDecay: 1e-2 }, POSITIONAL, args));
  }

  protected override get isDecoupled(): boolean {
    return true;
  }
}
