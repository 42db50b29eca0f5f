// Recurrent layers over sequences.
import { integerFrom, word } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { gru, rnnRelu, rnnTanh } from '../generated/functions';
import { lstm, lstmStates, type LSTMStates } from '../tensor/lstm';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import type { Inputs } from './inputs';
import type { PackedSequence } from './packed-sequence';
import { FACTORY, LAYERS, REST, RecurrentBase, SIZES, sequence, type RecurrentOptions, type RecurrentSizes } from './recurrent-base';

interface SequenceInputs {
  input: Tensor;
  hx?: Tensor | null;
}

const SEQUENCE_INPUTS: Inputs<SequenceInputs, ['input', 'hx']> = /* @__PURE__ */ parameters('forward', () => ({
  input: sequence,
  hx: tensor.orNull(),
}));

/** The function of an `RNN`. */
export type RNNNonlinearity = 'tanh' | 'relu';

/** Options of `RNN`. */
export interface RNNOptions extends RecurrentOptions {
  /** The function; `'tanh'` by default. */
  nonlinearity?: RNNNonlinearity;
}

const RNN_PARAMETERS = /* @__PURE__ */ parameters<RecurrentSizes & RNNOptions>('RNN', () => ({
  ...SIZES(),
  ...LAYERS(),
  nonlinearity: word('tanh', 'relu').or('tanh'),
  ...REST(),
  ...FACTORY(),
}));

type Order = ['inputSize', 'hiddenSize', 'numLayers', 'bias', 'batchFirst', 'dropout', 'bidirectional', 'device', 'dtype'];
type RNNOrder = ['inputSize', 'hiddenSize', 'numLayers', 'nonlinearity', 'bias', 'batchFirst', 'dropout', 'bidirectional', 'device', 'dtype'];

/**
 * Simple recurrent layers: `h ← tanh(W_ih x + b_ih + W_hh h + b_hh)`, or with ReLU.
 *
 * **Shapes**: the input is `[T, N, inputSize]`, `[N, T, inputSize]` with `batchFirst`,
 * `[T, inputSize]` without a batch, or packed; `hx`, zeros where it is not given, is
 * `[numLayers · directions, N, hiddenSize]`. Returns the outputs of the last layer,
 * `[T, N, directions · hiddenSize]` or as the input is laid out, and the last state of every layer.
 * Parameters start uniform on ±1/√hiddenSize, as PyTorch draws them.
 */
export class RNN extends RecurrentBase {
  /** @internal */
  static readonly _parameters = RNN_PARAMETERS;
  readonly nonlinearity: RNNNonlinearity;

  constructor(...args: Arguments<RecurrentSizes & RNNOptions, RNNOrder>) {
    const settings = RNN_PARAMETERS.read(args);
    super(settings, 1);
    this.nonlinearity = settings.nonlinearity;
  }

  /** @internal */
  get _inputs(): typeof SEQUENCE_INPUTS {
    return SEQUENCE_INPUTS;
  }

  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hx: Tensor];
  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hx: Tensor];
  override forward(given: Tensor | PackedSequence, hx: Tensor | null = null): [output: Tensor | PackedSequence, hx: Tensor] {
    const { input, batchSizes, states } = this.enter(given, hx === null ? null : [hx], [this.hiddenSize]);
    const run = this.nonlinearity === 'tanh' ? rnnTanh : rnnRelu;
    const { numLayers, bias, dropout, training, bidirectional, batchFirst } = this;
    const weights = this.allWeights.flat();
    const [out, last] = batchSizes === null
      ? run(input, states[0]!, weights, bias, numLayers, dropout, training, bidirectional, batchFirst)
      : run(input, batchSizes, states[0]!, weights, bias, numLayers, dropout, training, bidirectional);
    const [output, [state]] = this.leave(given, out, [last]);
    return [output, state!];
  }
}

const GRU_PARAMETERS = /* @__PURE__ */ parameters<RecurrentSizes & RecurrentOptions>('GRU', () => ({
  ...SIZES(),
  ...LAYERS(),
  ...REST(),
  ...FACTORY(),
}));

/**
 * Gated recurrent units: `r, z = σ(W_i x + b_i + W_h h + b_h)`,
 * `n = tanh(W_in x + b_in + r (W_hn h + b_hn))`, `h ← (1 − z) n + z h`. Weights have the rows of r,
 * z and n. Shapes and start are those of `RNN`.
 */
