// npm run build: what changed, or with --force everything, into dist/; with --quick in seconds, but neither fast nor small; with --threads
// also the binaries with threads. The set-up's first half comes first.
import { build } from './build/build.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith } from './setup/log.mjs';
import { prepare } from './setup/prepare.mjs';

try {
  const [force, quick, threads] = ['--force', '--quick', '--threads'].map((option) => process.argv.includes(option));
  await alone(async () => build(await prepare(), { force, quick, threads }));
} catch (error) {
  exitWith(error);
}
