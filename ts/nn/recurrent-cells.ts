// Recurrent layers of one step.
import type { DType, Device } from '../core/dtype';
import { ShapeError } from '../core/errors';
import { boolean, word } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import { gruCell, lstmCell, rnnReluCell, rnnTanhCell, zeros } from '../generated/functions';
import { lstmStates, type LSTMStates } from '../tensor/lstm';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { uniform_ } from './init';
import type { Inputs } from './inputs';
import { declareMembers } from './members';
import { Module } from './module';
import { emptyParameter, type Parameter } from './parameter';
import type { RNNNonlinearity } from './recurrent';
import { FACTORY, SIZES, checkGiven, type RecurrentSizes } from './recurrent-base';

/** Options of cells. */
export interface RecurrentCellOptions {
  /** Whether biases are learned; true by default. */
  bias?: boolean;
  /** Where the parameters are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the parameters; float32 by default. */
  dtype?: DType | null;
}

interface CellSettings extends RecurrentSizes {
  bias: boolean;
  dtype: DType | null;
}

const listed = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** RNNCell, GRUCell and LSTMCell. */
abstract class RecurrentCell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly bias: boolean;
  declare weightIh: Parameter;
  declare weightHh: Parameter;
  declare biasIh: Parameter | null;
  declare biasHh: Parameter | null;

  static {
    declareMembers(this, { parameter: ['weightIh', 'weightHh', 'biasIh', 'biasHh'] });
    withoutArguments(this.prototype, 'resetParameters');
  }

  constructor({ inputSize, hiddenSize, bias, dtype }: CellSettings, gates: number) {
    super();
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.bias = bias;
    const rows = gates * hiddenSize;
    this.weightIh = emptyParameter([rows, inputSize], dtype);
    this.weightHh = emptyParameter([rows, hiddenSize], dtype);
    this.biasIh = bias ? emptyParameter([rows], dtype) : null;
    this.biasHh = bias ? emptyParameter([rows], dtype) : null;
    this.resetParameters();
  }

  /** Draws the parameters anew: uniform on ±1/√hiddenSize, in the order of `parameters()`. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.bias ? '' : ', bias=false'}`;
  }

  /** The input with a batch, and the states, zeros where there are none. */
  protected enter(input: Tensor, states: readonly Tensor[] | null, count: number): [Tensor, Tensor[]] {
    const where = this.constructor.name;
    checkGiven(where, input, states);
    const isSingle = input.ndim === 1;
    if ((!isSingle && input.ndim !== 2) || input.size(-1) !== this.inputSize) {
      const expected = `[N, ${this.inputSize}] or [${this.inputSize}]`;
      throw new ShapeError(`${where}: expected an input of shape ${expected}, got ${listed(input.shape)}`, where, { shape: input.shape });
    }
    const x = isSingle ? input.unsqueeze(0) : input;
    if (states === null) return [x, Array.from({ length: count }, () => zeros([x.size(0), this.hiddenSize], { dtype: x.dtype }))];
    const expected = isSingle ? [this.hiddenSize] : [x.size(0), this.hiddenSize];
    const other = states.find((state) => state.shape.join() !== expected.join());
    if (other !== undefined) {
      throw new ShapeError(`${where}: expected a state of shape ${listed(expected)}, got ${listed(other.shape)}`, where, { shape: other.shape });
    }
    return [x, isSingle ? states.map((state) => state.unsqueeze(0)) : [...states]];
  }
}

interface StepInputs {
  input: Tensor;
  hx?: Tensor | null;
}

const STEP_INPUTS: Inputs<StepInputs, ['input', 'hx']> = /* @__PURE__ */ parameters('forward', () => ({ input: tensor, hx: tensor.orNull() }));

type CellArguments = RecurrentSizes & RecurrentCellOptions;
type CellOrder = ['inputSize', 'hiddenSize', 'bias', 'device', 'dtype'];

/** Options of `RNNCell`. */
export interface RNNCellOptions extends RecurrentCellOptions {
  /** The function; `'tanh'` by default. */
  nonlinearity?: RNNNonlinearity;
}

