// npm run fuzz -- --seed 1 --calls 100000: random calls over everything callable, with what must hold checked after each.
//   --seed N      the first seed (1)          --seeds N     how many seeds (1)
//   --calls N     calls a seed (100000)       --keep        writes the findings to test/fuzz/corpus
//   --overlook K  does not stop at findings of these kinds, such as untyped
//   --replay F    runs the program in a file, such as one of the corpus
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runPrograms, runSeed, type Found } from './parent';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    calls: { type: 'string', default: '100000' },
    replay: { type: 'string' },
    overlook: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
});

const CORPUS = join(import.meta.dirname, 'corpus');

/** Shows a finding, and writes it down. */
function show({ key, seed, index, finding }: Found): void {
  const { program, kind, message } = finding;
  console.log(`\n${key}\n  seed ${seed}, program ${index}: ${message.slice(0, 400)}`);
  for (const step of program) console.log(`    ${JSON.stringify(step)}`);
  if (!values.keep) return;
  mkdirSync(CORPUS, { recursive: true });
  const name = `${kind}-${createHash('sha256').update(key).digest('hex').slice(0, 8)}.json`;
  writeFileSync(join(CORPUS, name), `${JSON.stringify({ was: `${kind}: ${message.split('\n')[0]!.slice(0, 200)}`, program }, null, 1)}\n`);
}

async function main(): Promise<void> {
  if (values.replay !== undefined) {
    const [finding = null] = await runPrograms([values.replay]);
    if (finding !== null) console.log(`${finding.kind}: ${finding.message}`);
    else console.log('no finding');
    process.exitCode = finding === null ? 0 : 1;
    return;
  }
  const seen = new Map<string, number>();
  const kinds = new Map<string, number>();
  const start = performance.now();
  let calls = 0;
  for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.seeds); seed++) {
    const outcome = await runSeed(seed, Number(values.calls), values.overlook, (found) => {
      if (!seen.has(found.key)) {
        show(found);
        kinds.set(found.finding.kind, (kinds.get(found.finding.kind) ?? 0) + 1);
      }
      seen.set(found.key, (seen.get(found.key) ?? 0) + 1);
    });
    calls += outcome.calls;
    console.log(`seed ${seed}: ${outcome.calls} calls, ${outcome.found.length} findings`);
  }
  const seconds = (performance.now() - start) / 1000;
  const listed = [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
  console.log(`\n${calls} calls in ${seconds.toFixed(1)} s, ${Math.round(calls / seconds)} a second; ${seen.size === 0 ? 'no findings' : `${seen.size} findings: ${listed}`}`);
  process.exitCode = seen.size === 0 ? 0 : 1;
}

await main();
