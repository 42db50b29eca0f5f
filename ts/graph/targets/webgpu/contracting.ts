// Ops that sum and compare over dims: reductions, products of matrices, convolutions and pools.
import { broadcast, count, dimOf, walked, type Layout } from './layout';
import { cast, cost, number, pendingIn, whole, type Kind, type Lazy, type Loaded } from './lazy';
import type { Lowering, Planner } from './planner';
import type { Call } from './record';
import type { Fold } from './rows';
import { placesOf } from './scatter';

/** A row of this many elements is folded in parts first, where there are few rows. */
const LONG = 8192;

/** Folds the last dims of `x`, of the shapes `outer` and `inner`. */
function foldedOver(planner: Planner, fold: Fold, x: Lazy, outer: readonly number[], inner: readonly number[]): Lazy {
  const [rows, length] = [count(outer), count(inner)];
  if (length >= LONG && rows <= 16) {
    let parts = 1024;
    while (length % parts !== 0) parts--;
    const split = planner.reshape(x, [...outer, parts, length / parts]);
    if (parts > 8) return foldedOver(planner, fold, foldedOver(planner, fold, split, [...outer, parts], [length / parts]), outer, [parts]);
  }
  return planner.fold({ fold, value: pendingIn(x).size > 0 ? planner.memory(x) : x }, outer, inner);
}

const reduced = (fold: Fold): Lowering => (planner, call) => {
  const kind: Kind = call.kind() === 'bool' ? 'i32' : call.kind();
  const x = cast(planner.input(call, 0), kind);
  const rank = x.shape.length;
  const named = (call.list('dim') ?? []).map((d) => dimOf(d, rank));
  const dims = named.length === 0 ? x.shape.map((_, i) => i) : named;
  const kept = x.shape.flatMap((_, i) => (dims.includes(i) ? [] : [i]));
  const shape = (of: readonly number[]): number[] => of.map((d) => x.shape[d]!);
  const turned = planner.permute(x, [...kept, ...dims]);
  return [cast(planner.reshape(foldedOver(planner, fold, turned, shape(kept), shape(dims)), call.shape()), call.kind())];
};

/** An expression of more steps than that is computed once, and not by every tile that reads it. */
const CHEAP_FACTOR = 4;

/** What a product reads: an expression if it is short and nothing else reads it. */
function factor(planner: Planner, call: Call, i: number): Lazy {
  const x = planner.input(call, i);
  if (x.is === 'stored') return x;
  const isShort = planner.isUsedOnce(call.inputs[i]) && pendingIn(x).size === 0 && cost(x, CHEAP_FACTOR + 1) <= CHEAP_FACTOR;
  if (isShort) return x;
  const made = planner.memory(x);
  planner.remember(call.inputs[i]!, made);
  return made;
}

