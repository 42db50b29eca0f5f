// Ops that go element by element, as formulas in WGSL.
import { broadcast } from './layout';
import { cast, type Kind, type Lazy } from './lazy';
import type { Lowering } from './planner';

/** A formula of arguments of the result's kind. */
const of = (text: string): Lowering => (planner, call) => {
  const [kind, shape] = [call.kind(), call.shape()];
  const args = call.inputs.map((_, i) => cast(planner.input(call, i), kind));
  return [planner.formula(text, kind, shape, ...args)];
};

/** One for floats and one for integers. */
const either = (float: string, integer: string): Lowering => (planner, call) => of(call.kind() === 'f32' ? float : integer)(planner, call);

/** A question about arguments of one kind. */
const asks = (text: string): Lowering => (planner, call) => {
  const args = call.inputs.map((_, i) => planner.input(call, i));
  const kinds = new Set(args.map(({ kind }) => kind));
  const kind: Kind = kinds.has('f32') ? 'f32' : kinds.has('i32') ? 'i32' : 'bool';
  // Booleans are compared as numbers.
  const common: Kind = kind === 'bool' && /[<>]/.test(text) ? 'i32' : kind;
  return [cast(planner.formula(text, 'bool', call.shape(), ...args.map((arg) => cast(arg, common))), call.kind())];
};

const logical = (text: string): Lowering => (planner, call) => {
  const args = call.inputs.map((_, i) => cast(planner.input(call, i), 'bool'));
  return [cast(planner.formula(text, 'bool', call.shape(), ...args), call.kind())];
};

/** Powers that have formulas of their own. */
const POWERS: Readonly<Record<number, string>> = {
  [-1]: '1.0 / $0', 0: '1.0', 0.5: 'sqrt($0)', 1: '$0', 2: '$0 * $0', 3: '$0 * $0 * $0', 4: '($0 * $0) * ($0 * $0)',
};

const power: Lowering = (planner, call) => {
  const [x, e] = [planner.input(call, 0), planner.input(call, 1)];
  const kind = call.kind();
  const known = e.is === 'number' && kind === 'f32' ? POWERS[e.value] : undefined;
  if (known !== undefined) return [planner.formula(known, kind, call.shape(), cast(x, kind))];
  return [cast(planner.formula('power_of($0, $1)', 'f32', call.shape(), cast(x, 'f32'), cast(e, 'f32')), kind)];
};

/** Each op and how it is computed. NaN stays NaN, as in PyTorch: WGSL lets its functions drop it. */
export const ELEMENTWISE: Readonly<Record<string, Lowering>> = {
  abs: of('abs($0)'),
  neg: of('-$0'),
  exp: of('nan_or($0, exp($0))'),
  log: of('nan_or($0, log($0))'),
  sqrt: of('sqrt($0)'),
  rsqrt: of('inverseSqrt($0)'),
  reciprocal: of('1.0 / $0'),
  sin: of('sin($0)'),
  cos: of('cos($0)'),
  tan: of('tan($0)'),
  tanh: of('tanh_of($0)'),
  sigmoid: of('nan_or($0, 1.0 / (1.0 + exp(-$0)))'),
  relu: either('select($0, 0.0, $0 < 0.0)', 'max($0, 0)'),
  erf: of('erf_of($0)'),
  sign: of('sign($0)'),
  floor: either('floor($0)', '$0'),
  ceil: either('ceil($0)', '$0'),
  round: either('round($0)', '$0'),
  trunc: either('trunc($0)', '$0'),
  log1p: of('log1p_of($0)'),
  expm1: of('nan_or($0, expm1_of($0))'),
  asin: of('asin($0)'),
  acos: of('acos($0)'),
  atan: of('atan($0)'),
  sinh: of('sinh($0)'),
  cosh: of('nan_or($0, cosh($0))'),
  asinh: of('nan_or($0, asinh($0))'),
  acosh: of('nan_or($0, acosh($0))'),
  atanh: of('nan_or($0, atanh($0))'),
  add: (planner, call) => (call.kind() === 'bool' ? logical('$0 || $1') : of('$0 + $1'))(planner, call),
  sub: of('$0 - $1'),
  mul: (planner, call) => (call.kind() === 'bool' ? logical('$0 && $1') : of('$0 * $1'))(planner, call),
  div: of('$0 / $1'),
  pow: power,
  maximum: either('select(select($1, $0, $0 > $1), $0, is_nan($0))', 'max($0, $1)'),
  minimum: either('select(select($1, $0, $0 < $1), $0, is_nan($0))', 'min($0, $1)'),
  atan2: of('atan2($0, $1)'),
  eq: asks('$0 == $1'),
  ne: asks('!($0 == $1)'),
  lt: asks('$0 < $1'),
  le: asks('$0 <= $1'),
  gt: asks('$0 > $1'),
  ge: asks('$0 >= $1'),
  logicalAnd: logical('$0 && $1'),
  logicalOr: logical('$0 || $1'),
  logicalNot: logical('!$0'),
  where: (planner, call) => {
    const kind = call.kind();
    const [condition, a, b] = [0, 1, 2].map((i) => planner.input(call, i)) as [Lazy, Lazy, Lazy];
    const shape = broadcast(condition.shape, a.shape, b.shape);
    return [planner.formula('select($2, $1, $0)', kind, shape, cast(condition, 'bool'), cast(a, kind), cast(b, kind))];
  },
  to: (planner, call) => [cast(planner.input(call, 0), call.kind())],
};
