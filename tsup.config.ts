// Entries of Node and Bun, which share one file with all the code, for scripts/build/required.mjs to make CommonJS of; and for those that
// are bundled again a file a source file. They differ in how they come by the binary: node reads the files beside it, bun
// imports their paths, workerd imports them as modules (an engine that compiles nothing at run time), inline carries both as text, browser
// only the primary one, slim is handed them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Options } from 'tsup';
import type { BuildOptions, Plugin } from 'esbuild';
import { embed } from './scripts/build/embed.mjs';
import { keepImports, moduleEntries } from './scripts/build/modules.mjs';

const shared: Options = {
  outDir: 'dist',
  target: 'es2022',
  clean: false, // dist/wasm is made before; scripts/build/bundle.mjs clears the rest
  splitting: false,
  treeshake: false,
  sourcemap: true,
  dts: false,
  esbuildOptions: withoutSources,
};

/** The sources are in the package, once; maps refer to them. */
function withoutSources(options: BuildOptions): void {
  options.sourcesContent = false;
}

/** The entries that a program's own bundler bundles again. */
const BUNDLED = ['browser', 'inline', 'slim', 'workerd'];

/** The texts of the binary's modules, which entries import. */
const TEXTS = ['embedded-primary', 'embedded-secondary'];

const wasmTexts: Plugin = {
  name: 'wasm-texts',
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path) }));
    // A quick build is not split.
    build.onLoad({ filter: /\.wasm$/ }, ({ path }) => ({ contents: existsSync(path) ? embed(readFileSync(path)) : '', loader: 'text' }));
  },
};

/** Imports of the binary's modules, and of its compressed texts, stay imports. */
const wasmImports: Plugin = {
  name: 'wasm-imports',
  setup(build) {
    build.onResolve({ filter: /\.cjs$/ }, ({ path }) => ({ path, external: true }));
    build.onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./wasm/${path.split('/').pop() ?? ''}`, external: true }));
  },
};

export default defineConfig([
  {
    ...shared,
    entry: { node: 'ts/entry/node.ts', bun: 'ts/entry/bun.ts', packed: 'ts/entry/packed.ts', 'slim-required': 'ts/entry/slim.ts' },
    format: ['esm'],
    platform: 'node',
    splitting: true,
    esbuildPlugins: [wasmImports],
    esbuildOptions(options) {
      withoutSources(options);
      // Bun's entry imports its files by them.
      options.supported = { ...options.supported, 'import-attributes': true };
    },
  },
  {
    ...shared,
    entry: moduleEntries(BUNDLED),
    format: ['esm'],
    platform: 'browser',
    esbuildPlugins: [wasmImports, keepImports],
    esbuildOptions(options) {
      withoutSources(options);
      // With verbatimModuleSyntax an import of types alone would remain as one of nothing, about which bundlers complain.
      delete options.tsconfig;
      options.tsconfigRaw = { compilerOptions: { target: 'ES2022', verbatimModuleSyntax: false } };
    },
  },
  {
    ...shared,
    entry: Object.fromEntries(TEXTS.map((name) => [name, `ts/runtime/hosts/${name}.ts`])),
    format: ['esm'],
    platform: 'neutral',
    sourcemap: false,
    esbuildPlugins: [wasmTexts],
  },
  {
    ...shared,
    entry: { thread: 'ts/entry/thread.ts' },
    format: ['esm'],
    platform: 'browser',
    // It exports nothing; with this it is seen to be the ES module that it is.
    footer: { js: 'export {};' },
  },
  ...(process.env.ADJOINT_DECLARATIONS === 'no' ? [] : [declarations()]),
]);

function declarations(): Options {
  return {
    ...shared,
    entry: ['node', 'browser', 'bun', 'inline', 'workerd', 'slim'].map((name) => `ts/entry/${name}.ts`),
    format: ['esm', 'cjs'],
    sourcemap: false,
    dts: { only: true },
  };
}
