// What `npm run check -- --changed` runs, by what has changed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { plan } from '../scripts/check/plan.mjs';
import { start } from '../scripts/setup/process.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = [
  'test/architecture.test.ts', 'test/documents.test.ts', 'test/docs-code.test.ts', 'test/hacking.test.ts', 'test/project.test.ts',
  'test/optim.test.ts', 'test/optim-training.test.ts', 'test/nn.test.ts', 'test/memory/scopes.test.ts', 'test/conformance/conformance.test.ts',
  'test/setup-imports.test.ts', 'test/changed.test.ts', 'ts/nn/fans.test.ts',
];
const planned = (...files: string[]) => {
  const { tasks, left } = plan(files, tests);
  return { names: tasks.map(({ name }) => name), task: (name: string) => tasks.find((t) => t.name === name), left };
};

describe('a change', () => {
  test('of nothing asks for nothing', () => {
    expect(planned()).toMatchObject({ names: [], left: [] });
  });

  test('of a page asks for the tests of pages alone', () => {
    const { names, task, left } = planned('docs/memory.md');
    expect(names).toEqual(['tests']);
    expect(task('tests')!.files).toEqual(['test/architecture.test.ts', 'test/docs-code.test.ts', 'test/documents.test.ts', 'test/hacking.test.ts']);
    expect(left).toEqual([]);
  });

  test('of an example asks for the tests that run it', () => {
    const there = ['test/course.test.ts', 'test/examples.test.ts', 'test/lecture.test.ts'];
    const files = (...changed: string[]) => plan(changed, there).tasks.find(({ name }) => name === 'tests')?.files;
    expect(files('examples/course/09-lenet.ts')).toEqual(['test/course.test.ts']);
    expect(files('examples/course/09-lenet.py', 'examples/digits.ts')).toEqual(there);
    expect(files('examples/lecture/sums.ts')).toEqual(['test/examples.test.ts', 'test/lecture.test.ts']);
  });

  test('of an optimizer asks for a bundle and then the tests that are named after its folder', () => {
    const { names, task } = planned('ts/optim/adam.ts');
    expect(names).toEqual(['bundle', 'tests', 'eslint', 'tsc']);
    expect(task('eslint')!.files).toEqual(['ts/optim/adam.ts']);
    expect(task('tests')!.files).toEqual(expect.arrayContaining(['test/optim.test.ts', 'test/optim-training.test.ts']));
    expect(task('tests')!.files).not.toContain('test/nn.test.ts');
  });

  test('of an op asks for clippy on its crate and for the generated files, and leaves tests in Rust', () => {
    const { names, task, left } = planned('crates/ops/src/reduce/sum.rs');
    expect(names).toEqual(['rustfmt', 'clippy', 'generated files', 'tests']);
    expect(task('clippy')!.crates).toEqual(['ops']);
    expect(left.join()).toContain('the tests in Rust, and in TypeScript with its binary, of ops');
  });

  test('of the boundary asks for no clippy on the host, where it has no exports', () => {
    expect(planned('crates/wasm/src/call.rs').names).toEqual(['rustfmt', 'tests']);
  });

  test('of a test asks for that test, and one that takes minutes is left and named', () => {
    expect(planned('test/nn.test.ts').task('tests')!.files).toEqual(['test/nn.test.ts']);
    const slow = planned('test/conformance/conformance.test.ts');
    expect(slow.names).toEqual(['eslint', 'tsc']);
    expect(slow.left).toEqual(['test/conformance/conformance.test.ts']);
  });

  test('of a model asks for the tests without its package, and none of those that download', () => {
    const { tasks } = plan(['examples/models/minilm.ts', 'test/models/pretrained.test.ts'], ['test/models.test.ts', 'test/models/pretrained.test.ts', 'test/examples.test.ts']);
    expect(tasks.find(({ name }) => name === 'tests')!.files).toEqual(['test/examples.test.ts', 'test/models.test.ts']);
  });

  test('of a workflow asks for the test that reads it', () => {
    expect(planned('.github/workflows/check.yml').task('tests')!.files).toEqual(['test/project.test.ts']);
  });
});

test('the tests that a plan names are there', () => {
  const text = readFileSync(join(root, 'scripts/check/plan.mjs'), 'utf8');
  const named = [...text.matchAll(/'(test\/[\w-]+\.test\.ts)'/g)].map(([, path]) => path!);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('a time limit ends what a command has started, too', async () => {
  const grandchild = "setTimeout(() => {}, 20_000)";
  const child = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'inherit' })`;
  const from = performance.now();
  expect(await start(process.execPath, ['-e', child], { timeout: 1500, onText: () => {} })).toBe(null);
  expect(performance.now() - from).toBeLessThan(10_000);
});
