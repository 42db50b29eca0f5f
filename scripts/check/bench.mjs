// The short bench: whether the library reaches its part of what the same process could do. Counts as one check.
import { inRoot } from '../setup/paths.mjs';
import { start } from '../setup/process.mjs';

/** Runs it and adds it to the tally. */
export async function shortBench(tally) {
  const name = 'bench: parts of the ceiling';
  console.log(`\n[check] ${name}`);
  const code = await start(process.execPath, [inRoot('scripts', 'bench.mjs'), '--short']);
  if (code === 0) tally.add({ passed: 1 });
  else tally.fail(name);
  console.log(`[check] ${name}: ${code === 0 ? 'passed' : 'failed'}`);
}
