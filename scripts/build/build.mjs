// The whole build: WebAssembly first, since bundles carry it.
import { readText } from '../setup/paths.mjs';
import { buildBundle } from './bundle.mjs';
import { buildLicences } from './licences.mjs';
import { buildWasm } from './wasm.mjs';

/** Brings dist up to date; `force` makes it anew, `quick` in seconds but neither fast nor small. */
export async function build(toolchain, { force = false, quick = false } = {}) {
  await buildWasm(toolchain, { force, quick });
  await buildBundle(JSON.parse(readText('package.json')).exports, { force, quick });
  buildLicences(toolchain);
}
