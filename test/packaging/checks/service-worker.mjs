// Service workers in headless Chromium: no XMLHttpRequest and no import() there, so a synchronous call cannot wait for a file.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build as viteBuild } from 'vite';
import { visit } from '../runner/chromium.mjs';
import { assertSameBits, assertTrained } from '../runner/compare.mjs';
import { install, run as execute, tool } from '../runner/sandbox.mjs';
import { serving } from '../runner/serve.mjs';
import { trainInNode } from './node.mjs';

export const about = 'service workers, in headless Chromium';

const esbuild = (...options) => (cwd, out) =>
  execute(process.execPath, [tool('esbuild', 'bin', 'esbuild'), 'worker.js', '--bundle', '--log-level=error', ...options, `--outdir=${out}`], { cwd });

const vite = (format) => (root, outDir) =>
  viteBuild({
    root,
    configFile: false,
    logLevel: 'error',
    base: './',
    build: { outDir, emptyOutDir: false, assetsInlineLimit: 0, modulePreload: false, rollupOptions: { input: join(root, 'worker.js'), output: { format, entryFileNames: 'worker.js' } } },
  });

/** How workers are made; whether the whole binary is in the script; and whether the script is an ES module. */
const WORKERS = {
  'esbuild, a classic script': { make: esbuild('--format=iife'), isWhole: true },
  'esbuild, an ES module': { make: esbuild('--format=esm'), isWhole: true, isModule: true },
  'Vite, an ES module': { make: vite('es'), isWhole: false, isModule: true },
  'Vite, a classic script': { make: vite('iife'), isWhole: false },
};

export async function run({ folder, check }) {
  const cwd = await install(folder, 'service-worker');
  const expected = await trainInNode(folder);
  for (const [name, { make, isWhole, isModule }] of Object.entries(WORKERS)) {
    const how = isWhole ? 'calls everything at once' : 'calls everything after await init(), and until then says to do so and trains';
    await check(`${name}: ${how}`, async () => {
      const out = join(folder, 'workers', name.replaceAll(/\W+/g, '-'));
      mkdirSync(out, { recursive: true });
      await make(cwd, out);
      copyFileSync(join(cwd, 'page.js'), join(out, 'page.js'));
      writeFileSync(join(out, 'index.html'), '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script type="module" src="./page.js"></script>');
      const { value, complaints } = await serving(out, (address) => visit(`${address}${isModule ? '?module' : ''}`, { folder, name: 'results' }));
      assert.ok(value, complaints.join('\n'));
      assert.deepEqual(value.lacks, ['undefined']);
      assert.equal(value.trained.value?.length, 10);
      if (isWhole) {
        assert.equal(value.atOnce.error, undefined);
      } else {
        assert.equal(value.atOnce.error.code, 'LoadError');
        assert.match(value.atOnce.error.message, /call await init\(\) once before it, or import adjoint\/inline/);
      }
      assert.equal(value.init, 'done');
      assert.equal(value.ahead.error, undefined);
      assertTrained(value.ahead.value.all);
      assertSameBits(value.ahead.value.all, expected, 'that of Node.js');
    });
  }
}
