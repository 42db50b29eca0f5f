// All Rust tests, doc tests included, on the host. The wasm crate is the boundary alone: TypeScript tests run it.
import { start } from '../setup/process.mjs';

const RESULT = /^test result: (\w+)\. (\d+) passed; (\d+) failed; (\d+) ignored;/gm;
const FAILED_TARGETS = /^error: (\d+) targets? failed:/m;

/**
 * Sums the `test result:` lines of cargo's standard output. `crashed` counts the test programs that cargo's standard error
 * calls failed and that printed no such line: they ended in the middle.
 */
export function readCargo(stdout, stderr) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  let failedPrograms = 0;
  for (const [, outcome, passed, failed, ignored] of stdout.matchAll(RESULT)) {
    sum.passed += Number(passed);
    sum.failed += Number(failed);
    sum.skipped += Number(ignored);
    if (outcome !== 'ok') failedPrograms += 1;
  }
  const crashed = Math.max(0, Number(FAILED_TARGETS.exec(stderr)?.[1] ?? 0) - failedPrograms);
  return { ...sum, crashed };
}

/** Runs them, showing cargo's output as it comes, and adds them to the tally. */
export async function cargoTests({ native: env }, tally) {
  const text = { stdout: '', stderr: '' };
  const onText = (part, stream) => {
    process[stream].write(part);
    text[stream] += part;
  };
  const args = ['test', '--workspace', '--exclude', 'adjoint-wasm', '--no-fail-fast'];
  const code = await start('cargo', args, { env, onText });
  const { crashed, ...sum } = readCargo(text.stdout, text.stderr);
  tally.add(sum);
  if (sum.failed > 0) tally.failures.push(`Rust tests: ${sum.failed} of ${sum.passed + sum.failed}`);
  for (let i = 0; i < crashed; i++) tally.fail('Rust tests: a test program ended in the middle');
  if (code !== 0 && sum.failed + crashed === 0) tally.fail('Rust tests: cargo test did not compile or did not finish');
  if (code === 0 && sum.passed === 0) tally.fail('Rust tests: none ran');
}
