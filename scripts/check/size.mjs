// The weight of a bundled page (scripts/size.mjs). Counts as one check; it needs the release build, which the checks make anyway.
import { inRoot } from '../setup/paths.mjs';
import { start } from '../setup/process.mjs';

/** Weighs it and adds the result to the tally. */
export async function pageWeight(tally) {
  const name = 'size: a training page';
  console.log(`\n[check] ${name}`);
  const code = await start(process.execPath, [inRoot('scripts', 'size.mjs'), '--check']);
  if (code === 0) tally.add({ passed: 1 });
  else tally.fail(name);
  console.log(`[check] ${name}: ${code === 0 ? 'passed' : 'failed'}`);
}
