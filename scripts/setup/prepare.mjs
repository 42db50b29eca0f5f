// Everything a build or a test needs before it starts, in order. Repeating it costs a few stamps and one rustc start.
import { cargoTools, toolsBin } from './cargo-tools.mjs';
import { linker } from './linker.mjs';
import { SetupError, note } from './log.mjs';
import { nodeModules } from './node-modules.mjs';
import { readText } from './paths.mjs';
import { withPath } from './process.mjs';
import { rust } from './rust.mjs';
import { isAtLeast } from './version.mjs';

function nodeVersion() {
  const minimum = /"node": ">=([\d.]+)"/.exec(readText('package.json'))[1];
  if (!isAtLeast(process.versions.node, minimum)) {
    throw new SetupError(`Node ${minimum} or newer is needed and this is Node ${process.versions.node}; get one from https://nodejs.org`);
  }
}

async function toolchain() {
  await linker();
  const { native, wasm, version } = await rust();
  await cargoTools(native);
  return { native, wasm: withPath(wasm, toolsBin), version };
}

/**
 * Installs what is missing and returns the toolchain: `{ native, wasm }`, environments for host and wasm32 builds, and the
 * `version` of the compiler of the wasm binaries.
 */
export async function prepare() {
  nodeVersion();
  // Side by side: one waits for the network, the other compiles. Both end before a failure is reported in full, since an
  // apt-get or npm that is ended half-way leaves a mess.
  const announced = (title, work) =>
    work.catch((error) => {
      note(title, 'failed');
      throw error;
    });
  const results = await Promise.allSettled([announced('toolchain', toolchain()), announced('node modules', nodeModules())]);
  for (const { status, reason } of results) if (status === 'rejected') throw reason;
  return results[0].value;
}
