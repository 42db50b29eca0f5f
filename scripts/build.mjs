// npm run build: what changed, or with --force everything, into dist/; with --quick in seconds, but neither fast nor small.
// The set-up's first half comes first.
import { build } from './build/build.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith } from './setup/log.mjs';
import { prepare } from './setup/prepare.mjs';

try {
  await alone(async () => build(await prepare(), { force: process.argv.includes('--force'), quick: process.argv.includes('--quick') }));
} catch (error) {
  exitWith(error);
}
