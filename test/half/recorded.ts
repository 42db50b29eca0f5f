// What PyTorch gave for the samples of test/conformance/vectors in float16 and bfloat16, and how far a result is from it.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Tensor } from 'adjoint';

/** A half dtype. */
export type HalfDType = 'float16' | 'bfloat16';

/** Dtype, shape and the bytes in base64; or what is not a tensor. */
type Result = readonly [dtype: string, shape: readonly number[], bytes: string];

/** What one sample gave: outputs, and gradients by the path of their input. */
export interface Recorded {
  readonly o: readonly (Result | number | boolean | { readonly float: string })[];
  readonly g?: Readonly<Record<string, Result | null>>;
}

/** By op, by sample, by dtype. */
export const recorded = JSON.parse(gunzipSync(readFileSync(new URL('../fixtures/half.json.gz', import.meta.url))).toString('utf8')) as {
  readonly refused: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly ops: Readonly<Record<string, Readonly<Record<string, Readonly<Partial<Record<HalfDType, Recorded>>>>>>>;
};

const FRACTION_BITS: Readonly<Record<HalfDType, number>> = { float16: 10, bfloat16: 7 };
const LEAST_EXPONENT: Readonly<Record<HalfDType, number>> = { float16: -14, bfloat16: -126 };

/** The value of 16 bits. */
export function valueOf(bits: number, dtype: HalfDType): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const fractionBits = FRACTION_BITS[dtype];
  const exponent = (bits & 0x7fff) >> fractionBits;
  const fraction = bits & ((1 << fractionBits) - 1);
  const most = (1 << (15 - fractionBits)) - 1;
  if (exponent === most) return fraction === 0 ? sign * Infinity : NaN;
  const scale = 2 ** (Math.max(exponent, 1) - 1 + LEAST_EXPONENT[dtype] - fractionBits);
  return sign * (fraction + (exponent === 0 ? 0 : 1 << fractionBits)) * scale;
}

/** The distance to the next value, at `v`. */
export function ulpAt(v: number, dtype: HalfDType): number {
  const exponent = v === 0 ? LEAST_EXPONENT[dtype] : Math.max(Math.floor(Math.log2(Math.abs(v))), LEAST_EXPONENT[dtype]);
  return 2 ** (exponent - FRACTION_BITS[dtype]);
}

/** How far apart two values are, in units in the last place; Infinity where one is not finite and they are not the same. */
export function ulpsApart(a: number, b: number, dtype: HalfDType): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Infinity;
  return Math.abs(a - b) / ulpAt(Math.max(Math.abs(a), Math.abs(b)), dtype);
}

function valuesOf([dtype, , bytes]: Result): (number | bigint)[] {
  const { buffer } = Uint8Array.from(Buffer.from(bytes, 'base64'));
  switch (dtype) {
    case 'float16':
    case 'bfloat16':
      return Array.from(new Uint16Array(buffer), (bits) => valueOf(bits, dtype));
    case 'float32':
      return Array.from(new Float32Array(buffer));
    case 'float64':
      return Array.from(new Float64Array(buffer));
    case 'int64':
      return Array.from(new BigInt64Array(buffer));
    case 'int32':
      return Array.from(new Int32Array(buffer));
    case 'int16':
      return Array.from(new Int16Array(buffer));
    case 'int8':
      return Array.from(new Int8Array(buffer));
    default:
      return Array.from(new Uint8Array(buffer));
  }
}

/**
 * How far a result is from what was recorded, or in words what else is wrong: ulps of each element, and ulps of the greatest element. The
 * second is the measure of what several roundings give: where terms cancel, the ulp of the element is not that of the terms.
 */
export type Distance = { readonly ulps: number; readonly ofGreatest: number; readonly at: string } | { readonly wrong: string };

const SAME = { ulps: 0, ofGreatest: 0, at: '' };

/** Compares an output or a gradient. No gradient and zeros are the same answer. */
export function distance(got: unknown, expected: Recorded['o'][number] | null, half: HalfDType): Distance {
  if (expected === null) {
    const zeros = got === null || Array.from((got as Tensor).toTypedArray() as Iterable<number>).every((v) => v === 0);
    return zeros ? SAME : { wrong: 'expected no gradient' };
  }
  if (typeof expected !== 'object' || !Array.isArray(expected)) {
    const want = typeof expected === 'object' ? Number((expected as { float: string }).float) : expected;
    if (typeof want === 'number' && typeof got === 'number') {
      const ulps = ulpsApart(got, want, half);
      return { ulps, ofGreatest: ulps, at: `${got} for ${want}` };
    }
    return got === want ? SAME : { wrong: `expected ${String(want)}, got ${JSON.stringify(got)}` };
  }
  const result = expected as unknown as Result;
  const [dtype, shape] = result;
  const want = valuesOf(result);
  if (got === null) return want.every((v) => v === 0) ? SAME : { wrong: 'got no gradient' };
  if (!(got instanceof Tensor)) return { wrong: `expected a tensor, got ${JSON.stringify(got)}` };
  if (got.dtype !== dtype) return { wrong: `expected dtype ${dtype}, got ${got.dtype}` };
  if (got.shape.join() !== shape.join()) return { wrong: `expected shape [${shape.join()}], got [${got.shape.join()}]` };
  const values = Array.from(got.toTypedArray() as Iterable<number | bigint>);
  const greatest = Math.max(0, ...want.map((v) => Math.abs(Number(v))).filter(Number.isFinite));
  let worst: { ulps: number; ofGreatest: number; at: string } = SAME;
  for (const [i, b] of want.entries()) {
    const a = values[i]!;
    const ulps = dtype.includes('float') ? ulpsApart(Number(a), Number(b), half) : Number(a) === Number(b) ? 0 : Infinity;
    if (ulps === 0) continue;
    const ofGreatest = Number.isFinite(ulps) ? Math.abs(Number(a) - Number(b)) / ulpAt(greatest, half) : Infinity;
    const at = ulps > worst.ulps ? `[${i}]: got ${a}, expected ${b}` : worst.at;
    worst = { ulps: Math.max(ulps, worst.ulps), ofGreatest: Math.max(ofGreatest, worst.ofGreatest), at };
  }
  return worst;
}
