// Ops that move elements.
import { elements, type Builder, type Id } from './builder';
import { dimOf, input, integersOf, numberOf, type Call, type Rule } from './rule';

const reshaped: Rule = (b, call) => [b.reshape(input(call, 0), call.outputs[0]!.shape)];

const expanded: Rule = (b, call) => [b.expand(input(call, 0), call.outputs[0]!.shape)];

const same: Rule = (_, call) => [input(call, 0)];

const filled = (number: number): Rule => (b, call) => [b.filled(number, call.outputs[0]!.dtype, call.outputs[0]!.shape)];

const transposed = (first: string, second: string): Rule => (b, call) => {
  const x = input(call, 0);
  return [b.shape(x).length < 2 ? x : b.transpose(x, numberOf(call, first), numberOf(call, second))];
};

const joined: Rule = (b, call) => {
  const { dtype, shape } = call.outputs[0]!;
  // An empty vector is joined to anything.
  const parts = call.inputs.map((_, i) => b.to(input(call, i), dtype)).filter((x) => b.shape(x).length === shape.length);
  return [b.cat(parts, dimOf(Number(call.attributes['dim'] ?? 0), shape.length))];
};

/** Parts of a dim, one behind the other. */
const parts: Rule = (b, call) => {
  const x = input(call, 0);
  const dim = dimOf(Number(call.attributes['dim'] ?? 0), b.shape(x).length);
  let start = 0;
  return call.outputs.map(({ shape }) => b.slice(x, dim, start, (start += shape[dim]!)));
};

/** One place of a dim, which goes. */
function selected(b: Builder, x: Id, dim: number, index: number): Id {
  const shape = b.shape(x);
  const at = index < 0 ? index + shape[dim]! : index;
  return b.reshape(b.slice(x, dim, at, at + 1), [...shape.slice(0, dim), ...shape.slice(dim + 1)]);
}

/** Start and end of a slice as counted from the start, within a dim of `n`. */
function bounds(call: Call, n: number): [number, number] {
  const bound = (name: string, without: number): number => {
    const given = call.attributes[name];
    if (given === null || given === undefined) return without;
    const at = Number(given);
    return Math.min(n, Math.max(0, at < 0 ? at + n : at));
  };
  return [bound('start', 0), bound('end', n)];
}

/** Zeros of `shape` with `x` at `start` of a dim, in steps. */
function placed(b: Builder, x: Id, shape: readonly number[], dim: number, start: number, step: number): Id {
  const count = b.shape(x)[dim]!;
  const zeros = (n: number): Id => b.filled(0, b.dtype(x), shape.map((size, i) => (i === dim ? n : size)));
  if (step === 1 || count <= 1) {
    const [before, after] = [start, shape[dim]! - start - count];
    return b.cat([...(before > 0 ? [zeros(before)] : []), x, ...(after > 0 ? [zeros(after)] : [])], dim);
  }
  const places = b.integers(Array.from({ length: count }, (_, i) => start + i * step));
  const first = b.transpose(x, 0, dim);
  const target = b.filled(0, b.dtype(x), [shape[dim]!, ...b.shape(first).slice(1)]);
  return b.transpose(b.indexAdd(target, places, first), 0, dim);
}

/** Padding of the last dims, last first, by a number. */
const padded: Rule = (b, call) => {
  const pad = integersOf(call, 'pad') ?? [];
  if (pad.some((n) => n < 0)) return null;
  let x = input(call, 0);
  for (let i = 0; i < pad.length / 2; i++) {
    const dim = b.shape(x).length - 1 - i;
    const block = (n: number): Id[] => (n === 0 ? [] : [b.filled(Number(call.attributes['value'] ?? 0), b.dtype(x), b.shape(x).map((size, d) => (d === dim ? n : size)))]);
    x = b.cat([...block(pad[2 * i]!), x, ...block(pad[2 * i + 1]!)], dim);
  }
  return [x];
};

