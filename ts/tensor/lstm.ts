// An LSTM over sequences: its states are a pair beside the list of weights.
import { many, opId } from './call';
import { isOptions } from './arguments';
import { Kind, REFUSED, boolean, integerFrom, number } from '../core/kinds';
import { parameters, type Arguments, type Stated } from '../core/options';
import { isReadable } from '../core/plain-object';
import { Tensor } from './tensor';
import type { Outputs } from './outputs';
import { tensor, tensorList } from './tensor-kinds';

/** The two states of an LSTM. */
export type LSTMStates = readonly [h: Tensor, c: Tensor];

/** Two tensors in a list. */
export const lstmStates = /* @__PURE__ */ new Kind<LSTMStates>('a pair [h, c] of tensors', (value) =>
  Array.isArray(value) && value.length === 2 && value.every((t) => isReadable(t) && t instanceof Tensor) ? (value) : REFUSED,
);

interface Settings {
  /** The states before the first step, each `[layers · directions, N, size]`. */
  hx: LSTMStates;
  /** For each layer and in it each direction `wIh`, `wHh`, with biases `bIh` and `bHh`, and where h is projected `wHr`. */
  params: Iterable<Tensor>;
  /** Whether `params` has biases. */
  hasBiases: boolean;
  /** How many layers there are. */
  numLayers: number;
  /** The probability that an element between two layers becomes 0 where `train` is true. */
  dropout: number;
  /** Whether there is dropout. */
  train: boolean;
  /** Whether each layer goes in both directions. */
  bidirectional: boolean;
}

interface PaddedArguments extends Settings {
  /** `[T, N, in]`, or `[N, T, in]` where `batchFirst`. */
  input: Tensor;
  /** Whether the batch is the first dim of input and output. */
  batchFirst: boolean;
}

interface PackedArguments extends Settings {
  /** The steps of all sequences, `[rows, in]`. */
  data: Tensor;
  /** How many sequences have each step. */
  batchSizes: Tensor;
}

const SETTINGS = () => ({
  hx: lstmStates,
  params: tensorList,
  hasBiases: boolean,
  numLayers: integerFrom(1),
  dropout: number,
  train: boolean,
  bidirectional: boolean,
}) as const;

const PADDED = /* @__PURE__ */ parameters<PaddedArguments>('lstm', () => ({ input: tensor, ...SETTINGS(), batchFirst: boolean }));
const PACKED = /* @__PURE__ */ parameters<PackedArguments>('lstm', () => ({ data: tensor, batchSizes: tensor, ...SETTINGS() }));

type Order = ['hx', 'params', 'hasBiases', 'numLayers', 'dropout', 'train', 'bidirectional'];

/** What `lstm` gives: the outputs of the last layer, and the last states of all. */
export type LSTMOutput = Outputs<'output' | 'hN' | 'cN'>;

function isPacked(args: readonly unknown[]): boolean {
  if (isReadable(args[1]) && args[1] instanceof Tensor) return true;
  return args.some((arg) => isOptions(arg) && 'batchSizes' in arg);
}

function run(...args: unknown[]): LSTMOutput {
  const { hx, params, hasBiases, numLayers, dropout, train, bidirectional, ...rest } = isPacked(args) ? PACKED.read(args) : PADDED.read(args);
  const settings = [[...params], hasBiases, numLayers, dropout, train, bidirectional];
  const list = 'data' in rest ? [rest.data, rest.batchSizes, ...hx, ...settings] : [rest.input, ...hx, ...settings, rest.batchFirst];
  return many(opId('_lstm'), null, list, false) as LSTMOutput;
}

/**
 * Runs an LSTM over sequences: `i, f, o = σ(x·w_ihᵀ + b_ih + h·w_hhᵀ + b_hh)`, `g = tanh(…)`,
 * `c ← f·c + i·g`, `h ← o · tanh c`, in rows i, f, g, o; h is multiplied with `w_hr` where its size
 * is not that of c. Padded sequences are `(input, hx, params, …, batchFirst)`, packed ones
 * `(data, batchSizes, hx, params, …)`. Returns the outputs of the last layer and the last states.
 * Source: PyTorch, `torch.lstm`.
 */
export const lstm: Stated & {
  (...args: Arguments<PaddedArguments, ['input', ...Order, 'batchFirst']>): LSTMOutput;
  (...args: Arguments<PackedArguments, ['data', 'batchSizes', ...Order]>): LSTMOutput;
} = /* @__PURE__ */ (() => Object.defineProperty(Object.assign(run, { _parameters: PADDED }), 'name', { value: 'lstm' }))() as never;
