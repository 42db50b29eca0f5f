// Modules that pool by the greatest element of windows that cover their input evenly.
import { adaptiveMaxPool1d, adaptiveMaxPool2d, adaptiveMaxPool3d } from '../generated/functional';
import { boolean } from '../core/kinds';
import { parameters, type Arguments, type Kinds, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { INPUT } from './inputs';
import { Module } from './module';
import { adapted, adaptiveSizes, type AdaptiveSizes } from './pooling';

/** Options of `AdaptiveMaxPool1d` and its kin. */
export interface AdaptiveMaxPoolOptions {
  /** Whether the places of the elements are returned as well; false by default. */
  returnIndices?: boolean;
}

/** The arguments of `AdaptiveMaxPool1d` and its kin. */
export interface AdaptiveMaxPoolArguments extends AdaptiveMaxPoolOptions {
  /** How many windows there are along each axis; null keeps the input's size. */
  outputSize: AdaptiveSizes;
}

const KINDS = (): Kinds<AdaptiveMaxPoolArguments> => ({ outputSize: adaptiveSizes, returnIndices: boolean.or(false) });

type Order = ['outputSize', 'returnIndices'];

abstract class AdaptiveMaxPool extends Module {
  readonly outputSize: AdaptiveSizes;
  readonly returnIndices: boolean;

  constructor(of: ParameterList<AdaptiveMaxPoolArguments>, args: readonly unknown[]) {
    super();
    ({ outputSize: this.outputSize, returnIndices: this.returnIndices } = of.read(args));
  }

  /** The function, and of how many axes. */
  protected abstract get run(): readonly [axes: number, run: typeof adaptiveMaxPool2d];

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const [axes, run] = this.run;
    const size = adapted(this.constructor.name, this.outputSize, axes, input);
    return this.returnIndices ? (run(input, size, true) as unknown as Tensor) : run(input, size);
  }

  override extraRepr(): string {
    const { outputSize } = this;
    return `outputSize=${Array.isArray(outputSize) ? `[${outputSize.map(String).join(', ')}]` : String(outputSize)}`;
  }
}

const ADAPTIVE_MAX_POOL1D = /* @__PURE__ */ parameters('AdaptiveMaxPool1d', KINDS);

/**
 * The greatest elements of windows that cover sequences evenly, as many as `outputSize` says. With `returnIndices` the result is
 * `{ values, indices }`.
 */
export class AdaptiveMaxPool1d extends AdaptiveMaxPool {
  /** @internal */
  static readonly _parameters = ADAPTIVE_MAX_POOL1D;

  constructor(...args: Arguments<AdaptiveMaxPoolArguments, Order>) {
    super(ADAPTIVE_MAX_POOL1D, args);
  }

  protected override get run(): readonly [number, typeof adaptiveMaxPool1d] {
    return [1, adaptiveMaxPool1d];
  }
}

const ADAPTIVE_MAX_POOL2D = /* @__PURE__ */ parameters('AdaptiveMaxPool2d', KINDS);

/** The greatest elements of windows that cover images evenly; otherwise as {@link AdaptiveMaxPool1d}. */
export class AdaptiveMaxPool2d extends AdaptiveMaxPool {
  /** @internal */
  static readonly _parameters = ADAPTIVE_MAX_POOL2D;

  constructor(...args: Arguments<AdaptiveMaxPoolArguments, Order>) {
    super(ADAPTIVE_MAX_POOL2D, args);
  }

  protected override get run(): readonly [number, typeof adaptiveMaxPool2d] {
    return [2, adaptiveMaxPool2d];
  }
}

const ADAPTIVE_MAX_POOL3D = /* @__PURE__ */ parameters('AdaptiveMaxPool3d', KINDS);

/** The greatest elements of windows that cover volumes evenly; otherwise as {@link AdaptiveMaxPool1d}. */
export class AdaptiveMaxPool3d extends AdaptiveMaxPool {
  /** @internal */
  static readonly _parameters = ADAPTIVE_MAX_POOL3D;

  constructor(...args: Arguments<AdaptiveMaxPoolArguments, Order>) {
    super(ADAPTIVE_MAX_POOL3D, args);
  }

  protected override get run(): readonly [number, typeof adaptiveMaxPool3d] {
    return [3, adaptiveMaxPool3d];
  }
}
