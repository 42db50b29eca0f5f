// Shapes: what is asked of them, and operators that only move elements.
import { ShapeError } from '../../../core/errors';
import * as A from '../../../generated/functions';
import { tensor } from '../../../tensor/create';
import type { Tensor } from '../../../tensor/tensor';
import type { Row } from '../node';
import { tensorOf } from '../tensor';
import { dimOf, product, type Rows } from './family';

const integers = (list: readonly number[]): Tensor => tensor(new BigInt64Array(list.map(BigInt)));

const shape: Row = (node) => {
  const [start, end] = [node.int('start', 0), node.int('end', Number.MAX_SAFE_INTEGER)];
  node.isOfShapes = true;
  return ([x]) => integers(x!.shape.slice(start, end));
};

const size: Row = (node) => {
  node.isOfShapes = true;
  return ([x]) => tensor(BigInt(x!.numel()));
};

const reshape: Row = (node) => {
  const sizes = node.list(1);
  const isZeroSize = node.flag('allowzero', false);
  return (inputs) => {
    const x = inputs[0]!;
    return A.reshape(x, sizes(inputs)!.map((n, i) => (n === 0 && !isZeroSize ? (x.shape[i] ?? 0) : n)));
  };
};

const flatten: Row = (node) => {
  const axis = node.int('axis', 1);
  return ([x]) => {
    const dim = axis < 0 ? axis + x!.ndim : axis;
    return A.reshape(x!, [product(x!.shape.slice(0, dim)), product(x!.shape.slice(dim))]);
  };
};

const squeeze: Row = (node) => {
  const axes = node.listSince(13, 'axes', 1);
  return (inputs) => {
    const x = inputs[0]!;
    const given = axes(inputs);
    if (given === null) return A.squeeze(x);
    const gone = new Set(given.map((axis) => dimOf(axis, x.ndim)));
    const wrong = [...gone].find((dim) => x.shape[dim] !== 1);
    if (wrong !== undefined) throw new ShapeError(`squeeze: dim ${wrong} of shape [${x.shape.join(', ')}] is not 1`, 'squeeze', { shape: x.shape });
    return A.reshape(x, x.shape.filter((_, i) => !gone.has(i)));
  };
};

const unsqueeze: Row = (node) => {
  const axes = node.listSince(13, 'axes', 1);
  return (inputs) => {
    const x = inputs[0]!;
    const given = axes(inputs) ?? [];
    const rank = x.ndim + given.length;
    const added = new Set(given.map((axis) => dimOf(axis, rank)));
    const rest = [...x.shape];
    return A.reshape(x, Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : rest.shift()!)));
  };
};

const transpose: Row = (node) => {
  const dims = node.ints('perm');
  return ([x]) => A.permute(x!, dims ?? x!.shape.map((_, i) => x!.ndim - 1 - i));
};

const concat: Row = (node) => {
  const axis = node.int('axis', 1);
  return (inputs) => A.cat(inputs.map((t) => t!), axis);
};

const split: Row = (node) => {
  const axis = node.int('axis', 0);
  const sizes = node.listSince(13, 'split', 1);
  const count = node.int('num_outputs', node.outputCount);
  return (inputs) => {
    const x = inputs[0]!;
    const dim = dimOf(axis, x.ndim);
    const total = x.shape[dim]!;
    const each = Math.ceil(total / count);
    const given = sizes(inputs) ?? Array.from({ length: count }, (_, i) => Math.max(Math.min(each, total - i * each), 0));
    return A.splitWithSizes(x, given, dim);
  };
};

/** The elements of a dim from `start` on, `count` of them, each `step` further. */
export function strided(x: Tensor, dim: number, start: number, count: number, step: number): Tensor {
  if (count <= 0) return A.narrow(x, dim, 0, 0);
  if (step < 0) {
    return A.flip(strided(x, dim, start + (count - 1) * step, count, -step), [dim]);
  }
  const span = (count - 1) * step + 1;
  const part = start === 0 && span === x.shape[dim] ? x : A.narrow(x, dim, start, span);
  if (step === 1) return part;
  return part.index(...x.shape.slice(0, dim).map(() => ({})), { start: 0, stop: span, step });
}

