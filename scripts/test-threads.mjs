// npm run test:threads: builds the binaries with threads, which takes some minutes since their standard library is compiled along, and runs
// the tests that npm test skips without them. An argument is how many random kernels of each kind are compared.
import { build } from './build/build.mjs';
import { inRoot } from './setup/paths.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith } from './setup/log.mjs';
import { prepare } from './setup/prepare.mjs';
import { start } from './setup/process.mjs';

const [rounds = '40'] = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));

try {
  await alone(async () => build(await prepare(), { threads: true, quick: process.argv.includes('--quick') }));
} catch (error) {
  exitWith(error);
}

process.env.ADJOINT_THREAD_ROUNDS = rounds;
const vitest = inRoot('node_modules', 'vitest', 'vitest.mjs');
process.exitCode = (await start(process.execPath, [vitest, 'run', 'test/threads.test.ts'], { stdin: 'inherit' })) ?? 1;
