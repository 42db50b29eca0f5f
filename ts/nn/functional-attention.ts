// Attention of several heads as a function of its weights.
import { ShapeError, UsageError, under } from '../core/errors';
import { boolean, integerFrom, number } from '../core/kinds';
import { named, parameters, type Arguments, type Stated, type Values } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { additiveMask, attended, projected } from './attend';

interface Forward {
  /** `[L, N, E]`, or `[L, E]` without a batch. */
  query: Tensor;
  /** `[S, N, E]`. */
  key: Tensor;
  /** `[S, N, E]`. */
  value: Tensor;
  /** The E that query must have. */
  embedDimToCheck: number;
  numHeads: number;
  /** `[3E, E]`; null with `useSeparateProjWeight`. */
  inProjWeight: Tensor | null;
  inProjBias: Tensor | null;
  /** A key and a value `[1, 1, E]` behind the others. */
  biasK: Tensor | null;
  biasV: Tensor | null;
  addZeroAttn: boolean;
  dropoutP: number;
  outProjWeight: Tensor;
  outProjBias: Tensor | null;
  /** Whether dropout is applied; true by default. */
  training?: boolean;
  /** Keys that count nothing, true or −∞, `[N, S]`. */
  keyPaddingMask?: Tensor | null;
  /** Whether the weights are returned as well; true by default. */
  needWeights?: boolean;
  /** Pairs that count nothing, true or −∞, `[L, S]` or `[N · numHeads, L, S]`; other numbers are added to the scores. */
  attnMask?: Tensor | null;
  /** Whether each of the three has a weight of its own; false by default. */
  useSeparateProjWeight?: boolean;
  qProjWeight?: Tensor | null;
  kProjWeight?: Tensor | null;
  vProjWeight?: Tensor | null;
  /** Keys and values `[N · numHeads, S, E / numHeads]` in place of those that were projected. */
  staticK?: Tensor | null;
  staticV?: Tensor | null;
  /** Whether the weights are the mean over the heads; true by default. */
  averageAttnWeights?: boolean;
  /** That `attnMask`, which must be given, is the causal one. */
  isCausal?: boolean;
}

type Required13 =
  | 'query' | 'key' | 'value' | 'embedDimToCheck' | 'numHeads' | 'inProjWeight' | 'inProjBias' | 'biasK' | 'biasV' | 'addZeroAttn' | 'dropoutP' | 'outProjWeight' | 'outProjBias';

type Rest = [
  'training', 'keyPaddingMask', 'needWeights', 'attnMask', 'useSeparateProjWeight', 'qProjWeight', 'kProjWeight', 'vProjWeight', 'staticK', 'staticV', 'averageAttnWeights', 'isCausal',
];

/** The output, and the weights where they are needed. */
type Attended = [output: Tensor, weights: Tensor | null];

/** The function `multiHeadAttentionForward`. */
interface MultiHeadAttentionForward extends Stated {
  (options: Forward): Attended;
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embedDimToCheck: number,
    numHeads: number,
    inProjWeight: Tensor | null,
    inProjBias: Tensor | null,
    biasK: Tensor | null,
    biasV: Tensor | null,
    addZeroAttn: boolean,
    dropoutP: number,
    outProjWeight: Tensor,
    outProjBias: Tensor | null,
    ...rest: Arguments<Omit<Forward, Required13>, Rest>
  ): Attended;
}

const WHERE = 'multiHeadAttentionForward';

const maybe = () => tensor.orNull();

function expectShape(name: string, t: Tensor | null | undefined, shape: readonly number[]): void {
  if (t == null || t.shape.join() === shape.join()) return;
  throw new ShapeError(`${WHERE}: ${name} must have shape [${shape.join(', ')}], got [${t.shape.join(', ')}]`, WHERE, { argument: name, shape: t.shape });
}

/**
 * Attention of several heads: softmax(q kᵀ / √d) v of each, projected before and after. What `nn.MultiheadAttention` computes, with its
 * parameters given.
 *
 * Returns `[output, weights]`: output `[L, N, E]`; weights `[N, L, S]`, or `[N, numHeads, L, S]` unless they are averaged, or null where
 * they are not needed. Without a batch, all lack N.
 * Source: PyTorch, `torch.nn.functional.multi_head_attention_forward`; Vaswani et al., "Attention is all you need", NeurIPS 2017.
 */
