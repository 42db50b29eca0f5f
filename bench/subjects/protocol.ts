// How the bench talks to what it measures: one process a subject, lines of JSON on standard output.
//
//   about                    → { name, … } facts about the subject
//   prepare WORKLOAD         → { ok: true } or { skip: 'why not' }
//   time CALLS SAMPLES       → { ns: [nanoseconds a call, one for each sample] } of the workload prepared last
//   limit NAME SAMPLES       → { ns: [...] } of one call of a limit of the subject's process; the workload stays prepared
//   … cpu                    → behind the two above: in time of the processor, in which others on the machine have no part
//   metric NAME              → { value } of something that is no time a call
//
// Rounds of `time` go from subject to subject, so that a slow spell of the machine hits all.
import { createInterface } from 'node:readline';
import { samplesOf, type Call, type Clock } from './samples';

export type { Call };

/** What a subject can do. A workload that is missing, or whose preparation throws, is skipped with the reason. */
export interface Subject {
  readonly about: Readonly<Record<string, unknown>>;
  readonly workloads: Readonly<Record<string, () => Call | Promise<Call>>>;
  readonly limits?: Readonly<Record<string, Call>>;
  readonly metrics?: Readonly<Record<string, () => unknown>>;
}

const short = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 200);

/** What this process has had of the processor, all its threads together. */
const processor: Clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const clock = (name: string | undefined): Clock | undefined => (name === 'cpu' ? processor : undefined);

/** Answers the bench until it closes the line. */
export async function serve(subject: Subject): Promise<void> {
  let call: Call | null = null;
  const answer = (value: unknown): void => { process.stdout.write(`${JSON.stringify(value)}\n`); };
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, ...args] = line.split(' ');
    try {
      if (command === 'about') answer(subject.about);
      else if (command === 'prepare') {
        call = null;
        const make = subject.workloads[args[0]!];
        if (make === undefined) answer({ skip: '' });
        else {
          call = await make();
          const first = call();
          if (first instanceof Promise) await first;
          answer({ ok: true });
        }
      } else if (command === 'time') answer({ ns: await samplesOf(call!, Number(args[0]), Number(args[1]), clock(args[2])) });
      else if (command === 'limit') answer({ ns: await samplesOf(subject.limits![args[0]!]!, 1, Number(args[1]), clock(args[2])) });
      else if (command === 'metric') answer({ value: (await subject.metrics?.[args[0]!]?.()) ?? null });
      else answer({ skip: `unknown command ${command}` });
    } catch (error) {
      answer({ skip: short(error) });
    }
  }
}
