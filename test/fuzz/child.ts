// The process that runs the programs. It says on its output, a line each and at once, what it begins and what it finds:
// the parent stops it when nothing comes any more.
import './instance';
import './heartbeat';
import { readFileSync, writeSync } from 'node:fs';
import * as adjoint from 'adjoint';
import { keyOf, type Finding, type Line } from './finding';
import { tableOf, type Table } from './generate';
import { minimise } from './minimise';
import { classesOf } from './pool';
import { type Program } from './program';
import { alive, episodeOf, findingOf, settle } from './seeds';
import { signatures } from './signatures';

/** How many programs run before what is left behind is looked for. */
const BATCH = 25;

const [mode, ...rest] = process.argv.slice(2);

// Files that programs write are out of the way there.
if (process.env['FUZZ_FOLDER'] !== undefined) process.chdir(process.env['FUZZ_FOLDER']);

/** Findings of these kinds are passed over. */
const overlooked = new Set((rest[3] ?? '').split(','));

function say(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

const readTable = (): Table => {
  const read = signatures();
  return tableOf(read, classesOf(read));
};

const seenKeys = new Set<string>();

async function report(found: Finding, index: number): Promise<void> {
  const key = keyOf(found);
  if (seenKeys.has(key)) return;
  seenKeys.add(key);
  const isMemory = found.kind === 'memory';
  const run = (program: Program): Promise<Finding | null> => {
    say({ tries: program.length });
    return findingOf(program, isMemory, isMemory ? overlooked : undefined);
  };
  say({ found: await minimise(found, run), key, index });
  adjoint.reset();
}

/** Runs some programs of a seed. */
async function runSeed(seed: number, from: number, to: number): Promise<void> {
  const table = readTable();
  let base = alive();
  let first = from;
  for (let index = from; index < to; index++) {
    say({ begins: index });
    const { finding, steps } = await episodeOf(table, seed, index, overlooked);
    say({ calls: steps.length });
    if (finding !== null) {
      adjoint.reset();
      await report(finding, index);
      base = alive();
      first = index + 1;
    } else if (index - first === BATCH - 1 || index === to - 1) {
      if (alive() !== base) await leaks(table, seed, first, index, base);
      base = alive();
      first = index + 1;
    }
  }
  say({ done: true });
}

/** Looks which of the programs left something behind, if it is not back once garbage is collected. */
async function leaks(table: Table, seed: number, from: number, to: number, base: string): Promise<void> {
  await settle();
  if (alive() === base) return;
  for (let index = from; index <= to; index++) {
    say({ begins: index });
    const start = alive();
    const { steps } = await episodeOf(table, seed, index, overlooked);
    await settle();
    if (alive() !== start) await report({ kind: 'memory', step: steps.length - 1, message: `${start} before and ${alive()} after`, program: steps }, index);
  }
}

const [seed = 0, from = 0, to = 0] = rest.map(Number);
if (mode === 'seed') await runSeed(seed, from, to);
else if (mode === 'trace') {
  // Every step is said before it is run.
  const { finding } = await episodeOf(readTable(), seed, from, overlooked, (step) => { say({ step }); });
  if (finding !== null) say({ found: finding, key: keyOf(finding), index: from });
  say({ done: true });
} else if (mode === 'programs') {
  for (const [index, file] of rest.entries()) {
    say({ begins: index });
    const { program } = JSON.parse(readFileSync(file, 'utf8')) as { program: Program };
    const found = await findingOf(program);
    if (found !== null) say({ found, key: keyOf(found), index });
  }
  say({ done: true });
} else throw new Error(`child: there is no mode ${mode}`);
process.exit(0);
