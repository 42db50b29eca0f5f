// Normalisations that learn how many channels their inputs have from the first of them.
import { zeros, ones } from '../generated/functions';
import { boolean } from '../core/kinds';
import { parameters, type Arguments, type Kinds, type ParameterList, type Values } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { BatchNorm1d, BatchNorm2d, BatchNorm3d, KINDS, type BatchNormArguments, type BatchNormOptions, type NormBase } from './batchnorm';
import { ones_, zeros_ } from './init';
import { INPUT } from './inputs';
import { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d } from './instancenorm';
import { UninitializedParameter, isWaiting, materialize, type Writable } from './uninitialized';

type Call = Arguments<BatchNormOptions, ['eps', 'momentum', 'affine', 'trackRunningStats', 'device', 'dtype']>;

/** The parameters without the number of channels. */
function withoutFeatures(where: string, defaults: Partial<Kinds<BatchNormArguments>> = {}): ParameterList<BatchNormOptions> {
  return parameters<BatchNormOptions>(where, () => {
    const { numFeatures: _, ...others } = { ...KINDS(), ...defaults };
    return others;
  }, 1);
}

const OF_INSTANCES = { affine: boolean.or(false), trackRunningStats: boolean.or(false) };

/** Options for the class that is made before the number of channels is known: it holds nothing. */
const EMPTY = { affine: false, trackRunningStats: false } as const;

/** What gives running values their shape. */
const giver = (name: 'runningMean' | 'runningVar') =>
  function give(this: object, shape: readonly number[]): Tensor {
    const lazy = this as Writable<NormBase>;
    return (lazy[name] = zeros(shape, { dtype: lazy[name]!.dtype }));
  };

const UNSHAPED = { running_mean: /* @__PURE__ */ giver('runningMean'), running_var: /* @__PURE__ */ giver('runningVar') };

/** Puts parameters without a shape where there will be parameters; running values come with the first call. */
function postpone(module: NormBase, { affine, trackRunningStats, bias, dtype }: Values<BatchNormOptions>): void {
  const lazy = module as Writable<NormBase>;
  lazy.affine = affine;
  lazy.trackRunningStats = trackRunningStats;
  if (affine) lazy.weight = new UninitializedParameter({ dtype });
  if (affine && bias) lazy.bias = new UninitializedParameter({ dtype });
  if (!trackRunningStats) return;
  // Of no elements they have the dtype that a cast leaves behind.
  lazy.runningMean = zeros([0], { dtype });
  lazy.runningVar = ones([0], { dtype });
  lazy.numBatchesTracked = zeros([], { dtype: 'int64' });
  Object.defineProperty(module, '_unshaped', { value: UNSHAPED, configurable: true });
}

/** Gives parameters and running values their shape and makes the module one of class `become`. */
function settle(module: NormBase, input: Tensor, become: { readonly prototype: object }): void {
  const lazy = module as Writable<NormBase>;
  Reflect.deleteProperty(module, '_unshaped');
  // A state dict may have been loaded.
  const isDrawn = !isWaiting(lazy.weight, lazy.bias) && (lazy.runningMean?.numel() ?? 1) > 0;
  const numFeatures = isDrawn ? ((lazy.weight ?? lazy.runningMean)?.shape[0] ?? input.shape[1]!) : input.shape[1]!;
  lazy.numFeatures = numFeatures;
  Object.setPrototypeOf(lazy, become.prototype);
  if (isDrawn) return;
  for (const parameter of [lazy.weight, lazy.bias]) materialize(parameter, [numFeatures]);
  if (lazy.weight !== null) ones_(lazy.weight);
  if (lazy.bias !== null) zeros_(lazy.bias);
  if (lazy.runningMean !== null) lazy.runningMean = zeros([numFeatures], { dtype: lazy.runningMean.dtype });
  if (lazy.runningVar !== null) lazy.runningVar = ones([numFeatures], { dtype: lazy.runningVar.dtype });
}

const LAZY_BATCH_NORM1D = /* @__PURE__ */ withoutFeatures('LazyBatchNorm1d');

