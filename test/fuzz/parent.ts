// Runs programs in processes of their own and stops those that hang.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type Readable } from 'node:stream';
import { keyOf, type Finding, type Line } from './finding';
import { type Step } from './program';
import { CALLS } from './calls';
import { ENGINE_FLAGS } from '../../scripts/setup/engine.mjs';

/** A program that says nothing hangs once its process has worked for so long, in milliseconds: beside other work it gets little of a processor. */
const PATIENCE = 20_000;

/** A program that says nothing for so long hangs even if it does not work. */
const LONGEST_WAIT = 10 * PATIENCE;

/** A finding with where it came up. */
export interface Found {
  readonly key: string;
  readonly seed: number;
  readonly index: number;
  readonly finding: Finding;
}

/** What a seed gave. */
export interface Outcome {
  readonly calls: number;
  readonly found: readonly Found[];
}

type Ending = 'done' | 'hang' | 'crash';

/** Runs a child with these arguments; each line it says goes to `take`. */
async function runChild(args: readonly (string | number)[], take: (line: Line) => void): Promise<[Ending, string]> {
  const flags = ['--expose-gc', '--max-old-space-size=1536', '--disable-warning=ExperimentalWarning', ...ENGINE_FLAGS, '--import', 'tsx'];
  // Calls that save write where they are told.
  const folder = mkdtempSync(join(tmpdir(), 'adjoint-fuzz-'));
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, 'child.ts'), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, FUZZ_FOLDER: folder },
  });
  let ending: Ending = 'crash';
  let trouble = '';
  child.stderr!.on('data', (text: Buffer) => { trouble = (trouble + text.toString()).slice(-2000); });
  const stop = (): void => {
    if (ending !== 'done') ending = 'hang';
    child.kill('SIGKILL');
  };
  let watchdog = setTimeout(stop, LONGEST_WAIT);
  let worked = 0;
  let workedBefore = 0;
  createInterface({ input: child.stdio[3] as Readable }).on('line', (text) => {
    worked = Number(text);
    if (worked - workedBefore > PATIENCE) stop();
  });
  const closed = new Promise((resolve) => child.on('close', resolve));
  for await (const text of createInterface({ input: child.stdout! })) {
    clearTimeout(watchdog);
    watchdog = setTimeout(stop, LONGEST_WAIT);
    workedBefore = worked;
    if (!text.startsWith('{')) continue;
    const line = JSON.parse(text) as Line;
    if ('done' in line) ending = 'done';
    else take(line);
  }
  await closed;
  clearTimeout(watchdog);
  rmSync(folder, { recursive: true, force: true });
  return [ending, withoutWarnings(trouble)];
}

/** What a process said last but for the package's warnings, which are no trouble. */
function withoutWarnings(trouble: string): string {
  return trouble.split('\n').filter((line) => !line.startsWith('adjoint: ')).join('\n').trim();
}

/** Runs a number of calls of a seed. */
export async function runSeed(seed: number, calls: number, overlooked = '', onFound: (found: Found) => void = () => undefined): Promise<Outcome> {
  const found: Found[] = [];
  const note = (key: string, index: number, finding: Finding): void => {
    if (found.some((other) => other.key === key)) return;
    found.push({ key, seed, index, finding });
    onFound(found.at(-1)!);
  };
  const to = Math.ceil(calls / CALLS);
  let made = 0;
  for (let from = 0; from < to; ) {
    let current = from;
    const [ending, trouble] = await runChild(['seed', seed, from, to, overlooked], (line) => {
      if ('begins' in line) current = line.begins;
      else if ('calls' in line) made += line.calls;
      else if ('found' in line) note(line.key, line.index, line.found);
    });
    if (ending === 'done') break;
    const stuck = await traced(seed, current, ending, trouble, overlooked);
    note(keyOf(stuck), current, stuck);
    from = current + 1;
  }
  return { calls: made, found };
}

/** The program that did not come to its end, up to the step where it stopped. */
async function traced(seed: number, index: number, kind: 'hang' | 'crash', trouble: string, overlooked: string): Promise<Finding> {
  const program: Step[] = [];
  const [again] = await runChild(['trace', seed, index, index, overlooked], (line) => {
    if ('step' in line) program.push(line.step as Step);
  });
  const says = kind === 'hang' ? 'does not return' : trouble;
  return { kind, step: program.length - 1, message: again === kind ? says : `${says}, after the programs before it; alone it comes to its end`, program };
}

/** Runs the programs of files; the finding of each, or null. */
export async function runPrograms(files: readonly string[]): Promise<(Finding | null)[]> {
  const findings: (Finding | null)[] = files.map(() => null);
  for (let from = 0; from < files.length; ) {
    let current = from;
    const [ending, trouble] = await runChild(['programs', ...files.slice(from).map((file) => resolve(file))], (line) => {
      if ('begins' in line) current = from + line.begins;
      else if ('found' in line) findings[current] = line.found;
    });
    if (ending === 'done') break;
    findings[current] = { kind: ending, step: 0, message: ending === 'hang' ? 'does not return' : trouble, program: [] };
    from = current + 1;
  }
  return findings;
}
