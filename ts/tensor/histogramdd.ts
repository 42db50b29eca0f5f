// Histograms of points.
import { ShapeError, UsageError, under } from '../core/errors';
import { refuseInCapture } from '../core/capturing';
import { boolean, integerFrom, kind, list, number, type Kind } from '../core/kinds';
import { named, parameters, type Arguments, type Stated, type Values } from '../core/options';
import { bincount, linspace, searchsorted, zeros } from '../generated/functions';
import { Tensor } from './tensor';
import { tensor } from './tensor-kinds';

/** How many bins there are, along all dims or each; or their edges along each. */
export type Bins = number | readonly number[] | readonly Tensor[];

interface Histogramdd {
  /** Points `[*, N]` of N coordinates. */
  input: Tensor;
  /** How many bins there are, along all dims or each, or their ascending edges along each. */
  bins: Bins;
  /** The ends of the bins along each dim, two numbers a dim; the least and the greatest coordinates by default. Where edges are given it is not looked at. */
  range?: readonly number[] | null;
  /** What each point counts, `[*]`; 1 by default. */
  weight?: Tensor | null;
  /** Whether counts are divided by their sum and the volumes of the bins; false by default. */
  density?: boolean;
}

/** Counts, and the edges of the bins along each dim. */
export interface HistogramddOutput extends Iterable<Tensor | Tensor[]> {
  readonly hist: Tensor;
  readonly binEdges: Tensor[];
}

const bins = (): Kind<Bins> => {
  const counts = integerFrom(1);
  return kind<Bins>('a number of bins, a list of them, or a list of tensors of edges', (value) =>
    typeof counts.take(value) === 'number' || (Array.isArray(value) && (value.every((item) => typeof counts.take(item) === 'number') || value.every((item) => item instanceof Tensor))));
};

/**
 * How many points are in each cell of a grid of bins. `hist` has a dim for each coordinate; the last bin along each has its end. Points
 * outside do not count. Floats only. Without a derivative. Cost: a search for each coordinate. Source: PyTorch, `torch.histogramdd`.
 */
export const histogramdd: Stated & ((...args: Arguments<Histogramdd, ['input', 'bins', 'range', 'weight', 'density']>) => HistogramddOutput) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Histogramdd>('histogramdd', () => ({
    input: tensor,
    bins: bins(),
    range: list('numbers', number).orNull(),
    weight: tensor.orNull(),
    density: boolean.or(false),
  })),
  (values) => {
    refuseInCapture('histogramdd', 'read');
    return under('histogramdd', () => count(checked(values)));
  },
);

/** Refuses what does not go together. */
function checked(values: Values<Histogramdd>): Values<Histogramdd> {
  const { input, bins, range, weight } = values;
  const where = 'histogramdd';
  const shown = `[${input.shape.join(', ')}]`;
  if (input.ndim < 2) throw new ShapeError(`${where}: expected an input of 2 or more dims, the last of coordinates, got shape ${shown}`, where, { shape: input.shape });
  if (!input.isFloatingPoint()) throw new UsageError(`${where}: expected a floating-point input, got ${input.dtype}; cast with to('float32')`, where, { dtype: input.dtype });
  const n = input.shape.at(-1)!;
  if (typeof bins !== 'number' && bins.length !== n) {
    throw new UsageError(`${where}: the last dim of the input has ${n} coordinates, so expected as many bins, got ${bins.length}`, where, { bins: bins.length });
  }
  if (range !== null && range.length !== 2 * n) throw new UsageError(`${where}: expected a range of two numbers a coordinate, ${2 * n}, got ${range.length}`, where, { range });
  const points = input.shape.slice(0, -1);
  if (weight !== null && (weight.dtype !== input.dtype || weight.shape.join() !== points.join())) {
    const message = `${where}: expected a weight of shape [${points.join(', ')}] and dtype ${input.dtype}, got [${weight.shape.join(', ')}] and ${weight.dtype}`;
    throw new ShapeError(message, where, { shape: weight.shape });
  }
  return values;
}

/** The edges along coordinate `d`. */
function edgesOf({ bins, range }: Values<Histogramdd>, column: Tensor, d: number): Tensor {
  const of = typeof bins === 'number' ? bins : bins[d]!;
  if (of instanceof Tensor) {
    if (of.ndim !== 1 || of.numel() === 0 || of.dtype !== column.dtype) {
      throw new ShapeError(`histogramdd: expected edges in a vector of dtype ${column.dtype}, got shape [${of.shape.join(', ')}] and ${of.dtype}`, 'histogramdd', { shape: of.shape });
    }
    return of.contiguous();
  }
  // Nothing is spread over [0, 1].
  const ends = range !== null ? [range[2 * d]!, range[2 * d + 1]!] : column.numel() === 0 ? [0, 1] : [column.min().item(), column.max().item()];
  const [low, high] = ends as [number, number];
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw new UsageError(`histogramdd: range of [${low}, ${high}] along coordinate ${d} is not finite`, 'histogramdd', { range: ends });
  if (low > high) throw new UsageError(`histogramdd: the range along coordinate ${d} must ascend, got ${low} and ${high}`, 'histogramdd', { range: ends });
  const beside = low === high ? 0.5 : 0;
  return linspace(low - beside, high + beside, of + 1, { dtype: column.dtype });
}

function count(values: Values<Histogramdd>): HistogramddOutput {
  const { input, weight, density } = values;
  const n = input.shape.at(-1)!;
  const points = input.detach().reshape([-1, n]);
  const columns = Array.from({ length: n }, (_, d) => points.select(1, d).contiguous());
  const binEdges = columns.map((column, d) => edgesOf(values, column, d));
  const shape = binEdges.map((edges) => edges.numel() - 1);
  // The place of each point in the grid, row-major, and whether it is in it.
  let place = zeros([points.shape[0]!], { dtype: 'int64' });
  let isInside = place.eq(0);
  for (const [d, column] of columns.entries()) {
    const edges = binEdges[d]!;
    const bin = searchsorted(edges, column, { right: true }).sub(1).clamp(0, Math.max(shape[d]! - 1, 0));
    isInside = isInside.logicalAnd(column.ge(edges.select(0, 0)).logicalAnd(column.le(edges.select(0, -1))));
    place = place.mul(shape[d]!).add(bin);
  }
  const weights = weight === null ? null : weight.detach().reshape([-1]).maskedSelect(isInside);
  const cells = shape.reduce((a, b) => a * b, 1);
  const sums = cells === 0 ? zeros([0]) : bincount(place.maskedSelect(isInside), weights, cells);
  let hist = sums.to(input.dtype).reshape(shape);
  if (density) {
    hist = hist.div(hist.sum());
    for (const [d, edges] of binEdges.entries()) hist = hist.div(edges.diff().reshape(shape.map((size, i) => (i === d ? size : 1))));
  }
  return new Counted(hist, binEdges);
}

class Counted implements HistogramddOutput {
  constructor(
    readonly hist: Tensor,
    readonly binEdges: Tensor[],
  ) {}

  [Symbol.iterator](): Iterator<Tensor | Tensor[]> {
    return [this.hist, this.binEdges][Symbol.iterator]();
  }
}
