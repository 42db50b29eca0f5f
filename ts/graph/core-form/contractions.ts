// Products of matrices and convolutions.
import type { Builder, Id } from './builder';
import { input, integersOf, type Call, type Rule } from './rule';

/** A product in which a vector is a matrix of one row or column, which goes. */
const product: Rule = (b, call) => {
  let [x, y] = [input(call, 0), input(call, 1)];
  if (b.shape(x).length === 1) x = b.reshape(x, [1, ...b.shape(x)]);
  if (b.shape(y).length === 1) y = b.reshape(y, [...b.shape(y), 1]);
  return [b.reshape(b.matmul(x, y), call.outputs[0]!.shape)];
};

/** `beta · input + alpha · product`. */
const added: Rule = (b, call) => {
  const { shape } = call.outputs[0]!;
  const y = b.shape(input(call, 2)).length === 1 ? b.reshape(input(call, 2), [...b.shape(input(call, 2)), 1]) : input(call, 2);
  const made = b.times(b.reshape(b.matmul(input(call, 1), y), shape), Number(call.attributes['alpha'] ?? 1));
  return [b.add(b.expand(b.times(input(call, 0), Number(call.attributes['beta'] ?? 1)), shape), made)];
};

const linear: Rule = (b, call) => {
  const [x, w, bias] = [input(call, 0), input(call, 1), call.inputs[2] ?? null];
  const weight = b.shape(w).length === 1 ? b.reshape(w, [1, ...b.shape(w)]) : w;
  const rows = b.shape(x).length === 1 ? b.reshape(x, [1, ...b.shape(x)]) : x;
  const made = b.reshape(b.matmul(rows, b.transpose(weight)), call.outputs[0]!.shape);
  return [bias === null ? made : b.add(made, bias)];
};

/** Strides, padding, dilation and a size, rows before columns, and groups, as one list of nine integers. */
interface Geometry {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly size: readonly number[];
  readonly groups: number;
}

function geometryOf(call: Call): Geometry {
  const all = integersOf(call, 'geometry')!;
  return { stride: all.slice(0, 2), padding: all.slice(2, 4), dilation: all.slice(4, 6), size: all.slice(6, 8), groups: all[8]! };
}

function convolution(b: Builder, x: Id, w: Id, { stride, padding, dilation, groups }: Omit<Geometry, 'size'>): Id {
  const size = [0, 1].map((i) => {
    const reach = dilation[i]! * (b.shape(w)[i + 2]! - 1) + 1;
    return Math.floor((b.shape(x)[i + 2]! + 2 * padding[i]! - reach) / stride[i]!) + 1;
  });
  return b.one('conv2d', [x, w], { stride: [...stride], padding: [...padding], dilation: [...dilation], groups }, {
    dtype: b.dtype(x), shape: [b.shape(x)[0]!, b.shape(w)[0]!, ...size],
  });
}

/** The rules, by op. */
export const CONTRACTIONS: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(['mm', 'bmm', 'mv', 'dot', 'matmul', '_stackedMatmul'].map((op) => [op, product])),
  addmm: added,
  addmv: added,
  baddbmm: added,
  linear,
  _convolution: (b, call) => {
    const [x, w, bias] = [input(call, 0), input(call, 1), call.inputs[2] ?? null];
    const geometry = geometryOf(call);
    const made = convolution(b, x, w, geometry);
    const [, , rows, cols] = b.shape(made);
    // The windows a padding behind would make are left out.
    const fits = b.slice(b.slice(made, 2, 0, Math.min(rows!, geometry.size[0]!)), 3, 0, Math.min(cols!, geometry.size[1]!));
    if (b.shape(fits).join() !== call.outputs[0]!.shape.join()) return null;
    return [bias === null ? fits : b.add(fits, b.reshape(bias, [1, b.shape(bias)[0]!, 1, 1]))];
  },
  _convolutionInput: (b, call) => {
    const [g, w] = [input(call, 0), input(call, 1)];
    const { stride, padding, dilation, size, groups } = geometryOf(call);
    const outputPadding = [0, 1].map((i) => {
      const least = (b.shape(g)[i + 2]! - 1) * stride[i]! - 2 * padding[i]! + dilation[i]! * (b.shape(w)[i + 2]! - 1) + 1;
      return size[i]! - least;
    });
    if (outputPadding.some((n, i) => n < 0 || n >= Math.max(stride[i]!, dilation[i]!))) return null;
    const attributes = { stride: [...stride], padding: [...padding], outputPadding, groups, dilation: [...dilation] };
    return [b.one('convTranspose2d', [g, w], attributes, call.outputs[0]!)];
  },
  // The gradient is the filter, and what is a step of one is the distance of elements in the other.
  _convolutionWeight: (b, call) => {
    const [g, x] = [input(call, 0), input(call, 1)];
    const { stride, padding, dilation, size, groups } = geometryOf(call);
    const swapped = (t: Id): Id => b.permute(t, [1, 0, 2, 3]);
    const group = (t: Id, i: number): Id => {
      const n = b.shape(t)[1]! / groups;
      return b.slice(t, 1, i * n, (i + 1) * n);
    };
    const of = (i: number): Id => {
      const made = convolution(b, swapped(group(x, i)), swapped(group(g, i)), { stride: dilation, padding, dilation: stride, groups: 1 });
      return swapped(b.slice(b.slice(made, 2, 0, size[0]!), 3, 0, size[1]!));
    };
    return [b.cat(Array.from({ length: groups }, (_, i) => of(i)), 0)];
  },
};
