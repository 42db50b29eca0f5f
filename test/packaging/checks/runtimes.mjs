// Deno and Bun, from npm.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { assertSameBits, assertTrained } from '../runner/compare.mjs';
import { install, run as execute } from '../runner/sandbox.mjs';
import { command } from '../runner/tools.mjs';
import { trainInNode } from './node.mjs';

const json = async (...args) => JSON.parse(await execute(...args));

export const deno = {
  about: 'import in Deno',
  async run({ folder, check }) {
    const cwd = await install(folder, 'deno', { name: 'adjoint-in-deno', private: true, type: 'module', dependencies: { adjoint: 'file:../adjoint.tgz' } });
    const path = await command('deno');
    const files = join('node_modules', 'adjoint', 'dist', 'wasm');
    const start = (permissions, program = 'index.js') => json(path, ['run', '--no-prompt', '--cached-only', ...permissions, program], { cwd });
    const strict = await trainInNode(folder);
    let chosen;
    await check(`with --allow-read=${files} and nothing else it trains`, async () => assertTrained((chosen = await start([`--allow-read=${files}`]))));
    await check('it takes the relaxed binary by itself', () => assert.notDeepEqual(chosen.fingerprints, strict.fingerprints));
    await check('without the permission the error says which', () =>
      assert.rejects(start([]), /LoadError: init: adjoint\.relaxed\.wasm cannot be read .*in Deno allow it with --allow-read/));
    await check('adjoint/inline needs no permission, and has the bits of the simd128 binary', async () => assertSameBits(await start([], 'inline.js'), strict, 'that of Node.js'));
    await check('ADJOINT_WASM chooses the binary, where the variable may be read', async () => {
      const chosen = (permissions) => json('env', ['ADJOINT_WASM=simd128', path, 'run', '--no-prompt', '--cached-only', '--allow-read', ...permissions, 'index.js'], { cwd });
      assertSameBits(await chosen(['--allow-env=ADJOINT_WASM']), strict, 'that of Node.js');
      // Where it may not, it is as if it were not set: Deno is not made to ask.
      assertTrained(await chosen([]));
    });
  },
};

export const bun = {
  about: 'import and require in Bun',
  async run({ folder, check }) {
    const cwd = await install(folder, 'bun', { name: 'adjoint-in-bun', private: true, type: 'module', dependencies: { adjoint: 'file:../adjoint.tgz' } });
    const path = await command('bun');
    for (const program of ['index.js', 'required.cjs', 'inline.js']) {
      await check(`${program} trains, with the bits of the simd128 binary`, async () => {
        const result = await json(path, [program], { cwd });
        assertTrained(result);
        assertSameBits(result, await trainInNode(folder), 'that of Node.js');
      });
    }
  },
};
