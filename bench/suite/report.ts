// The table: what was measured, beside the ceiling and the others, and which goals are met.
import { GOALS, LIMITED_BY, LIMITS, TIMES_FASTER_THAN_JAVASCRIPT, type Goal } from './goals';
import { COPY_BYTES, PEAK_FLOPS } from '../subjects/ceiling';
import { limitKey } from './measure';
import type { Results } from './results';
import type { Summary } from './statistics';
import { WORKLOADS, type Workload } from './workloads';

/** Subjects in the order of the columns. */
export const COLUMNS = {
  adjoint: 'adjoint',
  'adjoint-simd128': 'adjoint, simd128',
  native: 'native Rust',
  torch: 'PyTorch',
  'jax-jit': 'jax-js, jit',
  'jax-eager': 'jax-js, eager',
  tfjs: 'TensorFlow.js',
  ort: 'onnxruntime-web',
} as const;

const JAVASCRIPT = ['jax-jit', 'jax-eager', 'tfjs', 'ort'];

/** Whether a goal is met, and the figure that says so; null where there is nothing to compare with. */
export interface Verdict {
  readonly isMet: boolean | null;
  readonly text: string;
  /** Of a goal that is not met, what limits it, where that is known. */
  readonly limitedBy?: string;
}

function limited(verdict: Verdict, key: string): Verdict {
  const limitedBy = LIMITED_BY[key];
  return verdict.isMet === false && limitedBy !== undefined ? { ...verdict, limitedBy } : verdict;
}

const GROUPS: Readonly<Record<Workload['group'], string>> = {
  overhead: 'Overhead: 8 numbers',
  products: 'Products',
  elementwise: 'A million numbers (1024 × 1024)',
  training: 'Training steps',
  inference: 'Inference',
};

/** A time in the unit a reader wants. */
export function shown(ns: number): string {
  const [value, unit] = ns < 1000 ? [ns, 'ns'] : ns < 1e6 ? [ns / 1e3, 'µs'] : ns < 1e9 ? [ns / 1e6, 'ms'] : [ns / 1e9, 's'];
  return `${value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)} ${unit}`;
}

const percent = (x: number): string => `${(100 * x).toFixed(0)} %`;
const times = (x: number): string => (x > 0.5 ? `${x.toFixed(2)} ×` : `1/${(1 / x).toFixed(1)} of`);

/** The results of one subject for one workload, if it ran. */
function timesOf(results: Results, workload: string, subject: string): Summary | null {
  const found = results.times[workload]?.[subject];
  return found === undefined || 'skip' in found ? null : found;
}

/** The part of the peak or of the copy that a subject of ours reached. */
export function shareOf(results: Results, workload: Workload, subject: string, limit: 'multiplyAdd' | 'copy'): number | null {
  const own = timesOf(results, workload.name, subject);
  const best = timesOf(results, workload.name, limitKey(limit, subject));
  if (own === null || best === null) return null;
  if (limit === 'multiplyAdd') return workload.flops! / own.min / (PEAK_FLOPS / best.min);
  // A matrix times a vector reads; what it writes is nothing beside it.
  return workload.bytes! / own.min / ((2 * COPY_BYTES) / best.min);
}

function verdictOf(results: Results, goal: Goal, subject: string): Verdict {
  const workload = WORKLOADS.find(({ name }) => name === goal.workload)!;
  const own = timesOf(results, goal.workload, subject);
  if (own === null) return { isMet: null, text: 'not measured' };
  const parts: Verdict[] = [];
  const torch = timesOf(results, goal.workload, 'torch');
  if (goal.ofTorch !== undefined && torch !== null) {
    const ratio = own.min / torch.min;
    parts.push({ isMet: ratio <= goal.ofTorch, text: `${times(ratio)} PyTorch's time (at most ${times(goal.ofTorch).replace(/ of$/, '')})` });
  }
  for (const [limit, least, name] of [['multiplyAdd', goal.ofPeak, 'peak'], ['copy', goal.ofCopy, 'copy']] as const) {
    const share = least === undefined ? null : shareOf(results, workload, subject, limit);
    if (share !== null) parts.push({ isMet: share >= least!, text: `${percent(share)} of ${name} (at least ${percent(least!)})` });
  }
  if (parts.length === 0) return { isMet: null, text: 'nothing to compare with' };
  return limited({ isMet: parts.some(({ isMet }) => isMet === true), text: parts.map(({ text }) => text).join(' or ') }, goal.workload);
}

