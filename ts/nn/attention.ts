// Attention of several heads.
import type { DType, Device } from '../core/dtype';
import { ShapeError, UsageError } from '../core/errors';
import { boolean, device, dtype, integer, integerFrom, number } from '../core/kinds';
import { checkArgument, parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { additiveMask, attended, projected } from './attend';
import { constant_, xavierNormal_, xavierUniform_ } from './init';
import type { Inputs } from './inputs';
import { Linear } from './linear';
import { declareMembers } from './members';
import { Module } from './module';
import { emptyParameter, type Parameter } from './parameter';
import { part, perhaps } from './parts';

/** Options of `MultiheadAttention`. */
export interface MultiheadAttentionOptions {
  /** The probability that an attention weight becomes 0 in training; 0 by default. */
  dropout?: number;
  /** Whether the projections have biases; true by default. */
  bias?: boolean;
  /** Whether one learned key and value is added behind the others; false by default. */
  addBiasKv?: boolean;
  /** Whether a key and a value of zeros is added behind the others; false by default. */
  addZeroAttn?: boolean;
  /** The size of keys; null, the default, for embedDim. */
  kdim?: number | null;
  /** The size of values; null, the default, for embedDim. */
  vdim?: number | null;
  /** Whether the batch is the first dim, before the sequence; false by default. */
  batchFirst?: boolean;
  /** Where the parameters are kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** The dtype of the parameters; float32 by default. */
  dtype?: DType | null;
}

/** The arguments of `MultiheadAttention`. */
export interface MultiheadAttentionArguments extends MultiheadAttentionOptions {
  /** The size of queries and of the output. */
  embedDim: number;
  /** How many heads it is split into. */
  numHeads: number;
}

const MULTIHEAD_ATTENTION = /* @__PURE__ */ parameters<MultiheadAttentionArguments>('MultiheadAttention', () => ({
  embedDim: integerFrom(1),
  numHeads: integerFrom(1),
  dropout: number.or(0),
  bias: boolean.or(true),
  addBiasKv: boolean.or(false),
  addZeroAttn: boolean.or(false),
  kdim: integer.orNull(),
  vdim: integer.orNull(),
  batchFirst: boolean.or(false),
  device: device(),
  dtype: dtype.orNullFor('float32'),
}));

type Order = ['embedDim', 'numHeads', 'dropout', 'bias', 'addBiasKv', 'addZeroAttn', 'kdim', 'vdim', 'batchFirst', 'device', 'dtype'];

/** Options of a call of `MultiheadAttention`. */
export interface AttentionOptions {
  /** Keys that count nothing, true or −∞, `[N, S]` or `[S]`. */
  keyPaddingMask?: Tensor | null;
  /** Whether the weights are returned as well; true by default. Without them it is faster. */
  needWeights?: boolean;
  /** Pairs that count nothing, true or −∞, `[L, S]` or `[N · numHeads, L, S]`; other numbers are added to the scores. */
  attnMask?: Tensor | null;
  /** Whether the weights are the mean over the heads; true by default. */
  averageAttnWeights?: boolean;
  /** That `attnMask`, which must be given, is the causal one; it is not looked at where nothing else needs it. */
  isCausal?: boolean;
}

interface AttentionInputs extends AttentionOptions {
  query: Tensor;
  key: Tensor;
  value: Tensor;
}

type InputOrder = ['query', 'key', 'value', 'keyPaddingMask', 'needWeights', 'attnMask', 'averageAttnWeights', 'isCausal'];

const ATTENTION_INPUTS: Inputs<AttentionInputs, InputOrder> = /* @__PURE__ */ parameters('forward', () => ({
  query: tensor,
  key: tensor,
  value: tensor,
  keyPaddingMask: tensor.orNull(),
  needWeights: boolean.or(true),
  attnMask: tensor.orNull(),
  averageAttnWeights: boolean.or(true),
  isCausal: boolean.or(false),
}));

const WHERE = 'MultiheadAttention';

/** Throws a ShapeError unless the shape is this one. */
function expectShape(name: string, t: Tensor, shape: readonly number[]): void {
  if (t.shape.join() === shape.join()) return;
  throw new ShapeError(`${WHERE}: ${name} must have shape [${shape.join(', ')}], got [${t.shape.join(', ')}]`, WHERE, { argument: name, shape: t.shape });
}

/**
 * Attention whose queries, keys and values are projected for each head: concat(head_1 … head_h) W_outᵀ + b_out, with
 * head_i = softmax(q_i k_iᵀ / √d) v_i.
 *
 * **Shapes**: query `[L, N, embedDim]`, key `[S, N, kdim]`, value `[S, N, vdim]`, the first two dims the other way round where
 * `batchFirst`, or without N. `call(query, key, value)` gives `[output, weights]`: output of query's shape; weights `[N, L, S]`, or
 * `[N, numHeads, L, S]` unless they are averaged, or null where they are not needed.
 *
 * Source: Vaswani et al., "Attention is all you need", NeurIPS 2017.
 */
export class MultiheadAttention extends Module {
  /** @internal */
  static readonly _parameters = MULTIHEAD_ATTENTION;
  readonly embedDim: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly numHeads: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly headDim: number;
  readonly addZeroAttn: boolean;
  declare inProjWeight: Parameter | null;
  declare qProjWeight: Parameter | null;
  declare kProjWeight: Parameter | null;
  declare vProjWeight: Parameter | null;
  declare inProjBias: Parameter | null;
  declare biasK: Parameter | null;
  declare biasV: Parameter | null;
  declare outProj: Linear;

  static {
    declareMembers(this, {
      parameter: ['qProjWeight', 'kProjWeight', 'vProjWeight', 'inProjWeight', 'inProjBias', 'biasK', 'biasV'],
      module: ['outProj'],
    });
  }

  constructor(...args: Arguments<MultiheadAttentionArguments, Order>) {
    super();
    const { embedDim, numHeads, kdim, vdim, bias, addBiasKv, dtype, ...options } = MULTIHEAD_ATTENTION.read(args);
    if (embedDim % numHeads !== 0) {
      throw new UsageError(`${WHERE}: embedDim (${embedDim}) must be divisible by numHeads (${numHeads})`, WHERE, { embedDim, numHeads });
    }
    this.embedDim = embedDim;
    this.kdim = kdim ?? embedDim;
    this.vdim = vdim ?? embedDim;
    this.numHeads = numHeads;
    ({ dropout: this.dropout, batchFirst: this.batchFirst, addZeroAttn: this.addZeroAttn } = options);
    this.headDim = embedDim / numHeads;
    const isPacked = this.kdim === embedDim && this.vdim === embedDim;
    this.qProjWeight = isPacked ? null : emptyParameter([embedDim, embedDim], dtype);
    this.kProjWeight = isPacked ? null : emptyParameter([embedDim, this.kdim], dtype);
    this.vProjWeight = isPacked ? null : emptyParameter([embedDim, this.vdim], dtype);
    this.inProjWeight = isPacked ? emptyParameter([3 * embedDim, embedDim], dtype) : null;
    this.inProjBias = bias ? emptyParameter([3 * embedDim], dtype) : null;
    this.outProj = new Linear(embedDim, embedDim, { bias, dtype });
    this.biasK = addBiasKv ? emptyParameter([1, 1, embedDim], dtype) : null;
    this.biasV = addBiasKv ? emptyParameter([1, 1, embedDim], dtype) : null;
    for (const weight of [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight]) if (weight !== null) xavierUniform_(weight);
    for (const zero of [this.inProjBias, bias ? this.outProj.bias : null]) if (zero !== null) constant_(zero, 0);
    for (const extra of [this.biasK, this.biasV]) if (extra !== null) xavierNormal_(extra);
  }

  /** @internal */
  get _inputs(): typeof ATTENTION_INPUTS {
    return ATTENTION_INPUTS;
  }

  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    keyPaddingMask: Tensor | null = null,
    needWeights = true,
    attnMask: Tensor | null = null,
    averageAttnWeights = true,
    isCausal = false,
  ): [output: Tensor, weights: Tensor | null] {
    for (const [name, t] of Object.entries({ query, key, value })) checkArgument(WHERE, name, t, tensor);
    const isBatched = query.ndim === 3;
    this.checkShapes(query, key, value, keyPaddingMask, attnMask);
    if (isCausal && attnMask === null) throw new UsageError(`${WHERE}: isCausal is a hint about attnMask, which must be given with it`, WHERE);
    // Inside, the sequence comes first and there is a batch.
    const inside = (t: Tensor): Tensor => (isBatched ? (this.batchFirst ? t.transpose(0, 1) : t) : t.unsqueeze(1));
    const padding = additiveMask(WHERE, 'keyPaddingMask', keyPaddingMask !== null && !isBatched ? keyPaddingMask.unsqueeze(0) : keyPaddingMask, query.dtype);
    const onlyCausal = isCausal && padding === null && !needWeights;
    const { embedDim, numHeads, addZeroAttn, qProjWeight, kProjWeight, vProjWeight } = this;
    const projection = { inProjWeight: perhaps(this.inProjWeight), inProjBias: perhaps(this.inProjBias), qProjWeight, kProjWeight, vProjWeight };
    const { weight: outProjWeight, bias: outProjBias } = part(this, 'outProj');
    const [output, weights] = attended(...projected(embedDim, projection, query, key, value, inside), {
      embedDim,
      numHeads,
      biasK: perhaps(this.biasK),
      biasV: perhaps(this.biasV),
      addZeroAttn,
      p: this.training ? this.dropout : 0,
      mask: onlyCausal ? null : additiveMask(WHERE, 'attnMask', attnMask, query.dtype),
      padding,
      onlyCausal,
      needWeights,
      averageAttnWeights,
      outProjWeight,
      outProjBias,
    });
    if (!isBatched) return [output.squeeze(1), weights === null ? null : weights.squeeze(0)];
    return [this.batchFirst ? output.transpose(0, 1) : output, weights];
  }

  private checkShapes(query: Tensor, key: Tensor, value: Tensor, keyPaddingMask: Tensor | null, attnMask: Tensor | null): void {
    const dims = query.ndim;
    if ((dims !== 2 && dims !== 3) || key.ndim !== dims || value.ndim !== dims) {
      const shapes = [query, key, value].map((t) => `[${t.shape.join(', ')}]`).join(', ');
      throw new ShapeError(`${WHERE}: query, key and value must have 3 dims, or 2 without a batch, got shapes ${shapes}`, WHERE);
    }
    const [sequence, batch] = this.batchFirst && dims === 3 ? [1, 0] : [0, 1];
    const samples = dims === 3 ? query.size(batch) : 1;
    const [length, count] = [query.size(sequence), key.size(sequence)];
    const shapeOf = (s: number, size: number): number[] => (dims === 2 ? [s, size] : sequence === 0 ? [s, samples, size] : [samples, s, size]);
    expectShape('query', query, shapeOf(length, this.embedDim));
    expectShape('key', key, shapeOf(count, this.kdim));
    expectShape('value', value, shapeOf(count, this.vdim));
    if (keyPaddingMask !== null) expectShape('keyPaddingMask', keyPaddingMask, dims === 3 ? [samples, count] : [count]);
    if (attnMask !== null) expectShape('attnMask', attnMask, attnMask.ndim === 3 ? [samples * this.numHeads, length, count] : [length, count]);
  }
}
