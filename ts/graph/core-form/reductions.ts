// Ops that reduce dims.
import { elements, type Builder, type Id } from './builder';
import { dimOf, input, integersOf, type Call, type Rule } from './rule';

/** The dims that a call reduces, ascending: all where none is named. */
function dimsOf(call: Call, rank: number): readonly number[] {
  const named = integersOf(call, 'dim');
  if (named === null || named.length === 0) return Array.from({ length: rank }, (_, i) => i);
  return named.map((d) => dimOf(d, rank)).sort((a, c) => a - c);
}

const keeps = (call: Call): boolean => call.attributes['keepdim'] === true;

/** A reduction that has an op of its own, in the dtype of the result. */
const reduced = (op: 'sum' | 'amax' | 'amin' | 'prod'): Rule => (b, call) => {
  const x = b.to(input(call, 0), call.outputs[0]!.dtype);
  const dims = dimsOf(call, b.shape(x).length);
  return [b.reshape(b.reduce(op, x, dims, keeps(call)), call.outputs[0]!.shape)];
};

const mean: Rule = (b, call) => {
  const x = b.to(input(call, 0), call.outputs[0]!.dtype);
  return [b.reshape(b.mean(x, dimsOf(call, b.shape(x).length), keeps(call)), call.outputs[0]!.shape)];
};

/** Variance and mean over the dims of a call, kept where the call keeps them. */
function moments(b: Builder, call: Call): { variance: Id; mean: Id } {
  const x = input(call, 0);
  const dims = dimsOf(call, b.shape(x).length);
  const count = elements(dims.map((d) => b.shape(x)[d]!));
  const average = b.mean(x, dims, true);
  const error = b.sub(x, average);
  const correction = Number(call.attributes['correction'] ?? 1);
  const variance = b.times(b.sum(b.mul(error, error), dims, true), 1 / Math.max(0, count - correction));
  const { shape } = call.outputs[0]!;
  return { variance: b.reshape(variance, shape), mean: b.reshape(average, shape) };
}

/** The largest, smallest, sum, or root of the sum of squares, of absolute values; other orders are left as they are. */
const vectorNorm: Rule = (b, call) => {
  const order = Number(call.attributes['ord'] ?? 2);
  const x = b.to(input(call, 0), call.outputs[0]!.dtype);
  const dims = dimsOf(call, b.shape(x).length);
  const over = (op: 'sum' | 'amax' | 'amin', of: Id): readonly Id[] => [b.reshape(b.reduce(op, of, dims, keeps(call)), call.outputs[0]!.shape)];
  if (order === 2) return over('sum', b.mul(x, x)).map((sum) => b.unary('sqrt', sum));
  const op = order === 1 ? 'sum' : order === Infinity ? 'amax' : order === -Infinity ? 'amin' : null;
  return op === null ? null : over(op, b.unary('abs', x));
};

/** log Σ exp(x), of which the greatest, where it is a number, is taken out. */
const logSumExp: Rule = (b, call) => {
  const { dtype, shape } = call.outputs[0]!;
  const x = b.to(input(call, 0), dtype);
  const dims = dimsOf(call, b.shape(x).length);
  const greatest = b.reduce('amax', x, dims, true);
  const isFinite = b.binary('lt', b.unary('abs', greatest), b.filled(Infinity, dtype), 'bool');
  const base = b.where(isFinite, greatest, b.filled(0, dtype));
  return [b.reshape(b.add(base, b.unary('log', b.sum(b.unary('exp', b.sub(x, base)), dims, true))), shape)];
};

/** The rules, by op. */
export const REDUCTIONS: Readonly<Record<string, Rule>> = {
  sum: reduced('sum'),
  amax: reduced('amax'),
  amin: reduced('amin'),
  prod: reduced('prod'),
  vectorNorm,
  logsumexp: logSumExp,
  mean,
  // Of all elements; that of a dim gives indices, too.
  max: (b, call) => (call.outputs.length === 1 && call.inputs.length === 1 ? reduced('amax')(b, call) : null),
  min: (b, call) => (call.outputs.length === 1 && call.inputs.length === 1 ? reduced('amin')(b, call) : null),
  sumToSize: (b, call) => {
    const x = input(call, 0);
    const { shape } = call.outputs[0]!;
    const lead = b.shape(x).length - shape.length;
    const dims = b.shape(x).flatMap((n, d) => (d < lead || (shape[d - lead] === 1 && n !== 1) ? [d] : []));
    return [b.reshape(b.sum(x, dims, true), shape)];
  },
  _var: (b, call) => [moments(b, call).variance],
  _std: (b, call) => [b.unary('sqrt', moments(b, call).variance)],
  _varMean: (b, call) => {
    const { variance, mean: average } = moments(b, call);
    return [variance, average];
  },
};
