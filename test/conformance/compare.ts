// Whether a result is PyTorch's: shape, dtype and values.
import { Tensor } from 'adjoint';
import { dtypeIn, type Mode } from './decode';
import type { Encoded, Tolerance, TensorSpec } from './vectors';

/** PyTorch's own results differ by less; the README says how these were chosen. */
const DEFAULT: Readonly<Record<'f32' | 'f64', Tolerance>> = { f32: { rtol: 1e-4, atol: 1e-5 }, f64: { rtol: 1e-7, atol: 1e-9 } };

/** The tolerance of a group of a sample. */
export function toleranceOf(mode: Mode, isSingle: boolean, override: Tolerance | undefined): Tolerance {
  return mode === 'f64' && !isSingle ? DEFAULT.f64 : (override ?? DEFAULT.f32);
}

const show = (values: readonly (number | bigint | string | boolean)[]): string => `[${values.slice(0, 6).join(', ')}${values.length > 6 ? ', …' : ''}]`;

/** What is wrong with `got`, or null. `dtype` is that of the file. */
export function compareTensor(what: string, got: unknown, expected: TensorSpec, mode: Mode, { rtol, atol }: Tolerance, exactDType = true): string | null {
  if (!(got instanceof Tensor)) return `${what}: expected a tensor of shape [${expected.shape.join()}], got ${got === null ? 'null' : typeof got}`;
  const dtype = dtypeIn(mode, expected.dtype);
  if (got.shape.join() !== expected.shape.join()) return `${what}: expected shape [${expected.shape.join()}], got [${got.shape.join()}]`;
  if (exactDType && got.dtype !== dtype) return `${what}: expected dtype ${dtype}, got ${got.dtype}`;
  const values: (number | bigint)[] = Array.from(got.toTypedArray() as Iterable<number | bigint>);
  const isFloat = dtype.startsWith('float');
  for (let i = 0; i < values.length; i++) {
    const a = values[i]!;
    const b = expected.data[i]!;
    const same = isFloat ? close(Number(a), Number(b), rtol, atol) : BigInt(a) === BigInt(b);
    if (!same) return `${what}[${i}]: expected ${b}, got ${a} (expected ${show(expected.data)}, got ${show(values)})`;
  }
  return null;
}

function close(a: number, b: number, rtol: number, atol: number): boolean {
  if (Number.isNaN(b)) return Number.isNaN(a);
  if (!Number.isFinite(b) || !Number.isFinite(a)) return a === b;
  return Math.abs(a - b) <= atol + rtol * Math.abs(b);
}

/** The same for an output, which may be a plain number or boolean. */
export function compareOutput(what: string, got: unknown, expected: Encoded, mode: Mode, tolerance: Tolerance): string | null {
  if (typeof expected === 'object' && expected !== null && !Array.isArray(expected)) {
    const e = expected as Record<string, unknown>;
    if ('tensor' in e) return compareTensor(what, got, e['tensor'] as TensorSpec, mode, tolerance);
    if ('float' in e) {
      const b = Number(e['float']);
      return typeof got === 'number' && close(got, b, tolerance.rtol, tolerance.atol) ? null : `${what}: expected ${b}, got ${String(got)}`;
    }
  }
  const plain = typeof got === 'bigint' ? Number(got) : got;
  return plain === expected ? null : `${what}: expected ${JSON.stringify(expected)}, got ${String(got)}`;
}

/** What is wrong with a gradient, or null: none and zeros are the same answer. */
export function compareGradient(what: string, got: Tensor | null, expected: TensorSpec | null, mode: Mode, tolerance: Tolerance): string | null {
  if (expected !== null && got !== null) return compareTensor(what, got, expected, mode, tolerance);
  if (expected !== null) return expected.data.every((v) => v === 0) ? null : `${what}: expected ${show(expected.data)}, got none`;
  if (got === null) return null;
  const values = Array.from(got.toTypedArray() as Iterable<number | bigint>, Number);
  return values.every((v) => Math.abs(v) <= tolerance.atol) ? null : `${what}: expected none or zeros, got ${show(values)}`;
}
