// Rprop.
import { UsageError } from '../core/errors';
import { fullLike } from '../generated/functions';
import type { Tensor } from '../tensor/tensor';
import { anyWay, boolean, only } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { declareKeys } from '../tensor/state-keys';
import { StepOp } from './fused';
import { FusedOptimizer, pair } from './fused-optimizer';
import { paramsKind, rateKind, type ParamGroup, type Params, type WaysToCompute, type WithRate } from './optimizer';

/** Options of `Rprop`. */
export interface RpropOptions {
  /** The learning rate; 0.01 by default. */
  lr: number;
  /** By how much a step size shrinks and grows; [0.5, 1.2] by default. */
  etas: readonly [number, number];
  /** The least and the greatest step size; [1e-6, 50] by default. */
  stepSizes: readonly [number, number];
  /** Whether the objective grows; false by default. */
  maximize: boolean;
}

/** The arguments of `Rprop`. */
export type RpropArguments = { params: Params<WithRate<RpropOptions>> } & WithRate<RpropOptions> & Omit<WaysToCompute, 'fused'> & {
  /** Whether steps are recorded by a device: false, there is none. */
  capturable?: false;
};

const STEP = /* @__PURE__ */ new StepOp('_fusedRprop_');

const RPROP = /* @__PURE__ */ parameters<RpropArguments>(
  'Rprop',
  () => ({
    params: paramsKind,
    lr: rateKind().or(0.01),
    etas: pair.or([0.5, 1.2]),
    stepSizes: pair.or([1e-6, 50]),
    capturable: only(false),
    foreach: anyWay(),
    maximize: boolean.or(false),
    differentiable: only(false),
  }),
  4,
);

/**
 * Rprop: each element has a step size s, `lr` at first, that grows while its gradient keeps its sign and shrinks where that turns;
 * p ← p − sign(g) · s. For gradients of the whole data, not of batches.
 *
 * Source: Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning", ICNN 1993; PyTorch,
 * `torch.optim.Rprop`.
 */
export class Rprop extends FusedOptimizer<RpropOptions> {
  /** @internal */
  static readonly _parameters = RPROP;

  static {
    declareKeys(this, ['prev', 'stepSize', 'stepSizes']);
  }

  constructor(...args: Arguments<RpropArguments, ['params', 'lr', 'etas', 'stepSizes']>) {
    const { params, lr, etas, stepSizes, maximize } = RPROP.read(args);
    // A tensor is read by the groups, for which it is a number.
    super(params as Params<RpropOptions>, { lr: lr as number, etas, stepSizes, maximize });
  }

  protected override checkOptions(options: RpropOptions): void {
    super.checkOptions(options);
    const [minus, plus] = options.etas;
    if (!(minus > 0 && minus < 1 && plus > 1)) {
      throw new UsageError(`Rprop: etas must be a number in (0, 1) and one above 1, got ${minus} and ${plus}`, 'Rprop', { etas: options.etas });
    }
  }

  protected override updateGroup(group: ParamGroup<RpropOptions>): void {
    const { etas, stepSizes, maximize } = group;
    this.takeStep(group, STEP, ['prev', 'stepSize'], () => [...etas, ...stepSizes, maximize]);
  }

  protected override first(p: Tensor, name: string, group: ParamGroup<RpropOptions>): Tensor {
    return fullLike(p, name === 'prev' ? 0 : group.lr);
  }
}
