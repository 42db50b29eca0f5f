// npm run check -- --changed[=REF]: in at most a minute, what the files ask for that differ from REF, or else from the branch that this
// one will be merged into. What it leaves to `npm run check` it names. TypeScript is tested on the binary that dist has.
import { readdirSync } from 'node:fs';
import { buildBundle } from '../build/bundle.mjs';
import { alone } from '../setup/lock.mjs';
import { duration } from '../setup/log.mjs';
import { inRoot, readText } from '../setup/paths.mjs';
import { prepare } from '../setup/prepare.mjs';
import { output, start } from '../setup/process.mjs';
import { plan } from './plan.mjs';

const LIMIT_MS = 60_000;

const lines = (text) => (text ?? '').split('\n').filter((line) => line !== '');

/** The commit that files are compared with: where this branch left the one it will be merged into. */
function base(ref) {
  for (const name of ref ? [ref] : ['@{upstream}', 'origin/main', 'main']) {
    const found = output('git', ['merge-base', 'HEAD', name]);
    if (found) return found;
  }
  return ref ? null : 'HEAD';
}

const tests = () => ['test', 'ts'].flatMap((folder) =>
  readdirSync(inRoot(folder), { recursive: true }).map((name) => `${folder}/${String(name).replaceAll('\\', '/')}`).filter((path) => path.endsWith('.test.ts')),
);

/** The command of a task. */
function command({ name, files = [], crates = [] }) {
  const node = (path, ...args) => [process.execPath, inRoot(...path.split('/')), ...args];
  switch (name) {
    case 'rustfmt':
      return ['cargo', 'fmt', '--all', '--check'];
    case 'clippy':
      return ['cargo', 'clippy', '--quiet', ...crates.flatMap((crate) => ['-p', `adjoint-${crate}`]), '--all-targets', '--', '-D', 'warnings'];
    case 'generated files':
      return node('scripts/gen.mjs', '--check');
    case 'eslint':
      return node('node_modules/eslint/bin/eslint.js', '--max-warnings=0', '--no-warn-ignored', ...files);
    case 'tsc':
      return node('node_modules/typescript/bin/tsc', '--noEmit', '--incremental', '--tsBuildInfoFile', inRoot('target', 'check.tsbuildinfo'));
    default:
      return node('node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', ...files);
  }
}

/** Runs the tasks of a lane one after the other until the time is up. */
async function lane(tasks, toolchain, deadline, tally, left) {
  for (const task of tasks) {
    const timeout = Math.round(deadline - performance.now());
    const title = task.files ? `${task.name}: ${task.files.length} file(s)` : task.name;
    if (timeout < 1000) {
      left.push(task.name);
      continue;
    }
    const from = performance.now();
    let code = 0;
    if (task.name === 'bundle') {
      await buildBundle(JSON.parse(readText('package.json')).exports, { quick: true }).catch((error) => {
        console.error(error.message);
        code = 1;
      });
    } else {
      const [program, ...args] = command(task);
      let text = '';
      code = await start(program, args, { env: task.lane === 'rust' ? toolchain.native : process.env, timeout, onText: (part) => (text += part) });
      if (code !== 0 && code !== null) console.log(text.trimEnd());
    }
    if (code === null) left.push(task.name);
    else if (code === 0) tally.add({ passed: 1 });
    else tally.fail(title);
    console.log(`[check] ${title}: ${code === null ? 'out of time' : code === 0 ? 'passed' : 'failed'} (${duration(performance.now() - from)})`);
  }
}

/** Checks what has changed since `ref` and adds it to the tally. */
export async function changedChecks(ref, tally) {
  const from = base(ref);
  if (from === null) return tally.fail(`there is no commit ${ref}`);
  const files = [...lines(output('git', ['diff', '--name-only', '--diff-filter=d', from])), ...lines(output('git', ['ls-files', '--others', '--exclude-standard']))];
  const { tasks, left } = plan(files, tests());
  console.log(`[check] ${files.length} file(s) differ from ${from.slice(0, 8)}${tasks.length === 0 ? ' and ask for nothing' : ''}`);
  if (tasks.length === 0) return;
  const deadline = performance.now() + LIMIT_MS;
  const toolchain = await alone(prepare);
  const of = (name) => tasks.filter((task) => task.lane === name);
  await Promise.all(['rust', 'node'].map((name) => lane(of(name), toolchain, deadline, tally, left)));
  if (left.length > 0) console.log(`[check] left to npm run check: ${left.join('; ')}`);
}
