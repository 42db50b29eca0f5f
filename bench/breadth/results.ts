// What the breadth bench keeps: one JSON file an engine, in a folder of its own.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RESULTS_FOLDER } from '../suite/results';

/** Where results are kept. */
export const BREADTH_FOLDER = join(RESULTS_FOLDER, 'breadth');

/** One pass of a case: quartiles of the ratios of pairs, and the medians of times in nanoseconds. */
export interface Pass {
  readonly ratio: number;
  readonly q1: number;
  readonly q3: number;
  readonly pairs: number;
  readonly ours: number;
  readonly torch: number;
  /** The part of a copy's bytes a second, or of the peak of multiply-adds, that ours reached in the same rounds. */
  readonly ofCopy?: number;
  readonly ofPeak?: number;
}

/** What was found of a case. */
export interface Found {
  readonly forward?: Pass | { readonly skip: string };
  readonly backward?: Pass | { readonly skip: string };
  /** The time of a half of the usual size and of all of it, in that of a quarter. */
  readonly growth?: readonly [twice: number, fourTimes: number];
  readonly at: string;
  readonly commit: string;
}

export interface BreadthResults {
  machine: Readonly<Record<string, unknown>>;
  subjects: Record<string, Readonly<Record<string, unknown>>>;
  /** Of the system over a minute, when the last run began and when it ended; and the processors that shared it. */
  load: readonly [start: number, end: number];
  cases: Record<string, Found>;
}

export function readBreadth(file: string): BreadthResults {
  if (!existsSync(file)) return { machine: {}, subjects: {}, load: [0, 0], cases: {} };
  return JSON.parse(readFileSync(file, 'utf8')) as BreadthResults;
}

/** Writes the file; a case is a line. */
export function writeBreadth(file: string, results: BreadthResults): void {
  mkdirSync(dirname(file), { recursive: true });
  const flat = (value: unknown) => JSON.stringify(value, (_, v: unknown) => (typeof v === 'number' ? Number(v.toPrecision(4)) : v));
  const lines = (object: Readonly<Record<string, unknown>>) =>
    Object.entries(object).map(([key, value]) => `    ${JSON.stringify(key)}: ${flat(value)}`).join(',\n');
  writeFileSync(file, `{
  "machine": ${JSON.stringify(results.machine)},
  "subjects": {\n${lines(results.subjects)}\n  },
  "load": ${flat(results.load)},
  "cases": {\n${lines(results.cases)}\n  }
}
`);
}
