// Operators element by element. Source of these and of all rows: the operator schemas of ONNX 1.16 and their text.
import * as F from '../../../generated/functional';
import * as A from '../../../generated/functions';
import type { Tensor } from '../../../tensor/tensor';
import type { Node, Row } from '../node';
import type { Rows } from './family';

const unary = (f: (x: Tensor) => Tensor): Row => () => ([x]) => f(x!);

const binary = (f: (a: Tensor, b: Tensor) => Tensor): Row => () => ([a, b]) => f(a!, b!);

/** One that takes any number of inputs. */
const variadic = (f: (a: Tensor, b: Tensor) => Tensor): Row => () => (inputs) => inputs.map((t) => t!).reduce((a, b) => f(a, b));

/** Quotients of integers are cut off towards 0. */
const quotient = (a: Tensor, b: Tensor): Tensor => (a.isFloatingPoint() ? A.div(a, b) : A.div(a, b, 'trunc'));

/** A power has the dtype of its base. */
function power(base: Tensor, exponent: Tensor): Tensor {
  const out = A.pow(base, exponent);
  return out.dtype === base.dtype ? out : out.to(base.dtype);
}

const clip: Row = (node) => {
  if (node.opset >= 11) {
    node.setting(1, 2);
    return ([x, min, max]) => {
      // Bounds of 0 dims change no shape; some files have them as lists of one.
      const low = min == null ? null : min.reshape([]);
      const high = max == null ? null : max.reshape([]);
      return low === null && high === null ? x! : A.clamp(x!, low, high);
    };
  }
  const [min, max] = [node.float('min', -Infinity), node.float('max', Infinity)];
  return ([x]) => A.clamp(x!, min, max);
};

const gelu: Row = (node) => {
  const approximate = node.text('approximate', 'none', 'tanh');
  return ([x]) => F.gelu(x!, approximate);
};

const cast: Row = (node) => {
  node.ignore('saturate', 'round_mode');
  const to = node.dtype('to');
  if (to === null) throw node.refusal('attribute to is missing');
  return ([x]) => x!.to(to);
};

const castLike: Row = (node) => {
  node.ignore('saturate', 'round_mode');
  node.setting(1);
  return ([x, like]) => x!.to(like!.dtype);
};

const isInf: Row = (node) => {
  const [isNegative, isPositive] = [node.flag('detect_negative', true), node.flag('detect_positive', true)];
  return ([x]) => {
    if (isNegative && isPositive) return A.isinf(x!);
    if (isPositive) return A.isposinf(x!);
    return isNegative ? A.isneginf(x!) : A.zerosLike(x!, 'bool');
  };
};

const modulo: Row = (node) => (node.int('fmod', 0) === 0 ? ([a, b]) => A.remainder(a!, b!) : ([a, b]) => A.fmod(a!, b!));

const shift: Row = (node) => {
  const direction = node.text<string>('direction', 'LEFT', 'RIGHT');
  return direction === 'LEFT' ? ([a, b]) => A.bitwiseLeftShift(a!, b!) : ([a, b]) => A.bitwiseRightShift(a!, b!);
};

/** A slope below 0 may have fewer dims than its input. */
const prelu: Row = (node) => {
  node.weight(1);
  return ([x, slope]) => A.add(A.clampMin(x!, 0), A.mul(A.clampMax(x!, 0), slope!));
};

const hardSigmoid = (alpha: number, beta: number) => (x: Tensor): Tensor => A.clamp(A.add(A.mul(x, alpha), beta), 0, 1);

function selu(node: Node): ReturnType<Row> {
  const [alpha, gamma] = [node.float('alpha', 1.6732632423543772), node.float('gamma', 1.0507009873554805)];
  return ([x]) => A.mul(F.elu(x!, alpha), gamma);
}

const mean: Row = () => (inputs) => A.div(inputs.map((t) => t!).reduce((a, b) => A.add(a, b)), inputs.length);

const shrink: Row = (node) => {
  const [bias, lambd] = [node.float('bias', 0), node.float('lambd', 0.5)];
  return ([x]) => A.where(A.gt(x!, lambd), A.sub(x!, bias), A.where(A.lt(x!, -lambd), A.add(x!, bias), A.zerosLike(x!)));
};

/** A row with one number as attribute. */
const withFloat = (name: string, otherwise: number, f: (x: Tensor, value: number) => Tensor): Row => (node) => {
  const value = node.float(name, otherwise);
  return ([x]) => f(x!, value);
};

const where: Row = (node) => {
  node.setting(0);
  return ([condition, a, b]) => A.where(condition!, a!, b!);
};

export const elementwise = (): Rows => ({
  Abs: unary(A.abs), Acos: unary(A.acos), Acosh: unary(A.acosh), Asin: unary(A.asin), Asinh: unary(A.asinh), Atan: unary(A.atan),
  Atanh: unary(A.atanh), Ceil: unary(A.ceil), Cos: unary(A.cos), Cosh: unary(A.cosh), Erf: unary(A.erf), Exp: unary(A.exp),
  Floor: unary(A.floor), Identity: unary((x) => x), IsNaN: unary(A.isnan), Log: unary(A.log), Mish: unary(F.mish), Neg: unary(A.neg),
  Not: unary(A.logicalNot), Reciprocal: unary(A.reciprocal), Relu: unary(A.relu), Round: unary((x) => A.round(x)), Sigmoid: unary(A.sigmoid),
  Sign: unary(A.sign), Sin: unary(A.sin), Sinh: unary(A.sinh), Softplus: unary((x) => F.softplus(x)), Softsign: unary(F.softsign),
  Sqrt: unary(A.sqrt), Tan: unary(A.tan), Tanh: unary(A.tanh), HardSwish: unary(F.hardswish), BitwiseNot: unary(A.bitwiseNot),
  Add: binary((a, b) => A.add(a, b)), Sub: binary((a, b) => A.sub(a, b)), Mul: binary(A.mul), Div: binary(quotient), Pow: binary(power),
  And: binary(A.logicalAnd), Or: binary(A.logicalOr), Xor: binary(A.logicalXor), Equal: binary(A.eq), Less: binary(A.lt), Greater: binary(A.gt),
  LessOrEqual: binary(A.le), GreaterOrEqual: binary(A.ge), BitwiseAnd: binary(A.bitwiseAnd), BitwiseOr: binary(A.bitwiseOr),
  BitwiseXor: binary(A.bitwiseXor),
  Max: variadic(A.maximum), Min: variadic(A.minimum), Sum: variadic((a, b) => A.add(a, b)), Mean: mean,
  BitShift: shift, Mod: modulo, Where: where, Cast: cast, CastLike: castLike, Clip: clip, IsInf: isInf, Gelu: gelu, PRelu: prelu, Selu: selu,
  Shrink: shrink,
  LeakyRelu: withFloat('alpha', 0.01, (x, alpha) => F.leakyRelu(x, alpha)),
  Elu: withFloat('alpha', 1, (x, alpha) => F.elu(x, alpha)),
  Celu: withFloat('alpha', 1, (x, alpha) => F.celu(x, alpha)),
  Swish: withFloat('alpha', 1, (x, alpha) => A.mul(x, A.sigmoid(alpha === 1 ? x : A.mul(x, alpha)))),
  ThresholdedRelu: withFloat('alpha', 1, (x, alpha) => F.threshold(x, alpha, 0)),
  HardSigmoid: (node) => {
    const f = hardSigmoid(node.float('alpha', 0.2), node.float('beta', 0.5));
    return ([x]) => f(x!);
  },
});
