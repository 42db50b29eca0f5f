// Operators that take elements at computed places: padding, resizing and sampling.
import { ShapeError } from '../../../core/errors';
import * as F from '../../../generated/functional';
import * as A from '../../../generated/functions';
import { tensor } from '../../../tensor/create';
import type { Tensor } from '../../../tensor/tensor';
import type { Node, Row } from '../node';
import { dimOf, type Rows } from './family';

const indices = (list: readonly number[]): Tensor => tensor(new BigInt64Array(list.map(BigInt)));

type PadMode = 'constant' | 'reflect' | 'edge' | 'wrap';

/** Where the element comes from that stands at `at`, which may be outside of 0 to n − 1. */
const SOURCES: Readonly<Record<Exclude<PadMode, 'constant'>, (at: number, n: number) => number>> = {
  edge: (at, n) => Math.min(Math.max(at, 0), n - 1),
  wrap: (at, n) => ((at % n) + n) % n,
  reflect: (at, n) => {
    const period = Math.max(2 * (n - 1), 1);
    const within = ((at % period) + period) % period;
    return within < n ? within : period - within;
  },
};

const pad: Row = (node) => {
  const mode = node.text<PadMode>('mode', 'constant', 'reflect', 'edge', 'wrap');
  const pads = node.listSince(11, 'pads', 1);
  const given = node.opset < 11 ? node.float('value', 0) : 0;
  const value = node.opset < 11 ? () => given : node.number(2);
  const axes = node.opset < 18 ? () => null : node.list(3);
  return (inputs) => {
    let x = inputs[0]!;
    const amounts = pads(inputs)!;
    const dims = axes(inputs)?.map((axis) => dimOf(axis, x.ndim)) ?? x.shape.map((_, i) => i);
    const [begins, ends] = [amounts.slice(0, dims.length), amounts.slice(dims.length)];
    if (mode === 'constant') {
      const list = new Array<number>(2 * x.ndim).fill(0);
      dims.forEach((dim, i) => list.splice(2 * (x.ndim - 1 - dim), 2, begins[i]!, ends[i]!));
      if (list.every((n) => n === 0)) return x;
      return A.constantPadNd(x, list, x.dtype === 'bool' ? value(inputs) === 1 : (value(inputs) ?? 0));
    }
    dims.forEach((dim, i) => {
      const [begin, end, n] = [begins[i]!, ends[i]!, x.shape[dim]!];
      if (begin === 0 && end === 0) return;
      // What is cut off is no source of what is added.
      const [low, high] = [Math.max(-begin, 0), n - Math.max(-end, 0)];
      const length = Math.max(n + begin + end, 0);
      if (mode === 'wrap' && (begin < 0 || end < 0)) throw new ShapeError(`${node.label}: cutting is not computed with mode wrap`, node.label);
      const places = Array.from({ length }, (_, at) => low + SOURCES[mode](at - begin - low, high - low));
      x = A.indexSelect(x, dim, indices(places));
    });
    return x;
  };
};

type Coordinates = 'half_pixel' | 'half_pixel_symmetric' | 'pytorch_half_pixel' | 'align_corners' | 'asymmetric' | 'tf_crop_and_resize' | 'tf_half_pixel_for_nn';
type Nearest = 'round_prefer_floor' | 'round_prefer_ceil' | 'floor' | 'ceil';
type Mode = 'nearest' | 'linear' | 'cubic';

/** How a dim is resized. */
interface Resized {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  /** The part that is taken, for `tf_crop_and_resize`. */
  readonly start: number;
  readonly end: number;
}

const f32 = Math.fround;

