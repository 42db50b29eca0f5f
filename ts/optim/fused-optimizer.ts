// Optimizers whose step is one call of an op for a whole group.
import { UsageError } from '../core/errors';
import { kind, numberFrom } from '../core/kinds';
import { checkArgument } from '../core/options';
import { zerosLike } from '../generated/functions';
import type { Tensor } from '../tensor/tensor';
import { withGradients, type StepNumber, type StepOp } from './fused';
import { Optimizer, type ParamGroup, type ParamState } from './optimizer';

/** Two numbers, such as the decays of two averages. */
export const pair = /* @__PURE__ */ kind<readonly [number, number]>(
  'a list of two numbers',
  (value) => Array.isArray(value) && value.length === 2 && value.every((v) => typeof v === 'number'),
);

/** An optimizer that counts its steps and takes them by an op. A subclass says which op, what is remembered and what the op takes. */
export abstract class FusedOptimizer<O extends object> extends Optimizer<O> {
  /** A rate of learning may be a tensor, which is read as late as this; decays of averages are below 1. */
  protected override checkOptions(options: O): void {
    const { name } = this.constructor;
    const { lr, betas } = options as { lr?: number; betas?: readonly [number, number] };
    if (lr !== undefined) checkArgument(name, 'lr', lr, numberFrom(0));
    if (betas === undefined) return;
    checkArgument(name, 'betas', betas, pair);
    betas.forEach((beta, i) => {
      if (!(beta >= 0 && beta < 1)) throw new UsageError(`${name}: betas[${i}] must be in [0, 1), got ${beta}`, name, { betas });
    });
  }

  /**
   * Takes a step of the parameters that have gradients. `remembered` names the lists of the op, null for one that these options do without;
   * `numbers` gives what it takes behind them, from the numbers of the steps and the states.
   */
  protected takeStep(
    group: ParamGroup<O>,
    op: StepOp,
    remembered: readonly (string | null)[],
    numbers: (steps: readonly number[], states: readonly ParamState[]) => readonly StepNumber[],
  ): void {
    const params = withGradients(this, group.params);
    if (params.length === 0) return;
    const states = params.map((p) => this.stateOf(p));
    const steps = states.map((state) => ((state['step'] ??= 0) as number) + 1);
    const list = (name: string | null): Tensor[] =>
      name === null ? [] : states.map((state, i) => this.remembered(state, name, () => this.first(params[i]!, name, group)));
    op.take(params, remembered.map(list), numbers(steps, states));
    states.forEach((state, i) => { state['step'] = steps[i]!; });
  }

  /** What is remembered of a parameter before its first step. */
  protected first(p: Tensor, _name: string, _group: ParamGroup<O>): Tensor {
    return zerosLike(p);
  }
}
