// Bytes as tensors have them: little-endian, and of a bool 0 or 1.
import { BOOL, SIZES } from '../core/dtype';

/** Reverses the bytes of every element of `size` bytes, in place. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  for (let start = 0; size > 1 && start + size <= bytes.length; start += size) {
    for (let i = start, j = start + size - 1; i < j; i++, j--) {
      const byte = bytes[i]!;
      bytes[i] = bytes[j]!;
      bytes[j] = byte;
    }
  }
}

/** Makes bytes that a file holds those of a tensor, in place: any byte but 0 is true. */
export function settle(bytes: Uint8Array, code: number, isBigEndian: boolean): void {
  if (isBigEndian) swapBytes(bytes, SIZES[code]!);
  if (code !== BOOL) return;
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 1) bytes[i] = 1;
}

/**
 * The product of a shape's sizes, or null where it is not exact: where it exceeds 2^53, even if another size is 0, or a size is
 * no natural number.
 */
export function numelOf(shape: readonly unknown[]): number | null {
  let product = 1;
  let isEmpty = false;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || (size as number) < 0) return null;
    if (size === 0) isEmpty = true;
    else product *= size as number;
    if (!Number.isSafeInteger(product)) return null;
  }
  return isEmpty ? 0 : product;
}
