// The operations that StableHLO has for ops, one row each. Source: the StableHLO specification, https://openxla.org/stablehlo/spec.
import type { LoweredCall, LoweredValue } from '../../core-form/record';
import { typeOf, type Text } from './text';

/** A call to be written. */
export interface Written {
  readonly text: Text;
  readonly call: LoweredCall;
  /** Names of the inputs, and what they are. */
  readonly inputs: readonly (readonly [string, LoweredValue])[];
  readonly made: readonly LoweredValue[];
}

/** Writes a call: the names of its outputs. */
export type Row = (written: Written) => readonly string[];

const listOf = (call: LoweredCall, name: string): readonly number[] => call.attributes[name] as readonly number[];

const one = (call: LoweredCall, name: string): number => Number(call.attributes[name]);

/** An operation on operands of the shape of the result. */
const elementwise = (name: string): Row => ({ text, inputs, made: [out] }) => {
  const operands = inputs.map(([x, value]) => text.broadcast(x, value, out!.shape));
  return [text.make(`stablehlo.${name} ${operands.join(', ')} : ${typeOf(out!)}`)];
};

const compared = (direction: string): Row => ({ text, inputs, made: [out] }) => {
  const { dtype } = inputs[0]![1];
  const operands = inputs.map(([x, value]) => [text.broadcast(x, value, out!.shape), { dtype, shape: out!.shape }] as const);
  return [text.op(`compare ${direction},`, operands, out!)];
};

const LEAST = -Infinity;

const reduced = (name: string, start: number): Row => ({ text, call, inputs: [x], made: [out] }) => {
  const { dtype } = out!;
  const initial = text.constant({ dtype, shape: [] }, start);
  const dims = listOf(call, 'dim');
  const shape = x![1].shape.filter((_, d) => !dims.includes(d));
  const right = `stablehlo.reduce(${x![0]} init: ${initial}) applies stablehlo.${name} across dimensions = [${dims.join(', ')}] : (${typeOf(x![1])}, ${typeOf({ dtype, shape: [] })}) -> ${typeOf({ dtype, shape })}`;
  const made = text.make(right);
  return [shape.join() === out!.shape.join() ? made : text.op('reshape', [[made, { dtype, shape }]], out!)];
};

/** Rows at places of the first dim, or elements of the second, added to what is there or put in place of it. */
const scattered = (combine: 'add' | null, numbers: string): Row => ({ text, inputs, made: [out] }) => {
  const scalar = typeOf({ dtype: out!.dtype, shape: [] });
  const types = inputs.map(([, value]) => typeOf(value)).join(', ');
  const [a, c, s] = ['%a', '%c', '%s'];
  const body = combine === null ? `stablehlo.return ${c} : ${scalar}` : `${s} = stablehlo.add ${a}, ${c} : ${scalar}\n      stablehlo.return ${s} : ${scalar}`;
  const right = `"stablehlo.scatter"(${inputs.map(([x]) => x).join(', ')}) <{scatter_dimension_numbers = #stablehlo.scatter<${numbers}>, indices_are_sorted = false, unique_indices = false}> ({\n    ^bb0(${a}: ${scalar}, ${c}: ${scalar}):\n      ${body}\n    }) : (${types}) -> ${typeOf(out!)}`;
  return [text.make(right)];
};

/** Places of rows, for all but the first dim of an operand. */
const rowNumbers = (rank: number): string =>
  `update_window_dims = [${Array.from({ length: rank - 1 }, (_, i) => i + 1).join(', ')}], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1`;

interface Window {
  readonly stride: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly leftDilation: readonly number[];
  readonly rightDilation: readonly number[];
  readonly reverse: boolean;
}

