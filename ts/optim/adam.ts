// Adam and AdamW.
import { anyWay, boolean, numberFrom, only } from '../core/kinds';
import { checkArgument, parameters, type Arguments, type Kinds } from '../core/options';
import { declareKeys } from '../tensor/state-keys';
import { StepOp } from './fused';
import { FusedOptimizer, pair } from './fused-optimizer';
import { paramsKind, rateKind, type ParamGroup, type Params, type WaysToCompute, type WithRate } from './optimizer';

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

/** The arguments of `Adam` and `AdamW`. */
export type AdamArguments = { params: Params<WithRate<AdamOptions>> } & WithRate<AdamOptions> & WaysToCompute & {
  /** Whether steps are recorded by a device: false, there is none. */
  capturable?: false;
};

type Positional = ['params', 'lr', 'betas', 'eps', 'weightDecay', 'amsgrad'];

const KINDS = (weightDecay: number): Kinds<AdamArguments> => ({
  params: paramsKind,
  lr: rateKind().or(1e-3),
  betas: pair.or([0.9, 0.999]),
  eps: numberFrom(0).or(1e-8),
  weightDecay: numberFrom(0).or(weightDecay),
  amsgrad: boolean.or(false),
  foreach: anyWay(),
  maximize: boolean.or(false),
  capturable: only(false),
  differentiable: only(false),
  fused: anyWay(),
});

const ADAM_STEP = /* @__PURE__ */ new StepOp('_fusedAdam_');
const ADAM_W_STEP = /* @__PURE__ */ new StepOp('_fusedAdamw_');

const ADAM = /* @__PURE__ */ parameters('Adam', () => KINDS(0), 5);

/**
 * Adam: m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; p ← p − lr · m̂ / (√v̂ + eps), where m̂ = m / (1 − β₁ᵗ) and
 * v̂ = v / (1 − β₂ᵗ) in step t; `weightDecay` adds weightDecay · p to g first.
 *
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015; amsgrad: Reddi, Kale and Kumar, "On the
 * convergence of Adam and beyond", ICLR 2018. Where eps is added follows PyTorch's `torch.optim.Adam`.
 */
export class Adam extends FusedOptimizer<AdamOptions> {
  /** @internal */
  static readonly _parameters = ADAM;

  static {
    declareKeys(this, ['expAvg', 'expAvgSq', 'maxExpAvgSq']);
  }

  constructor(...args: Arguments<AdamArguments, Positional>) {
    const { params, lr, betas, eps, weightDecay, amsgrad, maximize } = ADAM.read(args);
    // A tensor is read by the groups, for which it is a number.
    super(params as Params<AdamOptions>, { lr: lr as number, betas, eps, weightDecay, amsgrad, maximize });
  }

  protected override checkOptions(options: AdamOptions): void {
    super.checkOptions(options);
    const { name } = this.constructor;
    checkArgument(name, 'eps', options.eps, numberFrom(0));
    checkArgument(name, 'weightDecay', options.weightDecay, numberFrom(0));
  }

  /** What takes the step. */
  protected get stepOp(): StepOp {
    return ADAM_STEP;
  }

  /** One call of the instance for the whole group. */
  protected override updateGroup(group: ParamGroup<AdamOptions>): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize } = group;
    this.takeStep(group, this.stepOp, ['expAvg', 'expAvgSq', amsgrad ? 'maxExpAvgSq' : null], (steps) => [
      steps, lr, ...betas, weightDecay, eps, amsgrad, maximize,
    ]);
  }
}

const ADAM_W = /* @__PURE__ */ parameters('AdamW', () => KINDS(1e-2), 5);

/**
 * Adam with decoupled weight decay: p ← p − lr · weightDecay · p before the step of Adam.
 *
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
 */
export class AdamW extends Adam {
  /** @internal */
  static override readonly _parameters = ADAM_W;

  constructor(...args: Arguments<AdamArguments, Positional>) {
    super(ADAM_W.read(args));
  }

  protected override get stepOp(): StepOp {
    return ADAM_W_STEP;
  }
}
