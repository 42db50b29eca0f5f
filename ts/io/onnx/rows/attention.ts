// Attention, and the rotations of its positions.
import { ShapeError } from '../../../core/errors';
import * as A from '../../../generated/functions';
import type { Tensor } from '../../../tensor/tensor';
import type { Row } from '../node';
import type { Rows } from './family';

/** `[N, S, H · D]` as `[N, H, S, D]`. */
function headsOf(x: Tensor, heads: number): Tensor {
  const [batch, steps, width] = x.shape as [number, number, number];
  return A.permute(A.reshape(x, [batch, steps, heads, width / heads]), [0, 2, 1, 3]);
}

/** The other way round. */
function merged(x: Tensor): Tensor {
  const [batch, heads, steps, width] = x.shape as [number, number, number, number];
  return A.reshape(A.permute(x, [0, 2, 1, 3]), [batch, steps, heads * width]);
}

const attention: Row = (node) => {
  const isCausal = node.flag('is_causal', false);
  const [queryHeads, keyHeads] = [node.int('q_num_heads', 0), node.int('kv_num_heads', 0)];
  const [scale, softcap] = [node.has('scale') ? node.float('scale', 1) : null, node.float('softcap', 0)];
  node.ignore('softmax_precision', 'qk_matmul_output_mode');
  if (node.hasOutput(3)) throw node.refusal('its fourth output, the scores, is not computed here');
  if (node.hasInput(6)) throw node.refusal('its input nonpad_kv_seqlen is not read here; give attn_mask');
  node.setting(3);
  return ([q, k, v, mask, pastKey, pastValue]) => {
    const isFlat = q!.ndim === 3;
    const split = (x: Tensor, heads: number): Tensor => (isFlat ? headsOf(x, heads) : x);
    const query = split(q!, queryHeads);
    let [key, value] = [split(k!, keyHeads), split(v!, keyHeads)];
    const past = pastKey?.shape[2] ?? 0;
    if (pastKey != null) key = A.cat([pastKey, key], 2);
    if (pastValue != null) value = A.cat([pastValue, value], 2);
    const present = [key, value];
    const groups = query.shape[1]! / key.shape[1]!;
    if (!Number.isInteger(groups)) throw new ShapeError(`${node.label}: ${query.shape[1]!} heads of queries are no multiple of ${key.shape[1]!} of keys`, node.label);
    // Several heads of queries share one of keys.
    if (groups > 1) [key, value] = [A.repeatInterleave(key, groups, 1), A.repeatInterleave(value, groups, 1)];
    const [steps, total] = [query.shape[2]!, key.shape[2]!];
    let scores = A.mul(A.matmul(query, A.transpose(key, 2, 3)), scale ?? 1 / Math.sqrt(query.shape[3]!));
    if (softcap > 0) scores = A.mul(A.tanh(A.div(scores, softcap)), softcap);
    if (isCausal) scores = A.where(A.tril(A.ones([steps, total], { dtype: 'bool' }), past), scores, -Infinity);
    if (mask != null) scores = mask.dtype === 'bool' ? A.where(mask, scores, -Infinity) : A.add(scores, mask);
    const out = A.matmul(A.softmax(scores, 3), value);
    return [isFlat ? merged(out) : out, ...present];
  };
};

const rotaryEmbedding: Row = (node) => {
  const [isInterleaved, heads, part] = [node.flag('interleaved', false), node.int('num_heads', 0), node.int('rotary_embedding_dim', 0)];
  node.setting(1, 2, 3);
  return ([x, cosines, sines, positions]) => {
    const isFlat = x!.ndim === 3;
    const all = isFlat ? headsOf(x!, heads) : x!;
    const width = all.shape[3]!;
    const rotated = part === 0 ? width : part;
    // Of each position, for all heads.
    const at = (cache: Tensor): Tensor => {
      const rows = positions == null ? cache : A.reshape(A.indexSelect(cache, 0, A.reshape(positions, [-1])), [...positions.shape, cache.shape[1]!]);
      return A.unsqueeze(rows, 1);
    };
    const [cos, sin] = [at(cosines!), at(sines!)];
    const turned = A.narrow(all, 3, 0, rotated);
    const pairs = isInterleaved ? A.reshape(turned, [...turned.shape.slice(0, 3), rotated / 2, 2]) : A.reshape(turned, [...turned.shape.slice(0, 3), 2, rotated / 2]);
    const dim = isInterleaved ? 4 : 3;
    const [a, b] = [A.select(pairs, dim, 0), A.select(pairs, dim, 1)];
    const [real, imaginary] = [A.sub(A.mul(a, cos), A.mul(b, sin)), A.add(A.mul(b, cos), A.mul(a, sin))];
    const done = A.reshape(A.stack([real, imaginary], dim), turned.shape);
    const out = rotated === width ? done : A.cat([done, A.narrow(all, 3, rotated, width - rotated)], 3);
    return isFlat ? merged(out) : out;
  };
};

export const attending = (): Rows => ({ Attention: attention, RotaryEmbedding: rotaryEmbedding });
