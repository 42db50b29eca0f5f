// The chapters, their sizes in tests, and how close a result must be to that of the Python twin.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Pictures, Result } from './show';

/**
 * A chapter as a module. The size is what `run` takes: epochs, steps or layers, and for some the
 * number of images.
 */
export interface Chapter {
  run: (...size: number[]) => Result;
  pictures: (result: Result) => Pictures;
}

/** `short` is for `npm test`, `small` for `npm run test:course` and `npm run twins`. */
export type Size = 'short' | 'small';

/** What PyTorch found, by chapter and size. */
export interface Recorded {
  readonly torch: string;
  readonly results: Readonly<Record<string, Record<Size, Result>>>;
}

export const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const json = (file: string): unknown => JSON.parse(readFileSync(pathOf(file), 'utf8'));

export const sizes = json('sizes.json') as Record<string, Record<Size, number[]>>;

export const recorded = (): Recorded => json('recorded.json') as Recorded;

export async function chapter(name: string): Promise<Chapter> {
  return (await import(/* @vite-ignore */ `./${name}.ts`)) as Chapter;
}

/** How far two numbers may be apart, relative to the expected one. */
export const TOLERANCE = 1e-5;

/**
 * The greatest difference between two lists, relative to each number that is expected. One near 0
 * among larger ones, such as one of many weights, is what sums have left and has fewer digits: it
 * is measured against a tenth of their root mean square. The numbers of a loss curve, `isCurve`,
 * are not.
 */
export function distance(actual: readonly number[], expected: readonly number[], isCurve = false): number {
  if (actual.length !== expected.length) return Infinity;
  const least = isCurve ? 0 : Math.sqrt(expected.reduce((sum, v) => sum + v * v, 0) / expected.length) / 10;
  return Math.max(...actual.map((v, i) => (v === expected[i] ? 0 : Math.abs(v - expected[i]!) / Math.max(Math.abs(expected[i]!), least))));
}

/** How far each list of a result is from what is expected. */
export function distances(actual: Result, expected: Result): Record<string, number> {
  return Object.fromEntries(Object.entries(expected).map(([key, values]) => [key, distance(actual[key] ?? [], values, key.startsWith('loss'))]));
}
