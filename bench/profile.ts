// npm run profile -- script.ts [arguments]: runs a program, then prints the time, calls and bytes of each operation and
// writes the timeline to out/ for chrome://tracing or https://ui.perfetto.dev.
//
// The program is an ES module (in a package of type "module", or .mts or .mjs). It imports 'adjoint' as usual
// and knows nothing of this. It is profiled from its first line to its end, whether it returns, throws or calls
// process.exit().
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { basename, join, parse, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { profiler } from 'adjoint';

const FOLDER = 'out';

// A program outside of this repository finds this package too, unless it has one of its own.
const ours = pathToFileURL(join(import.meta.dirname, '..', 'dist', 'node.js')).href;
const hooks = `export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (specifier !== 'adjoint') throw error;
    return { url: ${JSON.stringify(ours)}, format: 'module', shortCircuit: true };
  }
}`;

function finish(profile: profiler.Profile, script: string): void {
  profile.stop();
  if (profile.keyAverages().length === 0) {
    console.log('\nprofile: no operation ran; does the program use another copy of adjoint?');
    return;
  }
  console.log(`\n${profile.table()}`);
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `profile-${parse(basename(script)).name}.json`);
  writeFileSync(file, JSON.stringify(profile.chromeTrace()));
  const missing = profile.droppedEvents === 0 ? '' : `; the last ${profile.droppedEvents} calls are in the sums but not in it`;
  console.log(`\nwrote ${file} for chrome://tracing or https://ui.perfetto.dev${missing}`);
}

const [script, ...rest] = process.argv.slice(2);
if (script === undefined || !existsSync(script)) {
  console.error(script === undefined ? 'usage: npm run profile -- script.ts [arguments]' : `profile: there is no file ${script}`);
  process.exitCode = 1;
} else {
  const path = resolve(script);
  process.argv = [process.argv[0]!, path, ...rest];
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
  const profile = new profiler.Profile().start();
  process.on('exit', () => { finish(profile, path); });
  await import(pathToFileURL(path).href);
}
