// A program that is bundled for Node or Bun. The bundle is moved to a folder of its own, where there is no package beside it, and must start.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as viteBuild } from 'vite';
import { assertSameBits, assertTrained } from '../runner/compare.mjs';
import { install, run as execute, tool } from '../runner/sandbox.mjs';
import { command, installed } from '../runner/tools.mjs';
import { trainInNode } from './node.mjs';

export const about = 'programs bundled for Node and Bun, moved away from the package';

const esbuild = (entry, ...options) => (cwd, out) =>
  execute(process.execPath, [tool('esbuild', 'bin', 'esbuild'), entry, '--bundle', '--log-level=warning', ...options, `--outdir=${out}`], { cwd });

const webpack = (entry) => async (cwd, out) =>
  // prettier-ignore
  execute(await command('webpack'), ['--mode', 'production', '--target', 'node', '--entry', `./${entry}`, '--output-path', out, '--output-filename', 'main.cjs', '--stats', 'errors-warnings'], { cwd, seconds: 120 });

const vite = (entry) => (root, outDir) =>
  viteBuild({ root, configFile: false, logLevel: 'warn', ssr: { noExternal: true }, build: { ssr: entry, outDir, emptyOutDir: false } });

const rollup = (entry) => async (cwd, out) => {
  const modules = await installed('rollup');
  const load = (...path) => import(pathToFileURL(join(modules, ...path)).href);
  const [{ rollup: bundle }, { nodeResolve }] = await Promise.all([load('rollup', 'dist', 'es', 'rollup.js'), load('@rollup', 'plugin-node-resolve', 'dist', 'es', 'index.js')]);
  const onwarn = ({ code, message }) => code === 'CIRCULAR_DEPENDENCY' || console.log(message);
  const made = await bundle({ input: join(cwd, entry), onwarn, plugins: [nodeResolve({ exportConditions: ['node'] })] });
  await made.write({ dir: out, entryFileNames: 'main.mjs' });
};

const bun = (...options) => async (cwd) => execute(await command('bun'), ['build', 'main.js', ...options], { cwd, seconds: 120 });

/** What makes the bundle, by name. `program` is the file to start, which Node does unless it starts by itself. */
const BUNDLES = {
  'esbuild, ES module': { make: esbuild('main.js', '--platform=node', '--format=esm', '--out-extension:.js=.mjs'), program: 'main.mjs' },
  'esbuild, CommonJS': { make: esbuild('main.js', '--platform=node', '--format=cjs', '--out-extension:.js=.cjs'), program: 'main.cjs' },
  'esbuild, minified': { make: esbuild('main.js', '--platform=node', '--format=cjs', '--minify', '--out-extension:.js=.cjs'), program: 'main.cjs' },
  'esbuild for anything, adjoint/inline': { make: esbuild('inline.js', '--format=iife'), program: 'inline.js' },
  'webpack, target node': { make: webpack('main.js'), program: 'main.cjs' },
  'webpack, target node, adjoint/inline': { make: webpack('inline.js'), program: 'main.cjs' },
  'Vite SSR with noExternal': { make: vite('main.js'), program: 'main.js' },
  'Vite SSR with noExternal, adjoint/inline': { make: vite('inline.js'), program: 'inline.js' },
  'Rollup with node-resolve': { make: rollup('main.js'), program: 'main.mjs' },
  'bun build --compile': { make: (cwd, out) => bun('--compile', '--outfile', join(out, 'main'))(cwd), program: 'main', start: (file, cwd) => execute(file, [], { cwd }) },
  'bun build --target bun': {
    make: (cwd, out) => bun('--target', 'bun', '--outdir', out)(cwd),
    program: 'main.js',
    start: async (file, cwd) => execute(await command('bun'), [file], { cwd }),
  },
  'bun build --target node, adjoint/inline': {
    make: async (cwd, out) => execute(await command('bun'), ['build', 'inline.js', '--target', 'node', '--outdir', out], { cwd }),
    program: 'inline.js',
  },
};

const inNode = (file, cwd) => execute(process.execPath, [file], { cwd });

export async function run({ folder, check }) {
  const cwd = await install(folder, 'bundled');
  const expected = await trainInNode(folder);
  for (const [name, { make, program, start = inNode }] of Object.entries(BUNDLES)) {
    await check(`${name}: starts away from the package and trains, with the bits of the simd128 binary`, async () => {
      const made = join(folder, 'bundles', name.replaceAll(/\W+/g, '-'));
      mkdirSync(made, { recursive: true });
      writeFileSync(join(made, 'package.json'), '{ "type": "module" }\n');
      await make(cwd, made);
      const result = JSON.parse(await start(join(made, program), made));
      assertTrained(result);
      assertSameBits(result, expected, 'that of Node.js with the simd128 binary');
    });
  }
  await check('a bundle that lost the files says what to do', async () => {
    const out = join(folder, 'bundles', 'lost');
    // Conditions of one's own switch off `module`, by which the package knows a bundler.
    await esbuild('main.js', '--platform=node', '--format=esm', '--conditions=mine', '--out-extension:.js=.mjs')(cwd, out);
    await assert.rejects(inNode(join(out, 'main.mjs'), out), /LoadError: init: adjoint\.\w+\.wasm cannot be read .* in a bundle import adjoint\/inline/);
    // With the files beside it, it starts.
    const files = join(cwd, 'node_modules', 'adjoint', 'dist', 'wasm');
    for (const file of readdirSync(files).filter((each) => each.endsWith('.wasm'))) copyFileSync(join(files, file), join(out, file));
    assertTrained(JSON.parse(await inNode(join(out, 'main.mjs'), out)));
  });
}
