// Pairs of samples, ours and PyTorch's in turns, in time of the processor: what else runs on the machine slows both a little, and is not counted.
//
// By the clock on the wall a call that takes longer than a slice of the scheduler waits for its next one on a busy machine, and a short call does
// not: ratios of slow calls were up to twice too large.
import { COPY_BYTES, PEAK_FLOPS } from '../subjects/ceiling';
import { commit } from '../suite/machine';
import type { SubjectProcess } from '../suite/process';
import { summaryOf } from '../suite/statistics';
import { isProgram, type Case } from './case';
import type { Placed } from './families';
import type { Found, Pass } from './results';
import type { Facts } from './subject';

/** Milliseconds that a sample takes about: far more than a tick of the clock, far less than a spell of the machine. */
const SAMPLE_MS = 4;
/** Milliseconds before the first sample: engines compile what is called often. */
const WARM_MS = 150;
/** Seconds that a pass may take: with slow calls there are fewer pairs, though at least three. */
const MOST_SECONDS = 6;
const FEWEST_PAIRS = 3;

/** How far sums may differ, in sums of magnitudes; for sums that cancel, the whole is small beside its parts. */
const TOLERANCE = 1e-3;

/** The calls of a sample, after those that warm up. */
async function warmUp(subject: SubjectProcess): Promise<number> {
  const one = async (calls: number): Promise<number> => (await subject.ask(`time ${calls} 1 cpu`)).ns![0]! / 1e6;
  let ms = await one(1);
  for (let spent = ms; spent < WARM_MS; ) {
    const calls = Math.max(1, Math.round(WARM_MS / 4 / ms));
    ms = await one(calls);
    spent += ms * calls;
  }
  return Math.max(1, Math.round(SAMPLE_MS / ms));
}

/** Where two results are not the same, in words; null where they are. */
export function difference(ours: Facts['values'], theirs: Facts['values'], isRandom: boolean): string | null {
  if (JSON.stringify(ours.map(([shape]) => shape)) !== JSON.stringify(theirs.map(([shape]) => shape))) {
    return `shapes ${JSON.stringify(ours.map(([shape]) => shape))} and PyTorch's ${JSON.stringify(theirs.map(([shape]) => shape))}`;
  }
  if (isRandom) return null;
  for (const [i, [, sum, magnitudes]] of ours.entries()) {
    const [, expected, size] = theirs[i]!;
    const isNear = Math.abs(sum - expected) <= TOLERANCE * size && Math.abs(magnitudes - size) <= TOLERANCE * size;
    if (!isNear) return `sums ${sum} of magnitudes ${magnitudes} and PyTorch's ${expected} of ${size}`;
  }
  return null;
}

async function pass(own: SubjectProcess, torch: SubjectProcess, placed: Placed, kind: 'forward' | 'backward', rounds: number): Promise<Pass | { skip: string }> {
  const { id, family, made } = placed;
  for (const subject of [own, torch]) {
    const { skip } = await subject.ask(`prepare ${id}:${kind}`);
    if (skip !== undefined) return { skip: `${subject.name}: ${skip === '' ? 'lacks it' : skip}` };
  }
  let bytes = 0;
  if (!isProgram(made)) {
    const answers = [await own.ask('metric result'), await torch.ask('metric result')] as const;
    const failed = answers.find(({ skip }) => skip !== undefined);
    if (failed !== undefined) return { skip: failed.skip! };
    const [ours, theirs] = [answers[0].value as Facts, answers[1].value as Facts['values']];
    const wrong = difference(ours.values, theirs, made.isRandom ?? false);
    if (wrong !== null) return { skip: `they compute different things: ${wrong}` };
    ({ bytes } = ours);
  }
  const one: Case | null = isProgram(made) ? null : made;
  const limit = one?.flops !== undefined ? 'multiplyAdd' : kind === 'forward' && family.isMemory === true ? 'copy' : null;
  // A product has another for the gradient of each of its factors; a bias is neither.
  const products = kind === 'forward' ? 1 : (one?.of ?? []).filter((name) => !['b', 'bias'].includes(name)).length;
  const calls = [await warmUp(own), await warmUp(torch)] as const;
  const each = family.each ?? 1;
  const [ours, theirs, limits]: [number[], number[], number[]] = [[], [], []];
  const from = performance.now();
  const sample = async (which: 0 | 1): Promise<void> => {
    const { ns } = await [own, torch][which]!.ask(`time ${calls[which]} 1 cpu`);
    (which === 0 ? ours : theirs).push(ns![0]! / (which === 0 ? each : 1));
  };
  for (let round = 0; round < rounds; round++) {
    if (round >= FEWEST_PAIRS && performance.now() - from > 1000 * MOST_SECONDS) break;
    // Who is first changes, since the first finds what the other left in the caches.
    const first = (round & 1) as 0 | 1;
    await sample(first);
    await sample((1 - first) as 0 | 1);
    if (limit !== null) limits.push(...(await own.ask(`limit ${limit} 1 cpu`)).ns!);
  }
  const { median: ratio, q1, q3, count } = summaryOf(ours.map((ns, i) => ns / theirs[i]!));
  const [mine, others] = [summaryOf(ours).median, summaryOf(theirs).median];
  const found: Pass = { ratio, q1, q3, pairs: count, ours: mine, torch: others };
  if (limit === 'copy') return { ...found, ofCopy: bytes / mine / ((2 * COPY_BYTES) / summaryOf(limits).median) };
  if (limit === 'multiplyAdd') return { ...found, ofPeak: (products * one!.flops!) / mine / (PEAK_FLOPS / summaryOf(limits).median) };
  return found;
}

/** Measures a case, forward and where it has a gradient backward. */
export async function measureCase(own: SubjectProcess, torch: SubjectProcess, placed: Placed, rounds: number): Promise<Found> {
  const { made } = placed;
  const forward = await pass(own, torch, placed, 'forward', rounds);
  const hasBackward = !isProgram(made) && made.of !== undefined && made.of.length > 0;
  const backward = hasBackward ? { backward: await pass(own, torch, placed, 'backward', rounds) } : {};
  return { forward, ...backward, at: new Date().toISOString(), commit: commit() };
}

/** Whether a case has inputs whose size can be chosen. */
export function grows({ made }: Placed): boolean {
  return !isProgram(made) && JSON.stringify(made.inputs(1)) !== JSON.stringify(made.inputs(2));
}

/**
 * The times of a case at a half of its usual size and at all of it, in that of a quarter; the smallest of many each, in turns. Larger sizes would
 * show where caches end, not what the algorithm does.
 */
export async function growthOf(own: SubjectProcess, { id }: Placed, rounds: number): Promise<readonly [number, number] | { skip: string }> {
  const best = [Infinity, Infinity, Infinity];
  for (let round = 0; round < Math.max(2, rounds >> 2); round++) {
    for (const [i, n] of [1, 2, 4].entries()) {
      const { skip } = await own.ask(`prepare ${id}:forward:${n}`);
      if (skip !== undefined) return { skip };
      const calls = round === 0 ? await warmUp(own) : Math.max(1, Math.round((SAMPLE_MS * 1e6) / best[i]!));
      best[i] = Math.min(best[i]!, ...(await own.ask(`time ${calls} 3 cpu`)).ns!);
    }
  }
  return [best[1]! / best[0]!, best[2]! / best[0]!];
}
