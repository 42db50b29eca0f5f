// The listing by ratio, and the page of the documentation.
import { shown } from '../suite/report';
import { isProgram } from './case';
import { CASES, FAMILIES, type Placed } from './families';
import { AT_COPY, AT_PEAK, LIMITED_BY } from './limits';
import type { BreadthResults, Found, Pass } from './results';

type Kind = 'forward' | 'backward';

/** A measured pass of a case, judged. */
export interface Row {
  readonly placed: Placed;
  readonly kind: Kind;
  readonly pass: Pass;
  /** Whether the ratio is within the family's goal. */
  readonly isWithin: boolean;
  /** Of one that is not: the limit it is measured to be at, or what is known to stand in the way; null where nothing is. */
  readonly limit: string | null;
}

const percent = (part: number): string => `${(100 * part).toFixed(0)} %`;
const ratioOf = (x: number): string => (x >= 9.995 ? x.toFixed(1) : x.toFixed(2));

function limitOf(id: string, kind: Kind, { ofCopy, ofPeak }: Pass): string | null {
  if (ofCopy !== undefined && ofCopy >= AT_COPY) return `memory: ${percent(ofCopy)} of a copy`;
  if (ofPeak !== undefined && ofPeak >= AT_PEAK) return `multiply-adds: ${percent(ofPeak)} of the peak`;
  return LIMITED_BY[`${id}:${kind}`] ?? LIMITED_BY[id] ?? null;
}

/** All passes that were measured, the largest ratio first. */
export function rowsOf(results: BreadthResults): Row[] {
  const rows = CASES.flatMap((placed): Row[] => {
    const found = results.cases[placed.id];
    return (['forward', 'backward'] as const).flatMap((kind) => {
      const pass = found?.[kind];
      if (pass === undefined || 'skip' in pass) return [];
      const isWithin = pass.ratio <= placed.family.ofTorch;
      return [{ placed, kind, pass, isWithin, limit: isWithin ? null : limitOf(placed.id, kind, pass) }];
    });
  });
  return rows.sort((a, b) => b.pass.ratio - a.pass.ratio);
}

/** What could not be measured, and why. */
export function skipsOf(results: BreadthResults): string[] {
  return Object.entries(results.cases).flatMap(([id, found]) =>
    (['forward', 'backward'] as const).flatMap((kind) => {
      const pass = found[kind];
      return pass !== undefined && 'skip' in pass ? [`${id}, ${kind}: ${pass.skip}`] : [];
    }));
}

/** The most that the time may grow by, from a quarter of the usual size to all of it: what the algorithm asks for, and caches that overflow. */
export const mostGrowth = (power: number): number => 4 ** power * 1.6;

/** Cases that grow faster than their algorithm. */
export function steep(results: BreadthResults): { readonly placed: Placed; readonly growth: NonNullable<Found['growth']> }[] {
  return CASES.flatMap((placed) => {
    const growth = results.cases[placed.id]?.growth;
    const power = isProgram(placed.made) ? 1 : placed.made.power ?? 1;
    return growth !== undefined && growth[1] > mostGrowth(power) ? [{ placed, growth }] : [];
  });
}

const judged = ({ isWithin, limit, placed }: Row): string => (isWithin ? 'within' : limit ?? `**above ${ratioOf(placed.family.ofTorch)}**`);

