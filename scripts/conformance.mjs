// npm run conformance: replays all that PyTorch gave for its ops, and writes how many of them are here to docs/conformance.md.
import { build } from './build/build.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith } from './setup/log.mjs';
import { inRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { start } from './setup/process.mjs';

try {
  await alone(async () => build(await prepare()));
} catch (error) {
  exitWith(error);
}

const vitest = inRoot('node_modules', 'vitest', 'vitest.mjs');
process.exitCode = (await start(process.execPath, [vitest, 'run', 'test/conformance', '-u'], { stdin: 'inherit' })) ?? 1;
