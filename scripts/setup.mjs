// npm run setup: brings a fresh clone to where everything runs, and costs next to nothing when it is there already.
// Needs Node and nothing else. What it installs goes to node_modules/, .tools/, target/ and dist/ of this folder, except
// Rust's wasm32 target (rustup) or Debian's Rust packages (apt), whichever can be had.
import { build } from './build/build.mjs';
import { alone } from './setup/lock.mjs';
import { duration, exitWith, note } from './setup/log.mjs';
import { prepare } from './setup/prepare.mjs';

try {
  await alone(async () => build(await prepare()));
  note('everything', `ready (${duration(performance.now())})`);
} catch (error) {
  exitWith(error);
}
