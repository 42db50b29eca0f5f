// Reductions, and what orders and counts elements.
import * as A from '../../../generated/functions';
import type { Tensor } from '../../../tensor/tensor';
import type { Row } from '../node';
import { dimOf, type Rows } from './family';

type Reduce = (x: Tensor, dims: readonly number[], keeps: boolean) => Tensor;

/** A reduction over dims that are an attribute before operator set `since`. */
const reduction = (since: number, reduce: Reduce): Row => (node) => {
  const axes = node.listSince(since, 'axes', 1);
  const keeps = node.flag('keepdims', true);
  const isNothing = node.flag('noop_with_empty_axes', false);
  return (inputs) => {
    const x = inputs[0]!;
    const given = axes(inputs) ?? [];
    if (given.length === 0 && isNothing) return reduce(x, [], true);
    const dims = given.length === 0 ? x.shape.map((_, i) => i) : given.map((axis) => dimOf(axis, x.ndim));
    return reduce(x, dims, keeps);
  };
};

/** Sums keep the dtype of integers. */
const sum: Reduce = (x, dims, keeps) => (dims.length === 0 ? x : A.sum(x, dims, keeps, x.dtype));

function mean(x: Tensor, dims: readonly number[], keeps: boolean): Tensor {
  if (dims.length === 0) return x;
  if (x.isFloatingPoint()) return A.mean(x, dims, keeps);
  const count = dims.reduce((n, dim) => n * x.shape[dim]!, 1);
  return A.div(sum(x, dims, keeps), count, 'trunc');
}

function prod(x: Tensor, dims: readonly number[], keeps: boolean): Tensor {
  // One dim at a time, the last first, so that the others keep their places.
  return [...dims].sort((a, b) => b - a).reduce((t, dim) => A.prod(t, dim, keeps, x.dtype), x);
}

const extreme = (f: typeof A.amax): Reduce => (x, dims, keeps) => (dims.length === 0 ? x : f(x, dims, keeps));

const logSumExp: Reduce = (x, dims, keeps) => (dims.length === 0 ? x : A.logsumexp(x, dims, keeps));

/** The place of the greatest or the least, the first of equals or the last. */
const place = (f: typeof A.argmax): Row => (node) => {
  const [axis, keeps, isLast] = [node.int('axis', 0), node.flag('keepdims', true), node.flag('select_last_index', false)];
  return ([x]) => {
    const dim = dimOf(axis, x!.ndim);
    if (!isLast) return f(x!, dim, keeps);
    return A.rsub(f(A.flip(x!, [dim]), dim, keeps), x!.shape[dim]! - 1);
  };
};

const topK: Row = (node) => {
  const k = node.opset >= 10 ? node.number(1) : null;
  const fixed = k === null ? node.int('k', 0) : 0;
  const [axis, isLargest, isSorted] = [node.int('axis', -1), node.flag('largest', true), node.flag('sorted', true)];
  return (inputs) => {
    const { values, indices } = A.topk(inputs[0]!, k === null ? fixed : k(inputs)!, axis, isLargest, isSorted);
    return [values, indices];
  };
};

const cumulative = (f: typeof A.cumsum): Row => (node) => {
  const axis = node.number(1);
  const [isExclusive, isReverse] = [node.flag('exclusive', false), node.flag('reverse', false)];
  return (inputs) => {
    const x = inputs[0]!;
    const dim = dimOf(axis(inputs)!, x.ndim);
    const ordered = isReverse ? A.flip(x, [dim]) : x;
    let out = f(ordered, dim, x.dtype);
    if (isExclusive) {
      const size = x.shape[dim]!;
      const first = A.narrow(out, dim, 0, Math.min(size, 1));
      const start = f === A.cumsum ? A.zerosLike(first) : A.onesLike(first);
      out = A.cat([start, A.narrow(out, dim, 0, Math.max(size - 1, 0))], dim);
    }
    return isReverse ? A.flip(out, [dim]) : out;
  };
};

export const reductions = (): Rows => ({
  ReduceSum: reduction(13, sum),
  ReduceMean: reduction(18, mean),
  ReduceProd: reduction(18, prod),
  ReduceMax: reduction(18, extreme(A.amax)),
  ReduceMin: reduction(18, extreme(A.amin)),
  ReduceL1: reduction(18, (x, dims, keeps) => sum(A.abs(x), dims, keeps)),
  ReduceL2: reduction(18, (x, dims, keeps) => A.sqrt(sum(A.square(x), dims, keeps))),
  ReduceSumSquare: reduction(18, (x, dims, keeps) => sum(A.square(x), dims, keeps)),
  ReduceLogSum: reduction(18, (x, dims, keeps) => A.log(sum(x, dims, keeps))),
  ReduceLogSumExp: reduction(18, logSumExp),
  ArgMax: place(A.argmax),
  ArgMin: place(A.argmin),
  TopK: topK,
  CumSum: cumulative(A.cumsum),
  CumProd: cumulative(A.cumprod),
});
