// Reductions of segments of a dim, which have lengths of their own.
import { refuseInCapture } from '../core/capturing';
import { DTypeError, ShapeError, UsageError, under } from '../core/errors';
import { boolean, integer, number, only, text, type Kind } from '../core/kinds';
import { named, parameters, type Arguments, type Stated, type Values } from '../core/options';
import { full } from '../generated/functions';
import { tensor as make } from './create';
import type { Tensor } from './tensor';
import { tensor } from './tensor-kinds';

/** PyTorch's words for what becomes of the elements of a segment. */
type Reduce = 'sum' | 'mean' | 'max' | 'min' | 'prod';

interface SegmentReduce {
  /** What is reduced, a floating tensor. */
  data: Tensor;
  /** What becomes of the elements of a segment. */
  reduce: Reduce;
  /** How long segments are: `[…, segments]`, with a row for each index of the dims before `axis`. */
  lengths?: Tensor | null;
  /** Not there in PyTorch either. */
  indices?: null;
  /** Where segments start, and the end of the last: `[…, segments + 1]`, in place of `lengths`. */
  offsets?: Tensor | null;
  /** The dim that is cut into segments, the last of `lengths`; 0 by default. */
  axis?: number;
  /** Whether lengths may sum to less than the size of the dim; false by default. */
  unsafe?: boolean;
  /** What reductions start from, and what an empty segment gives. By default what changes nothing; NaN for the mean of an empty one. */
  initial?: number | null;
}

const WHERE = 'segmentReduce';

/** What changes nothing, where no initial value is given. */
const NEUTRAL: Readonly<Record<Reduce, number>> = { sum: 0, mean: 0, max: -Infinity, min: Infinity, prod: 1 };

/**
 * Reduces the segments of a dim, whose lengths may differ. The gradient of `max` and `min` is shared by the elements of a segment that
 * have its value. The lengths are read. Source: PyTorch, `torch.segment_reduce`.
 */
export const segmentReduce: Stated & ((...args: Arguments<SegmentReduce, ['data', 'reduce', 'lengths', 'indices', 'offsets', 'axis', 'unsafe', 'initial']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<SegmentReduce>(
    WHERE,
    () => ({
      data: tensor,
      reduce: text as unknown as Kind<Reduce>,
      lengths: tensor.orNull(),
      indices: only(null),
      offsets: tensor.orNull(),
      axis: integer.or(0),
      unsafe: boolean.or(false),
      initial: number.orNull(),
    }),
  ),
  (values) => {
    refuseInCapture(WHERE, 'read');
    return under(WHERE, () => reduced(values));
  },
);

/** Rows of lengths, one for each index of the dims before the axis. */
function rowsOf({ lengths, offsets, data, axis, unsafe }: Values<SegmentReduce>): number[][] {
  const given = lengths ?? offsets;
  if (given === null) throw new UsageError(`${WHERE}: either lengths or offsets must be given`, WHERE);
  if (data.ndim === 0) throw new ShapeError(`${WHERE}: data must have a dim to cut into segments, got shape []`, WHERE, { shape: [] });
  if (axis !== given.ndim - 1 || given.shape.slice(0, -1).some((size, d) => size !== data.shape[d])) {
    const message = `${WHERE}: expected lengths whose last dim is axis ${axis} and whose others are those of data, got shapes [${given.shape.join(', ')}] and [${data.shape.join(', ')}]`;
    throw new ShapeError(message, WHERE, { shape: given.shape });
  }
  if (given.dtype !== 'int64' && given.dtype !== 'int32') {
    const what = lengths === null ? 'offsets' : 'lengths';
    throw new DTypeError(`${WHERE}: expected ${what} of dtype int64 or int32, got ${given.dtype}; cast with to('int64')`, WHERE, { dtype: given.dtype });
  }
  const rows = given.reshape([-1, given.shape.at(-1)!]).tolist() as number[][];
  const found = lengths === null ? rows.map((row) => row.slice(1).map((end, i) => end - row[i]!)) : rows;
  for (const row of found) {
    const sum = row.reduce((a, b) => a + b, 0);
    if (row.some((length) => length < 0)) throw new UsageError(`${WHERE}: lengths must not be negative, got ${row.join(', ')}`, WHERE, { lengths: row });
    if (sum > data.shape[axis]! || (sum < data.shape[axis]! && !unsafe && lengths !== null)) {
      throw new UsageError(`${WHERE}: lengths must sum to the size ${data.shape[axis]!} of axis ${axis}, got ${row.join(', ')}`, WHERE, { lengths: row });
    }
  }
  return found;
}

function reduced(values: Values<SegmentReduce>): Tensor {
  const { data, reduce, axis, initial } = values;
  if (!Object.hasOwn(NEUTRAL, reduce)) throw new UsageError(`${WHERE}: reduce must be 'sum', 'mean', 'max', 'min' or 'prod', got ${reduce}`, WHERE, { reduce });
  if (!data.isFloatingPoint()) throw new DTypeError(`${WHERE}: expected floating-point data, got ${data.dtype}; cast with to('float32')`, WHERE, { dtype: data.dtype });
  const rows = rowsOf(values);
  const segments = rows[0]?.length ?? 0;
  const size = data.shape[axis]!;
  // The segment of each element; what is in none goes to one more, which is left out at the end.
  const places = rows.flatMap((row) => {
    const place = row.flatMap((length, i) => new Array<number>(length).fill(i));
    return [...place, ...new Array<number>(size - place.length).fill(segments)];
  });
  const before = data.shape.slice(0, axis);
  const inner = data.shape.slice(axis + 1).map(() => 1);
  const index = make(places, { dtype: 'int64' }).reshape([...before, size, ...inner]).expand(data.shape);
  const shape = [...before, segments + 1, ...data.shape.slice(axis + 1)];
  const start = reduce === 'mean' || reduce === 'sum' ? (initial ?? 0) : NEUTRAL[reduce];
  const word = reduce === 'mean' ? 'sum' : reduce === 'max' ? 'amax' : reduce === 'min' ? 'amin' : reduce;
  let out = full(shape, start, { dtype: data.dtype }).scatterReduce(axis, index, data, word).narrow(axis, 0, segments);
  if (reduce === 'mean') {
    const counts = make(rows.flat(), { dtype: data.dtype }).reshape([...before, segments, ...inner]);
    const means = out.div(counts);
    out = initial === null ? means : means.where(counts.gt(0), out);
  } else if (reduce === 'prod') {
    out = initial === null ? out : out.mul(initial);
  } else if (reduce !== 'sum' && initial !== null) {
    out = out.where(reduce === 'max' ? out.ge(initial) : out.le(initial), initial);
  }
  return out;
}
