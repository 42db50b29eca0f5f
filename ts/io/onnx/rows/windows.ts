// Operators of windows: convolutions and pools.
import { ShapeError } from '../../../core/errors';
import * as F from '../../../generated/functional';
import * as A from '../../../generated/functions';
import type { Outputs } from '../../../tensor/outputs';
import type { Tensor } from '../../../tensor/tensor';
import type { Node, Row } from '../node';
import { product, type Rows } from './family';

type Sizes = readonly number[];

/** How a window moves: for each spatial dim. */
interface Geometry {
  readonly kernel: Sizes;
  readonly strides: Sizes;
  readonly dilations: Sizes;
  readonly begins: Sizes;
  readonly ends: Sizes;
}

const AUTO = ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'] as const;

type Auto = (typeof AUTO)[number];

/** The attributes of windows; those that are missing depend on how many dims there are. */
class Windows {
  readonly auto: Auto;
  readonly kernel: Sizes | null;
  private readonly strides: Sizes | null;
  private readonly dilations: Sizes | null;
  private readonly pads: Sizes | null;

  constructor(private readonly node: Node) {
    this.auto = node.text<Auto>('auto_pad', ...AUTO);
    this.kernel = node.ints('kernel_shape');
    this.strides = node.ints('strides');
    this.dilations = node.ints('dilations');
    this.pads = node.ints('pads');
  }

