// Splits an optimised binary by what programs run of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { ENGINE_FLAGS } from '../../setup/engine.mjs';
import { inRoot } from '../../setup/paths.mjs';
import { quietly } from '../../setup/process.mjs';

/**
 * The exports that must not need the secondary module: what puts the instance right where that cannot be loaded, and the allocator,
 * which is called while lists are changed.
 */
export const ALWAYS_PRIMARY = ['abandon_call', '__wbindgen_malloc', '__wbindgen_realloc', '__wbindgen_free'];

/**
 * The bytes of the primary and the secondary module of the binary at `path`; what it finds out it writes beside it. At `linked` is the
 * binary as the linker wrote it.
 */
export async function splitBinary(path, linked) {
  // Not at the top: both need a package that the set-up installs, and the commands that run the set-up import this file first.
  const [{ instrument }, { split }, { reachable }] = await Promise.all([import('./instrument.mjs'), import('./split.mjs'), import('./reachable.mjs')]);
  const bytes = readFileSync(path);
  const instrumented = path.replace(/\.wasm$/, '.instrumented.wasm');
  writeFileSync(instrumented, instrument(bytes));
  const trace = inRoot('scripts', 'build', 'split', 'trace.ts');
  const names = path.replace(/\.wasm$/, '.primary.json');
  await quietly(process.execPath, [...ENGINE_FLAGS, '--import', 'tsx', trace, instrumented, names]);
  const primary = new Set([...JSON.parse(readFileSync(names, 'utf8')), ...reachable(bytes, ALWAYS_PRIMARY)]);
  return split(bytes, readFileSync(linked), (name) => primary.has(name));
}
