// Adadelta.
import { UsageError } from '../core/errors';
import { anyWay, boolean, numberFrom, only } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { declareKeys } from '../tensor/state-keys';
import { StepOp } from './fused';
import { FusedOptimizer } from './fused-optimizer';
import { paramsKind, rateKind, type ParamGroup, type Params, type WaysToCompute, type WithRate } from './optimizer';

/** Options of `Adadelta`. */
export interface AdadeltaOptions {
  /** The learning rate; 1 by default. */
  lr: number;
  /** The decay of both averages of squares, at most 1; 0.9 by default. */
  rho: number;
  /** Added to the denominator; 1e-6 by default. */
  eps: number;
  /** The factor of the parameter added to its gradient; 0 by default. */
  weightDecay: number;
  /** Whether the objective grows; false by default. */
  maximize: boolean;
}

/** The arguments of `Adadelta`. */
export type AdadeltaArguments = { params: Params<WithRate<AdadeltaOptions>> } & WithRate<AdadeltaOptions> & Omit<WaysToCompute, 'fused'> & {
  /** Whether steps are recorded by a device: false, there is none. */
  capturable?: false;
};

const STEP = /* @__PURE__ */ new StepOp('_fusedAdadelta_');

const ADADELTA = /* @__PURE__ */ parameters<AdadeltaArguments>(
  'Adadelta',
  () => ({
    params: paramsKind,
    lr: rateKind().or(1),
    rho: numberFrom(0).or(0.9),
    eps: numberFrom(0).or(1e-6),
    weightDecay: numberFrom(0).or(0),
    foreach: anyWay(),
    capturable: only(false),
    maximize: boolean.or(false),
    differentiable: only(false),
  }),
  3,
);

/**
 * Adadelta: s ← rho · s + (1 − rho) · g²; d = √(a + eps) / √(s + eps) · g; a ← rho · a + (1 − rho) · d²; p ← p − lr · d.
 *
 * Source: Zeiler, "Adadelta: an adaptive learning rate method", 2012; PyTorch, `torch.optim.Adadelta`.
 */
export class Adadelta extends FusedOptimizer<AdadeltaOptions> {
  /** @internal */
  static readonly _parameters = ADADELTA;

  static {
    declareKeys(this, ['squareAvg', 'accDelta']);
  }

  constructor(...args: Arguments<AdadeltaArguments, ['params', 'lr', 'rho', 'eps', 'weightDecay', 'foreach']>) {
    const { params, lr, rho, eps, weightDecay, maximize } = ADADELTA.read(args);
    // A tensor is read by the groups, for which it is a number.
    super(params as Params<AdadeltaOptions>, { lr: lr as number, rho, eps, weightDecay, maximize });
  }

  protected override checkOptions(options: AdadeltaOptions): void {
    super.checkOptions(options);
    const { rho } = options;
    if (!(rho <= 1)) throw new UsageError(`Adadelta: rho must be in [0, 1], got ${rho}`, 'Adadelta', { rho });
  }

  protected override updateGroup(group: ParamGroup<AdadeltaOptions>): void {
    const { lr, rho, eps, weightDecay, maximize } = group;
    this.takeStep(group, STEP, ['squareAvg', 'accDelta'], () => [lr, rho, eps, weightDecay, maximize]);
  }
}
