// A page: as Vite bundles it for production, and as Vite's development server serves it (which rewrites dependencies in a
// way of its own). Both in headless Chromium.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createSocket } from 'node:net';
import { join } from 'node:path';
import { build, createServer, preview } from 'vite';
import { visit } from '../runner/chromium.mjs';
import { assertSameBits, assertTrained } from '../runner/compare.mjs';
import { install } from '../runner/sandbox.mjs';
import { trainInNode } from './node.mjs';

export const about = 'a page bundled by Vite, in headless Chromium';

// Evaluating text is forbidden, compiling WebAssembly is not: what a page with a strict policy has to allow.
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src data:; base-uri 'none'";

/** An address on loopback that is free. Vite's page learns the port of its web socket from this, so 0 will not do. */
async function freeAddress() {
  const server = createSocket().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return { host: '127.0.0.1', port };
}

async function checkPage(server, { folder, check }, kind) {
  try {
    const { port } = server.httpServer.address();
    const page = await visit(`http://127.0.0.1:${port}/`, { folder, name: 'results' });
    await check(`${kind}: no errors or warnings in the console`, () => assert.deepEqual(page.complaints, []));
    if (!(await check(`${kind}: comes to its end`, () => assert.ok(page.value, `the page shows: ${page.text}`)))) return page;
    await check(`${kind}: trains in the statement after the import, with the bits of Node.js`, async () => {
      assertTrained(page.value.atOnce);
      assertSameBits(page.value.atOnce, await trainInNode(folder), 'that of Node.js');
    });
    await check(`${kind}: loads the secondary module when it is first needed, and not to train`, () => {
      assert.deepEqual(page.value.loadedToTrain, []);
      assert.equal(page.value.loadedForMore.length, 1);
    });
    await check(`${kind}: init() loads it ahead, to the same bits`, () => assertSameBits(page.value.ahead, page.value.atOnce, 'that without init()'));
    await check(`${kind}: trains with adjoint/slim and the relaxed binary, fetched`, () => assertTrained(page.value.fetched));
    await check(`${kind}: shows the loss`, () => {
      const losses = page.value.atOnce.losses.map((loss) => loss.toFixed(4)).join(' → ');
      assert.match(page.text, /Loss: 1\.06\d\d → /);
      assert.ok(page.text.includes(`Loss: ${losses}`), page.text);
    });
    return page;
  } finally {
    await server.close();
  }
}

export async function run(context) {
  const root = await install(context.folder, 'vite');
  const config = { root, logLevel: 'warn', clearScreen: false, cacheDir: join(root, '.vite') };

  const warnings = [];
  const keep = (text) => warnings.push(text);
  const customLogger = { info() {}, warn: keep, warnOnce: keep, error: keep, clearScreen() {}, hasErrorLogged: () => false, hasWarned: false };
  await build({ ...config, customLogger });
  await context.check('bundles without a warning', () => assert.deepEqual(warnings, []));
  const headers = { 'Content-Security-Policy': POLICY };
  const page = await checkPage(await preview({ ...config, preview: { ...(await freeAddress()), headers } }), context, 'bundle');
  await context.check('bundle: was under a policy that forbids eval', () => assert.equal(page.headers['content-security-policy'], POLICY));

  const server = await createServer({ ...config, server: await freeAddress() });
  await checkPage(await server.listen(), context, 'development server');
}
