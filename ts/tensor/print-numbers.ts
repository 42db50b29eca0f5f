// Numbers of one tensor in one style, as PyTorch chooses it: plain, with four digits, or scientific.

const DIGITS = 4;

/** Texts of equal width. */
export interface Formatter {
  readonly width: number;
  text(v: number | bigint): string;
}

/** The style for all the values that are shown. */
export function formatterOf(values: readonly (number | bigint)[], kind: 'float' | 'integer' | 'bool'): Formatter {
  if (kind === 'float') return floatFormatter(values as readonly number[]);
  const plain = kind === 'bool' ? (v: number | bigint) => String(v !== 0) : String;
  return padded(Math.max(1, ...widths(values, plain)), plain);
}

function* widths<T>(values: readonly T[], text: (v: T) => string): Generator<number> {
  for (const v of values) yield text(v).length;
}

function padded(width: number, text: (v: number) => string): Formatter {
  return { width, text: (v) => text(v as number).padStart(width) };
}

function floatFormatter(values: readonly number[]): Formatter {
  const counted = values.filter((v) => Number.isFinite(v) && v !== 0);
  const whole = (v: number): string => (Number.isFinite(v) ? `${integer(v)}.` : special(v));
  // Zeros and non-finite values do not count for the width.
  if (counted.length === 0) return padded(1, whole);
  const magnitudes = counted.map(Math.abs);
  const largest = magnitudes.reduce((a, b) => Math.max(a, b));
  const smallest = magnitudes.reduce((a, b) => Math.min(a, b));
  const isWhole = counted.every(Number.isInteger);
  const isScientific = largest / smallest > 1000 || largest > 1e8 || (!isWhole && smallest < 1e-4);
  const text = isScientific ? scientific : isWhole ? whole : fixed;
  return padded(Math.max(1, ...widths(counted, text)), text);
}

function special(v: number): string {
  return Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf';
}

const minus = (v: number): string => (v < 0 || Object.is(v, -0) ? '-' : '');

function integer(v: number): string {
  return minus(v) + BigInt(Math.abs(v)).toString();
}

/** Four digits after the point; ties to even as in C, where toFixed rounds them away from zero. */
export function fixed(v: number): string {
  if (!Number.isFinite(v)) return special(v);
  const a = Math.abs(v);
  // A tie has five decimals ending in 5, and is a binary fraction: an odd multiple of 2^-5.
  const isTie = Math.abs((a * 32) % 2) === 1;
  const exact = a.toFixed(DIGITS + 1);
  const even = isTie && Number(exact.at(-2)) % 2 === 0;
  return minus(v) + (even ? exact.slice(0, -1) : a.toFixed(DIGITS));
}

/** `1.2346e+05`; ties to even. */
export function scientific(v: number): string {
  if (!Number.isFinite(v)) return special(v);
  const [mantissa = '', exponent = '0'] = halfEven(Math.abs(v)).split('e');
  const power = Number(exponent);
  return `${minus(v)}${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function halfEven(a: number): string {
  // A double that lies exactly between two texts has few digits; 25 show whether the rest is zero.
  const [digits = '', exponent = ''] = a.toExponential(25).split('e');
  const kept = digits.slice(0, 2 + DIGITS);
  const isTie = /^50*$/.test(digits.slice(2 + DIGITS));
  return isTie && Number(kept.at(-1)) % 2 === 0 ? `${kept}e${exponent}` : a.toExponential(DIGITS);
}
