// One self-contained bundle an entry. They differ in how they come by the binary: node reads the file beside it, workerd
// imports it as a module (an engine that compiles nothing at run time), browser carries its bytes, slim is handed it.
import { readFileSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';
import { embed } from './scripts/build/embed.mjs';

const shared: Options = {
  outDir: 'dist',
  target: 'es2022',
  clean: false, // dist/wasm is made before; scripts/build/bundle.mjs clears the rest
  splitting: false,
  treeshake: false,
  sourcemap: true,
  dts: false,
};

export default defineConfig([
  {
    ...shared,
    entry: { node: 'ts/entry/node.ts', slim: 'ts/entry/slim.ts' },
    format: ['esm', 'cjs'],
    platform: 'node',
    shims: true, // import.meta.url in the CommonJS bundle
  },
  {
    ...shared,
    entry: { browser: 'ts/entry/browser.ts' },
    format: ['esm', 'cjs'],
    platform: 'browser',
    esbuildPlugins: [
      {
        name: 'wasm-texts',
        setup(build) {
          build.onLoad({ filter: /\.wasm$/ }, ({ path }) => ({ contents: embed(readFileSync(path)), loader: 'text' }));
        },
      },
    ],
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
