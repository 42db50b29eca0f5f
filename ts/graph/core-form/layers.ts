// Losses and layers that are one op of the instance, and their derivatives.
import type { DType } from '../../core/dtype';
import { elements, type Builder, type Id } from './builder';
import { dimOf, input, integersOf, numberOf, type Call, type Rule } from './rule';

/** The mean of all elements or their sum, as the attribute `reduction` says; `total` is what a mean divides by. */
function reducedLoss(b: Builder, call: Call, losses: Id, total: Id): Id {
  const { reduction } = call.attributes;
  if (reduction === 'none') return losses;
  const sum = b.sum(losses, b.shape(losses).map((_, i) => i));
  return reduction === 'mean' ? b.div(sum, total) : sum;
}

/** Classes as rows of weights: `weight[c]` at the class c of a row, 0 elsewhere and in rows that are ignored. */
function rowsOf(b: Builder, call: Call, target: Id, weight: Id | null, like: Id): { counted: Id; chosen: Id; all: Id } {
  const dtype = b.dtype(like);
  const classes = b.shape(like)[1]!;
  const column = b.reshape(b.to(target, 'int64'), [elements(b.shape(target)), 1]);
  const places = b.integers(Array.from({ length: classes }, (_, i) => i), [1, classes]);
  const isClass = b.to(b.binary('eq', column, places, 'bool'), dtype);
  const ignored = Number(call.attributes['ignoreIndex'] ?? -100);
  // A class that is none of the row's is in no place.
  const counted = b.to(b.binary('ne', column, b.filled(ignored, 'int64'), 'bool'), dtype);
  const all = weight === null ? counted : b.mul(counted, b.reshape(weight, [1, classes]));
  return { counted, chosen: b.mul(isClass, all), all };
}

/** The weights of a loss of classes as distributions, and their total. */
function distribution(b: Builder, call: Call, target: Id, weight: Id | null, like: Id): { rows: Id; total: Id } {
  const { chosen, all } = rowsOf(b, call, target, weight, like);
  const smoothing = Number(call.attributes['labelSmoothing'] ?? 0);
  const total = b.sum(chosen, [0, 1]);
  const rows = smoothing === 0 ? chosen : b.add(b.times(chosen, 1 - smoothing), b.times(all, smoothing / b.shape(like)[1]!));
  return { rows, total };
}

const crossEntropy: Rule = (b, call) => {
  const [x, target, weight] = [input(call, 0), input(call, 1), call.inputs[2] ?? null];
  const { rows, total } = distribution(b, call, target, weight, x);
  const losses = b.unary('neg', b.sum(b.mul(rows, b.logSoftmax(x, 1)), [1]));
  return [reducedLoss(b, call, losses, total)];
};

/** With K the weights of a row and a their sum: `g · (a · softmax(x) − K)`, over the total for a mean. */
const crossEntropyBackward: Rule = (b, call) => {
  const [g, x, target, weight] = [input(call, 0), input(call, 1), input(call, 3), call.inputs[4] ?? null];
  const { rows, total } = distribution(b, call, target, weight, x);
  const error = b.sub(b.mul(b.sum(rows, [1], true), b.softmax(x, 1)), rows);
  const each = call.attributes['reduction'] === 'none' ? b.reshape(g, [b.shape(x)[0]!, 1]) : g;
  return [b.mul(error, call.attributes['reduction'] === 'mean' ? b.div(each, total) : each)];
};

const negativeLogLikelihood: Rule = (b, call) => {
  const [x, target, weight] = [input(call, 0), input(call, 1), call.inputs[2] ?? null];
  if (b.shape(x).length !== 2) return null;
  const { rows, total } = distribution(b, call, target, weight, x);
  return [reducedLoss(b, call, b.unary('neg', b.sum(b.mul(rows, x), [1])), total)];
};

const negativeLogLikelihoodBackward: Rule = (b, call) => {
  const [g, target, weight] = [input(call, 0), input(call, 1), call.inputs[2] ?? null];
  const { dtype, shape } = call.outputs[0]!;
  if (shape.length !== 2) return null;
  const { rows, total } = distribution(b, call, target, weight, b.filled(0, dtype, shape));
  const each = call.attributes['reduction'] === 'none' ? b.reshape(g, [shape[0]!, 1]) : g;
  return [b.unary('neg', b.mul(rows, call.attributes['reduction'] === 'mean' ? b.div(each, total) : each))];
};

/** Rows of `x` over the dims of `normalizedShape`, without mean and of variance 1, and their mean and scale. */
function normalized(b: Builder, call: Call, x: Id): { dims: number[]; normal: Id; mean: Id; scale: Id } {
  const rank = b.shape(x).length;
  const count = integersOf(call, 'normalizedShape')!.length;
  const dims = Array.from({ length: count }, (_, i) => rank - count + i);
  const mean = b.mean(x, dims, true);
  const error = b.sub(x, mean);
  const scale = b.unary('rsqrt', b.plus(b.mean(b.mul(error, error), dims, true), Number(call.attributes['eps'] ?? 1e-5)));
  return { dims, normal: b.mul(error, scale), mean, scale };
}

