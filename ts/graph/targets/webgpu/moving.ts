// Ops that move elements. Most are views of what they are given.
import { UsageError } from '../../../core/errors';
import { count, dense, dimOf, sliced, type Layout } from './layout';
import { cast, coordinate, number, pendingIn, storesOf, whole, type Lazy, type Loaded } from './lazy';
import type { Lowering, Planner } from './planner';
import { placesOf, scatterKernel } from './scatter';

const reshaped: Lowering = (planner, call) => [planner.reshape(planner.input(call, 0), call.shape())];

/** The parts that fit one kernel with what it writes. */
const MOST_PARTS = 5;

/** Parts one behind the other along a dim: each is shifted to its place, and coordinates choose among them. */
function joined(planner: Planner, parts: readonly Lazy[], dim: number): Lazy {
  if (parts.length === 1) return parts[0]!;
  const sources = new Set(parts.flatMap((part) => [...storesOf(part)]));
  if (parts.length > 2 && sources.size > MOST_PARTS) {
    const groups: Lazy[] = [];
    for (let i = 0; i < parts.length; i += MOST_PARTS) groups.push(planner.memory(joined(planner, parts.slice(i, i + MOST_PARTS), dim)));
    return joined(planner, groups, dim);
  }
  const shape = parts[0]!.shape.map((n, i) => (i === dim ? parts.reduce((sum, part) => sum + part.shape[dim]!, 0) : n));
  const at = coordinate(shape, dim);
  let end = shape[dim]!;
  let all: Lazy | null = null;
  // From the last to the first, of which each hides what is behind it.
  for (const part of [...parts].reverse()) {
    const start = end - part.shape[dim]!;
    const shifted = planner.view(part, shape, (layout) => sliced(layout, dim, -start, shape[dim]!));
    all = all === null ? shifted : planner.formula('select($0, $1, $2 < $3)', part.kind, shape, all, shifted, at, number(end, 'i32'));
    end = start;
  }
  return all!;
}

/** Elements `start`, `start + step` … of a dim. */
const slice: Lowering = (planner, call) => {
  const x = planner.input(call, 0);
  const dim = dimOf(call.number('dim', 0), x.shape.length);
  const [start, step] = [call.number('start', 0), call.number('step', 1)];
  const shape = call.shape();
  return [planner.view(x, shape, (layout) => sliced(layout, dim, start, shape[dim]!, step))];
};

/** Rows of a table, by number: a load at a computed place, which is inside where the number is that of a row. */
const indexSelect: Lowering = (planner, call) => {
  const table = planner.placed(planner.input(call, 0));
  const shape = call.shape();
  const dim = dimOf(call.number('dim', 0), shape.length);
  const index = planner.view(cast(planner.input(call, 1), 'i32'), shape, (layout) => ({
    shape, strides: shape.map((_, i) => (i === dim ? layout.strides[0]! : 0)), offset: layout.offset,
  }));
  const { layout } = table;
  const rest: Layout = { shape, strides: layout.strides.map((stride, i) => (i === dim ? 0 : stride)), offset: layout.offset };
  const at = planner.formula(`$0 + $1 * ${layout.strides[dim]}`, 'i32', shape, placesOf(rest), index);
  return [{ is: 'loaded', store: table.store, at, kind: table.kind, shape } satisfies Loaded];
};

/** `x` with elements added at places along a dim; `place` is that of each. */
function added(planner: Planner, label: string, x: Lazy, source: Lazy, place: Lazy, dim: number): Lazy {
  if (x.kind !== 'f32') throw new UsageError(`webgpu: ${label} adds float32 only, got ${x.kind}`, 'webgpu');
  const out = planner.store(count(x.shape), 'f32');
  planner.write(x, out);
  const { strides } = dense(x.shape);
  const given = pendingIn(source).size > 0 ? planner.memory(source) : source;
  const { shape } = source;
  const rest: Layout = { shape, strides: strides.map((stride, i) => (i === dim ? 0 : stride)), offset: 0 };
  const at = planner.formula(`$0 + $1 * ${strides[dim]}`, 'i32', shape, placesOf(rest), place);
  planner.run(scatterKernel(label, shape, at, given, out));
  return whole(out, x.shape);
}

export const MOVING: Readonly<Record<string, Lowering>> = {
  reshape: reshaped,
  permute: (planner, call) => [planner.permute(planner.input(call, 0), call.numbers('dims').map((d) => dimOf(d, call.shape().length)))],
  expand: (planner, call) => [planner.expand(planner.input(call, 0), call.shape())],
  slice,
  cat: (planner, call) => {
    const dim = dimOf(call.number('dim', 0), call.shape().length);
    const parts = call.inputs.map((_, i) => cast(planner.input(call, i), call.kind())).filter(({ shape }) => shape[dim] !== 0);
    return [parts.length === 0 ? number(0, call.kind(), call.shape()) : joined(planner, parts, dim)];
  },
  indexSelect,
  indexAdd: (planner, call) => {
    const [x, index, source] = [0, 1, 2].map((i) => planner.input(call, i)) as [Lazy, Lazy, Lazy];
    const dim = dimOf(call.number('dim', 0), x.shape.length);
    const { shape } = source;
    const place = planner.view(cast(index, 'i32'), shape, (layout) => ({ shape, strides: shape.map((_, i) => (i === dim ? layout.strides[0]! : 0)), offset: layout.offset }));
    return [added(planner, 'indexAdd', x, source, place, dim)];
  },
  scatterAdd: (planner, call) => {
    const [x, index, source] = [0, 1, 2].map((i) => planner.input(call, i)) as [Lazy, Lazy, Lazy];
    // Of a larger source the part counts that has places.
    const part = planner.view(source, index.shape, (layout) => ({ ...layout, shape: index.shape }));
    return [added(planner, 'scatterAdd', x, part, cast(index, 'i32'), dimOf(call.number('dim'), x.shape.length))];
  },
  gather: (planner, call) => {
    const [x, index] = [planner.placed(planner.input(call, 0)), cast(planner.input(call, 1), 'i32')];
    const shape = call.shape();
    const dim = dimOf(call.number('dim'), shape.length);
    const rest: Layout = { shape, strides: x.layout.strides.map((stride, i) => (i === dim ? 0 : stride)), offset: x.layout.offset };
    const at = planner.formula(`$0 + $1 * ${x.layout.strides[dim]}`, 'i32', shape, placesOf(rest), index);
    return [{ is: 'loaded', store: x.store, at, kind: x.kind, shape } satisfies Loaded];
  },
};
