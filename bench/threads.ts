// What threads bring, and what the binary with threads costs where one is used.
//
//   npm run bench -- threads [how many]
//
// Three processes take turns within a workload, a sample each: the binary without threads, and the one with threads on one and on several.
// Figures are medians over all rounds of the ratios within a round, so that a slow spell of the machine hits both sides of each. Needs
// `npm run build -- --threads`.
import { join } from 'node:path';
import { SubjectProcess } from './suite/process';
import { summaryOf } from './suite/statistics';

const ROUNDS = 31;

/** Workloads, and calls a sample of about 20 ms. */
const WORKLOADS: readonly (readonly [string, number])[] = [
  ['product.32', 4000], ['product.48', 2000], ['product.64', 1000], ['product.96', 400], ['product.128', 200], ['product.256', 30], ['product.512', 4],
  ['add.million', 30], ['gelu.million', 8], ['softmax.million', 15], ['conv.64', 1], ['conv.64.step', 1],
  ['train.tiny', 1000], ['train.digits', 15], ['train.lenet', 4], ['train.transformer', 1],
];

/** Prints the table. */
export async function showThreads(threads = 2, only = ''): Promise<void> {
  const start = (n: number) =>
    new SubjectProcess(`${n}`, process.execPath, [...process.execArgv.filter((flag) => flag !== '--no-warnings'), join(import.meta.dirname, 'subjects', 'threads.ts'), `${n}`]);
  const subjects = [0, 1, threads].map(start);
  console.log(`| workload | without threads, µs | one thread against it | ${threads} threads against one |\n|---|---|---|---|`);
  for (const [name, calls] of WORKLOADS.filter(([workload]) => workload.startsWith(only))) {
    const skips: string[] = [];
    for (const subject of subjects) {
      const { ok, skip } = await subject.ask(`prepare ${name}`);
      if (ok !== true) skips.push(skip ?? 'unknown');
      else await subject.ask(`time ${calls} 3`);
    }
    if (skips.length > 0) {
      console.log(`| ${name} | ${skips.join('; ')} | | |`);
      continue;
    }
    const times: number[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const row: number[] = [];
      for (const subject of subjects) row.push((await subject.ask(`time ${calls} 1`)).ns![0]!);
      times.push(row);
    }
    const ratio = (a: number, b: number): string => {
      const { q1, median, q3 } = summaryOf(times.map((row) => row[a]! / row[b]!));
      return `${median.toFixed(2)} (${q1.toFixed(2)}–${q3.toFixed(2)})`;
    };
    console.log(`| ${name} | ${(summaryOf(times.map((row) => row[0]!)).median / 1000).toFixed(1)} | ${ratio(0, 1)} | ${ratio(1, 2)} |`);
  }
  for (const subject of subjects) subject.close();
}