/** The rules, by op. */
export const SHAPES: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(['view', 'reshape', '_unsafeView', 'unsqueeze', 'squeeze', 'flatten', 'unflatten', 'viewAs'].map((op) => [op, reshaped])),
  ...Object.fromEntries(['expand', 'expandAs', 'broadcastTo'].map((op) => [op, expanded])),
  ...Object.fromEntries(['clone', 'contiguous', 'aliasCopy'].map((op) => [op, same])),
  ...Object.fromEntries(['zeros', 'zerosLike', 'newZeros'].map((op) => [op, filled(0)])),
  ...Object.fromEntries(['ones', 'onesLike', 'newOnes'].map((op) => [op, filled(1)])),
  ...Object.fromEntries(['full', 'fullLike', 'newFull'].map((op) => [op, ((b, call) => filled(numberOf(call, 'fillValue'))(b, call)) satisfies Rule])),
  ...Object.fromEntries(['split', 'splitWithSizes', 'chunk', 'tensorSplit'].map((op) => [op, parts])),
  arange: (b, call) => {
    const [start, step] = [Number(call.attributes['start'] ?? 0), Number(call.attributes['step'] ?? 1)];
    const { dtype, shape } = call.outputs[0]!;
    if (dtype !== 'int64' || !Number.isInteger(start) || !Number.isInteger(step)) return null;
    return [b.integers(Array.from({ length: shape[0]! }, (_, i) => start + i * step))];
  },
  transpose: transposed('dim0', 'dim1'),
  swapdims: transposed('dim0', 'dim1'),
  swapaxes: transposed('axis0', 'axis1'),
  t: (b, call) => [b.shape(input(call, 0)).length < 2 ? input(call, 0) : b.transpose(input(call, 0))],
  permute: (b, call) => {
    const x = input(call, 0);
    return [b.permute(x, integersOf(call, 'dims')!.map((d) => dimOf(d, b.shape(x).length)))];
  },
  cat: joined,
  _cat: joined,
  stack: (b, call) => {
    const { dtype, shape } = call.outputs[0]!;
    const dim = dimOf(Number(call.attributes['dim'] ?? 0), shape.length);
    const one = shape.map((n, i) => (i === dim ? 1 : n));
    return [b.cat(call.inputs.map((_, i) => b.reshape(b.to(input(call, i), dtype), one)), dim)];
  },
  select: (b, call) => {
    const x = input(call, 0);
    return [selected(b, x, dimOf(numberOf(call, 'dim'), b.shape(x).length), numberOf(call, 'index'))];
  },
  unbind: (b, call) => {
    const x = input(call, 0);
    const dim = dimOf(Number(call.attributes['dim'] ?? 0), b.shape(x).length);
    return call.outputs.map((_, i) => selected(b, x, dim, i));
  },
  narrow: (b, call) => {
    const x = input(call, 0);
    const dim = dimOf(numberOf(call, 'dim'), b.shape(x).length);
    const start = numberOf(call, 'start') < 0 ? numberOf(call, 'start') + b.shape(x)[dim]! : numberOf(call, 'start');
    return [b.slice(x, dim, start, start + numberOf(call, 'length'))];
  },
  _slice: (b, call) => {
    const x = input(call, 0);
    const dim = dimOf(Number(call.attributes['dim'] ?? 0), b.shape(x).length);
    const [start, end] = bounds(call, b.shape(x)[dim]!);
    return [b.slice(x, dim, start, Math.max(start, end), Number(call.attributes['step'] ?? 1))];
  },
  _selectBackward: (b, call) => {
    const { shape } = call.outputs[0]!;
    const dim = dimOf(numberOf(call, 'dim'), shape.length);
    const index = numberOf(call, 'index') < 0 ? numberOf(call, 'index') + shape[dim]! : numberOf(call, 'index');
    return [placed(b, b.reshape(input(call, 0), shape.map((n, i) => (i === dim ? 1 : n))), shape, dim, index, 1)];
  },
  _sliceBackward: (b, call) => {
    const { shape } = call.outputs[0]!;
    const dim = dimOf(Number(call.attributes['dim'] ?? 0), shape.length);
    return [placed(b, input(call, 0), shape, dim, bounds(call, shape[dim]!)[0], Number(call.attributes['step'] ?? 1))];
  },
  constantPadNd: padded,
  indexSelect: (b, call) => {
    const x = input(call, 0);
    const dim = dimOf(numberOf(call, 'dim'), b.shape(x).length);
    const rows = b.transpose(x, 0, dim);
    const index = b.to(b.reshape(input(call, 1), [elements(b.shape(input(call, 1)))]), 'int64');
    const taken = b.one('indexSelect', [rows, index], { dim: 0 }, { dtype: b.dtype(x), shape: [b.shape(index)[0]!, ...b.shape(rows).slice(1)] });
    return [b.transpose(taken, 0, dim)];
  },
  _indexSelectBackward: (b, call) => {
    const { dtype, shape } = call.outputs[0]!;
    const dim = dimOf(numberOf(call, 'dim'), shape.length);
    const source = b.transpose(input(call, 0), 0, dim);
    const zeros = b.filled(0, dtype, [shape[dim]!, ...b.shape(source).slice(1)]);
    return [b.transpose(b.indexAdd(zeros, b.to(input(call, 1), 'int64'), source), 0, dim)];
  },
  indexAdd: (b, call) => {
    const [x, index] = [input(call, 0), b.to(input(call, 1), 'int64')];
    if (dimOf(numberOf(call, 'dim'), b.shape(x).length) !== 0 || b.shape(index).length !== 1) return null;
    return [b.indexAdd(x, index, b.times(b.to(input(call, 2), b.dtype(x)), Number(call.attributes['alpha'] ?? 1)))];
  },
};