export const multiHeadAttentionForward: MultiHeadAttentionForward = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Forward>(WHERE, () => ({
    query: tensor,
    key: tensor,
    value: tensor,
    embedDimToCheck: integerFrom(1),
    numHeads: integerFrom(1),
    inProjWeight: required(),
    inProjBias: required(),
    biasK: required(),
    biasV: required(),
    addZeroAttn: boolean,
    dropoutP: number,
    outProjWeight: tensor,
    outProjBias: required(),
    training: boolean.or(true),
    keyPaddingMask: maybe(),
    needWeights: boolean.or(true),
    attnMask: maybe(),
    useSeparateProjWeight: boolean.or(false),
    qProjWeight: maybe(),
    kProjWeight: maybe(),
    vProjWeight: maybe(),
    staticK: maybe(),
    staticV: maybe(),
    averageAttnWeights: boolean.or(true),
    isCausal: boolean.or(false),
  })),
  (values): Attended => under(WHERE, () => forward(values)),
);

/** A tensor or null; PyTorch has no default for these, null is what leaving them out would mean. */
const required = maybe;

function forward(of: Values<Forward>): Attended {
  const { query, key, value, embedDimToCheck: embedDim, numHeads, attnMask, keyPaddingMask, needWeights, isCausal } = of;
  const dims = query.ndim;
  if ((dims !== 2 && dims !== 3) || key.ndim !== dims || value.ndim !== dims) {
    const shapes = [query, key, value].map((t) => `[${t.shape.join(', ')}]`).join(', ');
    throw new ShapeError(`${WHERE}: query, key and value must have 3 dims, or 2 without a batch, got shapes ${shapes}`, WHERE);
  }
  if (embedDim % numHeads !== 0) throw new UsageError(`${WHERE}: embedDimToCheck (${embedDim}) must be divisible by numHeads (${numHeads})`, WHERE, { embedDim, numHeads });
  if (isCausal && attnMask === null) throw new UsageError(`${WHERE}: isCausal is a hint about attnMask, which must be given with it`, WHERE);
  const isBatched = dims === 3;
  const samples = isBatched ? query.size(1) : 1;
  const headDim = embedDim / numHeads;
  const [length, count] = [query.size(0), of.staticK?.size(1) ?? key.size(0)];
  expectShape('query', query, isBatched ? [length, samples, embedDim] : [length, embedDim]);
  expectShape('staticK', of.staticK, [samples * numHeads, count, headDim]);
  expectShape('staticV', of.staticV, [samples * numHeads, count, headDim]);
  if (keyPaddingMask !== null) expectShape('keyPaddingMask', keyPaddingMask, isBatched ? [samples, count] : [count]);
  if (attnMask !== null) expectShape('attnMask', attnMask, attnMask.ndim === 3 ? [samples * numHeads, length, count] : [length, count]);
  if ((of.biasK === null) !== (of.biasV === null)) throw new UsageError(`${WHERE}: biasK and biasV go together, got one of them`, WHERE);
  if (of.biasK !== null && (of.staticK !== null || of.staticV !== null)) throw new UsageError(`${WHERE}: biasK and biasV cannot be added to static keys and values`, WHERE);
  const own = of.useSeparateProjWeight;
  for (const name of own ? (['qProjWeight', 'kProjWeight', 'vProjWeight'] as const) : (['inProjWeight'] as const)) {
    if (of[name] === null) throw new UsageError(`${WHERE}: ${name} must be a tensor where useSeparateProjWeight is ${own}, got null`, WHERE, { argument: name });
  }
  const inside = (t: Tensor): Tensor => (isBatched ? t : t.unsqueeze(1));
  const padding = additiveMask(WHERE, 'keyPaddingMask', keyPaddingMask !== null && !isBatched ? keyPaddingMask.unsqueeze(0) : keyPaddingMask, query.dtype);
  const onlyCausal = isCausal && padding === null && !needWeights;
  const projection = { ...of, inProjWeight: own ? null : of.inProjWeight };
  const [output, weights] = attended(...projected(embedDim, projection, query, key, value, inside), {
    ...of,
    embedDim,
    p: of.training ? of.dropoutP : 0,
    mask: onlyCausal ? null : additiveMask(WHERE, 'attnMask', attnMask, query.dtype),
    padding,
    onlyCausal,
  });
  return isBatched ? [output, weights] : [output.squeeze(1), weights === null ? null : weights.squeeze(0)];
}
