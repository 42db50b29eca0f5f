// npm run bench: the set-up and what the bench needs beside the library, then bench/run.ts with the arguments given.
//
// --no-build runs on what was built before. Peers are installed once, into bench/peers, unless --short, --subjects or the
// name of a measurement of the library alone say that none takes part.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { build } from './build/build.mjs';
import { fingerprint, isCurrent, remember } from './build/stamp.mjs';
import { FLAVOURS } from './build/wasm.mjs';
import { ENGINE_FLAGS } from './setup/engine.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith, timed } from './setup/log.mjs';
import { inRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { quietly, start } from './setup/process.mjs';
import { TARGET } from './setup/target.mjs';

const args = process.argv.slice(2);
const isShort = args.includes('--short');
/** `growth`, `boundary`, `floor` and lists look at the library without what the suite holds it against. */
const isAlone = /^[a-z]/.test(args[0] ?? '') || args.includes('--list');
const subjects = args[args.indexOf('--subjects') + 1];
const takesPart = (pattern) => !isShort && !isAlone && !args.includes('--report') && (!args.includes('--subjects') || pattern.test(subjects ?? ''));

const output = (name) => inRoot('target', 'bench', name);
const sources = (...folders) => fingerprint(folders.map((folder) => inRoot(...folder.split('/'))), [], (path) => !/[\\/]target$/.test(path));

/** Builds a crate of the bench with cargo and copies its product to target/bench. */
async function crate(name, folder, env, args, flags, product) {
  await quietly('cargo', ['build', '--release', '--manifest-path', inRoot('bench', ...folder.split('/'), 'Cargo.toml'), ...args], {
    env: { ...env, CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f') },
  });
  mkdirSync(inRoot('target', 'bench'), { recursive: true });
  copyFileSync(product, output(name));
}

/** Builds a crate of bench/kernels in both flavours. */
async function buildLimit({ wasm }, name) {
  const print = sources(`bench/kernels/${name}`, 'crates/simd');
  if (isCurrent(`bench-${name}`, print, FLAVOURS.map((flavour) => output(`${name}-${flavour.name}.wasm`)))) return;
  await timed('bench', `compiling the ${name}`, async () => {
    for (const { name: flavour, features } of FLAVOURS) {
      const target = inRoot('target', `bench-${flavour}`);
      await crate(
        `${name}-${flavour}.wasm`, `kernels/${name}`, wasm, ['--target', TARGET, '--target-dir', target],
        ['-C', `target-feature=${features}`], `${target}/${TARGET}/release/adjoint_bench_${name}.wasm`,
      );
    }
  });
  remember(`bench-${name}`, print);
}

async function buildNative({ native }) {
  const print = sources('bench/native', 'crates');
  if (isCurrent('bench-native', print, [output('native')])) return;
  const target = inRoot('target', 'bench-native');
  await timed('bench', 'compiling the native program', () =>
    crate('native', 'native', native, ['--target-dir', target], ['-C', 'target-cpu=native'], `${target}/release/adjoint-bench-native`),
  );
  remember('bench-native', print);
}

async function installPeers() {
  if (existsSync(inRoot('bench', 'peers', 'node_modules'))) return;
  await timed('bench', 'installing the libraries to compare with', () =>
    quietly('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: inRoot('bench', 'peers') }),
  );
}

/** A subject that cannot be had is reported by the bench; the others are measured. */
const optional = (work) => work.catch((error) => { console.error(String(error.message ?? error)); });

try {
  if (!args.includes('--no-build')) {
    await alone(async () => {
      const toolchain = await prepare();
      await build(toolchain, { threads: args[0] === 'threads' });
      if (!isAlone || ['breadth', 'floor'].includes(args[0])) await buildLimit(toolchain, 'ceiling');
      if (args[0] === 'floor') await buildLimit(toolchain, 'floor');
      if (takesPart(/native/)) await optional(buildNative(toolchain));
      if (takesPart(/jax|tfjs|ort/)) await optional(installPeers());
    });
  }
} catch (error) {
  exitWith(error);
}

const flags = ['--disable-warning=ExperimentalWarning', '--expose-gc', ...ENGINE_FLAGS, '--import', 'tsx'];
process.exitCode = (await start(process.execPath, [...flags, inRoot('bench', 'run.ts'), ...args.filter((arg) => arg !== '--no-build')], { stdin: 'inherit' })) ?? 1;
