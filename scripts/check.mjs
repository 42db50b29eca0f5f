// npm test and npm run check: the set-up, then the tests (--tests); with --all, or where CI is set, the static checks, the weight of a
// page and the short bench, too. With --changed, or --changed=REF, only what the files that differ ask for, see
// check/changed.mjs.
// The last line is `N passed, N failed`, with `, N skipped` where something was; the exit code is 0 only if something ran and
// nothing failed. A compile error, a runner that crashes and a static check count as one each and are named.
import { build } from './build/build.mjs';
import { shortBench } from './check/bench.mjs';
import { cargoTests } from './check/cargo-tests.mjs';
import { changedChecks } from './check/changed.mjs';
import { pageWeight } from './check/size.mjs';
import { staticChecks } from './check/static.mjs';
import { Tally } from './check/tally.mjs';
import { vitestTests } from './check/vitest-tests.mjs';
import { wasmTests } from './check/wasm-tests.mjs';
import { alone } from './setup/lock.mjs';
import { SetupError, duration } from './setup/log.mjs';
import { prepare } from './setup/prepare.mjs';

const everything = process.argv.includes('--all') || /^(1|true)$/i.test(process.env.CI ?? '');
const changed = process.argv.find((argument) => /^--changed(=|$)/.test(argument));
const tally = new Tally();

/** Runs a part of the set-up; a failure is shown, counted under `name` and answered with null. */
async function attempt(name, work) {
  try {
    return (await work()) ?? true;
  } catch (error) {
    console.error(error instanceof SetupError ? `\n[setup] stopped: ${error.message}` : error);
    tally.fail(name);
    return null;
  }
}

/** Everything: the build, then all tests, and with `everything` the static checks, the weight of a page and the short bench. */
async function all() {
  let built = null;
  const toolchain = await alone(async () => {
    const tools = await attempt('set-up', prepare);
    if (tools) built = await attempt('build', () => build(tools));
    return tools;
  });
  if (!toolchain) return;
  if (everything) await staticChecks(toolchain, tally);
  console.log('\n[test] Rust');
  await cargoTests(toolchain, tally);
  console.log('\n[test] kernels in WebAssembly');
  await wasmTests(toolchain, tally);
  console.log('\n[test] TypeScript');
  if (built) await vitestTests(tally);
  else tally.fail('TypeScript tests: there is no build to run them on');
  if (everything && built) await pageWeight(tally);
  if (everything && built) await shortBench(tally);
}

if (changed) await attempt('set-up', () => changedChecks(changed.split('=')[1], tally));
else await all();

console.log(`\n${duration(performance.now())}`);
for (const name of tally.failures) console.log(`failed: ${name}`);
console.log(String(tally));
process.exitCode = (changed ? tally.failed === 0 : tally.good) ? 0 : 1;