const slice: Row = (node) => {
  const isAttribute = node.opset < 10;
  const [starts, ends] = [node.listSince(10, 'starts', 1), node.listSince(10, 'ends', 2)];
  const axes = node.listSince(10, 'axes', 3);
  const steps = isAttribute ? () => null : node.list(4);
  return (inputs) => {
    let x = inputs[0]!;
    const [from, to] = [starts(inputs)!, ends(inputs)!];
    const [dims, by] = [axes(inputs), steps(inputs)];
    from.forEach((first, i) => {
      const dim = dimOf(dims?.[i] ?? i, x.ndim);
      const step = by?.[i] ?? 1;
      const n = x.shape[dim]!;
      const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
      const bound = (at: number, least: number): number => Math.min(Math.max(at < 0 ? at + n : at, least), high);
      const start = bound(first, step > 0 ? low : 0);
      const end = bound(to[i]!, low);
      x = strided(x, dim, start, Math.ceil((end - start) / step), step);
    });
    return x;
  };
};

const expand: Row = (node) => {
  const sizes = node.list(1);
  return (inputs) => {
    const x = inputs[0]!;
    const given = sizes(inputs)!;
    const rank = Math.max(given.length, x.ndim);
    // Either may have the 1 that is stretched.
    const at = (list: readonly number[], i: number): number => list[i - (rank - list.length)] ?? 1;
    return A.broadcastTo(x, Array.from({ length: rank }, (_, i) => (at(given, i) === 1 ? at(x.shape, i) : at(given, i))));
  };
};

const tile: Row = (node) => {
  const repeats = node.list(1);
  return (inputs) => A.tile(inputs[0]!, repeats(inputs)!);
};

const constantOfShape: Row = (node) => {
  const value = node.tensor('value');
  if (value !== null && (value.numel !== 1 || value.dtype === null)) throw node.refusal(`value must be one element of a dtype that tensors here have, got ${value.typeName} of ${value.numel}`);
  const sizes = node.list(0);
  const one = value === null ? null : tensorOf(value);
  const [fill, dtype] = one === null ? ([0, 'float32'] as const) : ([one.item<number | bigint | boolean>(), one.dtype] as const);
  one?.dispose();
  return (inputs) => A.full(sizes(inputs)!, fill, { dtype });
};

const range: Row = (node) => {
  const [start, limit, delta] = [node.number(0), node.number(1), node.number(2)];
  return (inputs) => {
    const [from, to, by] = [start(inputs)!, limit(inputs)!, delta(inputs)!];
    const count = Math.max(Math.ceil((to - from) / by), 0);
    const { dtype } = inputs[0]!;
    return count === 0 ? A.zeros([0], { dtype }) : A.add(A.mul(A.arange(count, { dtype }), by), from);
  };
};

const eyeLike: Row = (node) => {
  const [dtype, k] = [node.dtype('dtype'), node.int('k', 0)];
  node.setting(0);
  return ([x]) => {
    const [rows, cols] = x!.shape as [number, number];
    const places = A.sub(A.arange(cols, { dtype: 'int64' }), A.unsqueeze(A.arange(rows, { dtype: 'int64' }), 1));
    return A.eq(places, k).to(dtype ?? x!.dtype);
  };
};

const trilu: Row = (node) => {
  const isUpper = node.flag('upper', true);
  const k = node.number(1);
  return (inputs) => {
    const x = inputs[0]!;
    return isUpper ? A.triu(x, k(inputs) ?? 0) : A.tril(x, k(inputs) ?? 0);
  };
};

const depthToSpace: Row = (node) => {
  const [block, mode] = [node.int('blocksize', 1), node.text<string>('mode', 'DCR', 'CRD')];
  return ([x]) => {
    const [n, c, h, w] = x!.shape as [number, number, number, number];
    const depth = c / (block * block);
    const parts = mode === 'DCR' ? A.permute(A.reshape(x!, [n, block, block, depth, h, w]), [0, 3, 4, 1, 5, 2]) : A.permute(A.reshape(x!, [n, depth, block, block, h, w]), [0, 1, 4, 2, 5, 3]);
    return A.reshape(parts, [n, depth, h * block, w * block]);
  };
};

const spaceToDepth: Row = (node) => {
  const block = node.int('blocksize', 1);
  return ([x]) => {
    const [n, c, h, w] = x!.shape as [number, number, number, number];
    const parts = A.permute(A.reshape(x!, [n, c, h / block, block, w / block, block]), [0, 3, 5, 1, 2, 4]);
    return A.reshape(parts, [n, c * block * block, h / block, w / block]);
  };
};

export const shapes = (): Rows => ({
  Shape: shape, Size: size, Reshape: reshape, Flatten: flatten, Squeeze: squeeze, Unsqueeze: unsqueeze, Transpose: transpose, Concat: concat,
  Split: split, Slice: slice, Expand: expand, Tile: tile, ConstantOfShape: constantOfShape, Range: range, EyeLike: eyeLike, Trilu: trilu,
  DepthToSpace: depthToSpace, SpaceToDepth: spaceToDepth,
});