  /** For spatial sizes and a kernel. */
  for(sizes: Sizes, kernel: Sizes): Geometry {
    const rank = sizes.length;
    if (rank < 1 || rank > 3 || kernel.length !== rank) {
      throw new ShapeError(`${this.node.label}: windows have 1 to 3 dims, got ${rank} of the input and ${kernel.length} of the kernel`, this.node.label, { sizes, kernel });
    }
    const all = (list: Sizes | null, value: number, count = rank): Sizes => list ?? new Array<number>(count).fill(value);
    const [strides, dilations] = [all(this.strides, 1), all(this.dilations, 1)];
    const pads = all(this.auto === 'NOTSET' ? this.pads : null, 0, 2 * rank);
    let [begins, ends] = [pads.slice(0, rank), pads.slice(rank)];
    if (this.auto === 'SAME_UPPER' || this.auto === 'SAME_LOWER') {
      const totals = sizes.map((n, i) => Math.max((Math.ceil(n / strides[i]!) - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1 - n, 0));
      const [less, more] = [totals.map((n) => Math.floor(n / 2)), totals.map((n) => Math.ceil(n / 2))];
      [begins, ends] = this.auto === 'SAME_UPPER' ? [less, more] : [more, less];
    }
    return { kernel, strides, dilations, begins, ends };
  }
}

const isSymmetric = ({ begins, ends }: Geometry): boolean => begins.every((n, i) => n === ends[i]);

/** The last dims with so many elements more at each end. */
export function padded(x: Tensor, begins: Sizes, ends: Sizes, value: number): Tensor {
  if ([...begins, ...ends].every((n) => n === 0)) return x;
  // The last dim comes first.
  const pairs = begins.map((n, i) => [n, ends[i]!]).reverse();
  return A.constantPadNd(x, pairs.flat(), value);
}

const spatial = (x: Tensor): Sizes => x.shape.slice(2);

type Convolution = (x: Tensor, weight: Tensor, bias: Tensor | null, strides: Sizes, padding: Sizes | number, dilations: Sizes, groups: number) => Tensor;

type Transposed = (x: Tensor, weight: Tensor, bias: Tensor | null, strides: Sizes, padding: Sizes | number, extra: Sizes | number, groups: number, dilations: Sizes) => Tensor;

const CONVOLUTIONS: readonly Convolution[] = [A.conv1d, A.conv2d, A.conv3d];
const TRANSPOSED: readonly Transposed[] = [A.convTranspose1d, A.convTranspose2d, A.convTranspose3d];

const conv: Row = (node) => {
  const windows = new Windows(node);
  const groups = node.int('group', 1);
  node.weight(1, 2);
  return ([x, weight, bias]) => {
    const geometry = windows.for(spatial(x!), spatial(weight!));
    const { begins, ends, strides, dilations, kernel } = geometry;
    const f = CONVOLUTIONS[kernel.length - 1]!;
    if (isSymmetric(geometry)) return f(x!, weight!, bias ?? null, strides, begins, dilations, groups);
    return f(padded(x!, begins, ends, 0), weight!, bias ?? null, strides, 0, dilations, groups);
  };
};

/** A convolution transposed; what is beyond both ends is cut off, and what is asked for beyond them is the bias alone. */
const convTranspose: Row = (node) => {
  const windows = new Windows(node);
  const groups = node.int('group', 1);
  const [more, shape] = [node.ints('output_padding'), node.ints('output_shape')];
  node.weight(1, 2);
  return ([x, weight, bias]) => {
    const sizes = spatial(x!);
    const geometry = windows.for(sizes, spatial(weight!));
    const { kernel, strides, dilations } = geometry;
    const extra = more ?? kernel.map(() => 0);
    const full = sizes.map((n, i) => (n - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1);
    let [begins, ends] = [geometry.begins, geometry.ends];
    const wanted = shape?.slice(-kernel.length) ?? (windows.auto.startsWith('SAME') ? sizes.map((n, i) => n * strides[i]!) : null);
    if (wanted !== null) {
      const totals = full.map((n, i) => Math.max(n + extra[i]! - wanted[i]!, 0));
      const [less, most] = [totals.map((n) => Math.floor(n / 2)), totals.map((n) => Math.ceil(n / 2))];
      [begins, ends] = windows.auto === 'SAME_LOWER' || (windows.auto !== 'SAME_UPPER' && shape !== null) ? [most, less] : [less, most];
    }
    const f = TRANSPOSED[kernel.length - 1]!;
    const isPlain = begins.every((n, i) => n === ends[i]) && extra.every((n, i) => n < Math.max(strides[i]!, dilations[i]!));
    if (isPlain && wanted === null) return f(x!, weight!, bias ?? null, strides, begins, extra, groups, dilations);
    let out = f(x!, weight!, null, strides, 0, 0, groups, dilations);
    out = padded(out, extra.map(() => 0), extra, 0);
    full.forEach((n, i) => {
      const length = shape === null ? n + extra[i]! - begins[i]! - ends[i]! : wanted![i]!;
      const short = begins[i]! + length - (n + extra[i]!);
      if (short > 0) out = padded(out, full.map(() => 0), full.map((_, at) => (at === i ? short : 0)), 0);
      out = A.narrow(out, i + 2, begins[i]!, length);
    });
    return bias == null ? out : A.add(out, A.reshape(bias, [-1, ...full.map(() => 1)]));
  };
};

/** How far windows reach beyond the padded end: as far as `ceil_mode` asks for. A window that would begin in the padding is left out. */
function overhang(sizes: Sizes, { kernel, strides, dilations, begins, ends }: Geometry, isCeil: boolean): Sizes {
  return sizes.map((n, i) => {
    const reach = (kernel[i]! - 1) * dilations[i]! + 1;
    const total = n + begins[i]! + ends[i]!;
    let count = Math.ceil((total - reach) / strides[i]!) + 1;
    if ((count - 1) * strides[i]! >= n + begins[i]!) count -= 1;
    return isCeil ? Math.max((count - 1) * strides[i]! + reach - total, 0) : 0;
  });
}

function kernelOf(node: Node, windows: Windows): Sizes {
  if (windows.kernel === null) throw node.refusal('attribute kernel_shape is missing');
  return windows.kernel;
}

const fits = ({ begins, kernel }: Geometry): boolean => begins.every((n, i) => 2 * n <= kernel[i]!);

/** Greatest elements, with their places where these are asked for. */
type MaxPool = ((x: Tensor, kernel: Sizes, strides: Sizes, padding: Sizes | number, dilations: Sizes) => Tensor) &
  ((x: Tensor, kernel: Sizes, strides: Sizes, padding: Sizes | number, dilations: Sizes, isCeil: boolean, returnIndices: true) => Outputs<'values' | 'indices'>);

type MeanPool = (x: Tensor, kernel: Sizes, strides: Sizes, padding?: Sizes | number, isCeil?: boolean, countsPadding?: boolean) => Tensor;

const MAX_POOLS: readonly MaxPool[] = [F.maxPool1d, F.maxPool2d, F.maxPool3d];
const MEAN_POOLS: readonly MeanPool[] = [F.avgPool1d, F.avgPool2d, F.avgPool3d];

const maxPool: Row = (node) => {
  const windows = new Windows(node);
  const kernel = kernelOf(node, windows);
  const isCeil = node.flag('ceil_mode', false);
  const wantsPlaces = node.hasOutput(1);
  if (node.int('storage_order', 0) !== 0 && wantsPlaces) throw node.refusal('places in column-major order are not computed here');
  return ([x]) => {
    const sizes = spatial(x!);
    const geometry = windows.for(sizes, kernel);
    const { begins, ends, strides, dilations } = geometry;
    const pool = MAX_POOLS[kernel.length - 1]!;
    const over = overhang(sizes, geometry, isCeil);
    if (isSymmetric(geometry) && fits(geometry) && (!isCeil || wantsPlaces)) {
      if (!wantsPlaces) return pool(x!, kernel, strides, begins, dilations);
      const { values, indices } = pool(x!, kernel, strides, begins, dilations, isCeil, true);
      // Here they are those in their plane, there those in the whole tensor.
      const planes = A.reshape(A.arange(x!.shape[0]! * x!.shape[1]!, { dtype: 'int64' }), [x!.shape[0]!, x!.shape[1]!, ...sizes.map(() => 1)]);
      return [values, A.add(indices, A.mul(planes, product(sizes)))];
    }
    if (wantsPlaces) throw new ShapeError(`${node.label}: places are computed with equal padding at both ends of at most half the window`, node.label);
    return pool(padded(x!, begins, ends.map((n, i) => n + over[i]!), -Infinity), kernel, strides, 0, dilations);
  };
};

/** The sums of windows over `x`, with zeros beyond its ends. */
function sums(x: Tensor, { kernel, strides, begins, ends }: Geometry, over: Sizes): Tensor {
  const pool = MEAN_POOLS[kernel.length - 1]!;
  return A.mul(pool(padded(x, begins, ends.map((n, i) => n + over[i]!), 0), kernel, strides), product(kernel));
}

const averagePool: Row = (node) => {
  const windows = new Windows(node);
  const kernel = kernelOf(node, windows);
  const [isCeil, countsPadding] = [node.flag('ceil_mode', false), node.flag('count_include_pad', false)];
  return ([x]) => {
    const sizes = spatial(x!);
    const geometry = windows.for(sizes, kernel);
    if (geometry.dilations.some((n) => n !== 1)) throw new ShapeError(`${node.label}: means of dilated windows are not computed here`, node.label);
    const { begins, ends, strides } = geometry;
    const pool = MEAN_POOLS[kernel.length - 1]!;
    if (isSymmetric(geometry) && fits(geometry) && !isCeil) return pool(x!, kernel, strides, begins, false, countsPadding);
    const over = overhang(sizes, geometry, isCeil);
    const ones = A.ones([1, 1, ...sizes], { dtype: x!.dtype });
    const none = begins.map(() => 0);
    const counts = countsPadding ? sums(padded(ones, begins, ends, 1), { ...geometry, begins: none, ends: none }, over) : sums(ones, geometry, over);
    return A.div(sums(x!, geometry, over), counts);
  };
};

const lpPool: Row = (node) => {
  const windows = new Windows(node);
  const kernel = kernelOf(node, windows);
  const [p, isCeil] = [node.int('p', 2), node.flag('ceil_mode', false)];
  return ([x]) => {
    const geometry = windows.for(spatial(x!), kernel);
    if (geometry.dilations.some((n) => n !== 1)) throw new ShapeError(`${node.label}: norms of dilated windows are not computed here`, node.label);
    return A.pow(sums(A.pow(A.abs(x!), p), geometry, overhang(spatial(x!), geometry, isCeil)), 1 / p);
  };
};

/** A reduction over all spatial dims. */
const global = (reduce: (x: Tensor, dims: number[]) => Tensor): Row => () => ([x]) => reduce(x!, spatial(x!).map((_, i) => i + 2));

export const windowed = (): Rows => ({
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: maxPool,
  AveragePool: averagePool,
  LpPool: lpPool,
  GlobalAveragePool: global((x, dims) => A.mean(x, dims, true)),
  GlobalMaxPool: global((x, dims) => A.amax(x, dims, true)),
  GlobalLpPool: (node) => {
    const p = node.int('p', 2);
    return ([x]) => A.pow(A.sum(A.pow(A.abs(x!), p), spatial(x!).map((_, i) => i + 2), true), 1 / p);
  },
});