function convolution({ text, inputs, made }: Written, kernel: string, { stride, low, high, leftDilation, rightDilation, reverse }: Window, groups: number): readonly string[] {
  const pads = low.map((n, i) => `[${n}, ${high[i]}]`).join(', ');
  const dilations = `lhs_dilate = [${leftDilation.join(', ')}], rhs_dilate = [${rightDilation.join(', ')}]`;
  const window = `{stride = [${stride.join(', ')}], pad = [${pads}], ${dilations}, reverse = [${reverse}, ${reverse}]}`;
  const counts = `{batch_group_count = 1 : i64, feature_group_count = ${groups} : i64}`;
  const [[x, xs], [w, ws]] = inputs as [readonly [string, LoweredValue], readonly [string, LoweredValue]];
  return [text.make(`stablehlo.convolution(${x}, ${w}) dim_numbers = [b, f, 0, 1]x${kernel}->[b, f, 0, 1], window = ${window} ${counts} : (${typeOf(xs)}, ${typeOf(ws)}) -> ${typeOf(made[0]!)}`)];
}

/**
 * The error function, which the portable form lacks: 1 − t · exp(−x² + p(t)) with t = 1 / (1 + |x| / 2), within 1.2e-7.
 * Source: Press et al., "Numerical Recipes", section 6.2, the fit of erfc by Chebyshev polynomials.
 */
const ERFC = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];

const erf: Row = ({ text, inputs, made: [out] }) => {
  const [x] = inputs[0]!;
  const type = typeOf(out!);
  const op = (name: string, ...operands: readonly string[]): string => text.make(`stablehlo.${name} ${operands.join(', ')} : ${type}`);
  const number = (n: number): string => text.constant(out!, n);
  const size = op('abs', x);
  const t = op('divide', number(1), op('add', number(1), op('multiply', size, number(0.5))));
  let p = number(ERFC.at(-1)!);
  for (const c of ERFC.slice(0, -1).reverse()) p = op('add', number(c), op('multiply', t, p));
  const rest = op('multiply', t, op('exponential', op('subtract', p, op('multiply', size, size))));
  return [op('multiply', op('sign', x), op('subtract', number(1), rest))];
};

/** The greatest element of each window and its place in its plane, the first of equals. */
const maxPool: Row = ({ text, call, inputs, made: [out, at] }) => {
  const [x, xs] = inputs[0]!;
  const [kernel, stride, padding, dilation] = ['kernelSize', 'stride', 'padding', 'dilation'].map((name) => listOf(call, name)) as [readonly number[], readonly number[], readonly number[], readonly number[]];
  const { dtype } = out!;
  const rank = xs.shape.length;
  const [rows, cols] = out!.shape.slice(-2) as [number, number];
  const lead = xs.shape.slice(0, -2);
  const reach = [0, 1].map((i) => ([rows, cols][i]! - 1) * stride[i]! + dilation[i]! * (kernel[i]! - 1) + 1);
  const high = [0, 1].map((i) => Math.max(0, reach[i]! - padding[i]! - xs.shape[rank - 2 + i]!));
  const zeros = lead.map(() => 0);
  const padded: LoweredValue = { dtype, shape: [...lead, ...[0, 1].map((i) => xs.shape[rank - 2 + i]! + padding[i]! + high[i]!)] };
  const least: LoweredValue = { dtype, shape: [] };
  const all = text.op('pad', [[x, xs], [text.constant(least, LEAST), least]], padded, `, low = [${[...zeros, ...padding].join(', ')}], high = [${[...zeros, ...high].join(', ')}], interior = [${[...zeros, 0, 0].join(', ')}]`);
  let [best, place] = ['', ''];
  for (let i = 0; i < kernel[0]!; i++) {
    for (let j = 0; j < kernel[1]!; j++) {
      const starts = [i * dilation[0]!, j * dilation[1]!];
      const ranges = [...lead.map((n) => `0:${n}`), ...[rows, cols].map((n, d) => `${starts[d]}:${starts[d]! + (n - 1) * stride[d]! + 1}:${stride[d]}`)];
      const part = text.op('slice', [[all, padded]], out!, ` [${ranges.join(', ')}]`);
      const places = Array.from({ length: rows * cols }, (_, n) => {
        const [r, c] = [Math.floor(n / cols) * stride[0]! + starts[0]! - padding[0]!, (n % cols) * stride[1]! + starts[1]! - padding[1]!];
        return r * xs.shape[rank - 1]! + c;
      });
      const plane: LoweredValue = { dtype: 'int64', shape: [rows, cols] };
      const here = text.broadcast(text.constant(plane, places), plane, at!.shape);
      if (best === '') [best, place] = [part, here];
      else {
        const flags: LoweredValue = { dtype: 'bool', shape: out!.shape };
        const greater = text.op('compare GT,', [[part, out!], [best, out!]], flags);
        best = text.make(`stablehlo.select ${greater}, ${part}, ${best} : ${typeOf(flags)}, ${typeOf(out!)}`);
        place = text.make(`stablehlo.select ${greater}, ${here}, ${place} : ${typeOf(flags)}, ${typeOf(at!)}`);
      }
    }
  }
  return [best, place];
};

