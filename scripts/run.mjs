// Runs a TypeScript program of the repository after the set-up: `node scripts/run.mjs examples/demo.ts [arguments]`.
import { build } from './build/build.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith } from './setup/log.mjs';
import { prepare } from './setup/prepare.mjs';
import { start } from './setup/process.mjs';

const [program, ...rest] = process.argv.slice(2);
if (!program) exitWith('usage: node scripts/run.mjs <program.ts> [arguments]');

try {
  await alone(async () => build(await prepare()));
} catch (error) {
  exitWith(error);
}

// Node 20 and 21 have relaxed SIMD behind this flag, later ones do not know it any more.
const relaxed = Number(process.versions.node.split('.')[0]) < 22 ? ['--experimental-wasm-relaxed-simd'] : [];
const flags = ['--disable-warning=ExperimentalWarning', '--expose-gc', ...relaxed, '--import', 'tsx'];
process.exitCode = (await start(process.execPath, [...flags, program, ...rest], { stdin: 'inherit' })) ?? 1;
