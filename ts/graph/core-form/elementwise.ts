// Ops that go element by element: operands in one dtype, and formulas as their parts.
import type { DType } from '../../core/dtype';
import { broadcast, isFloat, type Builder, type Id } from './builder';
import { input, numberOf, type Call, type Rule } from './rule';

/** Ops of one tensor that stay, computed in the dtype of the result. */
const UNARY = [
  'abs', 'neg', 'exp', 'log', 'sqrt', 'rsqrt', 'reciprocal', 'sin', 'cos', 'tan', 'tanh', 'sigmoid', 'relu', 'erf', 'sign', 'floor', 'ceil',
  'round', 'trunc', 'log1p', 'expm1', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'asinh', 'acosh', 'atanh',
];

const COMPARED = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

const ORDER: readonly DType[] = ['bool', 'uint8', 'int8', 'int16', 'int32', 'int64', 'float16', 'bfloat16', 'float32', 'float64'];

/** The dtype that operands are compared in. */
function common(b: Builder, ids: readonly Id[]): DType {
  const tensors = ids.filter((id) => !b.isNumber(id));
  // A 0-dim tensor counts only where no other is of its kind.
  const wide = tensors.filter((id) => b.shape(id).length > 0);
  const counted = wide.length > 0 ? wide : tensors.length > 0 ? tensors : ids;
  const widest = (of: readonly Id[]): DType => of.map((id) => b.dtype(id)).reduce((a, c) => (ORDER.indexOf(a) > ORDER.indexOf(c) ? a : c));
  const dtype = widest(counted);
  const fraction = ids.some((id) => isFloat(b.dtype(id)) && !isFloat(dtype));
  return fraction ? 'float32' : dtype;
}

/** The one output, in the shape and dtype that the call has. */
function fits(b: Builder, call: Call, made: Id): readonly Id[] {
  const { dtype, shape } = call.outputs[0]!;
  return [b.expand(b.to(made, dtype), shape)];
}

/** A formula of tensors in the dtype of the result. */
export function formula(f: (b: Builder, operands: readonly Id[], call: Call) => Id): Rule {
  return (b, call) => {
    const { dtype } = call.outputs[0]!;
    const operands = call.inputs.map((_, i) => b.to(input(call, i), dtype));
    return fits(b, call, f(b, operands, call));
  };
}

const binary = (op: string): Rule => formula((b, [x, y]) => b.binary(op, x!, y!));

/** `x + alpha · y` or `x − alpha · y`. */
const sum = (op: 'add' | 'sub'): Rule => formula((b, [x, y], call) => b[op](x!, b.times(y!, Number(call.attributes['alpha'] ?? 1))));

const compared = (op: string): Rule => (b, call) => {
  const ids = [input(call, 0), input(call, 1)];
  const dtype = common(b, ids);
  const [x, y] = ids.map((id) => b.to(id, dtype));
  return fits(b, call, b.binary(op, x!, y!, 'bool'));
};

const logical = (op: string): Rule => (b, call) => {
  const operands = call.inputs.map((_, i) => b.to(input(call, i), 'bool'));
  const shape = broadcast(operands.map((id) => b.shape(id)));
  return fits(b, call, b.one(op, operands, {}, { dtype: 'bool', shape }));
};

/** Φ(x), the distribution function of the normal distribution. */
function normal(b: Builder, x: Id): Id {
  return b.times(b.plus(b.unary('erf', b.times(x, Math.SQRT1_2)), 1), 0.5);
}

/** The greater of `x` and `low`, the less of that and `high`; where one is null there is no bound. */
export function clamped(b: Builder, x: Id, low: number | null, high: number | null): Id {
  const bound = (number: number): Id => b.filled(number, b.dtype(x));
  const above = low === null ? x : b.binary('maximum', x, bound(low));
  return high === null ? above : b.binary('minimum', above, bound(high));
}

const limit = (call: Call, name: string): number | null => {
  const given = call.attributes[name];
  return given === null || given === undefined ? null : Number(given);
};