const NAMES: Readonly<Record<string, string>> = {
  abs: 'abs', neg: 'negate', exp: 'exponential', log: 'log', sqrt: 'sqrt', rsqrt: 'rsqrt', sin: 'sine', cos: 'cosine', tan: 'tan', tanh: 'tanh',
  sigmoid: 'logistic', sign: 'sign', floor: 'floor', ceil: 'ceil', round: 'round_nearest_even', log1p: 'log_plus_one', expm1: 'exponential_minus_one',
  add: 'add', sub: 'subtract', mul: 'multiply', div: 'divide', pow: 'power', maximum: 'maximum', minimum: 'minimum', atan2: 'atan2',
  logicalAnd: 'and', logicalOr: 'or', logicalNot: 'not',
};

const DIRECTIONS: Readonly<Record<string, string>> = { eq: 'EQ', ne: 'NE', lt: 'LT', le: 'LE', gt: 'GT', ge: 'GE' };

/** The rows, by op. */
export const ROWS: Readonly<Record<string, Row>> = {
  ...Object.fromEntries(Object.entries(NAMES).map(([op, name]) => [op, elementwise(name)])),
  ...Object.fromEntries(Object.entries(DIRECTIONS).map(([op, direction]) => [op, compared(direction)])),
  reciprocal: ({ text, inputs: [x], made: [out] }) => [text.make(`stablehlo.divide ${text.constant(out!, 1)}, ${x![0]} : ${typeOf(out!)}`)],
  relu: ({ text, inputs: [x], made: [out] }) => [text.make(`stablehlo.maximum ${x![0]}, ${text.constant(out!, 0)} : ${typeOf(out!)}`)],
  erf,
  where: ({ text, inputs, made: [out] }) => {
    const [condition, a, b] = inputs.map(([x, value]) => text.broadcast(x, value, out!.shape));
    return [text.make(`stablehlo.select ${condition}, ${a}, ${b} : ${typeOf({ dtype: 'bool', shape: out!.shape })}, ${typeOf(out!)}`)];
  },
  to: ({ text, inputs, made: [out] }) => [text.op('convert', inputs, out!)],
  reshape: ({ text, inputs, made: [out] }) => [text.op('reshape', inputs, out!)],
  permute: ({ text, call, inputs, made: [out] }) => [text.op('transpose', inputs, out!, `, dims = [${listOf(call, 'dims').join(', ')}]`)],
  expand: ({ text, inputs: [x], made: [out] }) => [text.broadcast(x![0], x![1], out!.shape)],
  cat: ({ text, call, inputs, made: [out] }) => [text.op('concatenate', inputs, out!, `, dim = ${one(call, 'dim')}`)],
  slice: ({ text, call, inputs: [x], made: [out] }) => {
    const ranges = x![1].shape.map((n, d) => (d === one(call, 'dim') ? `${one(call, 'start')}:${one(call, 'end')}:${one(call, 'step')}` : `0:${n}`));
    return [text.op('slice', [x!], out!, ` [${ranges.join(', ')}]`)];
  },
  sum: reduced('add', 0),
  prod: reduced('multiply', 1),
  amax: reduced('maximum', LEAST),
  amin: reduced('minimum', Infinity),
  matmul: ({ text, inputs, made: [out] }) => {
    const lead = out!.shape.slice(0, -2);
    const operands = inputs.map(([x, value]) => {
      const shape = [...lead, ...value.shape.slice(-2)];
      return [text.broadcast(x, value, shape), { dtype: value.dtype, shape }] as const;
    });
    const dims = lead.map((_, i) => i).join(', ');
    const batch = lead.length === 0 ? '' : `, batching_dims = [${dims}] x [${dims}]`;
    return [text.op('dot_general', operands, out!, `${batch}, contracting_dims = [${lead.length + 1}] x [${lead.length}]`)];
  },
  indexSelect: ({ text, inputs: [x, index], made: [out] }) => {
    const rank = x![1].shape.length;
    const offsets = Array.from({ length: rank - 1 }, (_, i) => i + 1).join(', ');
    const sizes = [1, ...x![1].shape.slice(1)].join(', ');
    const numbers = `offset_dims = [${offsets}], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1`;
    return [text.make(`"stablehlo.gather"(${x![0]}, ${index![0]}) <{dimension_numbers = #stablehlo.gather<${numbers}>, slice_sizes = array<i64: ${sizes}>, indices_are_sorted = false}> : (${typeOf(x![1])}, ${typeOf(index![1])}) -> ${typeOf(out!)}`)];
  },
  indexAdd: (written) => scattered('add', rowNumbers(written.made[0]!.shape.length))(written),
  indexCopy: (written) => scattered(null, rowNumbers(written.made[0]!.shape.length))(written),
  scatterAdd: (written) => {
    const { text, inputs: [x, index, source] } = written;
    const [planes, count] = index![1].shape as [number, number];
    // A place is a row and a column.
    const column: LoweredValue = { dtype: 'int64', shape: [planes, count, 1] };
    const places: LoweredValue = { dtype: 'int64', shape: [planes, count, 2] };
    const numbers: LoweredValue = { dtype: 'int64', shape: [planes, 1, 1] };
    const row = text.broadcast(text.constant(numbers, Array.from({ length: planes }, (_, i) => i)), numbers, column.shape);
    const at = text.op('concatenate', [[row, column], [text.op('reshape', [index!], column), column]], places, ', dim = 2');
    const rule = scattered('add', 'inserted_window_dims = [0, 1], scatter_dims_to_operand_dims = [0, 1], index_vector_dim = 2');
    return rule({ ...written, inputs: [x!, [at, places], source!] });
  },
  conv2d: (written) => {
    const [stride, padding, dilation] = ['stride', 'padding', 'dilation'].map((name) => listOf(written.call, name)) as [readonly number[], readonly number[], readonly number[]];
    const window = { stride, low: padding, high: padding, leftDilation: [1, 1], rightDilation: dilation, reverse: false };
    return convolution(written, '[o, i, 0, 1]', window, one(written.call, 'groups'));
  },
  convTranspose2d: (written) => {
    const [stride, padding, dilation, more] = ['stride', 'padding', 'dilation', 'outputPadding'].map((name) => listOf(written.call, name)) as [readonly number[], readonly number[], readonly number[], readonly number[]];
    const low = [0, 1].map((i) => dilation[i]! * (written.inputs[1]![1].shape[i + 2]! - 1) - padding[i]!);
    const window = { stride: [1, 1], low, high: low.map((n, i) => n + more[i]!), leftDilation: stride, rightDilation: dilation, reverse: true };
    return convolution(written, '[i, o, 0, 1]', window, 1);
  },
  maxPool2d: maxPool,
};
