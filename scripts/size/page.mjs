// A page that trains a small network, bundled by Vite as its own build would bundle it, and weighed.
import { readFileSync } from 'node:fs';
import { build } from 'vite';
import { inRoot } from '../setup/paths.mjs';
import { brotli } from '../build/brotli.mjs';

/** The most bytes of brotli (quality 11) the page may have, binary and all. */
export const BAR = 200_000;

/** `ENTRY` is the package: with the binary in it, or the slim one. */
const page = (entry) => `
  import { manualSeed, nn, optim, tensor } from ${JSON.stringify(inRoot('dist', entry))};
  manualSeed(0);
  const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const x = tensor([[0, 0], [0, 1], [1, 0], [1, 1]]);
  const y = tensor([[0], [1], [1], [0]]);
  for (let step = 0; step < 1000; step++) {
    const loss = nn.functional.mseLoss(model.call(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  }
  document.body.textContent = String(model.call(x));
`;

/** A program as Vite bundles and minifies it. */
async function bundled(program) {
  const source = { name: 'page', resolveId: (id) => (id === 'page' ? id : null), load: (id) => (id === 'page' ? program : null) };
  const { output } = await build({
    root: inRoot(),
    logLevel: 'silent',
    configFile: false,
    plugins: [source],
    build: { write: false, target: 'es2022', assetsInlineLimit: 0, rollupOptions: { input: 'page' } },
  });
  return Buffer.from(output.find(({ type }) => type === 'chunk').code);
}

/** Bytes as they are, and as they are sent. */
export const weigh = (bytes) => ({ raw: bytes.length, brotli: brotli(bytes) });

export const weighSource = async (program) => weigh(await bundled(program));

/** The page as one file, and its parts; and what it would load besides, should it need it. */
export async function weighPage() {
  return {
    whole: await weighSource(page('browser.js')),
    script: await weighSource(page('slim.js')),
    wasm: weigh(readFileSync(inRoot('dist', 'wasm', 'adjoint.simd128.wasm'))),
    secondary: weigh(readFileSync(inRoot('dist', 'wasm', 'adjoint.simd128.secondary.wasm'))),
  };
}
