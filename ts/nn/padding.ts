// Modules that add elements around their input.
import { ShapeError } from '../core/errors';
import { pad } from '../generated/functional';
import { Kind, REFUSED, number } from '../core/kinds';
import { checkArgument, parameters, type Arguments, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { INPUT } from './inputs';
import { Module } from './module';
import { listed, type Sizes } from './pairs';

/** The argument of padding modules. */
export interface PaddingArguments {
  /** How much is added on every side, or for each axis from the last one on before and behind: `[left, right, top, bottom]`. */
  padding: Sizes;
}

/** The arguments of `ConstantPad1d` and its kin. */
export interface ConstantPadArguments extends PaddingArguments {
  /** What is added. */
  value: number;
}

/** One number, or two for each axis; the callee gets a list. */
function sides(axes: number): Kind<Sizes> {
  const count = 2 * axes;
  return new Kind<Sizes>(`an integer or a list of ${count}`, (value) => {
    if (typeof value === 'number') return Number.isSafeInteger(value) ? new Array<number>(count).fill(value) : REFUSED;
    return Array.isArray(value) && value.length === count && value.every((v) => Number.isSafeInteger(v)) ? [...(value as number[])] : REFUSED;
  });
}

const padding = (where: string, axes: number): ParameterList<PaddingArguments> => parameters<PaddingArguments>(where, () => ({ padding: sides(axes) }));

type Mode = 'constant' | 'reflect' | 'replicate' | 'circular';

/** Padding of the last dims. */
abstract class Pad extends Module {
  /** How much is added, for each axis from the last one on before and behind. */
  readonly padding: readonly number[];

  constructor(padding: Sizes) {
    super();
    // The kind made a list of it.
    this.padding = padding as readonly number[];
  }

  /** What is added. */
  protected abstract readonly mode: Mode;

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const where = this.constructor.name;
    checkArgument(where, 'input', input, tensor);
    const axes = this.padding.length / 2;
    if (input.ndim !== axes + 1 && input.ndim !== axes + 2) {
      const dims = `${axes + 1} or ${axes + 2}`;
      throw new ShapeError(`${where}: expected an input of ${dims} dims, got shape [${input.shape.join(', ')}]`, where, { shape: input.shape });
    }
    return pad(input, this.padding, this.mode);
  }

  override extraRepr(): string {
    return listed(this.padding);
  }
}

/** Padding with one value, which inputs of any dims take. */
abstract class ConstantPad extends Pad {
  protected override readonly mode = 'constant';
  readonly value: number;

  constructor(of: ParameterList<ConstantPadArguments>, args: readonly unknown[]) {
    const { padding, value } = of.read(args);
    super(padding);
    this.value = value;
  }

  /** @internal */
  override get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, 'constant', this.value);
  }

  override extraRepr(): string {
    return `padding=${listed(this.padding)}, value=${this.value}`;
  }
}

/** Padding with zeros. */
abstract class ZeroPad extends Pad {
  protected override readonly mode = 'constant';

  /** @internal */
  override get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, 'constant', 0);
  }
}

const CONSTANT_PAD1D = /* @__PURE__ */ parameters<ConstantPadArguments>('ConstantPad1d', () => ({ padding: sides(1), value: number }));

/** Adds `value` around the last axis. **Shapes**: x `[N, C, L]` or `[C, L]`, or of other dims in front. */
export class ConstantPad1d extends ConstantPad {
  /** @internal */
  static readonly _parameters = CONSTANT_PAD1D;

  constructor(...args: Arguments<ConstantPadArguments, ['padding', 'value']>) {
    super(CONSTANT_PAD1D, args);
  }
}

const CONSTANT_PAD2D = /* @__PURE__ */ parameters<ConstantPadArguments>('ConstantPad2d', () => ({ padding: sides(2), value: number }));

/** Adds `value` around the last two axes. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`, or of other dims in front. */
export class ConstantPad2d extends ConstantPad {
  /** @internal */
  static readonly _parameters = CONSTANT_PAD2D;

  constructor(...args: Arguments<ConstantPadArguments, ['padding', 'value']>) {
    super(CONSTANT_PAD2D, args);
  }
}

const CONSTANT_PAD3D = /* @__PURE__ */ parameters<ConstantPadArguments>('ConstantPad3d', () => ({ padding: sides(3), value: number }));

/** Adds `value` around the last three axes. **Shapes**: x `[N, C, D, H, W]` or `[C, D, H, W]`, or of other dims in front. */
export class ConstantPad3d extends ConstantPad {
  /** @internal */
  static readonly _parameters = CONSTANT_PAD3D;

  constructor(...args: Arguments<ConstantPadArguments, ['padding', 'value']>) {
    super(CONSTANT_PAD3D, args);
  }
}

const ZERO_PAD1D = /* @__PURE__ */ padding('ZeroPad1d', 1);

/** Adds zeros around the last axis. **Shapes**: x `[N, C, L]` or `[C, L]`, or of other dims in front. */
export class ZeroPad1d extends ZeroPad {
  /** @internal */
  static readonly _parameters = ZERO_PAD1D;

  constructor(...args: Arguments<PaddingArguments, ['padding']>) {
    super(ZERO_PAD1D.read(args).padding);
  }
}

const ZERO_PAD2D = /* @__PURE__ */ padding('ZeroPad2d', 2);

/** Adds zeros around the last two axes. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`, or of other dims in front. */
export class ZeroPad2d extends ZeroPad {
  /** @internal */
  static readonly _parameters = ZERO_PAD2D;

