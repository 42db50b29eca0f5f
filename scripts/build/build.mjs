// The whole build: WebAssembly first, since bundles carry it.
import { readText } from '../setup/paths.mjs';
import { buildBundle } from './bundle.mjs';
import { buildLicences } from './licences.mjs';
import { buildThreads, buildWasm } from './wasm.mjs';

/** Brings dist up to date; `force` makes it anew, `quick` in seconds but neither fast nor small, `threads` also the binaries with threads. */
export async function build(toolchain, { force = false, quick = false, threads = false } = {}) {
  await buildWasm(toolchain, { force, quick });
  if (threads) await buildThreads(toolchain, { force, quick });
  await buildBundle(JSON.parse(readText('package.json')).exports, { force, quick });
  buildLicences(toolchain);
}
