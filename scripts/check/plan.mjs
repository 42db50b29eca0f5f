// What changed files ask for. A plan is data: tasks with a name, a lane and what to run, and what is left to `npm run check`.
import { basename, dirname } from 'node:path';

/** Tests of files that are no source, by what has changed. */
const ABOUT = [
  [/\.md$|^package\.json$/, ['test/documents.test.ts', 'test/hacking.test.ts', 'test/architecture.test.ts']],
  [/^\w+\.md$|^docs\/[\w-]+\.md$/, ['test/docs-code.test.ts']],
  [/^(\.github|\.devcontainer)\/|^(package\.json|Cargo\.toml|CHANGELOG\.md)$/, ['test/project.test.ts']],
  [/^scripts\//, ['test/setup-imports.test.ts', 'test/project.test.ts', 'test/changed.test.ts']],
  [/^bench\//, ['test/bench-report.test.ts']],
  [
    /^examples\/(?!course\/)|^test\/models\//,
    ['test/examples.test.ts', 'test/examples-browser.test.ts', 'test/examples-serving.test.ts', 'test/lecture.test.ts', 'test/models.test.ts', 'test/models-programs.test.ts'],
  ],
  [/^examples\/(course\/|mnist\.ts)/, ['test/course.test.ts']],
  [/^crates\/.*\.rs$|^ts\//, ['test/architecture.test.ts', 'test/documents.test.ts']],
];

/** Folders of tests that have a command of their own. */
const ELSEWHERE = /^test\/(packaging|models)\//;

/** Tests that compile or run what only a build has; minutes, where the others are seconds. */
const SLOW = /^test\/(conformance|half|gradcheck|types)\b/;

const isTest = (path) => /\.test\.ts$/.test(path) && !ELSEWHERE.test(path);

/** The words of a path: `ts/optim/lr-scheduler.ts` is of optim and lr-scheduler. */
const words = (path) => [basename(dirname(path)), basename(path).replace(/\..*$/, '')].filter((word) => !['ts', 'test', 'index'].includes(word));

/** The tests of a source file by their names: `optim.test.ts` and `optim-training.test.ts` are of everything in `ts/optim`. */
function testsOf(path, tests) {
  const subjects = words(path);
  const isOf = (test) => subjects.some((word) => basename(test) === `${word}.test.ts` || basename(test).startsWith(`${word}-`));
  return tests.filter((test) => isOf(test) || dirname(test) === `test/${subjects[0]}`);
}

/** The plan for these files, when there are these tests. */
export function plan(files, tests) {
  const has = (pattern) => files.some((path) => pattern.test(path));
  const only = (pattern) => files.filter((path) => pattern.test(path));
  const crates = [...new Set(only(/^crates\/[^/]+\/(src|tests)\//).map((path) => path.split('/')[1]))].sort();
  const wanted = new Set(only(/./).filter(isTest));
  for (const [pattern, names] of ABOUT) if (has(pattern)) names.forEach((name) => wanted.add(name));
  for (const path of only(/^ts\/(?!generated\/).*\.ts$/)) testsOf(path, tests).forEach((test) => wanted.add(test));
  const chosen = [...wanted].filter((test) => tests.includes(test)).sort();
  const linted = only(/\.(ts|mjs|js)$/).filter((path) => !/^ts\/generated\/|\.d\.mts$|^test\/packaging\/fixtures\//.test(path));

  const tasks = [];
  const add = (lane, name, more = {}) => tasks.push({ lane, name, ...more });
  if (has(/\.rs$/)) add('rust', 'rustfmt');
  const linting = crates.filter((crate) => crate !== 'wasm');
  if (linting.length > 0) add('rust', 'clippy', { crates: linting });
  if (has(/^crates\/(ops|opgen|autograd)\/|\/generated\/|^docs\/ops\//)) add('rust', 'generated files');
  // The most telling first, should the time be up.
  if (has(/^ts\/|^tsup\.config\.ts$/)) add('node', 'bundle');
  const quick = chosen.filter((test) => !SLOW.test(test));
  if (quick.length > 0) add('node', 'tests', { files: quick });
  if (linted.length > 0) add('node', 'eslint', { files: linted });
  if (has(/\.ts$|^tsconfig\.json$/)) add('node', 'tsc');

  const left = [];
  if (crates.length > 0) left.push(`the tests in Rust, and in TypeScript with its binary, of ${crates.join(', ')}`);
  const slow = chosen.filter((test) => SLOW.test(test));
  if (slow.length > 0) left.push(slow.join(', '));
  return { tasks, left };
}