/** Where element `at` of the result is in the input: in float32, as engines compute it, so that halves round as there. */
function sourceOf(kind: Coordinates, at: number, { from, to, scale, start, end }: Resized): number {
  const half = f32(f32((at + 0.5) / scale) - 0.5);
  switch (kind) {
    case 'half_pixel': return half;
    case 'half_pixel_symmetric': return f32(f32((from / 2) * (1 - to / (scale * from))) + half);
    case 'pytorch_half_pixel': return to > 1 ? half : 0;
    case 'align_corners': return to === 1 ? 0 : f32((at * (from - 1)) / (to - 1));
    case 'asymmetric': return f32(at / scale);
    case 'tf_half_pixel_for_nn': return f32((at + 0.5) / scale);
    case 'tf_crop_and_resize': return f32(to > 1 ? start * (from - 1) + (at * (end - start) * (from - 1)) / (to - 1) : 0.5 * (start + end) * (from - 1));
  }
}

const ROUND: Readonly<Record<Nearest, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5), round_prefer_ceil: (x) => Math.floor(x + 0.5), floor: Math.floor, ceil: Math.ceil,
};

/** An element of the result: which elements it is made of, and how much of each. */
interface Taps {
  readonly places: readonly number[];
  readonly weights: readonly number[];
}

/** Keys' kernel with parameter a, at the four distances around a place. */
function cubicWeights(t: number, a: number): number[] {
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
}

interface Settings {
  readonly mode: Mode;
  readonly coordinates: Coordinates;
  readonly nearest: Nearest;
  readonly cubic: number;
  readonly excludesOutside: boolean;
}

function tapsAt(at: number, { mode, nearest, cubic, excludesOutside }: Settings, n: number): Taps {
  const clamped = (place: number): number => Math.min(Math.max(place, 0), n - 1);
  if (mode === 'nearest') return { places: [clamped(ROUND[nearest](at))], weights: [1] };
  if (mode === 'linear') {
    const inside = clamped(at);
    const low = Math.floor(inside);
    return { places: [low, clamped(low + 1)], weights: [1 - (inside - low), inside - low] };
  }
  const low = Math.floor(at);
  const places = [low - 1, low, low + 1, low + 2];
  const weights = cubicWeights(at - low, cubic).map((w, i) => (excludesOutside && clamped(places[i]!) !== places[i] ? 0 : w));
  const total = weights.reduce((a, b) => a + b, 0);
  return { places: places.map(clamped), weights: excludesOutside ? weights.map((w) => w / total) : weights };
}

/** One dim resized. */
function resizeDim(x: Tensor, dim: number, resized: Resized, settings: Settings, outside: number): Tensor {
  const { from, to } = resized;
  const sources = Array.from({ length: to }, (_, at) => sourceOf(settings.coordinates, at, resized));
  const taps = sources.map((at) => tapsAt(at, settings, from));
  const count = taps[0]?.places.length ?? 1;
  const isWeighted = settings.mode !== 'nearest';
  const along = x.shape.map((_, i) => (i === dim ? to : 1));
  let out: Tensor | null = null;
  for (let i = 0; i < count; i++) {
    const part = A.indexSelect(x, dim, indices(taps.map(({ places }) => places[i]!)));
    const weighted = isWeighted ? A.mul(part, A.reshape(tensor(taps.map(({ weights }) => weights[i]!), { dtype: x.dtype }), along)) : part;
    out = out === null ? weighted : A.add(out, weighted);
  }
  if (settings.coordinates !== 'tf_crop_and_resize') return out!;
  const isInside = tensor(sources.map((at) => at >= 0 && at <= from - 1));
  return A.where(A.reshape(isInside, along), out!, outside);
}

/** The sizes that a ratio gives, kept where the file asks for it. */
type Policy = 'stretch' | 'not_larger' | 'not_smaller';

