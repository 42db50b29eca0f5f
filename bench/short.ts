// npm run bench -- --short: whether the library still reaches its part of the ceiling. A few seconds, this process alone.
//
// No absolute time decides: every figure is a ratio to what the same process could do in the same moment. Library and limit
// take turns and the best of each counts, since all else on the machine only adds; what still falls short is measured
// again, for longer, before it is called a failure.
import { BARE_CALLS, COPY_BYTES, PEAK_FLOPS, ceiling, hasRelaxed } from './subjects/ceiling';
import { workloads } from './subjects/library';
import { samplesOf, type Call } from './subjects/samples';
import { FLOORS } from './suite/goals';
import { WORKLOADS, type Workload } from './suite/workloads';

/** Rounds of the further tries. A spell in which another tenant has the processor lasts some seconds. */
const RETRIES = [240, 240, 480];

interface Check {
  readonly workload: Workload;
  readonly limit: Call;
  /** The figure of the best times in nanoseconds. */
  readonly figure: (own: number, limit: number) => number;
  readonly isMet: (figure: number) => boolean;
  readonly text: (figure: number) => string;
}

const workloadOf = (name: string): Workload => WORKLOADS.find((w) => w.name === name)!;
const percent = (x: number): string => `${(100 * x).toFixed(0)} %`;

function checks(): Check[] {
  const { multiplyAdd, copy, bareCalls } = ceiling();
  const share = (name: string, floor: number, limit: Call, units: number, of: number, what: string): Check => ({
    workload: workloadOf(name),
    limit,
    figure: (own, best) => units / own / (of / best),
    isMet: (figure) => figure >= floor,
    text: (figure) => `${percent(figure)} of ${what}, at least ${percent(floor)}`,
  });
  return [
    ...Object.entries(FLOORS.ofPeak).map(([name, floor]) => share(name, floor, multiplyAdd, workloadOf(name).flops!, PEAK_FLOPS, 'the multiply-add peak')),
    ...Object.entries(FLOORS.ofCopy).map(([name, floor]) => share(name, floor, copy, workloadOf(name).bytes!, 2 * COPY_BYTES, 'what a copy moves')),
    ...Object.entries(FLOORS.bareCalls).map(([name, most]): Check => {
      const workload = workloadOf(name);
      return {
        workload,
        limit: bareCalls,
        figure: (own, best) => own / workload.each! / (best / BARE_CALLS),
        isMet: (figure) => figure <= most,
        text: (figure) => `one op takes ${figure.toFixed(0)} bare calls, at most ${most}`,
      };
    }),
  ];
}

async function figureOf({ workload, limit, figure }: Check, rounds: number): Promise<number> {
  const call = workloads[workload.name]!();
  await samplesOf(call, workload.warmUp, 1);
  await samplesOf(limit, 20, 1);
  let [own, best] = [Infinity, Infinity];
  for (let round = 0; round < rounds; round++) {
    own = Math.min(own, ...(await samplesOf(call, workload.calls, 2)));
    best = Math.min(best, ...(await samplesOf(limit, 1, 4)));
  }
  return figure(own, best);
}

/** Measures, prints a line for each, and says whether all reached their part. */
export async function runShort(): Promise<boolean> {
  console.log(`Node ${process.versions.node}, ${hasRelaxed() ? 'relaxed' : 'simd128'} binary`);
  let isGood = true;
  for (const check of checks()) {
    let figure = await figureOf(check, 60);
    for (const rounds of RETRIES) {
      if (check.isMet(figure)) break;
      console.log(`${check.workload.title}: ${check.text(figure)}; once more`);
      figure = await figureOf(check, rounds);
    }
    const isMet = check.isMet(figure);
    isGood &&= isMet;
    console.log(`${isMet ? 'ok    ' : 'FAILED'} ${check.workload.title}: ${check.text(figure)}`);
  }
  return isGood;
}
