// The TypeScript tests, on this Node, through the built package.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { inRoot, root } from '../setup/paths.mjs';
import { start } from '../setup/process.mjs';

/** Sums a report of vitest's JSON reporter; `broken` names the files that failed outside of any test. */
export function readVitest(report) {
  const broken = report.testResults
    .filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'))
    .map(({ name }) => name);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    broken,
  };
}

/** Runs them, showing vitest's output as it comes, and adds them to the tally. */
export async function vitestTests(tally) {
  const file = inRoot('target', 'vitest.json');
  mkdirSync(inRoot('target'), { recursive: true });
  rmSync(file, { force: true });
  const args = [inRoot('node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await start(process.execPath, args);
  if (!existsSync(file)) return tally.fail('TypeScript tests: vitest ended without a report');
  const { broken, ...sum } = readVitest(JSON.parse(readFileSync(file, 'utf8')));
  tally.add(sum);
  if (sum.failed > 0) tally.failures.push(`TypeScript tests: ${sum.failed} of ${sum.passed + sum.failed}`);
  for (const name of broken) tally.fail(`TypeScript tests: ${relative(root, name)} could not be run`);
  if (sum.passed + sum.failed + broken.length === 0) tally.fail('TypeScript tests: none ran');
  else if (code !== 0 && sum.failed + broken.length === 0) tally.fail('TypeScript tests: an error outside of the tests');
}
