// Modules that put the elements that pooling chose back at their places.
import { maxUnpool1d, maxUnpool2d, maxUnpool3d } from '../generated/functional';
import { parameters, type Arguments, type Kinds, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import type { Inputs } from './inputs';
import { Module } from './module';
import { listed, sizeList, sizes, type Sizes } from './pairs';

/** Options of `MaxUnpool1d` and its kin. */
export interface MaxUnpoolOptions {
  /** Steps between windows; the kernel's size by default. */
  stride?: Sizes | null;
  /** How far windows reached past both edges; 0 by default. */
  padding?: Sizes;
}

/** The arguments of `MaxUnpool1d` and its kin. */
export interface MaxUnpoolArguments extends MaxUnpoolOptions {
  /** The size of a window along each axis. */
  kernelSize: Sizes;
}

const kinds = (axes: number): Kinds<MaxUnpoolArguments> => ({
  kernelSize: sizes(axes, 0),
  stride: sizes(axes, 0).orNull(),
  padding: sizes(axes, 0).or(new Array<number>(axes).fill(0)),
});

type Order = ['kernelSize', 'stride', 'padding'];

interface UnpoolInputs {
  input: Tensor;
  /** The places, as pooling returned them. */
  indices: Tensor;
  /** The size of the result, where several pool to that of the input. */
  outputSize?: Sizes | null;
}

const INPUTS: Inputs<UnpoolInputs, ['input', 'indices', 'outputSize']> = /* @__PURE__ */ parameters('forward', () => ({
  input: tensor,
  indices: tensor,
  outputSize: sizeList.orNull(),
}));

abstract class MaxUnpool extends Module {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];

  constructor(of: ParameterList<MaxUnpoolArguments>, args: readonly unknown[]) {
    super();
    const { kernelSize, stride, padding } = of.read(args);
    // The kinds made lists of them.
    this.kernelSize = kernelSize as readonly number[];
    this.stride = (stride ?? kernelSize) as readonly number[];
    this.padding = padding as readonly number[];
  }

  /** The function of as many axes. */
  protected abstract get run(): typeof maxUnpool2d;

  /** @internal */
  get _inputs(): typeof INPUTS {
    return INPUTS;
  }

  override forward(input: Tensor, indices: Tensor, outputSize?: Sizes | null): Tensor {
    return this.run(input, indices, this.kernelSize, this.stride, this.padding, outputSize);
  }

  override extraRepr(): string {
    return `kernelSize=${listed(this.kernelSize)}, stride=${listed(this.stride)}, padding=${listed(this.padding)}`;
  }
}

const MAX_UNPOOL1D = /* @__PURE__ */ parameters('MaxUnpool1d', () => kinds(1));

/** Puts the elements of pooled sequences, x `[N, C, L]` or `[C, L]`, back at the places `indices`, among zeros; see `nn.functional.maxUnpool2d`. */
export class MaxUnpool1d extends MaxUnpool {
  /** @internal */
  static readonly _parameters = MAX_UNPOOL1D;

  constructor(...args: Arguments<MaxUnpoolArguments, Order>) {
    super(MAX_UNPOOL1D, args);
  }

  protected override get run(): typeof maxUnpool1d {
    return maxUnpool1d;
  }
}

const MAX_UNPOOL2D = /* @__PURE__ */ parameters('MaxUnpool2d', () => kinds(2));

/** The same for images, x `[N, C, H, W]` or `[C, H, W]`; see {@link MaxUnpool1d}. */
export class MaxUnpool2d extends MaxUnpool {
  /** @internal */
  static readonly _parameters = MAX_UNPOOL2D;

  constructor(...args: Arguments<MaxUnpoolArguments, Order>) {
    super(MAX_UNPOOL2D, args);
  }

  protected override get run(): typeof maxUnpool2d {
    return maxUnpool2d;
  }
}

const MAX_UNPOOL3D = /* @__PURE__ */ parameters('MaxUnpool3d', () => kinds(3));

/** The same for volumes, x `[N, C, D, H, W]` or `[C, D, H, W]`; see {@link MaxUnpool1d}. */
export class MaxUnpool3d extends MaxUnpool {
  /** @internal */
  static readonly _parameters = MAX_UNPOOL3D;

  constructor(...args: Arguments<MaxUnpoolArguments, Order>) {
    super(MAX_UNPOOL3D, args);
  }

  protected override get run(): typeof maxUnpool3d {
    return maxUnpool3d;
  }
}
