// workerd, the engine of Cloudflare Workers. It refuses to compile WebAssembly and to evaluate text at run time, which is
// asserted, so that training there shows that the package does neither.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { serveWorker } from '../../../scripts/serve/workerd.mjs';
import { assertSameBits, assertTrained } from '../runner/compare.mjs';
import { install, run as execute, tool } from '../runner/sandbox.mjs';

export const about = 'a bundled Worker in workerd';

/** Bundles as wrangler does: conditions of Workers, `.wasm` imports kept as imports. */
async function bundle(cwd) {
  // prettier-ignore
  await execute(process.execPath, [tool('esbuild', 'bin', 'esbuild'), 'worker.js', '--bundle', '--format=esm', '--target=es2022',
    '--conditions=workerd,worker,browser', '--loader:.wasm=copy', '--asset-names=[name]', '--outdir=dist', '--log-level=warning'], { cwd });
}

/** Serves the Worker and hands its address to `work`; returns what the engine printed. */
async function serving(cwd, work) {
  const server = await serveWorker(join(cwd, 'config.capnp'));
  try {
    await work(server.address).catch((error) => {
      error.message += `\n${server.said()}`; // why a request failed
      throw error;
    });
    return server.said();
  } finally {
    await server.stop();
  }
}

async function ask(address) {
  const response = await fetch(address, { signal: globalThis.AbortSignal.timeout(30_000) });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}

export async function run({ folder, check }) {
  const cwd = await install(folder, 'workerd');
  await bundle(cwd);
  await check('the bundle is a script and the two modules of one binary', () => {
    assert.deepEqual(readdirSync(join(cwd, 'dist')).sort(), ['adjoint.relaxed.secondary.wasm', 'adjoint.relaxed.wasm', 'worker.js']);
  });
  let answers = [];
  let said = '';
  const answered = await check('a request is answered with a training run', async () => {
    said = await serving(cwd, async (address) => {
      answers = [await ask(address), await ask(address)];
    });
    assertTrained(answers[0].result);
  });
  if (!answered) return;
  await check('the engine refuses to compile WebAssembly and to evaluate text', () => {
    assert.match(answers[0].compiling ?? 'compiled', /code generation disallowed/i);
    assert.match(answers[0].evaluating ?? 'evaluated', /code generation .*disallowed/i);
  });
  await check('a second request gets the same answer', () => assertSameBits(answers[1].result, answers[0].result, 'the first answer'));
  await check('nothing was logged', () => assert.equal(said, ''));
}
