// The example for browsers: what it trains, and that it bundles with its Worker.
import { fileURLToPath } from 'node:url';
import { manualSeed, memoryStats } from 'adjoint';
import { build } from 'vite';
import { expect, test } from 'vitest';
import { Net, spirals, train } from '../examples/browser/spiral';

test('the spirals are learned, and a run keeps no tensors', () => {
  manualSeed(0);
  const [model, data] = [new Net(), spirals(100)];
  const run = train(model, data, 600);
  run.next();
  const before = memoryStats().tensors;
  const last = [...run].at(-1)!;
  expect(last.step).toBe(600);
  expect(last.accuracy).toBeGreaterThan(0.95);
  expect(memoryStats().tensors).toBe(before);
});

test('the page and its worker bundle', async () => {
  const root = fileURLToPath(new URL('../examples/browser', import.meta.url));
  const result = await build({ root, configFile: `${root}/vite.config.js`, logLevel: 'error', build: { write: false } });
  const { output } = (Array.isArray(result) ? result[0] : result) as { output: { fileName: string }[] };
  const names = output.map(({ fileName }) => fileName);
  expect(names.some((name) => /worker-.*\.js$/.test(name))).toBe(true);
  expect(names.some((name) => name.endsWith('.html'))).toBe(true);
}, 60_000);