/** `[…, m, k] · […, k, n]`; leading dims broadcast. */
const matmul: Lowering = (planner, call) => {
  const [a, b] = [factor(planner, call, 0), factor(planner, call, 1)];
  const [m, k, n] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  const [leadA, leadB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const turn = (x: Lazy): Lazy => {
    const rank = x.shape.length;
    return planner.permute(x, [...x.shape.keys()].map((d) => (d < rank - 2 ? d : d === rank - 2 ? rank - 1 : rank - 2)));
  };
  if (count(leadB) === 1) {
    const right = turn(planner.reshape(b, [k, n]));
    return [planner.reshape(planner.product({ label: 'product', batch: [], m: [...leadA, m], n: [n], k: [k], left: a, right }), call.shape())];
  }
  const batch = broadcast(leadA, leadB);
  const left = planner.expand(a, [...batch, m, k]);
  const right = turn(planner.expand(b, [...batch, k, n]));
  return [planner.product({ label: 'product', batch, m: [m], n: [n], k: [k], left, right })];
};

/** Both numbers of an attribute that may be given as one. */
function pair(call: Call, name: string, otherwise: number): [number, number] {
  const list = call.list(name) ?? [otherwise];
  return [list[0]!, list[1] ?? list[0]!];
}

/** A step along dim `dim` of a layout of `rank` dims. */
function along(rank: number, dim: number, step = 1): number[] {
  return Array.from({ length: rank }, (_, i) => (i === dim ? step : 0));
}

/** Where windows begin and how their elements lie. */
interface Windows {
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/**
 * What windows see of `x`, `[N, G, C, H, W]`, of the shape `shape`, in which the dims of `x` and of windows are at these places. Beside
 * the image they see `outside`.
 */
function seen(
  planner: Planner, x: Lazy, shape: readonly number[],
  at: { readonly n: number; readonly g: number; readonly c: number; readonly y: number; readonly x: number; readonly ky: number; readonly kx: number },
  { stride, padding, dilation }: Windows, outside: number,
): Lazy {
  const rank = shape.length;
  const [height, width] = [x.shape[3]!, x.shape[4]!];
  const steps = Array.from({ length: rank }, (_, d): number[] => {
    if (d === at.n) return along(5, 0);
    if (d === at.g) return along(5, 1);
    if (d === at.c) return along(5, 2);
    if (d === at.y) return along(5, 3, stride[0]);
    if (d === at.ky) return along(5, 3, dilation[0]);
    if (d === at.x) return along(5, 4, stride[1]);
    if (d === at.kx) return along(5, 4, dilation[1]);
    return along(5, -1);
  });
  const view = (layout: Layout): Layout => {
    const { strides, offset } = walked(layout, shape, steps);
    return { shape, strides, offset: offset - padding[0] * layout.strides[3]! - padding[1] * layout.strides[4]! };
  };
  const all = planner.view(x, shape, view);
  const reach = (y: number, ky: number, i: 0 | 1): number => (shape[y]! - 1) * stride[i] + (shape[ky]! - 1) * dilation[i] - padding[i];
  if (padding[0] <= 0 && padding[1] <= 0 && reach(at.y, at.ky, 0) < height && reach(at.x, at.kx, 1) < width) return all;
  const place = (y: number, ky: number, i: 0 | 1): Lazy => placesOf({
    shape, strides: shape.map((_, d) => (d === y ? stride[i] : d === ky ? dilation[i] : 0)), offset: -padding[i],
  });
  const inside = planner.formula(`$0 >= 0 && $0 < ${height} && $1 >= 0 && $1 < ${width}`, 'bool', shape, place(at.y, at.ky, 0), place(at.x, at.kx, 1));
  return planner.formula('select($0, $1, $2)', 'f32', shape, number(outside, 'f32'), all, inside);
}

/** A value in memory or a view of it: windows read elements many times. */
function image(planner: Planner, call: Call, i: number): Lazy {
  const x = planner.input(call, i);
  if (x.is === 'stored') return x;
  const made = planner.memory(x);
  planner.remember(call.inputs[i]!, made);
  return made;
}

/** The sums of a convolution, whose factors have the dims `[n, groups, …]`; one group is no dim of the result. */
function byGroups(
  planner: Planner, call: Call, n: number, groups: number, filters: number, area: readonly number[], k: readonly number[], left: Lazy, right: Lazy,
): Lazy {
  const factors = { label: 'convolution', m: [filters], n: area, k };
  if (groups > 1) return planner.reshape(planner.product({ ...factors, batch: [n, groups], left, right }), call.shape());
  return planner.product({
    ...factors, batch: [n], left: planner.reshape(left, [n, filters, ...k]), right: planner.reshape(right, [n, ...area, ...k]),
  });
}

/** `[N, C, H, W]` and `[F, C / groups, …]`: the sums of a product, of which one factor is what windows see. */
const conv2d: Lowering = (planner, call) => {
  const [x, w] = [image(planner, call, 0), image(planner, call, 1)];
  const groups = call.number('groups', 1);
  const [n, c, height, width] = x.shape as [number, number, number, number];
  const [filters, each, ky, kx] = w.shape as [number, number, number, number];
  const [, , rows, columns] = call.shape() as [number, number, number, number];
  const windows = { stride: pair(call, 'stride', 1), padding: pair(call, 'padding', 0), dilation: pair(call, 'dilation', 1) };
  const byGroup = planner.reshape(x, [n, groups, c / groups, height, width]);
  const k = [each, ky, kx];
  const right = seen(planner, byGroup, [n, groups, rows, columns, ...k], { n: 0, g: 1, y: 2, x: 3, c: 4, ky: 5, kx: 6 }, windows, 0);
  const left = planner.expand(planner.reshape(w, [groups, filters / groups, ...k]), [n, groups, filters / groups, ...k]);
  return [byGroups(planner, call, n, groups, filters / groups, [rows, columns], k, left, right)];
};

/** The transpose of a convolution by its image: each element sums the windows that see it. */
const convTranspose2d: Lowering = (planner, call) => {
  const [x, w] = [planner.placed(image(planner, call, 0)), image(planner, call, 1)];
  const groups = call.number('groups', 1);
  const [n, c, height, width] = x.shape as [number, number, number, number];
  const [, each, ky, kx] = w.shape as [number, number, number, number];
  const [, , rows, columns] = call.shape() as [number, number, number, number];
  const [stride, padding, dilation] = [pair(call, 'stride', 1), pair(call, 'padding', 0), pair(call, 'dilation', 1)];
  const k = [c / groups, ky, kx];
  const shape = [n, groups, rows, columns, ...k];
  const byGroup = planner.placed(planner.reshape(x, [n, groups, c / groups, height, width]));
  const { strides, offset } = byGroup.layout;
  // Rows and columns of what the windows made, times the stride.
  const place = (y: number, kernel: number, i: 0 | 1): Lazy => placesOf({
    shape, strides: shape.map((_, d) => (d === y ? 1 : d === kernel ? -dilation[i] : 0)), offset: padding[i],
  });
  const [y, column] = [place(2, 5, 0), place(3, 6, 1)];
  const rest = placesOf({ shape, strides: [strides[0]!, strides[1]!, 0, 0, strides[2]!, 0, 0], offset });
  const [sy, sx] = stride;
  const at = planner.formula(`$0 + ($1 / ${sy}) * ${strides[3]} + ($2 / ${sx}) * ${strides[4]}`, 'i32', shape, rest, y, column);
  const inside = planner.formula(
    `$0 >= 0 && $0 % ${sy} == 0 && $0 / ${sy} < ${height} && $1 >= 0 && $1 % ${sx} == 0 && $1 / ${sx} < ${width}`, 'bool', shape, y, column,
  );
  const loaded: Loaded = { is: 'loaded', store: byGroup.store, at, kind: 'f32', shape };
  const right = planner.formula('select($0, $1, $2)', 'f32', shape, number(0, 'f32'), loaded, inside);
  const byFilter = planner.permute(planner.reshape(w, [groups, ...k.slice(0, 1), each, ky, kx]), [0, 2, 1, 3, 4]);
  const left = planner.expand(byFilter, [n, groups, each, ...k]);
  return [byGroups(planner, call, n, groups, each, [rows, columns], k, left, right)];
};

/** The greatest element of each window, and its place in its plane. */
const maxPool2d: Lowering = (planner, call) => {
  const x = image(planner, call, 0);
  const [height, width] = x.shape.slice(-2) as [number, number];
  const planes = count(x.shape.slice(0, -2));
  const [rows, columns] = call.shape().slice(-2) as [number, number];
  const kernel = pair(call, 'kernelSize', 1);
  const list = call.list('stride');
  const windows = {
    stride: list === null || list.length === 0 ? kernel : pair(call, 'stride', 1), padding: pair(call, 'padding', 0), dilation: pair(call, 'dilation', 1),
  };
  const shape = [planes, rows, columns, ...kernel];
  const of = planner.reshape(x, [planes, 1, 1, height, width]);
  const value = seen(planner, of, shape, { n: 0, g: -1, c: -1, y: 1, x: 2, ky: 3, kx: 4 }, windows, -Infinity);
  const outer = [planes, rows, columns];
  const place = (y: number, ky: number, i: 0 | 1): Lazy => placesOf({
    shape, strides: shape.map((_, d) => (d === y ? windows.stride[i] : d === ky ? windows.dilation[i] : 0)), offset: -windows.padding[i],
  });
  const [y, column] = [place(1, 3, 0), place(2, 4, 1)];
  const greatest: Lazy = { is: 'carried', stage: 0, kind: 'f32', shape };
  // The first one that is the greatest, or that is NaN, within the image.
  const at = planner.formula(
    `select(2147483647, $2 * ${width} + $3, ($0 == $1 || is_nan($0)) && $2 >= 0 && $2 < ${height} && $3 >= 0 && $3 < ${width})`, 'i32', shape,
    value, greatest, y, column,
  );
  const [values, indices] = [planner.store(count(outer), 'f32'), planner.store(count(outer), 'i32')];
  const hasIndices = call.outputs.length > 1 && call.outputs[1] !== null;
  planner.rows({
    label: 'maxPool2d', outer, inner: kernel,
    stages: [{ fold: 'max', value }, ...(hasIndices ? [{ fold: 'min' as const, value: at }] : [])],
    outputs: [
      { store: values, value: { is: 'carried', stage: 0, kind: 'f32', shape: outer }, per: 'row' },
      ...(hasIndices ? [{ store: indices, value: { is: 'carried', stage: 1, kind: 'i32', shape: outer } as const, per: 'row' as const }] : []),
    ],
  });
  return [whole(values, call.shape()), hasIndices ? whole(indices, call.shape()) : undefined];
};

export const CONTRACTING: Readonly<Record<string, Lowering>> = {
  sum: reduced('sum'),
  prod: reduced('product'),
  amax: reduced('max'),
  amin: reduced('min'),
  matmul,
  conv2d,
  convTranspose2d,
  maxPool2d,
};
