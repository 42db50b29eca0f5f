// Runs a TypeScript program of the repository after the set-up: `node scripts/run.mjs examples/demo.ts [arguments]`.
import { build } from './build/build.mjs';
import { ENGINE_FLAGS } from './setup/engine.mjs';
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

const flags = ['--disable-warning=ExperimentalWarning', '--expose-gc', ...ENGINE_FLAGS, '--import', 'tsx'];
process.exitCode = (await start(process.execPath, [...flags, program, ...rest], { stdin: 'inherit' })) ?? 1;
