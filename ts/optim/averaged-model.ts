// A model whose weights are the average of those another one had.
import type { Device } from '../core/dtype';
import { UsageError } from '../core/errors';
import { noGrad } from '../autograd/autograd';
import { type Kind, boolean, callable, device, instanceOf, number } from '../core/kinds';
import { named, nothing, parameters, type Arguments, type Stated } from '../core/options';
import { scope } from '../runtime/scope';
import { zeros } from '../generated/functions';
import type { Tensor } from '../tensor/tensor';
import { declareMembers } from '../nn/members';
import { Module } from '../nn/module';

/** The next average from the average so far, the present value and how many were averaged. */
export type AvgFn = (averaged: Tensor, current: Tensor, numAveraged: Tensor | number) => Tensor;

/** Writes the next averages into the first list. */
export type MultiAvgFn = (averaged: readonly Tensor[], current: readonly Tensor[], numAveraged: Tensor | number) => void;

interface DecayOptions {
  /** The weight of the average so far, within [0, 1]; 0.999 by default. */
  decay?: number;
}

function checkDecay(where: string, decay: number): void {
  if (!(decay >= 0 && decay <= 1)) throw new UsageError(`${where}: decay must be within [0, 1], got ${decay}`, where, { decay });
}

/** The exponential moving average: decay · average + (1 − decay) · value, for all parameters at once. */
export const getEmaMultiAvgFn: Stated & ((...args: Arguments<DecayOptions, ['decay']>) => MultiAvgFn) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<DecayOptions>('getEmaMultiAvgFn', () => ({ decay: number.or(0.999) })),
  ({ decay }): MultiAvgFn => {
    checkDecay('getEmaMultiAvgFn', decay);
    return (averaged, current) => {
      noGrad(() => {
        averaged.forEach((average, i) => {
          if (average.isFloatingPoint()) average.lerp_(current[i]!, 1 - decay);
          else average.copy_(average.mul(decay).add(current[i]!.mul(1 - decay)));
        });
      });
    };
  },
);

/** The mean of all values, for all parameters at once. */
export const getSwaMultiAvgFn: Stated & (() => MultiAvgFn) = /* @__PURE__ */ named(
  /* @__PURE__ */ nothing('getSwaMultiAvgFn'),
  (): MultiAvgFn => (averaged, current, numAveraged) => {
    const count = typeof numAveraged === 'number' ? numAveraged : Number(numAveraged.item());
    noGrad(() => {
      averaged.forEach((average, i) => {
        if (average.isFloatingPoint()) average.lerp_(current[i]!, 1 / (count + 1));
        else average.add_(current[i]!.sub(average).div(count + 1).to(average.dtype));
      });
    });
  },
);

/** The exponential moving average for one parameter. */
export const getEmaAvgFn: Stated & ((...args: Arguments<DecayOptions, ['decay']>) => AvgFn) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<DecayOptions>('getEmaAvgFn', () => ({ decay: number.or(0.999) })),
  ({ decay }): AvgFn => {
    checkDecay('getEmaAvgFn', decay);
    return (averaged, current) => noGrad(() => averaged.mul(decay).add(current.mul(1 - decay)));
  },
);

/** The mean of all values for one parameter. */
export const getSwaAvgFn: Stated & (() => AvgFn) = /* @__PURE__ */ named(
  /* @__PURE__ */ nothing('getSwaAvgFn'),
  (): AvgFn => (averaged, current, numAveraged) =>
    noGrad(() => {
      const difference = current.sub(averaged);
      return averaged.add(typeof numAveraged === 'number' ? difference.div(numAveraged + 1) : difference.div(numAveraged.add(1)));
    }),
);

/** Options of `AveragedModel`. */
export interface AveragedModelOptions {
  /** Where the copy is kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** How one parameter is averaged; the mean of all values by default. */
  avgFn?: AvgFn | null;
  /** How all are averaged at once, in place of `avgFn`. */
  multiAvgFn?: MultiAvgFn | null;
  /** Whether buffers are averaged too, and not just copied; false by default. */
  useBuffers?: boolean;
}