function fasterThanJavascript(results: Results, workload: string): Verdict | null {
  const own = timesOf(results, workload, 'adjoint');
  const others = JAVASCRIPT.flatMap((name) => {
    const found = timesOf(results, workload, name);
    return found === null ? [] : [[name, found.min] as const];
  });
  if (own === null || others.length === 0) return null;
  const [name, best] = others.reduce((a, b) => (b[1] < a[1] ? b : a));
  const ratio = best / own.min;
  const text = `${ratio.toPrecision(3)} × as fast as ${COLUMNS[name as keyof typeof COLUMNS]}`;
  return limited({ isMet: ratio >= TIMES_FASTER_THAN_JAVASCRIPT, text }, `${workload}.javascript`);
}

const mark = ({ isMet, text }: Verdict): string => `${isMet === null ? '–' : isMet ? 'met' : '**not met**'}: ${text}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((h, i) => Math.max(3, h.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), `|${widths.map((w) => '-'.repeat(w + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

function groupTable(results: Results, group: Workload['group']): string | null {
  const workloads = WORKLOADS.filter((w) => w.group === group && results.times[w.name] !== undefined);
  if (workloads.length === 0) return null;
  const columns = Object.keys(COLUMNS).filter((c) => workloads.some(({ name }) => results.times[name]![c] !== undefined));
  const cell = (workload: Workload, column: string): string => {
    const found = results.times[workload.name]?.[column];
    if (found === undefined) return '';
    if ('skip' in found) return 'cannot';
    const rate = workload.group === 'products' && workload.flops !== undefined ? `, ${(workload.flops / found.min).toFixed(1)} GFLOP/s` : '';
    return `${shown(found.min)} (${shown(found.median)})${rate}`;
  };
  const rows = workloads.map((w) => {
    const limit = group === 'products' && !w.name.startsWith('matvec') ? 'multiplyAdd' : group === 'elementwise' || w.name.startsWith('matvec') ? 'copy' : null;
    const share = limit === null ? null : shareOf(results, w, 'adjoint', limit);
    return [w.title, ...columns.map((c) => cell(w, c)), share === null ? '' : `${percent(share)} of ${limit === 'copy' ? 'copy' : 'peak'}`];
  });
  const hasShare = rows.some((row) => row.at(-1) !== '');
  const head = ['', ...columns.map((c) => COLUMNS[c as keyof typeof COLUMNS]), 'adjoint reaches'];
  return table(hasShare ? head : head.slice(0, -1), hasShare ? rows : rows.map((row) => row.slice(0, -1)));
}

const kb = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;

function figureGoals(results: Results): [string, Verdict][] {
  const { import: start, bundle, growth, endurance } = results.figures as Record<string, Record<string, number> | undefined>;
  const found: [string, Verdict][] = [];
  const add = (title: string, key: string, isMet: boolean, text: string) => void found.push([title, limited({ isMet, text }, key)]);
  if (start !== undefined) {
    const ms = start['aboveEmpty']!;
    add('import to first gradient', 'import', ms <= LIMITS.importMs, `${ms.toFixed(1)} ms above an empty script (at most ${LIMITS.importMs} ms)`);
  }
  if (bundle !== undefined) {
    const bytes = bundle['adjoint']!;
    add('bundled training page', 'bundle', bytes <= LIMITS.bundleBytes, `${kb(bytes)} with brotli (at most ${kb(LIMITS.bundleBytes)})`);
  }
  if (growth !== undefined) {
    const ratio = growth['long']! / growth['short']!;
    add('time per op at 10⁶ ops against 10³', 'growth', ratio <= LIMITS.growth, `${ratio.toFixed(2)} × (at most ${LIMITS.growth} ×)`);
  }
  if (endurance !== undefined) {
    const ratio = endurance['last']! / endurance['first']!;
    add('steps/s after a million steps', 'endurance', ratio >= LIMITS.endurance, `${percent(ratio)} of the first thousands (at least ${percent(LIMITS.endurance)})`);
  }
  return found;
}

/** All goals with their verdicts. */
export function verdicts(results: Results): [title: string, Verdict][] {
  const title = (name: string): string => WORKLOADS.find((w) => w.name === name)!.title;
  const found: [string, Verdict][] = [];
  for (const goal of GOALS) {
    if (results.times[goal.workload] === undefined) continue;
    found.push([title(goal.workload), verdictOf(results, goal, 'adjoint')]);
    if (goal.ofPeak !== undefined && results.times[goal.workload]!['adjoint-simd128'] !== undefined) {
      found.push([`${title(goal.workload)}, simd128`, verdictOf(results, goal, 'adjoint-simd128')]);
    }
  }
  for (const { name } of WORKLOADS) {
    const verdict = fasterThanJavascript(results, name);
    if (verdict !== null) found.push([`${title(name)}, JavaScript`, verdict]);
  }
  return [...found, ...figureGoals(results)];
}

function skipped(results: Results): string[] {
  return Object.entries(results.times).flatMap(([workload, of]) =>
    Object.entries(of).flatMap(([subject, found]) => ('skip' in found ? [`- ${COLUMNS[subject as keyof typeof COLUMNS]}, ${workload}: ${found.skip}`] : [])),
  );
}

/** The whole report as Markdown. */
export function report(results: Results): string {
  const facts = (of: Readonly<Record<string, unknown>>) => Object.entries(of).map(([k, v]) => `${k} ${String(v)}`).join(', ');
  const parts: string[] = [
    '# Benchmarks',
    'Written by `npm run bench -- --markdown docs/benchmarks.md`. Each cell is the best time of many and, in parentheses, the median; both are in bench/results with the quartiles. ' +
      'One thread everywhere. Subjects take turns within a workload, and the ceiling is measured in the turns of the library, in its process: the peak of a loop of independent multiply-adds, and what `memory.copy` moves. ' +
      'TensorFlow.js and onnxruntime-web have their WebAssembly back ends; the time of onnxruntime-web includes handing over inputs and results.',
    '## Machine',
    `- ${facts(results.machine)}`,
    ...Object.values(results.subjects).map((of) => `- ${facts(of)}`),
  ];
  for (const [group, title] of Object.entries(GROUPS)) {
    const text = groupTable(results, group as Workload['group']);
    if (text !== null) parts.push(`## ${title}`, text);
  }
  const figures = Object.entries(results.figures);
  if (figures.length > 0) {
    parts.push('## Start, size and growth', figures.map(([name, of]) => `- ${name}: ${Object.entries(of).map(([k, v]) => `${k} ${typeof v === 'number' ? Number(v.toPrecision(4)).toLocaleString('en-US') : String(v)}`).join(', ')}`).join('\n'));
  }
  const goals = verdicts(results);
  if (goals.length > 0) {
    const met = goals.filter(([, { isMet }]) => isMet === true).length;
    const judged = goals.filter(([, { isMet }]) => isMet !== null).length;
    parts.push(`## Goals: ${met} of ${judged} met`, table(['', 'goal', 'what limits it'], goals.map(([title, verdict]) => [title, mark(verdict), verdict.limitedBy ?? ''])));
  }
  const without = skipped(results);
  if (without.length > 0) parts.push('## What could not run', without.join('\n'));
  return parts.map((part, i) => (i > 0 && part.startsWith('- ') && parts[i - 1]!.startsWith('- ') ? part : `\n${part}`)).join('\n').trimStart() + '\n';
}
