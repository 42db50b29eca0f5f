// npm run build: what changed, or with --force everything, into dist/. The set-up's first half comes first.
import { build } from './build/build.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith } from './setup/log.mjs';
import { prepare } from './setup/prepare.mjs';

try {
  await alone(async () => build(await prepare(), process.argv.includes('--force')));
} catch (error) {
  exitWith(error);
}
