// Normalizations, softmax, and dropout, which is one in training only.
import * as F from '../../../generated/functional';
import * as A from '../../../generated/functions';
import type { Tensor } from '../../../tensor/tensor';
import type { Row } from '../node';
import { dimOf, product, type Rows } from './family';

/** Of the running values it has the statistics of the batch only in training mode, as `nn.BatchNorm2d`. */
const batchNormalization: Row = (node) => {
  const [eps, momentum] = [node.float('epsilon', 1e-5), node.float('momentum', 0.9)];
  if (node.flag('training_mode', false)) throw node.refusal('it is computed as in inference, with training_mode 0; export the model in evaluation mode');
  if (!node.flag('spatial', true)) throw node.refusal('it is computed with spatial 1 only');
  node.weight(1, 2);
  node.setting(3, 4);
  return ([x, scale, bias, mean, variance], { training }) => F.batchNorm(x!, mean, variance, scale, bias, training, training ? 1 - momentum : 0, eps);
};

const instanceNormalization: Row = (node) => {
  const eps = node.float('epsilon', 1e-5);
  node.weight(1, 2);
  return ([x, scale, bias]) => F.instanceNorm(x!, null, null, scale, bias, true, 0, eps);
};

const layerNormalization: Row = (node) => {
  const [axis, eps] = [node.int('axis', -1), node.float('epsilon', 1e-5)];
  node.ignore('stash_type');
  node.weight(1, 2);
  const wantsStatistics = node.hasOutput(1) || node.hasOutput(2);
  return ([x, scale, bias]) => {
    const first = dimOf(axis, x!.ndim);
    const shape = x!.shape.slice(first);
    const fits = [scale, bias].every((t) => t == null || t.shape.join() === shape.join());
    let out = F.layerNorm(x!, shape, fits ? scale : null, fits ? bias : null, eps);
    if (!fits) out = A.mul(out, scale!);
    if (!fits && bias != null) out = A.add(out, bias);
    if (!wantsStatistics) return out;
    const dims = shape.map((_, i) => first + i);
    const mean = A.mean(x!, dims, true);
    return [out, mean, A.rsqrt(A.add(A.mean(A.square(A.sub(x!, mean)), dims, true), eps))];
  };
};

const groupNormalization: Row = (node) => {
  const [groups, eps] = [node.int('num_groups', 1), node.float('epsilon', 1e-5)];
  node.ignore('stash_type');
  node.weight(1, 2);
  // Scale and bias were those of groups before operator set 21.
  const isPerGroup = node.opset < 21;
  return ([x, scale, bias]) => {
    const channels = x!.shape[1]!;
    const each = (t: Tensor): Tensor => (isPerGroup ? A.repeatInterleave(t, channels / groups) : t);
    return F.groupNorm(x!, groups, each(scale!), each(bias!), eps);
  };
};

const rmsNormalization: Row = (node) => {
  const [axis, eps] = [node.int('axis', -1), node.float('epsilon', 1e-5)];
  node.ignore('stash_type');
  node.weight(1);
  return ([x, scale]) => {
    const dims = x!.shape.map((_, i) => i).slice(dimOf(axis, x!.ndim));
    return A.mul(A.mul(x!, A.rsqrt(A.add(A.mean(A.square(x!), dims, true), eps))), scale!);
  };
};

const lpNormalization: Row = (node) => {
  const [axis, p] = [node.int('axis', -1), node.int('p', 2)];
  return ([x]) => {
    const norm = p === 1 ? A.sum(A.abs(x!), axis, true) : A.sqrt(A.sum(A.square(x!), axis, true));
    return A.div(x!, norm);
  };
};

const meanVariance: Row = (node) => {
  const axes = node.ints('axes') ?? [0, 2, 3];
  return ([x]) => {
    const centred = A.sub(x!, A.mean(x!, axes, true));
    return A.div(centred, A.add(A.sqrt(A.mean(A.square(centred), axes, true)), 1e-9));
  };
};

const localResponse: Row = (node) => {
  const [alpha, beta, bias, size] = [node.float('alpha', 1e-4), node.float('beta', 0.75), node.float('bias', 1), node.int('size', 1)];
  return ([x]) => {
    const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
    const channels = x!.shape[1]!;
    const squares = A.constantPadNd(A.reshape(A.square(x!), [x!.shape[0]!, channels, product(x!.shape.slice(2))]), [0, 0, before, after], 0);
    const total = Array.from({ length: size }, (_, i) => A.narrow(squares, 1, i, channels)).reduce((a, b) => A.add(a, b));
    return A.div(x!, A.pow(A.add(A.mul(A.reshape(total, x!.shape), alpha / size), bias), beta));
  };
};

/** Along a dim, or before operator set 13 over all dims from it on. */
const normalized = (f: (x: Tensor, dim: number) => Tensor): Row => (node) => {
  const isAlong = node.opset >= 13;
  const axis = node.int('axis', isAlong ? -1 : 1);
  return ([x]) => {
    const dim = dimOf(axis, x!.ndim);
    if (isAlong) return f(x!, dim);
    return A.reshape(f(A.reshape(x!, [product(x!.shape.slice(0, dim)), product(x!.shape.slice(dim))]), 1), x!.shape);
  };
};

function hardmax(x: Tensor, dim: number): Tensor {
  const places = A.argmax(x, dim, true);
  return A.scatter(A.zerosLike(x), dim, places, 1);
}

/** In training mode elements are dropped, as by `nn.Dropout`; a model that asks for it by an input drops where that is true. */
const dropout: Row = (node) => {
  const given = node.opset >= 12 ? null : node.float('ratio', 0.5);
  const ratio = given === null ? node.number(1) : null;
  const asked = node.opset >= 12 && node.hasInput(2) ? node.number(2) : null;
  node.ignore('seed');
  const wantsMask = node.hasOutput(1);
  return (inputs, { training }) => {
    const x = inputs[0]!;
    const p = given ?? ratio!(inputs) ?? 0.5;
    if (!training && (asked === null || asked(inputs) === 0)) return wantsMask ? [x, A.onesLike(x, 'bool')] : x;
    if (!wantsMask) return A.dropout(x, p, true);
    const mask = A.dropout(A.onesLike(x), p, true);
    return [A.mul(x, mask), A.ne(mask, 0)];
  };
};

export const normalization = (): Rows => ({
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  GroupNormalization: groupNormalization,
  RMSNormalization: rmsNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVariance,
  LRN: localResponse,
  Softmax: normalized((x, dim) => A.softmax(x, dim)),
  LogSoftmax: normalized((x, dim) => A.logSoftmax(x, dim)),
  Hardmax: normalized(hardmax),
  Dropout: dropout,
});
