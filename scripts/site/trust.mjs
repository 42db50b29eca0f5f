// The page of figures: what was held against PyTorch, how fast and how large, from the records of the repository, with their dates.
import { readdirSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';
import { dateOf, read, recorded, sectionOf, tableOf } from './records.mjs';

/** The first lines of a list of PyTorch's recorded ops that are missing say how many. */
function conformance() {
  const says = read('test/conformance/missing.txt').split('\n')[0].replace(/^# /, '');
  const vectors = readdirSync(inRoot('test', 'conformance', 'vectors')).length;
  return `${says} Those that are here are held against ${vectors} files of values, gradients and second gradients that PyTorch computed.
${recorded('docs/conformance.md')}

${tableOf('docs/conformance.md')}

[How they are compared, and what is left out](./docs/conformance.md).`;
}

/** The ops of the table and their samples. */
function table() {
  const ops = JSON.parse(read('test/generated/manifest.json'));
  const samples = ops.reduce((sum, op) => sum + op.samples.length, 0);
  return `${ops.length} entries of the op table, ${samples} samples: each with its gradients against finite differences, strided, broadcast, empty and in place.`;
}

const OTHERS = { torch: 'PyTorch', tfjs: 'TensorFlow.js', 'jax-jit': 'jax-js, jit' };

/** The median over workloads of how many times as long another library took. */
function typical(times, subject) {
  const ratios = Object.values(times).flatMap((by) => (by[subject]?.min && by.adjoint?.min ? [by[subject].min / by.adjoint.min] : [])).sort((a, b) => a - b);
  return ratios.length === 0 ? '–' : `${ratios[Math.floor(ratios.length / 2)].toPrecision(2)} (${ratios.filter((ratio) => ratio > 1).length} of ${ratios.length})`;
}

/** A row for each record of the bench. */
function bench() {
  const rows = readdirSync(inRoot('bench', 'results')).filter((name) => name.endsWith('.json')).sort().map((name) => {
    const { machine, times } = JSON.parse(read(`bench/results/${name}`));
    const days = Object.values(times).flatMap(({ adjoint }) => adjoint?.at?.slice(0, 10) ?? []).sort();
    const facts = `${machine.processor}, ${machine.processors} processors, ${machine.vectorFlags}, ${machine.memoryGiB} GiB`;
    return `| ${machine.node} | ${facts} | ${days[0]} to ${days.at(-1)} | ${days.length} | ${Object.keys(OTHERS).map((subject) => typical(times, subject)).join(' | ')} |`;
  });
  return `| Node | machine | measured | workloads | ${Object.values(OTHERS).join(' | ')} |\n|---|---|---|--:|--:|--:|--:|\n${rows.join('\n')}`;
}

/** Of the operations beside PyTorch: the line with the machine's date, and the table by families. */
function breadth() {
  const [, measured] = /^- (measured .*)$/m.exec(read('docs/breadth.md')) ?? [];
  return `${measured === undefined ? recorded('docs/breadth.md') : `${measured[0].toUpperCase()}${measured.slice(1)}.`}\n\n${tableOf('docs/breadth.md', '## Families')}`;
}

const goals = () => /^## Goals: (.*)$/m.exec(read('docs/benchmarks.md'))?.[1] ?? '';

export function trustPage() {
  return `# Trust

What is claimed here is checked by a command of the repository, and what is missed is said. This page is generated from the repository's records; a
record's date is that of its last change${dateOf('README.md') === null ? ', where the sources have a history' : ''}.

## Against PyTorch

${conformance()}

${table()}

## Speed

How many times as long other libraries took as Adjoint, in turns in one run on one thread: the median over workloads and, in parentheses, how many of
them are above 1, where Adjoint was faster.

${bench()}

Goals: ${goals()}; those that are missed, with what limits them, are in [benchmarks](./docs/benchmarks.md). Every workload is in
[performance](./docs/performance.md).

### Operations beside PyTorch

Our time in PyTorch's, so below 1 Adjoint was faster. ${breadth()}

[Every operation, and those above their goal](./docs/breadth.md).

## Safety

Random calls over everything callable, with what must hold checked after each: [the fuzzer](./docs/decisions/0020-fuzzer.md). Its record, with what
it found ([findings](./bench/notebooks/0020.md)). ${recorded('bench/notebooks/0020.md')}

${sectionOf('bench/notebooks/0020.md', 'Runs').replace(/\|\n\n\|/g, '|\n|')}

What happens near the memory limit, after a stack overflow and in another copy of the package is tested; [security](./SECURITY.md).

## Sizes by import

Measured ${/on (\d{4}-\d\d-\d\d)/.exec(read('docs/imports.md'))[1]}. [How they were measured](./docs/imports.md); [what each family of operations costs in the binary](./docs/sizes.md);
[how it is kept small](./docs/decisions/0009-size.md).

${tableOf('docs/imports.md')}

## Platforms

Each row is a test. ${recorded('docs/platforms.md')} [How it is on each](./docs/platforms.md).

${tableOf('docs/platforms.md')}

## Decisions

Each has what was rejected and how one would know that it was wrong: [decisions](./docs/decisions/0001-algebra-over-vectors.md).
`;
}