const resize: Row = (node) => {
  const [roiAt, scalesAt, sizesAt] = node.opset < 11 ? [9, 1, 9] : [1, 2, 3];
  const mode = node.text<Mode>('mode', 'nearest', 'linear', 'cubic');
  const coordinates = node.text<Coordinates>(
    'coordinate_transformation_mode',
    node.opset < 11 ? 'asymmetric' : 'half_pixel',
    'half_pixel', 'asymmetric', 'half_pixel_symmetric', 'pytorch_half_pixel', 'align_corners', 'tf_crop_and_resize', 'tf_half_pixel_for_nn',
  );
  const nearest = node.text<Nearest>('nearest_mode', node.opset < 11 ? 'floor' : 'round_prefer_floor', 'floor', 'round_prefer_floor', 'round_prefer_ceil', 'ceil');
  const settings: Settings = { mode, coordinates, nearest, cubic: node.float('cubic_coeff_a', -0.75), excludesOutside: node.flag('exclude_outside', false) };
  const outside = node.float('extrapolation_value', 0);
  const policy = node.text<Policy>('keep_aspect_ratio_policy', 'stretch', 'not_larger', 'not_smaller');
  if (node.flag('antialias', false)) throw node.refusal('it is computed without antialias only');
  const axes = node.ints('axes');
  const [roi, scales, sizes] = [node.list(roiAt), node.list(scalesAt), node.list(sizesAt)];
  return (inputs) => {
    const x = inputs[0]!;
    const dims = axes?.map((axis) => dimOf(axis, x.ndim)) ?? x.shape.map((_, i) => i);
    return dims.reduce((t, dim, i) => {
      const resized = resizedOf(node, x.shape, dims, i, { roi: roi(inputs), scales: scales(inputs), sizes: sizes(inputs), policy });
      if (resized.to === resized.from && resized.scale === 1 && coordinates !== 'tf_crop_and_resize') return t;
      return resizeDim(t, dim, resized, settings, outside);
    }, x);
  };
};

interface Asked {
  readonly roi: readonly number[] | null;
  readonly scales: readonly number[] | null;
  readonly sizes: readonly number[] | null;
  readonly policy: Policy;
}

function resizedOf(node: Node, shape: readonly number[], dims: readonly number[], i: number, { roi, scales, sizes, policy }: Asked): Resized {
  const from = shape[dims[i]!]!;
  const [start, end] = roi !== null && roi.length === 2 * dims.length ? [roi[i]!, roi[dims.length + i]!] : [0, 1];
  if (sizes !== null && sizes.length > 0) {
    if (policy === 'stretch') return { from, to: sizes[i]!, scale: f32(sizes[i]! / from), start, end };
    const ratios = sizes.map((n, at) => f32(n / shape[dims[at]!]!));
    const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
    return { from, to: Math.floor(scale * from + 0.5), scale, start, end };
  }
  if (scales === null || scales.length !== dims.length) throw new ShapeError(`${node.label}: expected ${dims.length} scales or sizes, got ${scales?.length ?? 0}`, node.label);
  const scale = scales[i]!;
  return { from, to: Math.floor(f32(from * scale * (end - start))), scale, start, end };
}

/** The operator Resize had before it was called that. */
const upsample: Row = (node) => {
  const mode = node.text<Mode>('mode', 'nearest', 'linear');
  const fixed = node.opset < 9 ? (node.floats('scales') ?? []) : null;
  const scales = fixed === null ? node.list(1) : () => fixed;
  const settings: Settings = { mode, coordinates: 'asymmetric', nearest: 'floor', cubic: -0.75, excludesOutside: false };
  return (inputs) =>
    scales(inputs)!.reduce((t, scale, dim) => {
      const from = t.shape[dim]!;
      return scale === 1 ? t : resizeDim(t, dim, { from, to: Math.floor(f32(from * scale)), scale, start: 0, end: 1 }, settings, 0);
    }, inputs[0]!);
};

const gridSample: Row = (node) => {
  const asked = node.text<string>('mode', 'linear', 'bilinear', 'nearest', 'cubic', 'bicubic');
  const padding = node.text<'zeros' | 'border' | 'reflection'>('padding_mode', 'zeros', 'border', 'reflection');
  const isAligned = node.flag('align_corners', false);
  const mode = asked === 'linear' ? 'bilinear' : asked === 'cubic' ? 'bicubic' : (asked as 'bilinear' | 'nearest' | 'bicubic');
  return ([x, grid]) => F.gridSample(x!, grid!, mode, padding, isAligned);
};

export const resampling = (): Rows => ({ Pad: pad, Resize: resize, Upsample: upsample, GridSample: gridSample });
