// How a chapter is run as a program: its numbers are printed and its pictures are written.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Tensor } from 'adjoint';

/** What a chapter found: lists of numbers by name. Its Python twin finds the same. */
export type Result = Record<string, number[]>;

/** SVG texts by name. */
export type Pictures = Record<string, string>;

const FOLDER = join('out', 'course');

/** The elements of a tensor in one list, for a result. */
export function numbers(values: Tensor): number[] {
  return values.detach().to('float64').flatten().tolist() as number[];
}

/** A list of numbers in a line: all of a short one, the ends of a long one. */
export function shown(values: readonly number[]): string {
  const text = (v: number): string => String(Number(v.toPrecision(4)));
  if (values.length <= 8) return values.map(text).join('  ');
  return `${values.slice(0, 3).map(text).join('  ')}  …  ${values.slice(-3).map(text).join('  ')}   (${values.length})`;
}

/**
 * Runs a chapter and shows what came of it, if the file at `url` is the program that was started.
 */
export function show<R extends Result>(url: string, run: () => R, pictures: (result: R) => Pictures): void {
  if (url !== pathToFileURL(process.argv[1] ?? '').href) return;
  const name = basename(process.argv[1]!, '.ts');
  const start = performance.now();
  const result = run();
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  for (const [key, values] of Object.entries(result)) console.log(`  ${key.padEnd(18)} ${shown(values)}`);
  mkdirSync(FOLDER, { recursive: true });
  for (const [key, svg] of Object.entries(pictures(result))) {
    const path = join(FOLDER, `${name}-${key}.svg`);
    writeFileSync(path, svg);
    console.log(`  wrote ${path}`);
  }
}
