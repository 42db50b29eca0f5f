// Derivative, value and Rust text of a formula.
import { FUNCTIONS, ifLess, minus, negative, number, over, plus, times } from './functions.mjs';

const is = (node, value) => node.type === 'number' && node.value === value;
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Drops what multiplies by 1, adds 0 and the like, so that the text is what a person would have written. */
function simple(node) {
  if (!node.args) return node;
  const args = node.args.map(simple);
  const [a, b] = args;
  const whole = { ...node, args };
  switch (node.type) {
    case '+':
      if (is(a, 0)) return b;
      if (is(b, 0)) return a;
      if (b.type === 'neg') return simple(minus(a, b.args[0]));
      break;
    case '-':
      if (is(b, 0)) return a;
      if (b.type === 'neg') return simple(plus(a, b.args[0]));
      if (is(a, 0)) return simple(negative(b));
      break;
    case '*':
      if (is(a, 0) || is(b, 0)) return number(0);
      if (is(a, 1)) return b;
      if (is(b, 1)) return a;
      if (is(a, -1)) return simple(negative(b));
      if (is(b, -1)) return simple(negative(a));
      if (b.type === '/' && is(b.args[0], 1)) return simple(over(a, b.args[1]));
      break;
    case '/':
      if (is(a, 0)) return number(0);
      if (is(b, 1)) return a;
      break;
    case 'neg':
      if (a.type === 'number') return number(-a.value);
      if (a.type === 'neg') return a.args[0];
      break;
    case 'ifLess':
      if (same(args[2], args[3])) return args[2];
      break;
    case 'power':
      if (node.exponent === 1) return a;
      if (node.exponent === 0) return number(1);
      break;
  }
  if ('+-*/'.includes(node.type) && a.type === 'number' && b.type === 'number') return number(value(whole, 0));
  return whole;
}

/** Whether the formula depends on `x`. */
export function hasVariable(node) {
  return node.type === 'x' || (node.args ?? []).some(hasVariable);
}

/** df/dx, simplified. */
export function derivative(node) {
  return simple(d(node));
}

function d(node) {
  const [a, b] = node.args ?? [];
  switch (node.type) {
    case 'x':
      return number(1);
    case 'number':
      return number(0);
    case '+':
      return plus(d(a), d(b));
    case '-':
      return minus(d(a), d(b));
    case 'neg':
      return negative(d(a));
    case '*':
      return plus(times(d(a), b), times(a, d(b)));
    case '/':
      // (a / b)' = (a' − (a / b) b') / b, which uses the value again and overflows later than a quotient by b².
      return over(minus(d(a), times(node, d(b))), b);
    case 'power':
      return times(times(number(node.exponent), { type: 'power', exponent: node.exponent - 1, args: [a] }), d(a));
    case 'ifLess':
      return ifLess(a, b, d(node.args[2]), d(node.args[3]));
    default:
      return FUNCTIONS[node.type].derivative(node.args, node).map((partial, i) => times(partial, d(node.args[i]))).reduce(plus);
  }
}

/** The formula's value at `x`. */
export function value(node, x) {
  const args = () => node.args.map((arg) => value(arg, x));
  switch (node.type) {
    case 'x':
      return x;
    case 'number':
      return node.value;
    case 'power':
      return value(node.args[0], x) ** node.exponent;
    case 'neg':
      return -args()[0];
    case 'ifLess': {
      const [a, b, yes, no] = args();
      return a < b ? yes : no;
    }
    case '+':
    case '-':
    case '*':
    case '/': {
      const [a, b] = args();
      return { '+': a + b, '-': a - b, '*': a * b, '/': a / b }[node.type];
    }
    default:
      return FUNCTIONS[node.type].value(...args());
  }
}

const BINDS = { '+': 1, '-': 1, '*': 2, '/': 2, neg: 3 };
const ATOM = 4;

/** The formula in terms of trait Algebra. Where `y` is given, the part that equals it is written so. */
export function rust(node, y = null) {
  return text(simple(node), y === null ? null : simple(y)).code;
}

function text(node, y) {
  if (y !== null && node.args && same(node, y)) return { code: 'y', binds: ATOM };
  const inner = (arg, least) => {
    const { code, binds } = text(arg, y);
    return binds < least ? `(${code})` : code;
  };
  const [a, b] = node.args ?? [];
  switch (node.type) {
    case 'x':
      return { code: 'x', binds: ATOM };
    case 'number':
      return { code: `A::c(${Number.isInteger(node.value) ? node.value.toFixed(1) : node.value})`, binds: ATOM };
    case 'neg':
      return { code: `-${inner(a, 3)}`, binds: 3 };
    case '+':
    case '-':
    case '*':
    case '/': {
      const binds = BINDS[node.type];
      return { code: `${inner(a, binds)} ${node.type} ${inner(b, binds + 1)}`, binds };
    }
    case 'power':
      return power(node, inner);
    case 'ifLess': {
      const [, , yes, no] = node.args;
      return { code: `A::select(${inner(a, ATOM)}.lt(${inner(b, 0)}), ${inner(yes, 0)}, ${inner(no, 0)})`, binds: ATOM };
    }
    default:
      return { code: `${inner(a, ATOM)}.${node.type}(${node.args.slice(1).map((arg) => inner(arg, 0)).join(', ')})`, binds: ATOM };
  }
}

/** Small whole powers are products, which are faster and exact where they can be. */
function power({ exponent, args: [base] }, inner) {
  if (exponent === 2 || exponent === 3) {
    return { code: Array(exponent).fill(inner(base, 3)).join(' * '), binds: 2 };
  }
  if (exponent === 0.5) return { code: `${inner(base, ATOM)}.sqrt()`, binds: ATOM };
  if (exponent === -1) return { code: `${inner(base, ATOM)}.recip()`, binds: ATOM };
  const number = Number.isInteger(exponent) ? exponent.toFixed(1) : String(exponent);
  return { code: `${inner(base, ATOM)}.powf(A::c(${number}))`, binds: ATOM };
}
