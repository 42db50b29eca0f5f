// Numbers of one tensor in one style, as PyTorch chooses it: plain, with some digits, or scientific.
import { printSettings } from './print-options';

/** Texts of equal width. */
export interface Formatter {
  readonly width: number;
  text(v: number | bigint): string;
}

/** The style for all the values that are shown. */
export function formatterOf(values: readonly (number | bigint)[], kind: 'float' | 'integer' | 'bool'): Formatter {
  if (kind === 'float') return floatFormatter(values as readonly number[]);
  const plain = kind === 'bool' ? (v: number | bigint) => String(v !== 0) : String;
  return padded(widest(values, plain), plain);
}

/** The length of the longest text. */
function widest<T>(values: readonly T[], text: (v: T) => string): number {
  return values.reduce((most, v) => Math.max(most, text(v).length), 1);
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
  const isScientific = printSettings.sciMode ?? (largest / smallest > 1000 || largest > 1e8 || (!isWhole && smallest < 1e-4));
  const text = isScientific ? scientific : isWhole ? whole : fixed;
  return padded(widest(counted, text), text);
}

function special(v: number): string {
  return Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf';
}

const minus = (v: number): string => (v < 0 || Object.is(v, -0) ? '-' : '');

function integer(v: number): string {
  return minus(v) + BigInt(Math.abs(v)).toString();
}

/** Some digits after the point; ties to even as in C, where toFixed rounds them away from zero. */
export function fixed(v: number, digits = printSettings.precision): string {
  if (!Number.isFinite(v)) return special(v);
  const a = Math.abs(v);
  // toFixed writes larger ones in scientific form; they are whole.
  if (a >= 1e21) return integer(v) + (digits > 0 ? `.${'0'.repeat(digits)}` : '');
  // A tie of four digits has five decimals ending in 5, and is a binary fraction: an odd multiple of 2^-5.
  const isTie = (a * 2 ** (digits + 1)) % 2 === 1;
  const exact = a.toFixed(digits + 1);
  const last = digits === 0 ? exact.at(-3) : exact.at(-2);
  const isEven = isTie && Number(last) % 2 === 0;
  return minus(v) + (isEven ? exact.slice(0, digits === 0 ? -2 : -1) : a.toFixed(digits));
}

/** `1.2346e+05`; ties to even. */
export function scientific(v: number): string {
  if (!Number.isFinite(v)) return special(v);
  const [mantissa = '', exponent = '0'] = halfEven(Math.abs(v)).split('e');
  const power = Number(exponent);
  return `${minus(v)}${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function halfEven(a: number): string {
  const { precision } = printSettings;
  // A double that lies exactly between two texts has few digits; some more show whether the rest is zero.
  const [digits = '', exponent = ''] = a.toExponential(Math.min(100, precision + 21)).split('e');
  const kept = digits.slice(0, precision === 0 ? 1 : 2 + precision);
  const isTie = /^50*$/.test(digits.slice(2 + precision));
  return isTie && Number(kept.at(-1)) % 2 === 0 ? `${kept}e${exponent}` : a.toExponential(precision);
}
