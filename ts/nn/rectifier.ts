// Activations that treat the input on either side of a threshold differently.
import type { DType, Device } from '../core/dtype';
import { UsageError } from '../core/errors';
import { celu, elu, hardtanh, leakyRelu, prelu, relu6, selu, threshold } from '../generated/functional';
import { boolean, device, dtype, integerFrom, number } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { InplaceActivation, inplaceOnly, inplaceRepr, type InplaceOptions } from './elementwise';
import { constant_ } from './init';
import { INPUT } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { emptyParameter, type Parameter } from './parameter';

const RELU6 = /* @__PURE__ */ inplaceOnly('ReLU6');

/** min(max(x, 0), 6); `inplace` writes x. */
export class ReLU6 extends InplaceActivation {
  /** @internal */
  static readonly _parameters = RELU6;

  constructor(...args: Arguments<InplaceOptions, ['inplace']>) {
    super(RELU6, args);
  }

  protected override get run(): typeof relu6 {
    return relu6;
  }
}

const SELU_PARAMETERS = /* @__PURE__ */ inplaceOnly('SELU');

/**
 * scale · (max(x, 0) + min(alpha · (exp(x) − 1), 0)), with the constants that keep mean 0 and variance 1; `inplace` writes x.
 *
 * Source: Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017.
 */
export class SELU extends InplaceActivation {
  /** @internal */
  static readonly _parameters = SELU_PARAMETERS;

  constructor(...args: Arguments<InplaceOptions, ['inplace']>) {
    super(SELU_PARAMETERS, args);
  }

  protected override get run(): typeof selu {
    return selu;
  }
}

/** Options of `ELU` and `CELU`. */
export interface ELUOptions extends InplaceOptions {
  /** How far below 0 it goes; 1 by default. */
  alpha?: number;
}

const ELU_PARAMETERS = /* @__PURE__ */ parameters<ELUOptions>('ELU', () => ({ alpha: number.or(1), inplace: boolean.or(false) }));

/** x where x > 0, else alpha · (exp(x) − 1). */
export class ELU extends Module {
  /** @internal */
  static readonly _parameters = ELU_PARAMETERS;
  readonly alpha: number;
  readonly inplace: boolean;

  constructor(...args: Arguments<ELUOptions, ['alpha', 'inplace']>) {
    super();
    ({ alpha: this.alpha, inplace: this.inplace } = ELU_PARAMETERS.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const { alpha } = this;
    return this.inplace ? elu(input, { alpha, inplace: true }) : elu(input, alpha);
  }

  override extraRepr(): string {
    return `alpha=${this.alpha}${inplaceRepr(this.inplace)}`;
  }
}

const CELU_PARAMETERS = /* @__PURE__ */ parameters<ELUOptions>('CELU', () => ({ alpha: number.or(1), inplace: boolean.or(false) }));

/** max(x, 0) + min(alpha · (exp(x / alpha) − 1), 0). */
export class CELU extends Module {
  /** @internal */
  static readonly _parameters = CELU_PARAMETERS;
  readonly alpha: number;
  readonly inplace: boolean;

  constructor(...args: Arguments<ELUOptions, ['alpha', 'inplace']>) {
    super();
    ({ alpha: this.alpha, inplace: this.inplace } = CELU_PARAMETERS.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const { alpha } = this;
    return this.inplace ? celu(input, { alpha, inplace: true }) : celu(input, alpha);
  }

  override extraRepr(): string {
    return `alpha=${this.alpha}${inplaceRepr(this.inplace)}`;
  }
}

/** Options of `LeakyReLU`. */
export interface LeakyReLUOptions extends InplaceOptions {
  /** The slope below 0; 0.01 by default. */
  negativeSlope?: number;
}

const LEAKY_RELU = /* @__PURE__ */ parameters<LeakyReLUOptions>('LeakyReLU', () => ({ negativeSlope: number.or(0.01), inplace: boolean.or(false) }));

/** x where x > 0, else negativeSlope · x. */
export class LeakyReLU extends Module {
  /** @internal */
  static readonly _parameters = LEAKY_RELU;
  readonly negativeSlope: number;
  readonly inplace: boolean;

