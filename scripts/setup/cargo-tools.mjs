// wasm-pack and wasm-bindgen, built from crates.io into .tools/cargo. Their npm packages download binaries when they are
// installed, which fails where only package registries can be reached.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, note, timed } from './log.mjs';
import { readText, tools } from './paths.mjs';
import { quietly } from './process.mjs';

const WASM_PACK = '0.15.1';

const home = join(tools, 'cargo');

/** The folder of the tools' executables. */
export const toolsBin = join(home, 'bin');

/** The version that wasm-bindgen's command line must have: that of the crate, to the digit. */
export function wasmBindgenVersion() {
  const version = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(readText('Cargo.lock'))?.[1];
  if (!version) throw new SetupError('Cargo.lock names no wasm-bindgen; run: cargo generate-lockfile');
  return version;
}

/** Whether cargo's own record in the tools' folder names this version. */
function has(name, version) {
  const record = join(home, '.crates2.json');
  if (!existsSync(record) || !existsSync(join(toolsBin, name === 'wasm-bindgen-cli' ? 'wasm-bindgen' : name))) return false;
  return Object.keys(JSON.parse(readFileSync(record, 'utf8')).installs).some((key) => key.startsWith(`${name} ${version} `));
}

/** Installs the two tools where they are missing or of another version. `env` is that of host builds. */
export async function cargoTools(env) {
  const wanted = [
    ['wasm-pack', WASM_PACK],
    ['wasm-bindgen-cli', wasmBindgenVersion()],
  ];
  const missing = wanted.filter(([name, version]) => !has(name, version)).map(([name, version]) => `${name}@${version}`);
  if (missing.length === 0) return note('wasm tools', 'ready');
  // One cargo command and one build folder for both: they share most of their dependencies. Unoptimised they build in half
  // the time and still handle a module in about a second. Not `--locked`: the lock file of wasm-bindgen-cli 0.2.130 names a
  // version that has been yanked.
  const build = join(tools, 'cargo-build');
  const fast = {
    CARGO_PROFILE_RELEASE_OPT_LEVEL: '0',
    CARGO_PROFILE_RELEASE_LTO: 'off',
    CARGO_PROFILE_RELEASE_DEBUG: 'false',
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '256',
    CARGO_TARGET_DIR: build,
  };
  await timed('wasm tools', `cargo install ${missing.join(' ')} (one to four minutes)`, () =>
    quietly('cargo', ['install', '--force', '--root', home, ...missing], { cwd: tools, env: { ...env, ...fast } }),
  );
  rmSync(build, { recursive: true, force: true });
}
