// Tests import the package by its own name, which is what `exports` in package.json says: the built dist/, as shipped.
import { defineConfig, type Plugin } from 'vitest/config';
import { ENGINE_FLAGS } from './scripts/setup/engine.mjs';

/** Modules of the site are tested with the package of this checkout, whether or not that of the site is installed. */
const packageOfSite: Plugin = {
  name: 'package-of-site',
  enforce: 'pre',
  resolveId(source, importer) {
    return source === 'adjoint' && importer?.includes('/site/') ? this.resolve(source, import.meta.filename, { skipSelf: true }) : null;
  },
};

export default defineConfig({
  plugins: [packageOfSite],
  test: {
    include: ['test/**/*.test.ts', 'ts/**/*.test.ts'],
    exclude: ['test/packaging/**', 'test/models/**', '**/node_modules/**'],
    pool: 'forks',
    // Memory tests collect garbage by hand.
    execArgv: ['--expose-gc', ...ENGINE_FLAGS],
    testTimeout: 30_000,
  },
});
