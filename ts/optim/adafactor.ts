// Adafactor.
import type { DType } from '../core/dtype';
import { UsageError } from '../core/errors';
import { anyWay, boolean, kind, number, numberFrom } from '../core/kinds';
import { checkArgument, parameters, type Arguments } from '../core/options';
import { matmul, zeros, zerosLike } from '../generated/functions';
import { declareKeys } from '../tensor/state-keys';
import type { Tensor } from '../tensor/tensor';
import { Optimizer, paramsKind, rateKind, type ParamGroup, type ParamState, type Params, type WithRate } from './optimizer';

/** Options of `Adafactor`. */
export interface AdafactorOptions {
  /** The greatest learning rate; 0.01 by default. */
  lr: number;
  /** The power of the step number by which the average of squares gains; −0.8 by default. */
  beta2Decay: number;
  /** The least root of the average of squares, by default the dtype's epsilon, and the least root mean square of parameters; [null, 0.001] by default. */
  eps: readonly [number | null, number];
  /** What the root mean square of an update is cut to; 1 by default. */
  d: number;
  /** How strongly parameters are drawn to 0, directly; 0 by default. */
  weightDecay: number;
  /** Whether the objective grows; false by default. */
  maximize: boolean;
}

/** The arguments of `Adafactor`. */
export type AdafactorArguments = { params: Params<WithRate<AdafactorOptions>> } & WithRate<AdafactorOptions> & { foreach?: boolean | null };

const epsilons = /* @__PURE__ */ kind<readonly [number | null, number]>(
  'a list of a number of at least 0, or null, and such a number',
  (value) => Array.isArray(value) && value.length === 2 && value.every((v, i) => (v === null && i === 0) || (typeof v === 'number' && v >= 0)),
);

const ADAFACTOR = /* @__PURE__ */ parameters<AdafactorArguments>(
  'Adafactor',
  () => ({
    params: paramsKind,
    lr: rateKind().or(0.01),
    beta2Decay: number.or(-0.8),
    eps: epsilons.or([null, 1e-3]),
    d: numberFrom(1).or(1),
    weightDecay: numberFrom(0).or(0),
    foreach: anyWay(),
    maximize: boolean.or(false),
  }),
  2,
);

/** The distance from 1 to the next number. */
const EPSILON: Partial<Record<DType, number>> = { float64: 2 ** -52, float32: 2 ** -23, float16: 2 ** -10, bfloat16: 2 ** -7 };

const rms = (x: Tensor): number => Number(x.norm(2).item()) / Math.sqrt(x.numel());

/**
 * Adafactor: the average of squared gradients of a matrix is kept as the product of a column and a row, and steps are relative to the
 * size of the parameter.
 *
 * Source: Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", ICML 2018; PyTorch, `torch.optim.Adafactor`.
 */
export class Adafactor extends Optimizer<AdafactorOptions> {
  /** @internal */
  static readonly _parameters = ADAFACTOR;

  static {
    declareKeys(this, ['rowVar', 'colVar', 'beta2Decay']);
  }

  constructor(...args: Arguments<AdafactorArguments, ['params', 'lr', 'beta2Decay', 'eps', 'd', 'weightDecay']>) {
    const { params, lr, beta2Decay, eps, d, weightDecay, maximize } = ADAFACTOR.read(args);
    // A tensor is read by the groups, for which it is a number.
    super(params as Params<AdafactorOptions>, { lr: lr as number, beta2Decay, eps, d, weightDecay, maximize });
  }

  protected override checkOptions({ lr, beta2Decay, eps, d }: AdafactorOptions): void {
    checkArgument('Adafactor', 'lr', lr, numberFrom(0));
    checkArgument('Adafactor', 'eps', eps, epsilons);
    checkArgument('Adafactor', 'd', d, numberFrom(1));
    if (!(beta2Decay <= 0)) throw new UsageError(`Adafactor: beta2Decay must be at most 0, got ${beta2Decay}`, 'Adafactor', { beta2Decay });
  }

  protected override updateGroup(group: ParamGroup<AdafactorOptions>): void {
    // Some values of other kinds would pass for numbers in what follows.
    this._checkGroup(group);
    super.updateGroup(group);
  }

  protected override updateParam(p: Tensor, gradient: Tensor, state: ParamState, { lr, beta2Decay, eps, d, weightDecay, maximize }: AdafactorOptions): void {
    const g = maximize ? gradient.neg() : gradient;
    const step = (((state['step'] ??= 0) as number) + 1);
    const least = eps[0] ?? EPSILON[p.dtype]!;
    const gain = step ** beta2Decay;
    const rate = Math.max(eps[1], rms(p)) * Math.min(lr, 1 / Math.sqrt(step));
    if (weightDecay !== 0) p.mul_(1 - lr * weightDecay);
    let variance: Tensor;
    if (g.dim() > 1) {
      const along = (name: string, dim: number): Tensor => {
        const shape = g.shape.map((size, i) => (i === g.dim() + dim ? 1 : size));
        const mean = g.square().mean([dim], true);
        return this.remembered(state, name, () => zeros(shape, { dtype: p.dtype })).lerp_(mean, gain);
      };
      const [row, column] = [along('rowVar', -1), along('colVar', -2)];
      variance = matmul(row, column).div_(row.mean([-2], true).clamp_({ min: least }));
    } else {
      variance = this.remembered(state, 'variance', () => zerosLike(p)).lerp_(g.square(), gain).clone();
    }
    const update = variance.clamp_({ min: least * least }).rsqrt_().mul_(g);
    p.add_(update, { alpha: -rate / Math.max(1, rms(update) / d) });
    state['step'] = step;
  }
}
