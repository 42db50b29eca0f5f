// npm run test:long: the tests that npm test runs in a short form. Files of every format are changed at random, a million times a
// reader or as often as the first argument says.
import { build } from './build/build.mjs';
import { inRoot } from './setup/paths.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith } from './setup/log.mjs';
import { prepare } from './setup/prepare.mjs';
import { start } from './setup/process.mjs';

const [count = '1000000', seed = '1'] = process.argv.slice(2);

try {
  await alone(async () => build(await prepare()));
} catch (error) {
  exitWith(error);
}

process.env.ADJOINT_MUTATIONS = count;
process.env.ADJOINT_SEED = seed;
const vitest = inRoot('node_modules', 'vitest', 'vitest.mjs');
process.exitCode = (await start(process.execPath, [vitest, 'run', 'test/files/mutations.test.ts'], { stdin: 'inherit' })) ?? 1;
