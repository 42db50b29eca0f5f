// Runs chapters here and in PyTorch and prints both loss curves: `npm run twins -- --python PATH
// [chapters]`. With --record what PyTorch found is kept in recorded.json, which the tests compare
// with.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { TOLERANCE, chapter, distances, pathOf, recorded, sizes, type Recorded, type Size } from './chapters';
import type { Result } from './show';

const { values: options, positionals } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, record: { type: 'boolean', default: false } },
  allowPositionals: true,
});

interface Run {
  chapter: string;
  torch: string;
  result: Result;
}

/** Runs chapters in PyTorch, in one process. */
function torch(names: readonly string[], size: Size): Run[] {
  const chapters = names.map((name) => [name, ...sizes[name]![size]].join(','));
  // -B: Python leaves nothing compiled beside its sources.
  const { status, stdout, error } = spawnSync(options.python, ['-B', pathOf('twins.py'), ...chapters], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) {
    const reason = error?.message ?? 'see above';
    throw new Error(`${options.python} cannot run the twins: ${reason}. Give a Python that has torch with --python PATH.`);
  }
  return stdout.trim().split('\n').map((line) => JSON.parse(line) as Run);
}

/** At most eight numbers of a curve, from the first to the last. */
function curve(values: readonly number[]): string {
  const count = Math.min(8, values.length);
  const at = Array.from({ length: count }, (_, i) => Math.round((i * (values.length - 1)) / Math.max(1, count - 1)));
  return at.map((i) => Number(values[i]!.toPrecision(7)).toString().padEnd(15)).join('');
}

/** Prints both loss curves of a chapter. Returns how far the results are apart. */
async function compare({ chapter: name, result: expected }: Run): Promise<number> {
  const { run } = await chapter(name);
  const result = run(...sizes[name]!.small);
  const apart = Object.entries(distances(result, expected)).sort(([, a], [, b]) => b - a);
  const [worst, greatest] = apart[0]!;
  console.log(`\n${name}`);
  console.log(`  PyTorch  ${curve(expected['loss'] ?? Object.values(expected)[0]!)}`);
  console.log(`  Adjoint  ${curve(result['loss'] ?? Object.values(result)[0]!)}`);
  const about = `of ${apart.length} lists ${worst} is furthest apart, by ${greatest.toExponential(1)}`;
  console.log(`  ${greatest <= TOLERANCE ? 'the same' : 'NOT the same'}: ${about}`);
  return greatest;
}

const all = Object.keys(sizes);
const named = positionals.map((given) => all.find((name) => name.startsWith(given)) ?? given);
const names = named.length > 0 ? named : all;
const unknown = names.filter((name) => !(name in sizes));
if (unknown.length > 0) throw new Error(`there is no chapter ${unknown.join(', ')}; there are ${all.join(', ')}`);

const small = torch(names, 'small');
if (options.record) {
  const short = torch(names, 'short');
  const before: Recorded['results'] = existsSync(pathOf('recorded.json')) ? recorded().results : {};
  const results = { ...before, ...Object.fromEntries(names.map((name, i) => [name, { short: short[i]!.result, small: small[i]!.result }])) };
  const inOrder = all.filter((name) => name in results).map((name) => `    ${JSON.stringify(name)}: ${JSON.stringify(results[name])}`);
  writeFileSync(pathOf('recorded.json'), `{\n  "torch": ${JSON.stringify(small[0]!.torch)},\n  "results": {\n${inOrder.join(',\n')}\n  }\n}\n`);
}
let isSame = true;
for (const run of small) isSame = (await compare(run)) <= TOLERANCE && isSame;
if (!isSame) process.exitCode = 1;