const layerNorm: Rule = (b, call) => {
  const [x, weight, bias] = [input(call, 0), call.inputs[1] ?? null, call.inputs[2] ?? null];
  const { normal, mean, scale } = normalized(b, call, x);
  const scaled = weight === null ? normal : b.mul(normal, weight);
  const rows = (t: Id): Id => b.reshape(t, [elements(b.shape(t))]);
  return [bias === null ? scaled : b.add(scaled, bias), rows(mean), rows(scale)];
};

/** With x̂ the normalized rows and a = g · weight: `scale · (a − mean(a) − x̂ · mean(a · x̂))`, `Σ g · x̂` and `Σ g`. */
const layerNormBackward: Rule = (b, call) => {
  const [g, x, weight] = [input(call, 0), input(call, 1), call.inputs[4] ?? null];
  const { dims, normal, scale } = normalized(b, call, x);
  const a = weight === null ? g : b.mul(g, weight);
  const inner = b.sub(b.sub(a, b.mean(a, dims, true)), b.mul(normal, b.mean(b.mul(a, normal), dims, true)));
  const lead = b.shape(x).flatMap((_, i) => (dims.includes(i) ? [] : [i]));
  const wants = integersOf(call, 'wants')!;
  return [
    wants[0] === 0 ? undefined : b.mul(scale, inner),
    wants[1] === 0 ? undefined : b.sum(b.mul(g, normal), lead),
    wants[2] === 0 ? undefined : b.sum(g, lead),
  ];
};

/** The parts of normalized channels: `[outer, groups, channels of a group, inner]`, with moments over the dims that share them. */
function normalizedChannels(b: Builder, call: Call, x: Id): { split: (t: Id) => Id; line: (t: Id) => Id; dims: number[]; normal: Id; mean: Id; variance: Id; scale: Id } {
  const [outer, channels, inner] = b.shape(x) as [number, number, number];
  const group = numberOf(call, 'group');
  const of = group === 0 ? 1 : group;
  const split = (t: Id): Id => b.reshape(t, [outer, channels / of, of, inner]);
  const dims = group === 0 ? [0, 3] : [2, 3];
  const mean = b.mean(split(x), dims, true);
  const { held } = call.attributes;
  // Moments may be rounded to the dtype of the operands before they are used.
  const kept = (t: Id): Id => (typeof held === 'string' ? b.to(b.to(t, held as DType), b.dtype(x)) : t);
  const error = b.sub(split(x), kept(mean));
  const apart = b.sub(split(x), mean);
  const variance = b.mean(b.mul(apart, apart), dims, true);
  const scale = kept(b.unary('rsqrt', b.plus(variance, numberOf(call, 'eps'))));
  return { split, line: (t) => b.reshape(t, [channels / of, of, 1]), dims, normal: b.mul(error, scale), mean, variance, scale };
}

const channelNorm: Rule = (b, call) => {
  const [x, weight, bias] = [input(call, 0), call.inputs[1] ?? null, call.inputs[2] ?? null];
  const { line, normal, mean, variance } = normalizedChannels(b, call, x);
  const scaled = weight === null ? normal : b.mul(normal, line(weight));
  const flat = (t: Id): Id => b.reshape(t, [elements(b.shape(t))]);
  return [b.reshape(bias === null ? scaled : b.add(scaled, line(bias)), b.shape(x)), flat(mean), flat(variance), undefined];
};

const channelNormBackward: Rule = (b, call) => {
  const [full, x, weight] = [input(call, 0), input(call, 1), call.inputs[3] ?? null];
  const { split, line, dims, normal, scale } = normalizedChannels(b, call, x);
  const g = split(full);
  const a = weight === null ? g : b.mul(g, line(weight));
  const inner = b.sub(b.sub(a, b.mean(a, dims, true)), b.mul(normal, b.mean(b.mul(a, normal), dims, true)));
  const wants = integersOf(call, 'wants')!;
  const ofChannels = (t: Id): Id => b.reshape(b.sum(t, [0, 3]), [b.shape(x)[1]!]);
  return [
    wants[0] === 0 ? undefined : b.reshape(b.mul(scale, inner), b.shape(x)),
    wants[1] === 0 ? undefined : ofChannels(b.mul(g, normal)),
    wants[2] === 0 ? undefined : ofChannels(g),
  ];
};

