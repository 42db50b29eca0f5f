// Adam and AdamW.
import { UsageError } from '../errors';
import { zerosLike } from '../generated/functions';
import { atLeast, withDefaults, type Suffix } from '../options';
import type { Tensor } from '../tensor';
import { Optimizer, type ParamState, type Params } from './optimizer';

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

  /** The gradient with the pull towards 0, which may also act on `p` itself. */
  protected decayed(p: Tensor, g: Tensor, { weightDecay }: AdamOptions): Tensor {
    return weightDecay === 0 ? g : g.add(p, { alpha: weightDecay });
  }

  protected override updateParam(p: Tensor, gradient: Tensor, state: ParamState, group: AdamOptions): void {
    const [beta1, beta2] = group.betas;
    const g = this.decayed(p, group.maximize ? gradient.neg() : gradient, group);
    const step = ((state['step'] as number | undefined) ?? 0) + 1;
    state['step'] = step;
    const m = this.remembered(state, 'expAvg', () => zerosLike(p));
    const v = this.remembered(state, 'expAvgSq', () => zerosLike(p));
    m.mul_(beta1).add_(g, { alpha: 1 - beta1 });
    v.mul_(beta2).add_(g.mul(g), { alpha: 1 - beta2 });
    let square = v;
    if (group.amsgrad) {
      square = this.remembered(state, 'maxExpAvgSq', () => zerosLike(p));
      square.copy_(square.maximum(v));
    }
    const denominator = square.sqrt().div_(Math.sqrt(1 - beta2 ** step)).add_(group.eps);
    p.add_(m.div(denominator), { alpha: -group.lr / (1 - beta1 ** step) });
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

  protected override decayed(p: Tensor, g: Tensor, { lr, weightDecay }: AdamOptions): Tensor {
    if (weightDecay !== 0) p.mul_(1 - lr * weightDecay);
    return g;
  }
}
