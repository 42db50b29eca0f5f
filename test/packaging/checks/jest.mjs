// Jest, with its environments for Node and for pages (jsdom), which lacks TextDecoder.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameBits, assertTrained } from '../runner/compare.mjs';
import { install, run as execute, tool } from '../runner/sandbox.mjs';
import { command, installed } from '../runner/tools.mjs';
import { trainInNode } from './node.mjs';

export const about = 'tests in Jest';

const ENVIRONMENTS = { node: 'undefined', jsdom: 'object' };

export async function run({ folder, check }) {
  const cwd = await install(folder, 'jest');
  await execute(process.execPath, [tool('esbuild', 'bin', 'esbuild'), 'train.js', '--format=cjs', '--outfile=train.cjs'], { cwd });
  const modules = await installed('jest');
  const jest = await command('jest');
  for (const [name, hasDocument] of Object.entries(ENVIRONMENTS)) {
    await check(`testEnvironment ${name}: trains in the statement after require`, async () => {
      const environment = join(modules, `jest-environment-${name}`, name === 'jsdom' ? '' : 'build/index.js');
      rmSync(join(cwd, 'result.json'), { force: true });
      // prettier-ignore
      await execute(jest, ['--ci', '--rootDir', cwd, '--testMatch', '**/*.test.cjs', '--env', environment, '--cacheDirectory', join(folder, 'jest-cache')], { cwd, seconds: 120 });
      const { result, ...found } = JSON.parse(readFileSync(join(cwd, 'result.json'), 'utf8'));
      assert.equal(found.hasDocument, hasDocument);
      assert.equal(found.hasTextDecoder, name === 'jsdom' ? 'undefined' : 'function', 'this environment is not what it was: the check shows nothing any more');
      assertTrained(result);
      if (name === 'jsdom') assertSameBits(result, await trainInNode(folder), 'that of Node.js with the simd128 binary');
    });
  }
}
