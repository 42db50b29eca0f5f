// npm run bench -- breadth: many operations at the sizes of real programs, forward and backward, beside PyTorch on one thread.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineFacts } from '../suite/machine';
import { SubjectProcess, scriptProcess } from '../suite/process';
import { isProgram } from './case';
import { CASES, type Placed } from './families';
import { growthOf, grows, measureCase } from './measure';
import { breadthPage, listing } from './report';
import { BREADTH_FOLDER, readBreadth, writeBreadth, type Found } from './results';

export interface BreadthOptions {
  readonly python?: string | undefined;
  /** Families, or cases as `family/case`, with commas between them. */
  readonly only?: string | undefined;
  /** Pairs of samples. */
  readonly rounds?: number | undefined;
  /** Whether the results file gets what is found. */
  readonly record?: boolean | undefined;
  /** Growth with size in place of PyTorch's time. */
  readonly growth?: boolean | undefined;
  /** What was recorded before, without measuring. */
  readonly report?: boolean | undefined;
  readonly list?: boolean | undefined;
  readonly markdown?: string | undefined;
}

const HERE = import.meta.dirname;
const ROUNDS = 21;

function chosen(only: string | undefined): readonly Placed[] {
  if (only === undefined) return CASES;
  const wanted = only.split(',');
  const found = CASES.filter(({ id }) => wanted.some((name) => id === name || id.startsWith(`${name}/`)));
  const unknown = wanted.filter((name) => !CASES.some(({ id }) => id === name || id.startsWith(`${name}/`)));
  if (unknown.length > 0) throw new Error(`no family and no case is called ${unknown.join(', ')}; --list shows all`);
  return found;
}

/** The table for the Python of a case, in a file. */
function tableFile(cases: readonly Placed[]): string {
  const file = join(mkdtempSync(join(tmpdir(), 'adjoint-breadth-')), 'cases.json');
  writeFileSync(file, JSON.stringify(cases.map(({ id, made }) => (isProgram(made) ? { id, inputs: null, torch: made.torch } : { id, inputs: made.inputs(1), torch: made.torch, of: made.of ?? [] }))));
  return file;
}

/** Measures what is chosen and prints it by ratio. */
export async function showBreadth({ python, only, rounds = ROUNDS, record = false, growth = false, report = false, list = false, markdown }: BreadthOptions): Promise<void> {
  const cases = chosen(only);
  const file = join(BREADTH_FOLDER, `node${process.versions.node.split('.')[0]!}.json`);
  if (list) {
    console.log(cases.map(({ id }) => id).join('\n'));
    return;
  }
  const results = readBreadth(file);
  if (!report) {
    if (!growth && python === undefined) throw new Error('breadth compares with PyTorch: give a Python that has torch with --python PATH, or --growth for growth with size alone');
    const own = scriptProcess('adjoint', join(HERE, 'subject.ts'));
    const torch = growth ? null : new SubjectProcess('torch', python!, [join(HERE, '..', 'peers', 'torch_breadth.py'), tableFile(cases)], { OMP_NUM_THREADS: '1' });
    const start = loadavg()[0]!;
    for (const subject of [own, ...(torch === null ? [] : [torch])]) results.subjects[subject.name] = await subject.ask('about');
    const measured: Record<string, Found> = {};
    for (const placed of cases) {
      if (torch !== null) measured[placed.id] = { ...results.cases[placed.id], ...(await measureCase(own, torch, placed, rounds)) };
      else if (grows(placed)) {
        const found = await growthOf(own, placed, rounds);
        if ('skip' in found) console.log(`${placed.id}: ${found.skip}`);
        else measured[placed.id] = { at: '', commit: '', ...results.cases[placed.id], growth: found };
      }
      if (process.stderr.isTTY) process.stderr.write(`\r${Object.keys(measured).length} of ${cases.length}: ${placed.id}`.padEnd(70));
    }
    if (process.stderr.isTTY) process.stderr.write('\n');
    own.close();
    torch?.close();
    const known = new Set(CASES.map(({ id }) => id));
    results.cases = Object.fromEntries(Object.entries({ ...results.cases, ...measured }).filter(([id]) => known.has(id)));
    results.machine = machineFacts();
    if (torch !== null) results.load = [start, loadavg()[0]!];
    if (record) writeBreadth(file, results);
    console.log(listing({ ...results, cases: measured }, growth));
  } else console.log(listing(results, growth));
  if (markdown !== undefined) writeFileSync(markdown, breadthPage(readBreadth(file)));
}
