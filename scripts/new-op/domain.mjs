// Where a formula has a value, and where it has kinks: what samples are drawn from.
import { SetupError } from '../setup/log.mjs';

/** Abramowitz and Stegun 7.1.26 is enough to see where a formula is defined. */
function erf(v) {
  const t = 1 / (1 + 0.3275911 * Math.abs(v));
  const p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(v) * (1 - p * Math.exp(-v * v));
}

const ASK = "give the samples' range: --range LOW HIGH";

/** What JavaScript knows of the primitives; others need a range by hand. */
const IN_MATH =
  'abs max min sqrt exp expm1 log log2 log10 log1p floor ceil trunc round sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh';
const VALUES = {
  ...Object.fromEntries(IN_MATH.split(' ').map((name) => [name, Math[name]])),
  pow: Math.pow,
  exp2: (v) => 2 ** v,
  recip: (v) => 1 / v,
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  erf,
  erfc: (v) => 1 - erf(v),
};

/** The formula's value where its variables are `at`. */
export function value(node, at) {
  const args = (node.args ?? []).map((arg) => value(arg, at));
  const [a, b] = args;
  switch (node.type) {
    case 'name':
      return at[node.name];
    case 'number':
      return node.value;
    case 'neg':
      return -a;
    case 'power':
      return a ** node.exponent;
    case 'call':
      if (!VALUES[node.name]) throw new SetupError(`where ${node.name} is defined is not known here; ${ASK}`);
      return VALUES[node.name](...args);
    default:
      return { '+': a + b, '-': a - b, '*': a * b, '/': a / b }[node.type];
  }
}

/** Intervals that samples are drawn from: the first in which the formula is defined everywhere. */
const INTERVALS = [
  [-2, 2],
  [0.2, 3],
  [-0.9, 0.9],
  [0.1, 0.9],
  [1.1, 3],
];

/** The interval of all `variables` in which the formula has a value. */
export function interval(f, variables) {
  const steps = 81;
  const defined = ([low, high]) => {
    const points = Array.from({ length: steps }, (_, i) => low + ((high - low) * (i + 0.5)) / steps);
    const [first, second] = variables;
    // Two variables are tried in all pairs.
    const places = points.flatMap((x) => (second ? points.map((y) => ({ [first]: x, [second]: y })) : [{ [first]: x }]));
    return places.every((at) => Number.isFinite(value(f, at)));
  };
  const found = INTERVALS.find(defined);
  if (!found) throw new SetupError(`the formula is defined in none of the intervals ${JSON.stringify(INTERVALS)}; ${ASK}`);
  return found;
}

const KINKED = ['max', 'min', 'abs', 'floor', 'ceil', 'trunc', 'round', 'div_trunc', 'div_floor', 'fmod', 'remainder'];

/** Whether the formula has no kink and no jump. */
export function isSmooth(node) {
  return !(node.type === 'call' && KINKED.includes(node.name)) && (node.args ?? []).every(isSmooth);
}

/** Where a formula of `x` has a kink, which finite differences must not straddle: where both sides of a comparison are equal. */
export function kinks(node, [low, high]) {
  const inside = (node.args ?? []).flatMap((arg) => kinks(arg, [low, high]));
  if (node.type !== 'call' || !['max', 'min', 'abs'].includes(node.name)) return inside;
  const [a, b] = node.args;
  const difference = (x) => value(a, { x }) - (b ? value(b, { x }) : 0);
  for (let i = 0; i < 400; i++) {
    // The grid is shifted so that round numbers lie between its points.
    let [left, right] = [0, 1].map((j) => low + ((high - low) * (i + j - 0.37)) / 399);
    if (difference(left) * difference(right) > 0) continue;
    for (let step = 0; step < 60; step++) {
      const middle = (left + right) / 2;
      if (difference(left) * difference(middle) <= 0) right = middle;
      else left = middle;
    }
    inside.push(Number(left.toFixed(6)));
  }
  return inside;
}
