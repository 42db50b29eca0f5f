// What JavaScript a page loads by what it imports: bundled as scripts/size/page.mjs bundles, without the binary, which is the same for all.
import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';
import { weigh, weighSource } from './page.mjs';

/** Programs by what they are, each with what it uses of the library. */
const PROGRAMS = [
  ['tensors and gradients', 'tensor', "const x = tensor([2], { requiresGrad: true }); x.square().sum().backward(); out(x.grad);"],
  ['a layer and an optimizer', 'nn, optim, tensor', 'const m = new nn.Linear(2, 1); new optim.SGD(m.parameters(), { lr: 0.1 }).step(); out(m.call(tensor([[1, 2]])));'],
  ['an image classifier', 'nn, optim, ones', 'const m = new nn.Sequential(new nn.Conv2d(1, 8, 3), new nn.BatchNorm2d(8), new nn.ReLU(), new nn.MaxPool2d(2), new nn.Flatten(), new nn.Linear(1352, 10)); new optim.AdamW(m.parameters()).step(); out(nn.functional.crossEntropy(m.call(ones([1, 1, 28, 28])), ones([1, 10])));'],
  ['a transformer', 'nn, optim, ones', 'const m = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(16, 2), 2); new optim.AdamW(m.parameters()).step(); out(m.call(ones([2, 3, 16])));'],
  ['inference from a safetensors file', 'io, nn, ones', 'const m = new nn.Linear(2, 1); m.loadStateDict(io.loadSafetensors(new Uint8Array(8))); out(m.call(ones([1, 2])));'],
  ['loaders and schedules', 'data, nn, ones, optim', 'const m = new nn.Linear(2, 1); const o = new optim.SGD(m.parameters(), { lr: 0.1 }); const s = new optim.lrScheduler.StepLR(o, 2); for (const [x] of new data.DataLoader(new data.TensorDataset(ones([4, 2])))) out(m.call(x)); s.step();'],
  ['function transforms', 'func, ones', 'out(func.vmap(func.grad((x) => x.square().sum()))(ones([2, 3])));'],
  ['distributions', 'distributions', 'out(new distributions.Normal(0, 1).sample());'],
  ['captured and compiled steps', 'compile, ones', 'out(compile((x) => x.exp())(ones([2])));'],
];

const kb = (bytes) => (bytes / 1000).toFixed(1);

/** The rows, measured. */
export async function weighImports() {
  const rows = [];
  for (const [title, names, code] of PROGRAMS) {
    const { raw, brotli } = await weighSource(`import { ${names} } from ${JSON.stringify(inRoot('dist', 'slim.js'))};\nconst out = (t) => { document.body.textContent = String(t); };\n${code}`);
    rows.push([title, `\`import { ${names} }\``, raw, brotli]);
  }
  const { raw, brotli } = await weighSource(`import * as adjoint from ${JSON.stringify(inRoot('dist', 'slim.js'))};\nglobalThis.adjoint = { ...adjoint };`);
  return [...rows, ['everything', '`import * as adjoint`', raw, brotli]];
}

/** Writes docs/imports.md; returns what it says. */
export async function writeImports() {
  const rows = await weighImports();
  const modules = ['adjoint.simd128.wasm', 'adjoint.simd128.secondary.wasm'].map((name) => weigh(readFileSync(inRoot('dist', 'wasm', name))));
  const text = `# Sizes by import

Written by \`npm run size -- --imports\` on ${new Date().toISOString().slice(0, 10)}, from a release build. What a page downloads beside its own code: the JavaScript
of what it imports, bundled and minified by Vite, and the primary module of the binary, ${kb(modules[0].brotli)} kB with brotli, which is the same for all. What is
outside of the primary module is in the secondary one, ${kb(modules[1].brotli)} kB, loaded when a call first needs it. In kB of 1000 bytes.

| program | imports | JavaScript | with brotli | with the primary module |
|---|---|--:|--:|--:|
${rows.map(([title, names, raw, brotli]) => `| ${title} | ${names} | ${kb(raw)} | ${kb(brotli)} | ${kb(brotli + modules[0].brotli)} |`).join('\n')}

The training page that \`npm run size -- --check\` holds below 200 kB has its binary as text in the bundle, which compresses a little better.
[What each family of operations costs](sizes.md) in the binary is on a page of its own.
`;
  writeFileSync(inRoot('docs', 'imports.md'), text);
  return text;
}
