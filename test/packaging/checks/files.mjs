// Files of every format and loaders with workers, wherever JavaScript has them: each host reads what PyTorch and NumPy wrote, from every kind
// of source it knows, writes the bytes that Node writes, and gets the batches that Node gets.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build as viteBuild } from 'vite';
import { inRoot } from '../../../scripts/setup/paths.mjs';
import { visit } from '../runner/chromium.mjs';
import { NODE_VERSIONS, nodeExecutable } from '../runner/engines.mjs';
import { visitInFirefox } from '../runner/firefox.mjs';
import { install, run as execute } from '../runner/sandbox.mjs';
import { serving } from '../runner/serve.mjs';
import { command } from '../runner/tools.mjs';

export const about = 'files and the workers of loaders, in Node, Deno, Bun, Chromium and Firefox';

/** Files of PyTorch's and NumPy's: one of each format, with what is rare in it. */
const GIVEN = ['nested.pt', 'tied.pt', 'protocol5.pt', 'legacy.pt', 'big-endian.pt', 'model.pt', 'all.safetensors', 'unaligned.safetensors', 'version3.npy', 'fortran.npy', 'packed.npz', 'stored.npz'];

/** Everything was read and written, and nothing was left of what was refused. */
function assertFiles({ files }, expected, { sources, hasFiles }) {
  assert.deepEqual(files.differences, []);
  assert.equal(files.count, GIVEN.length * sources);
  assert.equal(files.lazy.length, hasFiles ? 2 : 1);
  const { path, target, damaged, isFormatError, left } = files.refused;
  assert.match(damaged, /^FormatError: load: the bytes: /);
  assert.match(path, hasFiles ? /^UsageError: load: cannot read missing\.pt: / : /^UsageError: load: there are no files here; fetch it/);
  assert.match(target, hasFiles ? /^UsageError: save: cannot write .*missing\/a\.pt: / : /^UsageError: save: there are no files here; leave the target out/);
  assert.deepEqual([isFormatError, left], [true, 0]);
  for (const part of ['read', 'written']) assert.deepEqual(files[part], expected.files[part], `what was ${part} differs from Node's`);
  assert.deepEqual(files.lazy[0], expected.files.lazy[0]);
}

/** Batches came in order, with the random numbers of workers, and errors say where they are from. */
function assertLoaders({ loaders }, expected) {
  const { rows, shuffled, seeded, stream, faulty, stuck, missing, left, persistent } = loaders;
  assert.equal(rows.length, 4);
  assert.deepEqual(rows[1], [[[3, 30], [4, 40], [5, 50]], ['row 3', 'row 4', 'row 5']]);
  assert.deepEqual(shuffled[0], shuffled[1]);
  assert.deepEqual(seeded[0], seeded[1]);
  assert.deepEqual(seeded[0].map(([, worker]) => worker), [0, 1, 2, 0, 1, 2, 0, 1]);
  assert.deepEqual(faulty, { name: 'UsageError', message: 'DataLoader: no such row (in worker 1 at item 3)', worker: 1, index: 3 });
  assert.match(stuck.message, /^DataLoader: worker 0 gave nothing for 1 s/);
  assert.match(missing.message, /^DataLoader: worker 0 stopped: ./);
  assert.deepEqual([left, persistent], [['row 0'], [['row 0', 'row 5'], ['row 0', 'row 5']]]);
  assert.deepEqual(stream, [[3, 5], [4, 6], [7, 9], [8]]);
  assert.deepEqual(same(loaders), same(expected.loaders), "the batches differ from Node's");
}

/** What hosts give alike. */
const same = ({ rows, shuffled, seeded, dtypes, stream, left, persistent }) => ({ rows, shuffled, seeded, dtypes, stream, left, persistent });

async function page(cwd, out) {
  await viteBuild({ root: cwd, configFile: false, logLevel: 'error', base: './', worker: { format: 'es' }, build: { outDir: out, emptyOutDir: true, assetsInlineLimit: 0, rollupOptions: { input: join(cwd, 'page.html') } } });
  mkdirSync(join(out, 'given'));
  for (const name of GIVEN) copyFileSync(join(cwd, 'given', name), join(out, 'given', name));
  writeFileSync(join(out, 'given', 'names.json'), JSON.stringify(GIVEN));
}

export async function run({ folder, check }) {
  const cwd = await install(folder, 'files', { name: 'adjoint-reads-files', private: true, type: 'module', dependencies: { adjoint: 'file:../adjoint.tgz' } });
  for (const name of ['files.js', 'loaders.js']) copyFileSync(inRoot('test', 'packaging', 'program', name), join(cwd, name));
  for (const name of ['given', 'out']) mkdirSync(join(cwd, name));
  for (const name of GIVEN) copyFileSync(inRoot('test', 'fixtures', 'files', name), join(cwd, 'given', name));

  const json = async (...args) => JSON.parse(await execute(...args));
  // The bits of random numbers in (0, 1) and of sums of whole numbers are those of either binary.
  let expected;
  const both = async (host, results, where) => {
    await check(`${host}: files are read from every source and written`, () => assertFiles(results, expected, where));
    await check(`${host}: workers make the items of loaders, and end`, () => assertLoaders(results, expected));
  };
  const hosts = { sources: 9, hasFiles: true };
  for (const version of NODE_VERSIONS) {
    const node = await nodeExecutable(version);
    const results = await json(node, ['index.js'], { cwd });
    expected ??= results;
    await both(`Node ${version}`, results, hosts);
  }
  const deno = await command('deno');
  // What docs/platforms.md says is allowed.
  const permissions = ['--allow-read=.', '--allow-write=out'];
  const started = await check(`Deno: starts with ${permissions.join(' ')}`, async () => {
    const results = await json(deno, ['run', '--no-prompt', '--cached-only', ...permissions, 'index.js'], { cwd });
    await both('Deno', results, hosts);
  });
  const deny = (...flags) => execute(deno, ['run', '--no-prompt', '--cached-only', ...flags, 'index.js'], { cwd });
  if (started) {
    await check('Deno: without the permission to write, the error says which', () =>
      assert.rejects(deny('--allow-read=.'), /UsageError: save: cannot write .*--allow-write/));
    await check('Deno: without the permission to read the module of a worker, the error says which', () =>
      assert.rejects(deny('--allow-read=given,out,node_modules/adjoint/dist/wasm', '--allow-write=out'), /LoadError: DataLoader: no worker can be started with .*thread\.js .*--allow-read/));
  }
  await check('Bun: starts', async () => both('Bun', await json(await command('bun'), ['index.js'], { cwd }), hosts));

  const out = join(folder, 'files-page');
  const sources = { sources: 10, hasFiles: false };
  if (!(await check('a page is bundled by Vite, and its workers', () => page(cwd, out)))) return;
  await check('Chromium: starts', async () => {
    // What it sends, since what a driver reads of a page lacks a key named __proto__.
    const value = await serving(out, async (address, posted) => {
      const page = await visit(`${address}page.html`, { folder, name: 'results' });
      assert.ok(page.value, page.complaints.join('\n'));
      return posted;
    });
    assert.ok(!value.error, value.error);
    await both('Chromium', value, sources);
  });
  await check('Firefox: starts', async () => {
    const value = await serving(out, (address, posted) => visitInFirefox(`${address}page.html`, posted, { folder }));
    assert.ok(!value.error, value.error);
    await both('Firefox', value, sources);
  });
  assert.ok(readdirSync(join(cwd, 'out')).every((name) => !name.endsWith('.tmp')), 'a temporary file is left');
  assert.ok(readFileSync(join(cwd, 'out', 'written.pt')).length > 0);
}