const RNN_CELL = /* @__PURE__ */ parameters<RecurrentSizes & RNNCellOptions>('RNNCell', () => ({
  ...SIZES(),
  bias: boolean.or(true),
  nonlinearity: word('tanh', 'relu').or('tanh'),
  ...FACTORY(),
}));

/**
 * One step of an `RNN`: takes an input `[N, inputSize]` or `[inputSize]` and the state
 * `[N, hiddenSize]` or `[hiddenSize]`, zeros where it is not given, and returns the new state.
 */
export class RNNCell extends RecurrentCell {
  /** @internal */
  static readonly _parameters = RNN_CELL;
  readonly nonlinearity: RNNNonlinearity;

  constructor(...args: Arguments<RecurrentSizes & RNNCellOptions, ['inputSize', 'hiddenSize', 'bias', 'nonlinearity', 'device', 'dtype']>) {
    const settings = RNN_CELL.read(args);
    super(settings, 1);
    this.nonlinearity = settings.nonlinearity;
  }

  /** @internal */
  get _inputs(): typeof STEP_INPUTS {
    return STEP_INPUTS;
  }

  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    const [x, [state]] = this.enter(input, hx === null ? null : [hx], 1);
    const step = this.nonlinearity === 'tanh' ? rnnTanhCell : rnnReluCell;
    const out = step(x, state!, this.weightIh, this.weightHh, this.biasIh, this.biasHh);
    return input.ndim === 1 ? out.squeeze(0) : out;
  }

  override extraRepr(): string {
    return `${super.extraRepr()}${this.nonlinearity === 'tanh' ? '' : `, nonlinearity=${this.nonlinearity}`}`;
  }
}

const GRU_CELL = /* @__PURE__ */ parameters<CellArguments>('GRUCell', () => ({ ...SIZES(), bias: boolean.or(true), ...FACTORY() }));

/** One step of a `GRU`; takes and returns what `RNNCell` does. */
export class GRUCell extends RecurrentCell {
  /** @internal */
  static readonly _parameters = GRU_CELL;

  constructor(...args: Arguments<CellArguments, CellOrder>) {
    super(GRU_CELL.read(args), 3);
  }

  /** @internal */
  get _inputs(): typeof STEP_INPUTS {
    return STEP_INPUTS;
  }

  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    const [x, [state]] = this.enter(input, hx === null ? null : [hx], 1);
    const out = gruCell(x, state!, this.weightIh, this.weightHh, this.biasIh, this.biasHh);
    return input.ndim === 1 ? out.squeeze(0) : out;
  }
}

interface LSTMStepInputs {
  input: Tensor;
  hx?: LSTMStates | null;
}

const LSTM_STEP_INPUTS: Inputs<LSTMStepInputs, ['input', 'hx']> = /* @__PURE__ */ parameters('forward', () => ({
  input: tensor,
  hx: lstmStates.orNull(),
}));

const LSTM_CELL = /* @__PURE__ */ parameters<CellArguments>('LSTMCell', () => ({ ...SIZES(), bias: boolean.or(true), ...FACTORY() }));

/** One step of an `LSTM`; takes and returns the states as a pair `[h, c]`. */
export class LSTMCell extends RecurrentCell {
  /** @internal */
  static readonly _parameters = LSTM_CELL;

  constructor(...args: Arguments<CellArguments, CellOrder>) {
    super(LSTM_CELL.read(args), 4);
  }

  /** @internal */
  get _inputs(): typeof LSTM_STEP_INPUTS {
    return LSTM_STEP_INPUTS;
  }

  override forward(input: Tensor, hx: LSTMStates | null = null): [h: Tensor, c: Tensor] {
    const [x, states] = this.enter(input, hx, 2);
    const [h, c] = lstmCell(x, states, this.weightIh, this.weightHh, this.biasIh, this.biasHh);
    return input.ndim === 1 ? [h.squeeze(0), c.squeeze(0)] : [h, c];
  }
}
