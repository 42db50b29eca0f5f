// Tests import the package by its own name, which is what `exports` in package.json says: the built dist/, as shipped.
import { defineConfig } from 'vitest/config';
import { ENGINE_FLAGS } from './scripts/setup/engine.mjs';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'ts/**/*.test.ts'],
    exclude: ['test/packaging/**', 'test/models/**', '**/node_modules/**'],
    pool: 'forks',
    // Memory tests collect garbage by hand.
    execArgv: ['--expose-gc', ...ENGINE_FLAGS],
    testTimeout: 30_000,
  },
});