  constructor(...args: Arguments<LeakyReLUOptions, ['negativeSlope', 'inplace']>) {
    super();
    ({ negativeSlope: this.negativeSlope, inplace: this.inplace } = LEAKY_RELU.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const { negativeSlope } = this;
    return this.inplace ? leakyRelu(input, { negativeSlope, inplace: true }) : leakyRelu(input, negativeSlope);
  }

  override extraRepr(): string {
    return `negativeSlope=${this.negativeSlope}${inplaceRepr(this.inplace)}`;
  }
}

/** Options of `PReLU`. */
export interface PReLUOptions {
  /** How many slopes there are: 1, the default, or one for each channel. */
  numParameters?: number;
  /** What the slopes start as; 0.25 by default. */
  init?: number;
  /** Where the slopes are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the slopes; float32 by default. */
  dtype?: DType | null;
}

const PRELU = /* @__PURE__ */ parameters<PReLUOptions>('PReLU', () => ({
  numParameters: integerFrom(0).or(1),
  init: number.or(0.25),
  device: device(),
  dtype: dtype.orNullFor('float32'),
}));

/**
 * x where x > 0, else weight · x, with slopes that are learned.
 *
 * **Shapes**: x and y `[N, C, *]`, weight `[numParameters]`, which is 1 or C.
 */
export class PReLU extends Module {
  /** @internal */
  static readonly _parameters = PRELU;
  readonly numParameters: number;
  readonly init: number;
  declare weight: Parameter;

  static {
    declareMembers(this, { parameter: ['weight'] });
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor(...args: Arguments<PReLUOptions, ['numParameters', 'init', 'device', 'dtype']>) {
    super();
    const { numParameters, init, dtype } = PRELU.read(args);
    this.numParameters = numParameters;
    this.init = init;
    this.weight = emptyParameter([numParameters], dtype);
    this.resetParameters();
  }

  /** Sets the slopes to `init`. */
  resetParameters(): void {
    constant_(this.weight, this.init);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return prelu(input, this.weight);
  }

  override extraRepr(): string {
    return `numParameters=${this.numParameters}`;
  }
}

/** The arguments of `Threshold`. */
export interface ThresholdArguments extends InplaceOptions {
  /** What x has to be greater than to be kept. */
  threshold: number;
  /** What takes its place otherwise. */
  value: number;
}

const THRESHOLD = /* @__PURE__ */ parameters<ThresholdArguments>('Threshold', () => ({ threshold: number, value: number, inplace: boolean.or(false) }));

/** x where x > threshold, else `value`. */
export class Threshold extends Module {
  /** @internal */
  static readonly _parameters = THRESHOLD;
  readonly threshold: number;
  readonly value: number;
  readonly inplace: boolean;

  constructor(...args: Arguments<ThresholdArguments, ['threshold', 'value', 'inplace']>) {
    super();
    ({ threshold: this.threshold, value: this.value, inplace: this.inplace } = THRESHOLD.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return this.inplace ? threshold(input, this.threshold, this.value, { inplace: true }) : threshold(input, this.threshold, this.value);
  }

  override extraRepr(): string {
    return `threshold=${this.threshold}, value=${this.value}${inplaceRepr(this.inplace)}`;
  }
}

/** Options of `Hardtanh`. */
export interface HardtanhOptions extends InplaceOptions {
  /** The least value; −1 by default. */
  minVal?: number;
  /** The greatest; 1 by default. */
  maxVal?: number;
  /** PyTorch's older name of `minVal`. */
  minValue?: number | null;
  /** PyTorch's older name of `maxVal`. */
  maxValue?: number | null;
}

const HARDTANH = /* @__PURE__ */ parameters<HardtanhOptions>('Hardtanh', () => ({
  minVal: number.or(-1),
  maxVal: number.or(1),
  inplace: boolean.or(false),
  minValue: number.orNull(),
  maxValue: number.orNull(),
}));

/** min(max(x, minVal), maxVal). */
export class Hardtanh extends Module {
  /** @internal */
  static readonly _parameters = HARDTANH;
  readonly minVal: number;
  readonly maxVal: number;
  readonly inplace: boolean;

  constructor(...args: Arguments<HardtanhOptions, ['minVal', 'maxVal', 'inplace', 'minValue', 'maxValue']>) {
    super();
    const { minVal, maxVal, inplace, minValue, maxValue } = HARDTANH.read(args);
    this.minVal = minValue ?? minVal;
    this.maxVal = maxValue ?? maxVal;
    this.inplace = inplace;
    if (this.maxVal <= this.minVal) {
      throw new UsageError(`Hardtanh: maxVal (${this.maxVal}) must be greater than minVal (${this.minVal})`, 'Hardtanh', { minVal, maxVal });
    }
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const { minVal, maxVal } = this;
    return this.inplace ? hardtanh(input, { minVal, maxVal, inplace: true }) : hardtanh(input, minVal, maxVal);
  }

  override extraRepr(): string {
    return `minVal=${this.minVal}, maxVal=${this.maxVal}${inplaceRepr(this.inplace)}`;
  }
}
