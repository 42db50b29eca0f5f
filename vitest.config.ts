// Tests import the package by its own name, which is what `exports` in package.json says: the built dist/, as shipped.
import { defineConfig } from 'vitest/config';

const [major = 0] = process.versions.node.split('.').map(Number);

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'ts/**/*.test.ts'],
    exclude: ['test/packaging/**', '**/node_modules/**'],
    pool: 'forks',
    // Node 20 has relaxed SIMD behind a flag; newer ones by default. Memory tests collect garbage by hand.
    execArgv: ['--expose-gc', ...(major < 22 ? ['--experimental-wasm-relaxed-simd'] : [])],
    testTimeout: 30_000,
  },
});
