// Pages, bundled in every way that is common, in headless Chromium; and what becomes of them where the secondary module cannot be had.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as viteBuild } from 'vite';
import { visit } from '../runner/chromium.mjs';
import { assertSameBits, assertTrained } from '../runner/compare.mjs';
import { visitInFirefox } from '../runner/firefox.mjs';
import { install, run as execute, tool } from '../runner/sandbox.mjs';
import { serving } from '../runner/serve.mjs';
import { command, installed } from '../runner/tools.mjs';
import { trainInNode } from './node.mjs';

export const about = 'pages of other bundlers, and pages that lack a file, in headless Chromium and Firefox';

const html = (script, type = 'module') =>
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script ${type === 'module' ? 'type="module"' : 'defer'} src="./${script}"></script>`;

const page = (out, script, type) => writeFileSync(join(out, 'index.html'), html(script, type));

const esbuild = (type, ...options) => async (cwd, out) => {
  await execute(process.execPath, [tool('esbuild', 'bin', 'esbuild'), 'main.js', '--bundle', '--minify', '--log-level=warning', ...options, `--outdir=${out}`], { cwd });
  page(out, 'main.js', type);
};

const rollup = (resolve, output) => async (cwd, out) => {
  const modules = await installed('rollup');
  const load = (...path) => import(pathToFileURL(join(modules, ...path)).href);
  const [{ rollup: bundle }, { nodeResolve }] = await Promise.all([load('rollup', 'dist', 'es', 'rollup.js'), load('@rollup', 'plugin-node-resolve', 'dist', 'es', 'index.js')]);
  const onwarn = ({ code, message }) => code === 'CIRCULAR_DEPENDENCY' || console.log(message);
  const made = await bundle({ input: join(cwd, 'main.js'), onwarn, plugins: [nodeResolve(resolve)] });
  await made.write({ dir: out, entryFileNames: 'main.js', ...output });
  page(out, 'main.js');
};

async function webpack(cwd, out) {
  // prettier-ignore
  await execute(await command('webpack'), ['--mode', 'production', '--entry', './main.js', '--output-path', out, '--output-filename', 'main.js', '--stats', 'errors-only'], { cwd, seconds: 120 });
  page(out, 'main.js', 'script');
}

async function parcel(cwd, out) {
  await execute(await command('parcel'), ['build', 'index.html', '--no-cache', '--dist-dir', out, '--public-url', './', '--log-level', 'warn'], { cwd, seconds: 180 });
}

const vite = (root, outDir) => viteBuild({ root, configFile: false, logLevel: 'error', base: './', build: { outDir, emptyOutDir: false, assetsInlineLimit: 0 } });

/** No bundler at all: the package's own files, found by an import map. */
function importMap(cwd, out) {
  const dist = join(cwd, 'node_modules', 'adjoint', 'dist');
  for (const name of readdirSync(dist, { recursive: true }).map(String).filter((each) => /\.(js|wasm)$/.test(each))) {
    mkdirSync(join(out, 'adjoint', name, '..'), { recursive: true });
    copyFileSync(join(dist, name), join(out, 'adjoint', name));
  }
  for (const name of ['main.js', 'train.js']) copyFileSync(join(cwd, name), join(out, name));
  const map = '<script type="importmap">{ "imports": { "adjoint": "./adjoint/browser.js" } }</script>';
  writeFileSync(join(out, 'index.html'), html('main.js').replace('<body>', `${map}<body>`));
}

/** How pages are made. */
const PAGES = {
  'esbuild, a classic script': esbuild('script', '--format=iife'),
  'esbuild, an ES module': esbuild('module', '--format=esm'),
  'esbuild, with splitting': esbuild('module', '--format=esm', '--splitting'),
  'esbuild, with splitting and the condition production': esbuild('module', '--format=esm', '--splitting', '--conditions=production,module'),
  'Rollup with node-resolve for browsers': rollup({ browser: true }),
  'Rollup with node-resolve as it comes': rollup({}),
  'webpack': webpack,
  'Parcel': parcel,
  'Vite': vite,
  'an import map': importMap,
};

async function make(folder, cwd, name, how) {
  const out = join(folder, 'pages', name.replaceAll(/\W+/g, '-'));
  mkdirSync(out, { recursive: true });
  await how(cwd, out);
  return out;
}

/** All of a page worked. */
function assertWhole({ uncommon, after, init, ahead }, expected) {
  assert.deepEqual([uncommon.error, after.error, ahead.error], [undefined, undefined, undefined]);
  assert.ok(Math.abs(uncommon.value[0] + 0.5772157) < 1e-6, `digamma(1) is ${uncommon.value[0]}`);
  assert.equal(init, 'done');
  assert.deepEqual(after.value.old, [2, 4, 6]);
  assert.deepEqual(ahead.value.old, uncommon.value);
  assertTrained(ahead.value.all);
  assertSameBits(ahead.value.all, expected, 'that of Node.js');
}

export async function run({ folder, check }) {
  const cwd = await install(folder, 'page');
  const expected = await trainInNode(folder);
  const made = {};
  const open = (out, options) => serving(out, (address) => visit(address, { folder, name: 'results' }), options);
  for (const [name, how] of Object.entries(PAGES)) {
    await check(`${name}: a page trains, and calls what is not in the primary module`, async () => {
      made[name] = await make(folder, cwd, name, how);
      const { value, complaints } = await open(made[name]);
      assert.ok(value, complaints.join('\n'));
      assertWhole(value, expected);
    });
  }

  const withoutFile = async (name, how, pattern = /\.wasm$/) => {
    const out = await make(folder, cwd, `${name} without the file`, how);
    for (const file of readdirSync(out, { recursive: true }).map(String).filter((each) => pattern.test(each))) rmSync(join(out, file));
    return out;
  };
  for (const [status, answer] of [[404, 'a 404'], [200, 'a page of its own']]) {
    await check(`a page without the file takes the module from the chunk, where the server answers with ${answer}`, async () => {
      const out = await withoutFile(`Vite ${status}`, vite);
      const { value, complaints } = await open(out, { missing: status });
      assert.ok(value, complaints.join('\n'));
      assertWhole(value, expected);
    });
  }
  await check('a page without the file and without the chunk says what to do, keeps its tensors and trains on', async () => {
    const out = await withoutFile('Vite, nothing', vite, /\.wasm$|embedded-secondary.*\.js$/);
    const { value } = await open(out);
    assert.equal(value.uncommon.error.code, 'LoadError');
    assert.match(value.uncommon.error.message, /Ship adjoint\.simd128\.secondary\.wasm with the page, or call await init\(\) once before it, or import adjoint\/inline/);
    assert.deepEqual(value.after.value.old, [2, 4, 6]);
    assert.match(value.init, /LoadError: .*adjoint\/inline/);
  });

  const policy = (script, connect) => ({ 'Content-Security-Policy': `default-src 'none'; script-src 'self' ${script}; connect-src ${connect}; img-src data:; base-uri 'none'` });
  await check("a policy that lets nothing be fetched: the first call says to await init(), and init() brings the rest to the tensors that are there", async () => {
    const { value, complaints } = await open(made.Vite, { headers: policy("'wasm-unsafe-eval'", "'none'") });
    assert.ok(value, complaints.join('\n'));
    assert.equal(value.uncommon.error.code, 'LoadError');
    assert.match(value.uncommon.error.message, /call await init\(\)/);
    assert.deepEqual(value.after.value.old, [2, 4, 6]);
    assert.equal(value.init, 'done');
    assertTrained(value.ahead.value.all);
  });
  await check('a policy that forbids WebAssembly: the error names the directive', async () => {
    const { value, complaints } = await open(made.Vite, { headers: policy('', "'self'") });
    const text = value ? JSON.stringify(value) : complaints.join('\n');
    assert.match(text, /allow 'wasm-unsafe-eval' in script-src of the Content-Security-Policy/);
  });

  for (const name of ['Vite', 'esbuild, a classic script', 'an import map']) {
    await check(`${name}: the same page in Firefox, to the same bits`, async () => {
      assert.ok(made[name] && existsSync(made[name]), 'the page was not made');
      const value = await serving(made[name], (address, posted) => visitInFirefox(address, posted, { folder }));
      assertWhole(value, expected);
    });
  }
}