/** What each query pays to each key. */
function attended(b: Builder, call: Call, q: Id, k: Id, mask: Id | null): Id {
  let scores = b.times(b.matmul(q, b.transpose(k)), numberOf(call, 'scale'));
  const [rows, columns] = b.shape(scores).slice(-2) as [number, number];
  const hidden = b.filled(-Infinity, b.dtype(q));
  if (call.attributes['isCausal'] === true) {
    const [i, j] = [b.integers(Array.from({ length: rows }, (_, n) => n), [rows, 1]), b.integers(Array.from({ length: columns }, (_, n) => n), [1, columns])];
    scores = b.where(b.binary('ge', i, j, 'bool'), scores, hidden);
  }
  if (mask !== null) scores = b.dtype(mask) === 'bool' ? b.where(mask, scores, hidden) : b.add(scores, mask);
  return b.softmax(scores, b.shape(scores).length - 1);
}

const attention: Rule = (b, call) => {
  const p = attended(b, call, input(call, 0), input(call, 1), call.inputs[3] ?? null);
  return [b.transpose(b.matmul(p, input(call, 2)), -3, -2), undefined];
};

/** With P the shares, R = g · vᵀ: dv = Pᵀ · g, dS = P · (R − Σ P · R), dq = scale · dS · k, dk = scale · dSᵀ · q. */
const attentionBackward: Rule = (b, call) => {
  const [q, k, v] = [input(call, 1), input(call, 2), input(call, 3)];
  const g = b.transpose(input(call, 0), -3, -2);
  const p = attended(b, call, q, k, call.inputs[6] ?? null);
  const r = b.matmul(g, b.transpose(v));
  const keys = b.shape(p).length - 1;
  const scores = b.times(b.mul(p, b.sub(r, b.sum(b.mul(p, r), [keys], true))), numberOf(call, 'scale'));
  const grads = [() => b.matmul(scores, k), () => b.matmul(b.transpose(scores), q), () => b.matmul(b.transpose(p), g)];
  const wants = integersOf(call, 'wants')!;
  return grads.map((grad, i) => (wants[i] === 0 ? undefined : b.transpose(grad(), -3, -2)));
};

/** The rows that are steps of sequences: where each begins, and how many sequences have it. */
function stepsOf(call: Call): { first: number; rows: number }[] {
  let first = 0;
  const steps = integersOf(call, 'sizes')!.map((rows) => {
    const step = { first, rows };
    first += rows;
    return step;
  });
  return call.attributes['reverse'] === true ? steps.reverse() : steps;
}

/** A recurrent layer step by step, by `cell`, whose first state is what it gives. */
function unrolled(b: Builder, call: Call, x: Id, first: readonly Id[], cell: (x: Id, states: readonly Id[]) => readonly Id[]): Id[] {
  let states = first;
  const outs: { first: number; out: Id }[] = [];
  for (const { first: row, rows } of stepsOf(call)) {
    const all = b.shape(states[0]!)[0]!;
    const made = cell(b.slice(x, 0, row, row + rows), states.map((state) => b.slice(state, 0, 0, rows)));
    outs.push({ first: row, out: made[0]! });
    states = rows === all ? made : made.map((state, i) => b.cat([state, b.slice(states[i]!, 0, rows, all)], 0));
  }
  outs.sort((a, c) => a.first - c.first);
  return [b.cat(outs.map(({ out }) => out), 0), ...states];
}

const rows = (b: Builder, x: Id, weight: Id): Id => b.matmul(x, b.transpose(weight));

const part = (b: Builder, x: Id, k: number, n: number): Id => b.slice(x, 1, k * n, (k + 1) * n);

const lstmLayer: Rule = (b, call) => {
  const [x, h, c, weight, projection] = [input(call, 0), input(call, 1), input(call, 2), input(call, 3), call.inputs[4] ?? null];
  const n = b.shape(c)[1]!;
  return unrolled(b, call, x, [h, c], (given, [before, cell]) => {
    const gates = b.add(given, rows(b, before!, weight));
    const [i, f, g, o] = ['sigmoid', 'sigmoid', 'tanh', 'sigmoid'].map((op, k) => b.unary(op, part(b, gates, k, n)));
    const now = b.add(b.mul(f!, cell!), b.mul(i!, g!));
    const out = b.mul(o!, b.unary('tanh', now));
    return [projection === null ? out : rows(b, out, projection), now];
  });
};

const gruLayer: Rule = (b, call) => {
  const [x, h, weight, bias] = [input(call, 0), input(call, 1), input(call, 2), call.inputs[3] ?? null];
  const n = b.shape(h)[1]!;
  return unrolled(b, call, x, [h], (given, [before]) => {
    const product = rows(b, before!, weight);
    const byState = bias === null ? product : b.add(product, bias);
    const [r, z] = [0, 1].map((k) => b.unary('sigmoid', b.add(part(b, given, k, n), part(b, byState, k, n))));
    const made = b.unary('tanh', b.add(part(b, given, 2, n), b.mul(r!, part(b, byState, 2, n))));
    return [b.add(made, b.mul(z!, b.sub(before!, made)))];
  });
};

