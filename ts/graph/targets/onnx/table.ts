// The operators that ONNX has for ops, one row each. Source: the operator schemas of ONNX 1.16, operator set 18.
import type { Attribute, LoweredCall, LoweredValue } from '../../core-form/record';
import { typeOf, type Model } from './model';

/** A call to be written: names of inputs and outputs, and what is known of them. */
export interface Written {
  readonly model: Model;
  readonly call: LoweredCall;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly given: readonly LoweredValue[];
  readonly made: readonly LoweredValue[];
}

/** Writes a call. */
export type Row = (written: Written) => void;

const node = (op: string): Row => ({ model, inputs, outputs }) => { model.node(op, inputs, {}, outputs); };

const listOf = (call: LoweredCall, name: string): readonly number[] => (call.attributes[name] as readonly number[]);

const one = (attribute: Attribute | undefined): number => Number(attribute);

/** A reduction, which takes its dims as an input. */
const reduction = (op: string): Row => ({ model, call, inputs, outputs }) => {
  model.node(op, [inputs[0]!, model.list(listOf(call, 'dim'))], { keepdims: Number(call.attributes['keepdim']) }, outputs);
};

const scattered = (accumulates: boolean): Row => ({ model, inputs: [x, index, source], outputs, given }) => {
  // ScatterND takes a place in the first dim for each row.
  const [places] = model.node('Reshape', [index!, model.list([given[1]!.shape[0]!, 1])]);
  model.node('ScatterND', [x!, places!, source!], { reduction: accumulates ? 'add' : 'none' }, outputs);
};

/** Padding at the start of each axis and as much at the end. */
const bothEnds = (padding: readonly number[]): readonly number[] => [...padding, ...padding];

const NODES: Readonly<Record<string, string>> = {
  abs: 'Abs', neg: 'Neg', exp: 'Exp', log: 'Log', sqrt: 'Sqrt', reciprocal: 'Reciprocal', sin: 'Sin', cos: 'Cos', tan: 'Tan', tanh: 'Tanh',
  sigmoid: 'Sigmoid', relu: 'Relu', erf: 'Erf', sign: 'Sign', floor: 'Floor', ceil: 'Ceil', round: 'Round', asin: 'Asin', acos: 'Acos',
  atan: 'Atan', sinh: 'Sinh', cosh: 'Cosh', asinh: 'Asinh', acosh: 'Acosh', atanh: 'Atanh', add: 'Add', sub: 'Sub', mul: 'Mul', div: 'Div',
  pow: 'Pow', maximum: 'Max', minimum: 'Min', eq: 'Equal', lt: 'Less', gt: 'Greater', le: 'LessOrEqual', ge: 'GreaterOrEqual',
  logicalAnd: 'And', logicalOr: 'Or', logicalNot: 'Not', where: 'Where', matmul: 'MatMul',
};

/** The rows, by op. */
export const ROWS: Readonly<Record<string, Row>> = {
  ...Object.fromEntries(Object.entries(NODES).map(([op, name]) => [op, node(name)])),
  rsqrt: ({ model, inputs, outputs }) => { model.node('Reciprocal', model.node('Sqrt', inputs), {}, outputs); },
  ne: ({ model, inputs, outputs }) => { model.node('Not', model.node('Equal', inputs), {}, outputs); },
  to: ({ model, inputs, outputs, made }) => { model.node('Cast', inputs, { to: typeOf(made[0]!.dtype) }, outputs); },
  reshape: ({ model, inputs, outputs, made }) => { model.node('Reshape', [inputs[0]!, model.list(made[0]!.shape)], {}, outputs); },
  permute: ({ model, call, inputs, outputs }) => { model.node('Transpose', inputs, { perm: listOf(call, 'dims') }, outputs); },
  expand: ({ model, inputs, outputs, made }) => { model.node('Expand', [inputs[0]!, model.list(made[0]!.shape)], {}, outputs); },
  cat: ({ model, call, inputs, outputs }) => { model.node('Concat', inputs, { axis: one(call.attributes['dim']) }, outputs); },
  slice: ({ model, call, inputs, outputs }) => {
    const [start, end, dim, step] = ['start', 'end', 'dim', 'step'].map((name) => model.list([one(call.attributes[name])]));
    model.node('Slice', [inputs[0]!, start!, end!, dim!, step!], {}, outputs);
  },
  sum: reduction('ReduceSum'),
  amax: reduction('ReduceMax'),
  amin: reduction('ReduceMin'),
  prod: reduction('ReduceProd'),
  indexSelect: ({ model, call, inputs, outputs }) => { model.node('Gather', inputs, { axis: one(call.attributes['dim']) }, outputs); },
  indexAdd: scattered(true),
  indexCopy: scattered(false),
  scatterAdd: ({ model, call, inputs, outputs }) => {
    model.node('ScatterElements', inputs, { axis: one(call.attributes['dim']), reduction: 'add' }, outputs);
  },
  conv2d: ({ model, call, inputs, outputs, given }) => {
    const [strides, padding, dilations] = ['stride', 'padding', 'dilation'].map((name) => listOf(call, name));
    const kernel_shape = given[1]!.shape.slice(2);
    model.node('Conv', inputs, { strides: strides!, pads: bothEnds(padding!), dilations: dilations!, group: one(call.attributes['groups']), kernel_shape }, outputs);
  },
  convTranspose2d: ({ model, call, inputs, outputs, given }) => {
    const [strides, padding, dilations, output_padding] = ['stride', 'padding', 'dilation', 'outputPadding'].map((name) => listOf(call, name));
    const kernel_shape = given[1]!.shape.slice(2);
    const group = one(call.attributes['groups']);
    model.node('ConvTranspose', inputs, { strides: strides!, pads: bothEnds(padding!), dilations: dilations!, output_padding: output_padding!, group, kernel_shape }, outputs);
  },
  maxPool2d: ({ model, call, inputs, outputs, given, made }) => {
    const [kernel_shape, strides, padding, dilations] = ['kernelSize', 'stride', 'padding', 'dilation'].map((name) => listOf(call, name));
    const [rows, cols] = given[0]!.shape.slice(-2) as [number, number];
    const floor = [rows, cols].map((n, i) => Math.floor((n + 2 * padding![i]! - dilations![i]! * (kernel_shape![i]! - 1) - 1) / strides![i]!) + 1);
    const ceil_mode = Number(made[0]!.shape.slice(-2).join() !== floor.join());
    const at = model.fresh();
    model.node('MaxPool', inputs, { kernel_shape: kernel_shape!, strides: strides!, pads: bothEnds(padding!), dilations: dilations!, ceil_mode }, [outputs[0]!, at]);
    // Places are those in the whole tensor there, and in its plane here.
    const plane = model.fresh();
    model.initializer(plane, { dtype: 'int64', shape: [] }, [rows * cols]);
    model.node('Mod', [at, plane], {}, [outputs[1]!]);
  },
};