  constructor(...args: Arguments<PaddingArguments, ['padding']>) {
    super(ZERO_PAD2D.read(args).padding);
  }
}

const ZERO_PAD3D = /* @__PURE__ */ padding('ZeroPad3d', 3);

/** Adds zeros around the last three axes. **Shapes**: x `[N, C, D, H, W]` or `[C, D, H, W]`, or of other dims in front. */
export class ZeroPad3d extends ZeroPad {
  /** @internal */
  static readonly _parameters = ZERO_PAD3D;

  constructor(...args: Arguments<PaddingArguments, ['padding']>) {
    super(ZERO_PAD3D.read(args).padding);
  }
}

const REFLECTION_PAD1D = /* @__PURE__ */ padding('ReflectionPad1d', 1);

/** Adds reflections of the input around the last axis, without its edge. **Shapes**: x `[N, C, L]` or `[C, L]`. */
export class ReflectionPad1d extends Pad {
  /** @internal */
  static readonly _parameters = REFLECTION_PAD1D;
  protected override readonly mode = 'reflect';

  constructor(...args: Arguments<PaddingArguments, ['padding']>) {
    super(REFLECTION_PAD1D.read(args).padding);
  }
}

const REFLECTION_PAD2D = /* @__PURE__ */ padding('ReflectionPad2d', 2);

/** Adds reflections of the input around the last two axes, without its edge. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`. */
export class ReflectionPad2d extends Pad {
  /** @internal */
  static readonly _parameters = REFLECTION_PAD2D;
  protected override readonly mode = 'reflect';

  constructor(...args: Arguments<PaddingArguments, ['padding']>) {
    super(REFLECTION_PAD2D.read(args).padding);
  }
}

const REFLECTION_PAD3D = /* @__PURE__ */ padding('ReflectionPad3d', 3);

/** Adds reflections of the input around the last three axes, without its edge. **Shapes**: x `[N, C, D, H, W]` or `[C, D, H, W]`. */
export class ReflectionPad3d extends Pad {
  /** @internal */
  static readonly _parameters = REFLECTION_PAD3D;
  protected override readonly mode = 'reflect';

  constructor(...args: Arguments<PaddingArguments, ['padding']>) {
    super(REFLECTION_PAD3D.read(args).padding);
  }
}

const REPLICATION_PAD1D = /* @__PURE__ */ padding('ReplicationPad1d', 1);

/** Repeats the edge of the input around the last axis. **Shapes**: x `[N, C, L]` or `[C, L]`. */
export class ReplicationPad1d extends Pad {
  /** @internal */
  static readonly _parameters = REPLICATION_PAD1D;
  protected override readonly mode = 'replicate';

  constructor(...args: Arguments<PaddingArguments, ['padding']>) {
    super(REPLICATION_PAD1D.read(args).padding);
  }
}

const REPLICATION_PAD2D = /* @__PURE__ */ padding('ReplicationPad2d', 2);

/** Repeats the edge of the input around the last two axes. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`. */
export class ReplicationPad2d extends Pad {
  /** @internal */
  static readonly _parameters = REPLICATION_PAD2D;
  protected override readonly mode = 'replicate';

  constructor(...args: Arguments<PaddingArguments, ['padding']>) {
    super(REPLICATION_PAD2D.read(args).padding);
  }
}

const REPLICATION_PAD3D = /* @__PURE__ */ padding('ReplicationPad3d', 3);

/** Repeats the edge of the input around the last three axes. **Shapes**: x `[N, C, D, H, W]` or `[C, D, H, W]`. */
export class ReplicationPad3d extends Pad {
  /** @internal */
  static readonly _parameters = REPLICATION_PAD3D;
  protected override readonly mode = 'replicate';

  constructor(...args: Arguments<PaddingArguments, ['padding']>) {
    super(REPLICATION_PAD3D.read(args).padding);
  }
}

const CIRCULAR_PAD1D = /* @__PURE__ */ padding('CircularPad1d', 1);

/** Adds what is at the other end of the input around the last axis. **Shapes**: x `[N, C, L]` or `[C, L]`. */
export class CircularPad1d extends Pad {
  /** @internal */
  static readonly _parameters = CIRCULAR_PAD1D;
  protected override readonly mode = 'circular';

  constructor(...args: Arguments<PaddingArguments, ['padding']>) {
    super(CIRCULAR_PAD1D.read(args).padding);
  }
}

const CIRCULAR_PAD2D = /* @__PURE__ */ padding('CircularPad2d', 2);

/** Adds what is at the other end of the input around the last two axes. **Shapes**: x `[N, C, H, W]` or `[C, H, W]`. */
export class CircularPad2d extends Pad {
  /** @internal */
  static readonly _parameters = CIRCULAR_PAD2D;
  protected override readonly mode = 'circular';

  constructor(...args: Arguments<PaddingArguments, ['padding']>) {
    super(CIRCULAR_PAD2D.read(args).padding);
  }
}

const CIRCULAR_PAD3D = /* @__PURE__ */ padding('CircularPad3d', 3);

/** Adds what is at the other end of the input around the last three axes. **Shapes**: x `[N, C, D, H, W]` or `[C, D, H, W]`. */
export class CircularPad3d extends Pad {
  /** @internal */
  static readonly _parameters = CIRCULAR_PAD3D;
  protected override readonly mode = 'circular';

  constructor(...args: Arguments<PaddingArguments, ['padding']>) {
    super(CIRCULAR_PAD3D.read(args).padding);
  }
}
