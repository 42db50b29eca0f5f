// Activations that are smooth, and their piecewise approximations.
import { glu, hardsigmoid, hardswish, logsigmoid, mish, silu, softplus, softsign } from '../generated/functional';
import { integer, number } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { InplaceActivation, PlainActivation, inplaceOnly, noParameters, type InplaceOptions } from './elementwise';
import { INPUT } from './inputs';
import { Module } from './module';

const SILU = /* @__PURE__ */ inplaceOnly('SiLU');

/** x · sigmoid(x); `inplace` writes x. */
export class SiLU extends InplaceActivation {
  /** @internal */
  static readonly _parameters = SILU;

  constructor(...args: Arguments<InplaceOptions, ['inplace']>) {
    super(SILU, args);
  }

  protected override get run(): typeof silu {
    return silu;
  }
}

const MISH = /* @__PURE__ */ inplaceOnly('Mish');

/** x · tanh(softplus(x)); `inplace` writes x. */
export class Mish extends InplaceActivation {
  /** @internal */
  static readonly _parameters = MISH;

  constructor(...args: Arguments<InplaceOptions, ['inplace']>) {
    super(MISH, args);
  }

  protected override get run(): typeof mish {
    return mish;
  }
}

const HARDSIGMOID = /* @__PURE__ */ inplaceOnly('Hardsigmoid');

/** min(max(x + 3, 0), 6) / 6; `inplace` writes x. */
export class Hardsigmoid extends InplaceActivation {
  /** @internal */
  static readonly _parameters = HARDSIGMOID;

  constructor(...args: Arguments<InplaceOptions, ['inplace']>) {
    super(HARDSIGMOID, args);
  }

  protected override get run(): typeof hardsigmoid {
    return hardsigmoid;
  }

  /** As PyTorch's, which says nothing. */
  override extraRepr(): string {
    return '';
  }
}

const HARDSWISH = /* @__PURE__ */ inplaceOnly('Hardswish');

/** x · min(max(x + 3, 0), 6) / 6; `inplace` writes x. */
export class Hardswish extends InplaceActivation {
  /** @internal */
  static readonly _parameters = HARDSWISH;

  constructor(...args: Arguments<InplaceOptions, ['inplace']>) {
    super(HARDSWISH, args);
  }

  protected override get run(): typeof hardswish {
    return hardswish;
  }

  /** As PyTorch's, which says nothing. */
  override extraRepr(): string {
    return '';
  }
}

/** Options of `Softplus`. */
export interface SoftplusOptions {
  /** How sharply it bends; 1 by default. */
  beta?: number;
  /** Where beta · x is greater than this, y is x; 20 by default. */
  threshold?: number;
}

const SOFTPLUS = /* @__PURE__ */ parameters<SoftplusOptions>('Softplus', () => ({ beta: number.or(1), threshold: number.or(20) }));

/** log(1 + exp(beta · x)) / beta. */
export class Softplus extends Module {
  /** @internal */
  static readonly _parameters = SOFTPLUS;
  readonly beta: number;
  readonly threshold: number;

  constructor(...args: Arguments<SoftplusOptions, ['beta', 'threshold']>) {
    super();
    ({ beta: this.beta, threshold: this.threshold } = SOFTPLUS.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return softplus(input, this.beta, this.threshold);
  }

  override extraRepr(): string {
    return `beta=${this.beta}, threshold=${this.threshold}`;
  }
}

const LOG_SIGMOID = /* @__PURE__ */ noParameters('LogSigmoid');

/** log sigmoid(x) = −log(1 + exp(−x)). */
export class LogSigmoid extends PlainActivation {
  /** @internal */
  static readonly _parameters = LOG_SIGMOID;

  constructor(...args: []) {
    super(LOG_SIGMOID, args);
  }

  protected override get run(): typeof logsigmoid {
    return logsigmoid;
  }
}

const SOFTSIGN = /* @__PURE__ */ noParameters('Softsign');

/** x / (1 + |x|). */
export class Softsign extends PlainActivation {
  /** @internal */
  static readonly _parameters = SOFTSIGN;

  constructor(...args: []) {
    super(SOFTSIGN, args);
  }

  protected override get run(): typeof softsign {
    return softsign;
  }
}

const GLU_PARAMETERS = /* @__PURE__ */ parameters<{ dim?: number }>('GLU', () => ({ dim: integer.or(-1) }));

/** a · sigmoid(b), with a and b the halves of x along `dim`, −1 by default. **Shapes**: x `[*, 2n, *]`, y `[*, n, *]`. */
export class GLU extends Module {
  /** @internal */
  static readonly _parameters = GLU_PARAMETERS;
  readonly dim: number;

  constructor(...args: Arguments<{ dim?: number }, ['dim']>) {
    super();
    this.dim = GLU_PARAMETERS.read(args).dim;
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return glu(input, this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}