const maxPool: Rule = (b, call) => {
  const windows = integersOf(call, 'windows')!;
  const pair = (i: number): number[] => [windows[2 * i]!, windows[2 * i + 1]!];
  const attributes = { kernelSize: pair(0), stride: pair(1), padding: pair(2), dilation: pair(3), returnIndices: true };
  const [values, indices] = call.outputs;
  return b.call('maxPool2d', [input(call, 0)], attributes, [values!, { dtype: 'int64', shape: indices!.shape }]);
};

/** Zeros with each element of a plane at its place in a larger one. */
const poolPlace: Rule = (b, call) => {
  const { dtype, shape } = call.outputs[0]!;
  const [g, at] = [input(call, 0), b.to(input(call, 1), 'int64')];
  const planes = elements(shape.slice(0, -2));
  const flat = (t: Id): Id => b.reshape(t, [planes, elements(b.shape(t).slice(-2))]);
  const zeros = b.filled(0, dtype, [planes, elements(shape.slice(-2))]);
  const made = b.one('scatterAdd', [zeros, flat(at), flat(g)], { dim: 1 }, { dtype, shape: b.shape(zeros) });
  return [b.reshape(made, shape)];
};

/** The rows of a table by number. */
const embedding: Rule = (b, call) => {
  const ids = b.to(b.reshape(input(call, 0), [elements(b.shape(input(call, 0)))]), 'int64');
  const table = input(call, 1);
  const taken = b.one('indexSelect', [table, ids], { dim: 0 }, { dtype: b.dtype(table), shape: [b.shape(ids)[0]!, b.shape(table)[1]!] });
  return [b.reshape(taken, call.outputs[0]!.shape)];
};

const embeddingBackward: Rule = (b, call) => {
  if (call.attributes['scaleGradByFreq'] === true) return null;
  const { dtype, shape } = call.outputs[0]!;
  const [g, given] = [input(call, 0), input(call, 1)];
  const count = elements(b.shape(given));
  const ids = b.to(b.reshape(given, [count]), 'int64');
  let source = b.reshape(g, [count, shape[1]!]);
  const padding = call.attributes['paddingIdx'] ?? null;
  if (padding !== null) {
    const row = Number(padding) < 0 ? Number(padding) + shape[0]! : Number(padding);
    const isOther = b.reshape(b.binary('ne', ids, b.filled(row, 'int64'), 'bool'), [count, 1]);
    source = b.where(isOther, source, b.filled(0, dtype));
  }
  return [b.indexAdd(b.filled(0, dtype, shape), ids, source)];
};

/** The rules, by op. */
export const LAYERS: Readonly<Record<string, Rule>> = {
  softmax: (b, call) => [b.softmax(b.to(input(call, 0), call.outputs[0]!.dtype), dimOf(numberOf(call, 'dim'), call.outputs[0]!.shape.length))],
  logSoftmax: (b, call) => [b.logSoftmax(b.to(input(call, 0), call.outputs[0]!.dtype), dimOf(numberOf(call, 'dim'), call.outputs[0]!.shape.length))],
  _softmaxBackward: (b, call) => {
    const [g, y] = [input(call, 0), input(call, 1)];
    return [b.mul(y, b.sub(g, b.sum(b.mul(g, y), [dimOf(numberOf(call, 'dim'), b.shape(y).length)], true)))];
  },
  _logSoftmaxBackward: (b, call) => {
    const [g, y] = [input(call, 0), input(call, 1)];
    return [b.sub(g, b.mul(b.unary('exp', y), b.sum(g, [dimOf(numberOf(call, 'dim'), b.shape(y).length)], true)))];
  },
  _mseLoss: (b, call) => {
    const error = b.sub(input(call, 0), input(call, 1));
    const dims = b.shape(error).map((_, i) => i);
    return [b[call.attributes['mean'] === false ? 'sum' : 'mean'](b.mul(error, error), dims)];
  },
  _rowsCrossEntropy: crossEntropy,
  _rowsCrossEntropyBackward: crossEntropyBackward,
  nllLoss: negativeLogLikelihood,
  _nllLossBackward: negativeLogLikelihoodBackward,
  layerNorm,
  _layerNormBackward: layerNormBackward,
  _channelNorm: channelNorm,
  _channelNormBackward: channelNormBackward,
  _attention: attention,
  _attentionBackward: attentionBackward,
  _lstmLayer: lstmLayer,
  _gruLayer: gruLayer,
  _maxPool2d: maxPool,
  _poolPlace: poolPlace,
  embedding,
  _embeddingBackward: embeddingBackward,
};
