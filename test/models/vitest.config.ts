// npm run test:models: what needs the packages, which npm test does without.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { ENGINE_FLAGS } from '../../scripts/setup/engine.mjs';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/models/*.test.ts'],
    globalSetup: ['test/models/fetch.ts'],
    pool: 'forks',
    execArgv: ['--expose-gc', ...ENGINE_FLAGS],
    testTimeout: 120_000,
  },
});
