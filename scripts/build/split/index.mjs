// Parts an optimised binary by what programs run of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { ENGINE_FLAGS } from '../../setup/engine.mjs';
import { inRoot } from '../../setup/paths.mjs';
import { quietly } from '../../setup/process.mjs';

/** The bytes of the core and of the rest of the binary at `path`; what it finds out it writes beside it. */
export async function partBinary(path) {
  // Not at the top: both need a package that the set-up installs, and the commands that run the set-up import this file first.
  const [{ instrument }, { split }] = await Promise.all([import('./instrument.mjs'), import('./split.mjs')]);
  const bytes = readFileSync(path);
  const instrumented = path.replace(/\.wasm$/, '.instrumented.wasm');
  writeFileSync(instrumented, instrument(bytes));
  const trace = inRoot('scripts', 'build', 'split', 'trace.ts');
  const names = path.replace(/\.wasm$/, '.core.json');
  await quietly(process.execPath, [...ENGINE_FLAGS, '--import', 'tsx', trace, instrumented, names]);
  const core = new Set(JSON.parse(readFileSync(names, 'utf8')));
  return split(bytes, (name) => core.has(name));
}
