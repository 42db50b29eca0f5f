// Tensors as the recorders in test/models/record write them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tensor, type Tensor } from 'adjoint';
import { expect } from 'vitest';

/** A recorded tensor: its numbers are little-endian float32 in base64. */
export interface Listed {
  shape: number[];
  float32: string;
}

/** A file of this folder. */
export const recorded = (name: string): any => JSON.parse(readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8'));

/** The tensor that was recorded. */
export const tensorOf = ({ shape, float32 }: Listed): Tensor =>
  tensor(new Float32Array(Uint8Array.from(Buffer.from(float32, 'base64')).buffer)).view(shape);

/** Expects the shape that was recorded, and no number to differ by more than `tolerance`. */
export function expectClose(found: Tensor, wanted: Listed, tolerance: number): void {
  expect(found.shape).toEqual(wanted.shape);
  expect(found.sub(tensorOf(wanted)).abs().max().item()).toBeLessThanOrEqual(tolerance);
}

/** The texts of a tokenizer, each with its indices. */
export const rowsOf = ({ texts, ids }: { texts: string[]; ids: number[][] }): [string, number[]][] => texts.map((text, i) => [text, ids[i]!]);
