// Parts an optimised binary by what programs run of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { ENGINE_FLAGS } from '../../setup/engine.mjs';
import { inRoot } from '../../setup/paths.mjs';
import { quietly } from '../../setup/process.mjs';
import { instrument } from './instrument.mjs';
import { split } from './split.mjs';

/** The bytes of the core and of the rest of the binary at `path`; what it finds out it writes beside it. */
export async function partBinary(path) {
  const bytes = readFileSync(path);
  const instrumented = path.replace(/\.wasm$/, '.instrumented.wasm');
  writeFileSync(instrumented, instrument(bytes));
  const trace = inRoot('scripts', 'build', 'split', 'trace.ts');
  const names = path.replace(/\.wasm$/, '.core.json');
  await quietly(process.execPath, [...ENGINE_FLAGS, '--import', 'tsx', trace, instrumented, names]);
  const core = new Set(JSON.parse(readFileSync(names, 'utf8')));
  return split(bytes, (name) => core.has(name));
}
