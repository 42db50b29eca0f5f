// Activations that take something off their input.
import { hardshrink, softshrink, tanhshrink } from '../generated/functional';
import { number } from '../core/kinds';
import { parameters, type Arguments, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { PlainActivation, noParameters } from './elementwise';
import { INPUT } from './inputs';
import { Module } from './module';

/** The option of `Hardshrink` and `Softshrink`. */
export interface ShrinkOptions {
  /** Where |x| is at most this, y is 0; 0.5 by default. */
  lambd?: number;
}

const shrinking = (where: string): ParameterList<ShrinkOptions> => parameters<ShrinkOptions>(where, () => ({ lambd: number.or(0.5) }));

abstract class Shrink extends Module {
  readonly lambd: number;

  constructor(of: ParameterList<ShrinkOptions>, args: readonly unknown[]) {
    super();
    this.lambd = of.read(args).lambd;
  }

  /** The function. */
  protected abstract get run(): (input: Tensor, lambd: number) => Tensor;

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return this.run(input, this.lambd);
  }

  override extraRepr(): string {
    return String(this.lambd);
  }
}

const HARDSHRINK = /* @__PURE__ */ shrinking('Hardshrink');

/** x where |x| > lambd, else 0. */
export class Hardshrink extends Shrink {
  /** @internal */
  static readonly _parameters = HARDSHRINK;

  constructor(...args: Arguments<ShrinkOptions, ['lambd']>) {
    super(HARDSHRINK, args);
  }

  protected override get run(): (input: Tensor, lambd: number) => Tensor {
    return hardshrink;
  }
}

const SOFTSHRINK = /* @__PURE__ */ shrinking('Softshrink');

/** x − lambd · sign(x) where |x| > lambd, else 0. */
export class Softshrink extends Shrink {
  /** @internal */
  static readonly _parameters = SOFTSHRINK;

  constructor(...args: Arguments<ShrinkOptions, ['lambd']>) {
    super(SOFTSHRINK, args);
  }

  protected override get run(): (input: Tensor, lambd: number) => Tensor {
    return softshrink;
  }
}

const TANHSHRINK = /* @__PURE__ */ noParameters('Tanhshrink');

/** x − tanh x. */
export class Tanhshrink extends PlainActivation {
  /** @internal */
  static readonly _parameters = TANHSHRINK;

  constructor(...args: []) {
    super(TANHSHRINK, args);
  }

  protected override get run(): typeof tanhshrink {
    return tanhshrink;
  }
}
