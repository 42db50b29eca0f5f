// All Rust tests, doc tests included, on the host. The wasm crate is the boundary alone: TypeScript tests run it.
import { start } from '../setup/process.mjs';

const RESULT = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/gm;

/** Sums the `test result:` lines of cargo's output. */
export function readCargo(text) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed, ignored] of text.matchAll(RESULT)) {
    sum.passed += Number(passed);
    sum.failed += Number(failed);
    sum.skipped += Number(ignored);
  }
  return sum;
}

/** Runs them, showing cargo's output as it comes, and adds them to the tally. */
export async function cargoTests({ native: env }, tally) {
  let text = '';
  const onText = (part, stream) => {
    process[stream].write(part);
    if (stream === 'stdout') text += part;
  };
  const args = ['test', '--workspace', '--exclude', 'adjoint-wasm', '--no-fail-fast'];
  const code = await start('cargo', args, { env, onText });
  const sum = readCargo(text);
  tally.add(sum);
  if (sum.failed > 0) tally.failures.push(`${sum.failed} Rust tests`);
  // Zero with no failed test, or non-zero with one, is the usual; the rest is a compile error or a test binary that died.
  if (code !== 0 && sum.failed === 0) tally.fail('cargo test did not compile or did not finish');
  if (sum.passed + sum.failed === 0 && code === 0) tally.fail('cargo test ran no test');
}
