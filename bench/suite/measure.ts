// Rounds of samples, from subject to subject.
//
// Counts are fixed by the workload. Only where a subject is so slow that its share would take longer than MOST_SECONDS
// does it sit out the remaining rounds; how many samples there were is part of the result.
import { commit } from './machine';
import type { SubjectProcess } from './process';
import type { Measured, Results } from './results';
import { summaryOf } from './statistics';
import type { Workload } from './workloads';

/** The limit a workload is also held against, measured in the library's process in every round. */
export function limitsOf(workload: Workload): readonly string[] {
  if (workload.group === 'overhead') return ['bareCalls'];
  if (workload.group === 'products') return workload.name.startsWith('matvec') ? ['copy'] : ['multiplyAdd'];
  return workload.group === 'elementwise' ? ['copy'] : [];
}

const MOST_SECONDS = 6;
const FEWEST_SAMPLES = 3;

/** What the times of a limit are called in the results. */
export const limitKey = (limit: string, subject: string): string => `${limit} of ${subject}`;

/** Measures one workload on all subjects, and on those with a ceiling its limits; adds to `results`. */
export async function measure(workload: Workload, subjects: readonly SubjectProcess[], results: Results): Promise<void> {
  const { name, warmUp, calls, samples, rounds } = workload;
  const at = new Date().toISOString();
  const found: Record<string, Measured> = {};
  const times = new Map<SubjectProcess, number[]>();
  const spent = new Map<SubjectProcess, number>();
  const limits = new Map<string, number[]>();
  const timed = async (subject: SubjectProcess, calls: number, samples: number): Promise<readonly number[]> => {
    const { ns = [] } = await subject.ask(`time ${calls} ${samples}`);
    spent.set(subject, (spent.get(subject) ?? 0) + ns.reduce((sum, t) => sum + (t * calls) / 1e9, 0));
    return ns;
  };
  for (const subject of subjects) {
    const { skip } = await subject.ask(`prepare ${name}`);
    if (skip === undefined) times.set(subject, []);
    else if (skip !== '') found[subject.name] = { skip };
  }
  for (const subject of times.keys()) {
    const [one = 0] = await timed(subject, 1, 1);
    const most = Math.ceil((1e9 * MOST_SECONDS) / 4 / one);
    if (warmUp > 1 && most > 1) await timed(subject, Math.min(warmUp - 1, most), 1);
    spent.set(subject, 0);
  }
  for (let round = 0; round < rounds; round++) {
    for (const [subject, all] of times) {
      if (all.length >= FEWEST_SAMPLES && spent.get(subject)! > MOST_SECONDS) continue;
      all.push(...(await timed(subject, calls, samples)));
      if (!subject.name.startsWith('adjoint')) continue;
      for (const limit of limitsOf(workload)) {
        const key = limitKey(limit, subject.name);
        limits.set(key, [...(limits.get(key) ?? []), ...((await subject.ask(`limit ${limit} 5`)).ns ?? [])]);
      }
    }
  }
  const stamp = { at, commit: commit() };
  const each = workload.each ?? 1;
  for (const [subject, all] of times) {
    found[subject.name] = all.length > 0 ? { ...summaryOf(all.map((ns) => ns / each)), ...stamp } : { skip: 'it stopped while it was measured' };
  }
  for (const [key, all] of limits) if (all.length > 0) found[key] = { ...summaryOf(all), ...stamp };
  results.times[name] = { ...results.times[name], ...found };
}
