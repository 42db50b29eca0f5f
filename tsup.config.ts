// One bundle an entry, and for pages a file a source file. They differ in how they come by the binary: node reads the file beside it, workerd
// imports it as a module (an engine that compiles nothing at run time), browser carries the bytes of its core, slim is handed it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Options } from 'tsup';
import type { Plugin } from 'esbuild';
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
};

/** The entries that a page's own bundler bundles again; `browser-rest` is one file for both kinds of modules. */
const PAGES = ['browser', 'slim'];

const wasmTexts: Plugin = {
  name: 'wasm-texts',
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path) }));
    // A quick build has no rest.
    build.onLoad({ filter: /\.wasm$/ }, ({ path }) => ({ contents: existsSync(path) ? embed(readFileSync(path)) : '', loader: 'text' }));
  },
};

export default defineConfig([
  {
    ...shared,
    entry: { node: 'ts/entry/node.ts' },
    format: ['esm', 'cjs'],
    platform: 'node',
    shims: true, // import.meta.url in the CommonJS bundle
  },
  {
    ...shared,
    entry: Object.fromEntries(PAGES.map((name) => [name, `ts/entry/${name}.ts`])),
    format: ['cjs'],
    platform: 'browser',
    shims: true,
    external: ['./browser-rest.js'],
    esbuildPlugins: [wasmTexts],
  },
  {
    ...shared,
    entry: moduleEntries([...PAGES, 'browser-rest']),
    format: ['esm'],
    platform: 'browser',
    esbuildPlugins: [wasmTexts, keepImports],
    esbuildOptions(options) {
      // With verbatimModuleSyntax an import of types alone would remain as one of nothing, about which bundlers complain.
      delete options.tsconfig;
      options.tsconfigRaw = { compilerOptions: { target: 'ES2022', verbatimModuleSyntax: false } };
    },
  },
  {
    ...shared,
    entry: { workerd: 'ts/entry/workerd.ts' },
    format: ['esm'],
    platform: 'neutral',
    esbuildPlugins: [
      {
        name: 'wasm-modules',
        setup(build) {
          build.onResolve({ filter: /\.wasm$/ }, ({ path }) => ({
            path: `./wasm/${path.split('/').pop() ?? ''}`,
            external: true,
          }));
        },
      },
    ],
  },
  ...(process.env.ADJOINT_DECLARATIONS === 'no' ? [] : [declarations()]),
]);

function declarations(): Options {
  return {
    ...shared,
    entry: ['node', 'browser', 'workerd', 'slim'].map((name) => `ts/entry/${name}.ts`),
    format: ['esm', 'cjs'],
    sourcemap: false,
    dts: { only: true },
  };
}
