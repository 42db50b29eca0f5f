// Modules that apply one function to each element, or along a dim.
import { gelu, logSoftmax, relu, sigmoid, softmax, tanh } from '../generated/functional';
import { boolean, integer, word } from '../core/kinds';
import { checkArgument, parameters, type Arguments, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { INPUT } from './inputs';
import { Module } from './module';

const NOTHING = {};

const RELU = /* @__PURE__ */ parameters<{ inplace?: boolean }>('ReLU', () => ({ inplace: boolean.or(false) }));

/** max(x, 0), with derivative 0 at 0; `inplace` writes x. */
export class ReLU extends Module {
  /** @internal */
  static readonly _parameters = RELU;
  readonly inplace: boolean;

  constructor(...args: Arguments<{ inplace?: boolean }, ['inplace']>) {
    super();
    this.inplace = RELU.read(args).inplace;
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    if (!this.inplace) return relu(input);
    checkArgument('ReLU', 'input', input, tensor);
    return input.relu_();
  }

  override extraRepr(): string {
    return this.inplace ? 'inplace=true' : '';
  }
}

const TANH = /* @__PURE__ */ parameters<typeof NOTHING>('Tanh', () => NOTHING);

/** tanh x. */
export class Tanh extends Module {
  /** @internal */
  static readonly _parameters = TANH;

  constructor(...args: []) {
    super();
    TANH.read(args);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return tanh(input);
  }
}

const SIGMOID = /* @__PURE__ */ parameters<typeof NOTHING>('Sigmoid', () => NOTHING);

/** 1 / (1 + exp(−x)). */
export class Sigmoid extends Module {
  /** @internal */
  static readonly _parameters = SIGMOID;

  constructor(...args: []) {
    super();
    SIGMOID.read(args);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return sigmoid(input);
  }
}

/** How `GELU` is computed: by erf, or approximated by tanh. */
export type GELUApproximation = 'none' | 'tanh';

const GELU_PARAMETERS = /* @__PURE__ */ parameters<{ approximate?: GELUApproximation }>('GELU', () => ({ approximate: word('none', 'tanh').or('none') }));

/** x · Φ(x), with Φ the distribution function of the standard normal distribution. */
export class GELU extends Module {
  /** @internal */
  static readonly _parameters = GELU_PARAMETERS;
  readonly approximate: GELUApproximation;

  constructor(...args: Arguments<{ approximate?: GELUApproximation }, ['approximate']>) {
    super();
    this.approximate = GELU_PARAMETERS.read(args).approximate;
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return this.approximate === 'none' ? gelu(input) : gelu(input, this.approximate);
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

/** The argument of functions along a dim. */
export interface DimArguments {
  /** Which dim; by default, as in PyTorch, the first of inputs of 0, 1 or 3 dims, and else the second. */
  dim?: number | null;
}

let warned = false;

/** PyTorch's choice where no dim is named, which it asks not to rely on. */
export function chosenDim(where: string, input: Tensor): number {
  checkArgument(where, 'input', input, tensor);
  const { ndim } = input;
  if (!warned) console.warn(`adjoint: ${where}: the dim was chosen by the number of dims of the input; name it, as in new ${where}(-1)`);
  warned = true;
  return ndim === 0 || ndim === 1 || ndim === 3 ? 0 : 1;
}

/** A function along one dim. */
export abstract class AlongDim extends Module {
  readonly dim: number | null;

  constructor(of: ParameterList<DimArguments>, args: readonly unknown[]) {
    super();
    this.dim = of.read(args).dim;
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

const SOFTMAX = /* @__PURE__ */ parameters<DimArguments>('Softmax', () => ({ dim: integer.orNull() }));

/** exp(x_i) / Σ_j exp(x_j) along `dim`. */
export class Softmax extends AlongDim {
  /** @internal */
  static readonly _parameters = SOFTMAX;

  constructor(...args: Arguments<DimArguments, ['dim']>) {
    super(SOFTMAX, args);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return softmax(input, this.dim ?? chosenDim('Softmax', input));
  }
}

const LOG_SOFTMAX = /* @__PURE__ */ parameters<DimArguments>('LogSoftmax', () => ({ dim: integer.orNull() }));

/** x_i − log Σ_j exp(x_j) along `dim`. */
export class LogSoftmax extends AlongDim {
  /** @internal */
  static readonly _parameters = LOG_SOFTMAX;

  constructor(...args: Arguments<DimArguments, ['dim']>) {
    super(LOG_SOFTMAX, args);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return logSoftmax(input, this.dim ?? chosenDim('LogSoftmax', input));
  }
}
