// The functions a formula may use: their derivatives, and their values to see where a formula is defined.
//
// `derivative(args, y)` gives the partial derivatives, as expressions of the arguments and of the value `y`.
const number = (value) => ({ type: 'number', value });
const op = (type) => (...args) => ({ type, args });
const [plus, minus, times, over, negative] = ['+', '-', '*', '/', 'neg'].map(op);
const fn = (type, ...args) => ({ type, args });
const one = number(1);
const squared = (a) => times(a, a);
/** `less(a, b) ? yes : no`. */
const ifLess = (a, b, yes, no) => ({ type: 'ifLess', args: [a, b, yes, no] });

const unary = (value, derivative) => ({ arity: 1, value, derivative: ([a], y) => [derivative(a, y)] });
const sigmoid = (v) => 1 / (1 + Math.exp(-v));

/** Abramowitz and Stegun 7.1.26 is enough to see where a formula is defined. */
function erf(v) {
  const t = 1 / (1 + 0.3275911 * Math.abs(v));
  const p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(v) * (1 - p * Math.exp(-v * v));
}

export const FUNCTIONS = {
  exp: unary(Math.exp, (_, y) => y),
  exp2: unary((v) => 2 ** v, (_, y) => times(y, number(Math.LN2))),
  expm1: unary(Math.expm1, (_, y) => plus(y, one)),
  log: unary(Math.log, (a) => over(one, a)),
  log2: unary(Math.log2, (a) => over(number(Math.LOG2E), a)),
  log10: unary(Math.log10, (a) => over(number(Math.LOG10E), a)),
  log1p: unary(Math.log1p, (a) => over(one, plus(a, one))),
  sqrt: unary(Math.sqrt, (_, y) => over(number(0.5), y)),
  recip: unary((v) => 1 / v, (_, y) => negative(squared(y))),
  sin: unary(Math.sin, (a) => fn('cos', a)),
  cos: unary(Math.cos, (a) => negative(fn('sin', a))),
  tan: unary(Math.tan, (_, y) => plus(one, squared(y))),
  asin: unary(Math.asin, (a) => over(one, fn('sqrt', minus(one, squared(a))))),
  acos: unary(Math.acos, (a) => over(number(-1), fn('sqrt', minus(one, squared(a))))),
  atan: unary(Math.atan, (a) => over(one, plus(one, squared(a)))),
  sinh: unary(Math.sinh, (a) => fn('cosh', a)),
  cosh: unary(Math.cosh, (a) => fn('sinh', a)),
  tanh: unary(Math.tanh, (_, y) => times(minus(one, y), plus(one, y))),
  asinh: unary(Math.asinh, (a) => over(one, fn('sqrt', plus(squared(a), one)))),
  acosh: unary(Math.acosh, (a) => over(one, fn('sqrt', minus(squared(a), one)))),
  atanh: unary(Math.atanh, (a) => over(one, minus(one, squared(a)))),
  sigmoid: unary(sigmoid, (_, y) => times(y, minus(one, y))),
  erf: unary(erf, (a) => times(number(2 / Math.sqrt(Math.PI)), fn('exp', negative(squared(a))))),
  erfc: unary((v) => 1 - erf(v), (a) => times(number(-2 / Math.sqrt(Math.PI)), fn('exp', negative(squared(a))))),
  // 0 where the argument is 0, as in PyTorch.
  abs: unary(Math.abs, (a) => ifLess(a, number(0), number(-1), ifLess(number(0), a, one, number(0)))),
  max: { arity: 2, value: Math.max, derivative: ([a, b]) => [share(b, a), share(a, b)] },
  min: { arity: 2, value: Math.min, derivative: ([a, b]) => [share(a, b), share(b, a)] },
};

/** 1 where `a < b`, 0 where `b < a`, and half of it where they are equal. */
function share(a, b) {
  return ifLess(a, b, one, ifLess(b, a, number(0), number(0.5)));
}

export { fn, ifLess, minus, negative, number, over, plus, times };
