// Attention of several heads, of queries, keys and values that are projected.
import type { DType } from '../core/dtype';
import { DTypeError } from '../core/errors';
import { linear, pad, scaledDotProductAttention, softmax, dropout as drop } from '../generated/functional';
import { baddbmm, bmm, cat, zeros } from '../generated/functions';
import type { Tensor } from '../tensor/tensor';

/** A mask that is added to scores: −∞ where one of bools is true. */
export function additiveMask(where: string, name: string, mask: Tensor | null, dtype: DType): Tensor | null {
  if (mask === null || mask.isFloatingPoint()) return mask;
  if (mask.dtype !== 'bool') throw new DTypeError(`${where}: ${name} must be bool or floating, got ${mask.dtype}`, where, { dtype: mask.dtype });
  return zeros(mask.shape, { dtype }).maskedFill(mask, -Infinity);
}

/** The mask with a column for one more key. */
const widened = (mask: Tensor | null): Tensor | null => (mask === null ? null : pad(mask, [0, 1]));

/** The weights that queries, keys and values are projected with. */
export interface Projection {
  /** All three of them, one below the other; null where each has its own. */
  readonly inProjWeight: Tensor | null;
  readonly inProjBias: Tensor | null;
  readonly qProjWeight: Tensor | null;
  readonly kProjWeight: Tensor | null;
  readonly vProjWeight: Tensor | null;
}

/** Queries, keys and values projected, after `inside` has put the sequence first; what is given more than once is projected at once. */
export function projected(embedDim: number, of: Projection, query: Tensor, key: Tensor, value: Tensor, inside: (t: Tensor) => Tensor): [Tensor, Tensor, Tensor] {
  const { inProjWeight, inProjBias, qProjWeight, kProjWeight, vProjWeight } = of;
  if (inProjWeight === null) {
    const [bq, bk, bv] = inProjBias === null ? [null, null, null] : inProjBias.chunk(3);
    return [linear(inside(query), qProjWeight!, bq), linear(inside(key), kProjWeight!, bk), linear(inside(value), vProjWeight!, bv)];
  }
  const section = (t: Tensor, first: number, count: number): Tensor[] => {
    const rows = (p: Tensor): Tensor => (count === 3 ? p : p.narrow(0, first * embedDim, count * embedDim));
    const out = linear(inside(t), rows(inProjWeight), inProjBias === null ? null : rows(inProjBias));
    return count === 1 ? [out] : [...out.chunk(count, -1)];
  };
  if (key !== value) return [...section(query, 0, 1), ...section(key, 1, 1), ...section(value, 2, 1)] as [Tensor, Tensor, Tensor];
  if (query === key) return section(query, 0, 3) as [Tensor, Tensor, Tensor];
  return [...section(query, 0, 1), ...section(key, 1, 2)] as [Tensor, Tensor, Tensor];
}

/** How projected queries, keys and values become attention. */
export interface Heads {
  readonly embedDim: number;
  readonly numHeads: number;
  /** A key and a value that are learned, behind the others. */
  readonly biasK: Tensor | null;
  readonly biasV: Tensor | null;
  /** Keys and values `[N · numHeads, S, headDim]` in place of those that were projected. */
  readonly staticK?: Tensor | null;
  readonly staticV?: Tensor | null;
  readonly addZeroAttn: boolean;
  /** The probability that a weight becomes 0. */
  readonly p: number;
  /** What is added to scores, of pairs and of keys. */
  readonly mask: Tensor | null;
  readonly padding: Tensor | null;
  /** That the mask, left out, is the causal one. */
  readonly onlyCausal: boolean;
  readonly needWeights: boolean;
  readonly averageAttnWeights: boolean;
  readonly outProjWeight: Tensor;
  readonly outProjBias: Tensor | null;
}

/** The output `[L, N, embedDim]`, and weights `[N, L, S]`, or `[N, numHeads, L, S]` unless they are averaged, or null. */
export function attended(q: Tensor, k: Tensor, v: Tensor, of: Heads): [output: Tensor, weights: Tensor | null] {
  const { embedDim, numHeads, p } = of;
  const headDim = embedDim / numHeads;
  let { mask, padding } = of;
  const [length, samples] = q.shape as [number, number];
  if (mask?.ndim === 2) mask = mask.unsqueeze(0);
  let [keys, values] = [k, v];
  if (of.biasK !== null && of.biasV !== null) {
    keys = cat([keys, of.biasK.repeat(1, samples, 1)]);
    values = cat([values, of.biasV.repeat(1, samples, 1)]);
    [mask, padding] = [widened(mask), widened(padding)];
  }
  const heads = (t: Tensor): Tensor => t.reshape([t.size(0), samples * numHeads, headDim]).transpose(0, 1);
  const queries = heads(q);
  [keys, values] = [of.staticK ?? heads(keys), of.staticV ?? heads(values)];
  if (of.addZeroAttn) {
    const zero = zeros([samples * numHeads, 1, headDim], { dtype: keys.dtype });
    [keys, values] = [cat([keys, zero], 1), cat([values, zero], 1)];
    [mask, padding] = [widened(mask), widened(padding)];
  }
  const count = keys.size(1);
  if (padding !== null) {
    const ofHeads = padding.reshape([samples, 1, 1, count]).expand(-1, numHeads, -1, -1).reshape([samples * numHeads, 1, count]);
    mask = mask === null ? ofHeads : mask.add(ofHeads);
  }
  const outside = (t: Tensor): Tensor => linear(t.reshape([length * samples, embedDim]), of.outProjWeight, of.outProjBias).reshape([length, samples, -1]);
  if (!of.needWeights) {
    const split = (t: Tensor): Tensor => t.reshape([samples, numHeads, -1, headDim]);
    if (mask !== null) mask = mask.size(0) === 1 ? mask.unsqueeze(0) : mask.reshape([samples, numHeads, -1, count]);
    const out = scaledDotProductAttention(split(queries), split(keys), split(values), mask, p, of.onlyCausal);
    return [outside(out.permute(2, 0, 1, 3)), null];
  }
  const scaled = queries.mul(Math.sqrt(1 / headDim));
  const scores = mask === null ? bmm(scaled, keys.transpose(-2, -1)) : baddbmm(mask, scaled, keys.transpose(-2, -1));
  let weights = softmax(scores, -1);
  if (p > 0) weights = drop(weights, p, true);
  const out = outside(bmm(weights, values).transpose(0, 1));
  weights = weights.reshape([samples, numHeads, length, count]);
  return [out, of.averageAttnWeights ? weights.mean(1) : weights];
}
