// The results file: one JSON per machine and engine, to which every run adds what it measured.
import { mkdirSync, readFileSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Summary } from './statistics';

/** What one subject gave for one workload: nanoseconds a call, or why there are none. */
export type Measured = (Summary & { readonly at: string; readonly commit: string }) | { readonly skip: string };

/** Everything measured on one machine with one engine. */
export interface Results {
  machine: Readonly<Record<string, unknown>>;
  /** Facts by subject. */
  subjects: Record<string, Readonly<Record<string, unknown>>>;
  /** By workload, then by subject. Limits measured between the samples of a workload are subjects too. */
  times: Record<string, Record<string, Measured>>;
  /** Bytes, growth and other figures that are no time of a call. */
  figures: Record<string, Readonly<Record<string, unknown>>>;
}

/** Where results are kept. */
export const RESULTS_FOLDER = join(import.meta.dirname, '..', 'results');

/** The results in `file`, or empty ones. */
export function readResults(file: string): Results {
  if (!existsSync(file)) return { machine: {}, subjects: {}, times: {}, figures: {} };
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}

/** Writes the file; an object for every line, so that a change of one figure is a change of one line. */
export function writeResults(file: string, results: Results): void {
  mkdirSync(dirname(file), { recursive: true });
  const flat = (value: unknown) => JSON.stringify(value, (_, v: unknown) => (typeof v === 'number' ? Number(v.toPrecision(5)) : v));
  const map = (object: Readonly<Record<string, unknown>>, depth: string, line: (value: unknown) => string): string =>
    `{\n${Object.entries(object).map(([key, value]) => `${depth}  ${JSON.stringify(key)}: ${line(value)}`).join(',\n')}\n${depth}}`;
  const times = map(results.times, '  ', (of) => map(of as Readonly<Record<string, unknown>>, '    ', flat));
  const text = `{
  "machine": ${flat(results.machine)},
  "subjects": ${map(results.subjects, '  ', flat)},
  "times": ${times},
  "figures": ${map(results.figures, '  ', flat)}
}
`;
  writeFileSync(file, text);
}