/** The listing of the terminal. */
export function listing(results: BreadthResults, growth: boolean): string {
  if (growth) {
    const grown = CASES.flatMap((placed) => {
      const found = results.cases[placed.id]?.growth;
      return found === undefined ? [] : [{ placed, found }];
    }).sort((a, b) => b.found[1] - a.found[1]);
    const tooSteep = new Set(steep(results).map(({ placed }) => placed.id));
    const lines = grown.map(({ placed: { id }, found: [two, four] }) => `${two.toFixed(2).padStart(7)}${four.toFixed(2).padStart(8)}  ${id}${tooSteep.has(id) ? '  STEEP' : ''}`);
    return ['Time at a half of the size and at all of it, in that of a quarter', ...lines, `${tooSteep.size} of ${grown.length} grow faster than their algorithm`].join('\n');
  }
  const rows = rowsOf(results);
  const lines = rows.map((row) => {
    const { placed, kind, pass } = row;
    const part = pass.ofCopy === undefined ? (pass.ofPeak === undefined ? '' : `${percent(pass.ofPeak)} of peak`) : `${percent(pass.ofCopy)} of copy`;
    const spread = `${ratioOf(pass.q1)} to ${ratioOf(pass.q3)}`;
    return `${ratioOf(pass.ratio).padStart(7)}  ${spread.padEnd(15)} ${shown(pass.ours).padStart(8)} ${shown(pass.torch).padStart(8)}  ${`${placed.id}, ${kind}`.padEnd(44)} ${part.padEnd(14)} ${row.isWithin ? '' : judged(row)}`.trimEnd();
  });
  const within = rows.filter(({ isWithin }) => isWithin).length;
  const limited = rows.filter(({ isWithin, limit }) => !isWithin && limit !== null).length;
  return [
    "Median of the ratios of pairs, their quartiles, our time, PyTorch's time",
    ...lines,
    ...skipsOf(results).map((text) => `not measured: ${text}`),
    `${rows.length} passes: ${within} within their goal, ${limited} at a limit, ${rows.length - within - limited} above; load ${results.load.map((x) => x.toFixed(1)).join(' to ')}`,
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

const cells = ({ placed, kind, pass }: Row): string[] =>
  [`${placed.made.name}, ${kind}`, shown(pass.ours), shown(pass.torch), `${ratioOf(pass.ratio)} (${ratioOf(pass.q1)} to ${ratioOf(pass.q3)})`];

/** The page of the documentation. */
export function breadthPage(results: BreadthResults): string {
  const rows = rowsOf(results);
  const facts = (of: Readonly<Record<string, unknown>>) => Object.entries(of).map(([k, v]) => `${k} ${String(v)}`).join(', ');
  const above = rows.filter(({ isWithin }) => !isWithin);
  const dates = Object.values(results.cases).map(({ at }) => at.slice(0, 10)).filter((at) => at !== '').sort();
  const median = (list: readonly Row[]): string => ratioOf(list[list.length >> 1]!.pass.ratio);
  const families = FAMILIES.flatMap((family) => {
    const own = rows.filter(({ placed }) => placed.family === family);
    if (own.length === 0) return [];
    const within = own.filter(({ isWithin }) => isWithin).length;
    const limited = own.filter(({ isWithin, limit }) => !isWithin && limit !== null).length;
    return [[family.title, `at most ${ratioOf(family.ofTorch)}`, String(own.length), median(own), String(within), String(limited), String(own.length - within - limited)]];
  });
  const grown = Object.values(results.cases).filter(({ growth }) => growth !== undefined).length;
  const parts = [
    '# Breadth: operations beside PyTorch',
    `Written by \`npm run bench -- breadth --python PATH --record --markdown docs/breadth.md\`. Every operation is called at the size of real programs,
forward and, where it has a gradient, backward, with one thread on both sides. Samples of ours and of PyTorch's take turns; a ratio is our time in
PyTorch's, of two samples one after the other, and shown are the median and the quartiles of all pairs. Time is that of the processor, which other
programs on the machine have no part in. Inputs have the same values on both sides,
and the sums of the results are compared before anything is timed. The cases are in \`bench/breadth/cases\`, their results in
\`bench/results/breadth\`; the workloads with ceilings and other libraries are in [benchmarks](benchmarks.md).`,
    `- ${facts(results.machine)}`,
    ...Object.values(results.subjects).map((of) => `- ${facts(of)}`),
    `- measured ${dates[0] ?? ''}${dates.at(-1) === dates[0] ? '' : ` to ${dates.at(-1)!}`}; load of the machine ${results.load.map((x) => x.toFixed(1)).join(' at the start, ')} at the end`,
    '## Families',
    table(['family', 'goal', 'passes', 'median ratio', 'within', 'at a limit', 'above'], families),
    `## Above their goal: ${above.length} of ${rows.length}`,
    above.length === 0 ? 'None.' : table(['', 'Adjoint', 'PyTorch', 'ratio', 'limit'], above.map((row) => [`${row.placed.family.name}: ${cells(row)[0]!}`, ...cells(row).slice(1), row.limit ?? 'open'])),
    '## Growth',
    grown === 0
      ? 'Not measured yet: `npm run bench -- breadth --growth --record`.'
      : `${grown} cases were timed at a quarter, a half and all of their size, where that can be chosen. ${steep(results).length} grow by more than 1.6 times what their algorithm asks for, which is 4 where it is linear${steep(results).map(({ placed, growth }) => `; ${placed.id} ${growth[1].toFixed(1)} times`).join('')}. What is above 4 and below that is caches.`,
    '## All',
    ...FAMILIES.flatMap((family) => {
      const own = rows.filter(({ placed }) => placed.family === family);
      return own.length === 0 ? [] : [`### ${family.title}`, table(['', 'Adjoint', 'PyTorch', 'ratio'], own.map(cells))];
    }),
    ...(skipsOf(results).length === 0 ? [] : ['## What could not be measured', skipsOf(results).map((text) => `- ${text}`).join('\n')]),
  ];
  return parts.map((part, i) => (part.startsWith('- ') && i > 0 && parts[i - 1]!.startsWith('- ') ? part : `\n${part}`)).join('\n').trimStart() + '\n';
}