/** A {@link BatchNorm1d} whose `numFeatures` are the channels of the first input: at that call it becomes a `BatchNorm1d`. */
export class LazyBatchNorm1d extends BatchNorm1d {
  /** @internal */
  static override readonly _parameters = LAZY_BATCH_NORM1D as never;

  constructor(...args: Call) {
    const options = LAZY_BATCH_NORM1D.read(args);
    super(0, { ...options, ...EMPTY });
    postpone(this, options);
  }

  /** @internal */
  override get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    settle(this, input, BatchNorm1d);
    return this.forward(input);
  }
}

const LAZY_BATCH_NORM2D = /* @__PURE__ */ withoutFeatures('LazyBatchNorm2d');

/** A {@link BatchNorm2d} whose `numFeatures` are the channels of the first input: at that call it becomes a `BatchNorm2d`. */
export class LazyBatchNorm2d extends BatchNorm2d {
  /** @internal */
  static override readonly _parameters = LAZY_BATCH_NORM2D as never;

  constructor(...args: Call) {
    const options = LAZY_BATCH_NORM2D.read(args);
    super(0, { ...options, ...EMPTY });
    postpone(this, options);
  }

  /** @internal */
  override get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    settle(this, input, BatchNorm2d);
    return this.forward(input);
  }
}

const LAZY_BATCH_NORM3D = /* @__PURE__ */ withoutFeatures('LazyBatchNorm3d');

/** A {@link BatchNorm3d} whose `numFeatures` are the channels of the first input: at that call it becomes a `BatchNorm3d`. */
export class LazyBatchNorm3d extends BatchNorm3d {
  /** @internal */
  static override readonly _parameters = LAZY_BATCH_NORM3D as never;

  constructor(...args: Call) {
    const options = LAZY_BATCH_NORM3D.read(args);
    super(0, { ...options, ...EMPTY });
    postpone(this, options);
  }

  /** @internal */
  override get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    settle(this, input, BatchNorm3d);
    return this.forward(input);
  }
}

const LAZY_INSTANCE_NORM1D = /* @__PURE__ */ withoutFeatures('LazyInstanceNorm1d', OF_INSTANCES);

/** An {@link InstanceNorm1d} whose `numFeatures` are the channels of the first input: at that call it becomes an `InstanceNorm1d`. */
export class LazyInstanceNorm1d extends InstanceNorm1d {
  /** @internal */
  static override readonly _parameters = LAZY_INSTANCE_NORM1D as never;

  constructor(...args: Call) {
    const options = LAZY_INSTANCE_NORM1D.read(args);
    super(0, { ...options, ...EMPTY });
    postpone(this, options);
  }

  /** @internal */
  override get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    settle(this, input, InstanceNorm1d);
    return this.forward(input);
  }
}

const LAZY_INSTANCE_NORM2D = /* @__PURE__ */ withoutFeatures('LazyInstanceNorm2d', OF_INSTANCES);

/** An {@link InstanceNorm2d} whose `numFeatures` are the channels of the first input: at that call it becomes an `InstanceNorm2d`. */
export class LazyInstanceNorm2d extends InstanceNorm2d {
  /** @internal */
  static override readonly _parameters = LAZY_INSTANCE_NORM2D as never;

  constructor(...args: Call) {
    const options = LAZY_INSTANCE_NORM2D.read(args);
    super(0, { ...options, ...EMPTY });
    postpone(this, options);
  }

  /** @internal */
  override get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    settle(this, input, InstanceNorm2d);
    return this.forward(input);
  }
}

const LAZY_INSTANCE_NORM3D = /* @__PURE__ */ withoutFeatures('LazyInstanceNorm3d', OF_INSTANCES);

/** An {@link InstanceNorm3d} whose `numFeatures` are the channels of the first input: at that call it becomes an `InstanceNorm3d`. */
export class LazyInstanceNorm3d extends InstanceNorm3d {
  /** @internal */
  static override readonly _parameters = LAZY_INSTANCE_NORM3D as never;

  constructor(...args: Call) {
    const options = LAZY_INSTANCE_NORM3D.read(args);
    super(0, { ...options, ...EMPTY });
    postpone(this, options);
  }

  /** @internal */
  override get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    settle(this, input, InstanceNorm3d);
    return this.forward(input);
  }
}
