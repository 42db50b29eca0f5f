// Libraries take turns: in each round every one is timed on the same workload, and what is compared are times of the same round.
import { summaryOf } from '../../../bench/suite/statistics';
import type { Answer, Request } from '../../workers/measure/serve';

/** A worker with a library in it, as something to ask. */
export class Subject {
  readonly about: Promise<Extract<Answer, { about: unknown }>['about'] | { skip: string }>;
  #waiting: ((answer: Answer) => void) | undefined;

  constructor(readonly worker: Worker) {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#waiting?.(data);
    worker.onerror = ({ message }) => this.#waiting?.({ skip: message || 'the worker could not start' });
    this.about = this.#answer().then((answer) => ('about' in answer ? answer.about : { skip: 'skip' in answer ? answer.skip : '' }));
  }

  #answer(): Promise<Answer> {
    return new Promise((resolve) => { this.#waiting = resolve; });
  }

  ask(request: Request): Promise<Answer> {
    const answer = this.#answer();
    this.worker.postMessage(request);
    return answer;
  }
}

/** What a library took, in nanoseconds a call, round by round; or why there is nothing. */
export type Times = { readonly rounds: readonly number[] } | { readonly skip: string };

/** How long a turn should be, so that coarse clocks do not matter, in nanoseconds; and how often it is everyone's. */
const TURN = 5e7;
export const ROUNDS = 10;

/** Rounds of one workload over all subjects. */
export async function measure(workload: string, subjects: Readonly<Record<string, Subject>>, each: (round: number) => void, isOn: () => boolean): Promise<Record<string, Times>> {
  const times: Record<string, { rounds: number[] } | { skip: string }> = {};
  const calls: Record<string, number> = {};
  for (const [name, subject] of Object.entries(subjects)) {
    const answer = await subject.ask({ prepare: workload });
    times[name] = 'skip' in answer ? { skip: answer.skip } : { rounds: [] };
    if ('skip' in answer) continue;
    // Engines compile what runs often: until two turns in a row take the same, nothing counts.
    let count = 1;
    for (let warm = 0; warm < 6; warm++) {
      const timed = await subject.ask({ calls: count, samples: 1 });
      if (!('ns' in timed)) break;
      count = Math.max(1, Math.min(10_000, Math.round(TURN / Math.max(timed.ns[0]!, 1))));
    }
    calls[name] = count;
  }
  for (let round = 0; round < ROUNDS && isOn(); round++) {
    each(round);
    for (const [name, subject] of Object.entries(subjects)) {
      const kept = times[name]!;
      if ('skip' in kept) continue;
      const answer = await subject.ask({ calls: calls[name]!, samples: 1 });
      if ('ns' in answer) kept.rounds.push(answer.ns[0]!);
      else times[name] = { skip: 'skip' in answer ? answer.skip : 'it stopped' };
    }
  }
  return times;
}

/** How many times as long as `base` something took: the median over rounds, and its quartiles. */
export function ratio(times: Times | undefined, base: Times | undefined): { median: number; q1: number; q3: number } | null {
  if (times === undefined || base === undefined || 'skip' in times || 'skip' in base) return null;
  const ratios = times.rounds.flatMap((ns, i) => (base.rounds[i] === undefined ? [] : [ns / base.rounds[i]]));
  return ratios.length === 0 ? null : summaryOf(ratios);
}

/** The median time in words. */
export function timeOf(times: Times | undefined): string {
  if (times === undefined) return '';
  if ('skip' in times) return `– (${times.skip})`;
  if (times.rounds.length === 0) return '–';
  const { median } = summaryOf(times.rounds);
  return median >= 1e6 ? `${(median / 1e6).toPrecision(3)} ms` : `${(median / 1e3).toPrecision(3)} µs`;
}