export class GRU extends RecurrentBase {
  /** @internal */
  static readonly _parameters = GRU_PARAMETERS;

  constructor(...args: Arguments<RecurrentSizes & RecurrentOptions, Order>) {
    super(GRU_PARAMETERS.read(args), 3);
  }

  /** @internal */
  get _inputs(): typeof SEQUENCE_INPUTS {
    return SEQUENCE_INPUTS;
  }

  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hx: Tensor];
  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hx: Tensor];
  override forward(given: Tensor | PackedSequence, hx: Tensor | null = null): [output: Tensor | PackedSequence, hx: Tensor] {
    const { input, batchSizes, states } = this.enter(given, hx === null ? null : [hx], [this.hiddenSize]);
    const { numLayers, bias, dropout, training, bidirectional, batchFirst } = this;
    const weights = this.allWeights.flat();
    const [out, last] = batchSizes === null
      ? gru(input, states[0]!, weights, bias, numLayers, dropout, training, bidirectional, batchFirst)
      : gru(input, batchSizes, states[0]!, weights, bias, numLayers, dropout, training, bidirectional);
    const [output, [state]] = this.leave(given, out, [last]);
    return [output, state!];
  }
}

/** Options of `LSTM`. */
export interface LSTMOptions extends RecurrentOptions {
  /** The size the state h is projected to; 0, the default, for none. */
  projSize?: number;
}

const LSTM_PARAMETERS = /* @__PURE__ */ parameters<RecurrentSizes & LSTMOptions>('LSTM', () => ({
  ...SIZES(),
  ...LAYERS(),
  ...REST(),
  projSize: integerFrom(0).or(0),
  ...FACTORY(),
}));

type LSTMOrder = ['inputSize', 'hiddenSize', 'numLayers', 'bias', 'batchFirst', 'dropout', 'bidirectional', 'projSize', 'device', 'dtype'];

interface LSTMInputs {
  input: Tensor;
  hx?: LSTMStates | null;
}

const LSTM_INPUTS: Inputs<LSTMInputs, ['input', 'hx']> = /* @__PURE__ */ parameters('forward', () => ({
  input: sequence,
  hx: lstmStates.orNull(),
}));

/**
 * Long short-term memory: `i, f, o = σ(W_i x + b_i + W_h h + b_h)`, `g = tanh(…)`, `c ← f c + i g`,
 * `h ← o tanh c`, and with `projSize` `h ← W_hr h`. Weights have the rows of i, f, g and o. The
 * states are a pair `[h, c]`, which it takes and returns; `h` has the size `projSize` where there
 * is one. Otherwise shapes and start are those of `RNN`.
 */
export class LSTM extends RecurrentBase {
  /** @internal */
  static readonly _parameters = LSTM_PARAMETERS;

  constructor(...args: Arguments<RecurrentSizes & LSTMOptions, LSTMOrder>) {
    const settings = LSTM_PARAMETERS.read(args);
    super(settings, 4, settings.projSize);
  }

  /** @internal */
  get _inputs(): typeof LSTM_INPUTS {
    return LSTM_INPUTS;
  }

  override forward(input: PackedSequence, hx?: LSTMStates | null): [output: PackedSequence, hx: [h: Tensor, c: Tensor]];
  override forward(input: Tensor, hx?: LSTMStates | null): [output: Tensor, hx: [h: Tensor, c: Tensor]];
  override forward(given: Tensor | PackedSequence, hx: LSTMStates | null = null): [output: Tensor | PackedSequence, hx: [h: Tensor, c: Tensor]] {
    const { input, batchSizes, states } = this.enter(given, hx, [this.projSize > 0 ? this.projSize : this.hiddenSize, this.hiddenSize]);
    const [h, c] = states as unknown as LSTMStates;
    const { numLayers, bias, dropout, training, bidirectional, batchFirst } = this;
    const weights = this.allWeights.flat();
    const [out, ...last] = batchSizes === null
      ? lstm(input, [h, c], weights, bias, numLayers, dropout, training, bidirectional, batchFirst)
      : lstm(input, batchSizes, [h, c], weights, bias, numLayers, dropout, training, bidirectional);
    const [output, [lastH, lastC]] = this.leave(given, out, last);
    return [output, [lastH!, lastC!]];
  }
}
