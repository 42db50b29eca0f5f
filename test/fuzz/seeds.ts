// The programs of a seed.
import * as adjoint from 'adjoint';
import { memoryStats } from 'adjoint';
import { Episode, replay } from './episode';
import { type Finding } from './finding';
import { Writer, type Table } from './generate';
import { type Program, type Step } from './program';
import { CALLS } from './calls';
import { Random } from './random';

/** One program in so many is run near the limit of memory. */
const TIGHT = 50;

/** Draws and runs program `index` of a seed. */
export async function episodeOf(table: Table, seed: number, index: number, overlooked: ReadonlySet<string>, before: (step: Step) => void = () => undefined): Promise<Episode> {
  const random = new Random(seed, index);
  const episode = new Episode(overlooked);
  adjoint.manualSeed(0);
  const run = (step: Step): void => {
    before(step);
    writer.steps.push(step);
    writer.pool.add(writer.steps.length - 1, episode.run(step));
  };
  const arrive = async (): Promise<void> => {
    const given = episode.frame.results.at(-1);
    const arrived = await episode.arrived();
    if (arrived !== given) writer.pool.add(writer.steps.length - 1, arrived);
  };
  const writer = new Writer(table, random, run);
  if (index % TIGHT === TIGHT - 1) run({ fill: 2 ** random.int(0, 18) });
  const isOver = (): boolean => writer.steps.length >= CALLS || episode.finding !== null;
  while (!isOver()) {
    // A step may need instances of classes, which other steps then make.
    const step = writer.next();
    if (isOver()) break;
    run(step);
    await arrive();
  }
  await episode.end();
  return episode;
}

/** What is alive in the instance. */
export function alive(): string {
  // The copy that peek() lends stays until the next read.
  const read = adjoint.tensor(0);
  read.tolist();
  read.dispose();
  const { tensors, bytes, storages, nodes } = memoryStats();
  return JSON.stringify({ tensors, bytes, storages, nodes });
}

/** Collects garbage and lets what waits for it run. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    (globalThis as { gc?: () => void }).gc?.();
  }
  await new Promise((resolve) => setImmediate(resolve));
}

/** Replays a program on its own; the finding of it, among them what it leaves behind. */
export async function findingOf(program: Program, isMemory = true, overlooked?: ReadonlySet<string>): Promise<Finding | null> {
  if (isMemory) await settle();
  const start = alive();
  const { finding } = await replay(program, overlooked);
  if (finding !== null) {
    adjoint.reset();
    return finding;
  }
  if (!isMemory || alive() === start) return null;
  await settle();
  const end = alive();
  return end === start ? null : { kind: 'memory', step: program.length - 1, message: `${start} before and ${end} after`, program };
}
