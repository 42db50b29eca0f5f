// The calls of PyTorch for ops, one row each. Source: the PyTorch 2.15 documentation.
import type { Attribute, LoweredCall, LoweredValue } from '../../core-form/record';

/** Writes a call: the right side of an assignment. */
export type Row = (call: LoweredCall, inputs: readonly string[], given: readonly LoweredValue[], made: readonly LoweredValue[]) => string;

/** An argument as Python writes it. */
export function python(value: Attribute | undefined): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return number(value);
  if (typeof value === 'string') return JSON.stringify(value);
  return `[${value.map((n) => python(n)).join(', ')}]`;
}

function number(value: number): string {
  if (Number.isNaN(value)) return "float('nan')";
  return Number.isFinite(value) ? String(value) : `float('${value < 0 ? '-' : ''}inf')`;
}

const SNAKE = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

const direct = (op: string): Row => (_, inputs) => `torch.${SNAKE(op)}(${inputs.join(', ')})`;

const DIRECT = [
  'abs', 'neg', 'exp', 'log', 'sqrt', 'rsqrt', 'reciprocal', 'sin', 'cos', 'tan', 'tanh', 'sigmoid', 'relu', 'erf', 'sign', 'floor', 'ceil',
  'round', 'trunc', 'log1p', 'expm1', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'asinh', 'acosh', 'atanh', 'add', 'sub', 'mul', 'div', 'pow',
  'maximum', 'minimum', 'atan2', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'logicalAnd', 'logicalOr', 'logicalNot', 'where', 'matmul',
];

const reduced = (op: string): Row => ({ attributes }, [x]) => `torch.${op}(${x}, ${python(attributes['dim'])}, ${python(attributes['keepdim'])})`;

/** Arguments by name, in the order of `names`. */
const named = (attributes: LoweredCall['attributes'], ...names: readonly string[]): string => names.map((name) => `${SNAKE(name)}=${python(attributes[name])}`).join(', ');

const placed = (op: string): Row => ({ attributes }, [x, index, source]) => `torch.${op}(${x}, ${python(attributes['dim'])}, ${index}, ${source})`;

/** The rows, by op. */
export const ROWS: Readonly<Record<string, Row>> = {
  ...Object.fromEntries(DIRECT.map((op) => [op, direct(op)])),
  sum: reduced('sum'),
  amax: reduced('amax'),
  amin: reduced('amin'),
  to: ({ attributes }, [x]) => `${x}.to(torch.${String(attributes['dtype'])})`,
  reshape: ({ attributes }, [x]) => `${x}.reshape(${python(attributes['shape'])})`,
  permute: ({ attributes }, [x]) => `${x}.permute(${python(attributes['dims'])})`,
  expand: ({ attributes }, [x]) => `${x}.expand(${python(attributes['size'])})`,
  cat: ({ attributes }, inputs) => `torch.cat([${inputs.join(', ')}], ${python(attributes['dim'])})`,
  slice: ({ attributes }, [x]) => `${x}[${':, '.repeat(Number(attributes['dim']))}${python(attributes['start'])}:${python(attributes['end'])}:${python(attributes['step'])}]`,
  indexSelect: ({ attributes }, [x, index]) => `torch.index_select(${x}, ${python(attributes['dim'])}, ${index})`,
  indexAdd: placed('index_add'),
  indexCopy: placed('index_copy'),
  scatterAdd: placed('scatter_add'),
  conv2d: ({ attributes }, [x, w]) => `F.conv2d(${x}, ${w}, None, ${named(attributes, 'stride', 'padding', 'dilation', 'groups')})`,
  convTranspose2d: ({ attributes }, [x, w]) => `F.conv_transpose2d(${x}, ${w}, None, ${named(attributes, 'stride', 'padding', 'outputPadding', 'groups', 'dilation')})`,
  maxPool2d: ({ attributes }, [x], given, made) => {
    const [kernel, stride, padding, dilation] = ['kernelSize', 'stride', 'padding', 'dilation'].map((name) => attributes[name] as readonly number[]);
    const size = (i: number): number => given[0]!.shape.at(i - 2)! + 2 * padding![i]! - dilation![i]! * (kernel![i]! - 1) - 1;
    const isCeil = [0, 1].some((i) => Math.floor(size(i) / stride![i]!) + 1 !== made[0]!.shape.at(i - 2));
    return `F.max_pool2d(${x}, ${named(attributes, 'kernelSize', 'stride', 'padding', 'dilation')}, ceil_mode=${python(isCeil)}, return_indices=True)`;
  },
};