/** The rules, by op. */
export const ELEMENTWISE: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(UNARY.map((op) => [op, formula((b, [x]) => b.unary(op, x!))])),
  ...Object.fromEntries(COMPARED.map((op) => [op, compared(op)])),
  ...Object.fromEntries(['logicalAnd', 'logicalOr', 'logicalNot'].map((op) => [op, logical(op)])),
  ...Object.fromEntries(['mul', 'pow', 'maximum', 'minimum', 'atan2'].map((op) => [op, binary(op)])),
  add: sum('add'),
  sub: sum('sub'),
  rsub: formula((b, [x, y], call) => b.sub(y!, b.times(x!, Number(call.attributes['alpha'] ?? 1)))),
  div: (b, call) => ((call.attributes['roundingMode'] ?? null) === null ? binary('div')(b, call) : null),
  square: formula((b, [x]) => b.mul(x!, x!)),
  positive: formula((_, [x]) => x!),
  _squaredError: formula((b, [x, y]) => {
    const error = b.sub(x!, y!);
    return b.mul(error, error);
  }),
  lerp: formula((b, [x, y, weight], call) => {
    const share = weight ?? b.filled(numberOf(call, 'weight'), b.dtype(x!));
    return b.add(x!, b.mul(share, b.sub(y!, x!)));
  }),
  addcmul: formula((b, [x, y, z], call) => b.add(x!, b.times(b.mul(y!, z!), Number(call.attributes['value'] ?? 1)))),
  addcdiv: formula((b, [x, y, z], call) => b.add(x!, b.times(b.div(y!, z!), Number(call.attributes['value'] ?? 1)))),
  silu: formula((b, [x]) => b.mul(x!, b.unary('sigmoid', x!))),
  // Without the digits that erfc keeps where it is small, which engines lack.
  erfc: formula((b, [x]) => b.sub(b.filled(1, b.dtype(x!)), b.unary('erf', x!))),
  _gelu: formula((b, [x]) => b.mul(x!, normal(b, x!))),
  _geluTanh: formula((b, [x]) => {
    const cube = b.mul(b.mul(x!, x!), x!);
    const inner = b.times(b.add(x!, b.times(cube, 0.044715)), Math.sqrt(2 / Math.PI));
    return b.mul(b.times(x!, 0.5), b.plus(b.unary('tanh', inner), 1));
  }),
  leakyRelu: formula((b, [x], call) => b.where(b.binary('gt', x!, b.filled(0, b.dtype(x!)), 'bool'), x!, b.times(x!, numberOf(call, 'negativeSlope')))),
  clamp: formula((b, [x], call) => clamped(b, x!, limit(call, 'min'), limit(call, 'max'))),
  clampMin: formula((b, [x], call) => clamped(b, x!, limit(call, 'min'), null)),
  clampMax: formula((b, [x], call) => clamped(b, x!, null, limit(call, 'max'))),
  _clampTensor: formula((b, [x, low, high]) => b.binary('minimum', b.binary('maximum', x!, low!), high!)),
  where: (b, call) => {
    const { dtype } = call.outputs[0]!;
    const [condition, x, y] = [b.to(input(call, 0), 'bool'), b.to(input(call, 1), dtype), b.to(input(call, 2), dtype)];
    return fits(b, call, b.where(condition, x, y));
  },
  maskedFill: (b, call) => {
    const { dtype } = call.outputs[0]!;
    const value = call.inputs.length > 2 ? b.to(input(call, 2), dtype) : b.filled(numberOf(call, 'value'), dtype);
    return fits(b, call, b.where(b.to(input(call, 1), 'bool'), value, b.to(input(call, 0), dtype)));
  },
  exp2: formula((b, [x]) => b.unary('exp', b.times(x!, Math.LN2))),
  log2: formula((b, [x]) => b.times(b.unary('log', x!), Math.LOG2E)),
  log10: formula((b, [x]) => b.times(b.unary('log', x!), Math.LOG10E)),
  isnan: (b, call) => fits(b, call, b.binary('ne', input(call, 0), input(call, 0), 'bool')),
  _toCopy: (b, call) => fits(b, call, input(call, 0)),
  copy: (b, call) => fits(b, call, input(call, 1)),
  fill: (b, call) => fits(b, call, input(call, 1)),
  zero: (b, call) => fits(b, call, b.filled(0, call.outputs[0]!.dtype)),
};