/** The arguments of `AveragedModel`. */
export interface AveragedModelArguments extends AveragedModelOptions {
  /** The model, which is copied. */
  model: Module;
}

const moduleKind = (): Kind<Module> => instanceOf<Module>('a module', () => Module);

const AVERAGED_MODEL = /* @__PURE__ */ parameters<AveragedModelArguments>('AveragedModel', () => ({
  model: moduleKind(),
  device: device(),
  avgFn: callable.orNull(),
  multiAvgFn: callable.orNull(),
  useBuffers: boolean.or(false),
}));

const METHODS = {
  updateParameters: /* @__PURE__ */ parameters<{ model: Module }>('updateParameters', () => ({ model: moduleKind() })),
};

/**
 * A copy of a model, in `module`, whose parameters are an average of what the model's were at each `updateParameters(model)`: the
 * mean (stochastic weight averaging) unless another function is given. It is called as the model is.
 *
 * Source: Izmailov et al., "Averaging weights leads to wider optima and better generalization", UAI 2018.
 */
export class AveragedModel extends Module {
  /** @internal */
  static readonly _parameters = AVERAGED_MODEL;
  /** @internal */
  static override readonly _methods = { ...Module._methods, ...METHODS };
  declare module: Module;
  /** How often parameters were averaged. */
  declare nAveraged: Tensor;
  readonly avgFn: AvgFn | null;
  readonly multiAvgFn: MultiAvgFn | null;
  readonly useBuffers: boolean;

  static {
    declareMembers(this, { buffer: ['nAveraged'], module: ['module'] });
  }

  constructor(...args: Arguments<AveragedModelArguments, ['model', 'device', 'avgFn', 'multiAvgFn', 'useBuffers']>) {
    super();
    const { model, avgFn, multiAvgFn, useBuffers } = AVERAGED_MODEL.read(args);
    if (avgFn !== null && multiAvgFn !== null) throw new UsageError('AveragedModel: give avgFn or multiAvgFn, not both', 'AveragedModel');
    this.module = model.clone();
    this.registerBuffer('nAveraged', zeros([], { dtype: 'int64' }));
    this.avgFn = avgFn;
    this.multiAvgFn = multiAvgFn;
    this.useBuffers = useBuffers;
  }

  override forward(...args: unknown[]): unknown {
    return (this.module.call as (...args: unknown[]) => unknown)(...args);
  }

  /** Takes the present parameters of `model` into the average; buffers are copied unless they are averaged. */
  updateParameters(...args: Arguments<{ model: Module }, ['model']>): void {
    const { model } = METHODS.updateParameters.read(args);
    const of = (module: Module): Tensor[] => (this.useBuffers ? [...module.parameters(), ...module.buffers()] : module.parameters());
    scope(() => {
      noGrad(() => {
        const averaged = of(this.module).map((t) => t.detach());
        const current = of(model).map((t) => t.detach());
        if (averaged.length !== current.length) {
          const counts = `${current.length} parameters and the average ${averaged.length}`;
          throw new UsageError(`updateParameters: the model has ${counts}; give the model that was averaged`, 'updateParameters');
        }
        const count = Number(this.nAveraged.item());
        if (count === 0) averaged.forEach((average, i) => { average.copy_(current[i]!); });
        else if (this.multiAvgFn !== null || this.avgFn === null) this.average(averaged, current);
        else averaged.forEach((average, i) => { average.copy_(this.avgFn!(average, current[i]!, this.nAveraged)); });
        if (!this.useBuffers) {
          const buffers = model.buffers();
          this.module.buffers().forEach((buffer, i) => { buffer.copy_(buffers[i]!); });
        }
        this.nAveraged.add_(1);
      });
    });
  }

  /** Averages the parameters of each dtype at once. */
  private average(averaged: readonly Tensor[], current: readonly Tensor[]): void {
    const average = this.multiAvgFn ?? getSwaMultiAvgFn();
    for (const dtype of new Set(averaged.map((t) => t.dtype))) {
      const indices = [...averaged.keys()].filter((i) => averaged[i]!.dtype === dtype);
      average(indices.map((i) => averaged[i]!), indices.map((i) => current[i]!), this.nAveraged);
    }
  }
}
