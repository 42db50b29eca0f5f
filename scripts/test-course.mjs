// npm run test:course: every chapter of examples/course beside what PyTorch found, at the size at
// which npm run twins runs both.
import { build } from './build/build.mjs';
import { inRoot } from './setup/paths.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith } from './setup/log.mjs';
import { prepare } from './setup/prepare.mjs';
import { start } from './setup/process.mjs';

try {
  await alone(async () => build(await prepare()));
} catch (error) {
  exitWith(error);
}

process.env.ADJOINT_COURSE = 'small';
const vitest = inRoot('node_modules', 'vitest', 'vitest.mjs');
process.exitCode = (await start(process.execPath, [vitest, 'run', 'test/course.test.ts'], { stdin: 'inherit' })) ?? 1;
