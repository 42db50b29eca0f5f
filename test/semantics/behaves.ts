// Rows of behaviour: what a program shows, beside what PyTorch 2.15 shows for the same program.
import { GradFn, Tensor } from 'adjoint';
import { expect, test } from 'vitest';

/** Values as they are compared: tensors by their elements, numbers to five digits. */
function plain(value: unknown): unknown {
  if (value instanceof Tensor) return plain(value.detach().tolist());
  if (value instanceof GradFn) return value.name();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? Number(value.toPrecision(5)) + 0 : String(value).toLowerCase();
  if (value === undefined) return null;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

/** A test that `program` returns what PyTorch 2.15 gave. */
export function behaves(what: string, shown: unknown, program: () => unknown): void {
  test(what, () => {
    expect(plain(program())).toEqual(shown);
  });
}

/** `'error'` if `run` throws, as an error of this package or of the program itself, else `'none'`. */
export function fails(run: () => unknown): 'error' | 'none' {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    // A slip in the row itself would pass for the error it expects.
    expect(error).not.toBeInstanceOf(TypeError);
    expect(error).not.toBeInstanceOf(ReferenceError);
    return 'error';
  }
  return 'none';
}
