// What holds for every kind of page: no violation that axe finds, in light and in dark; nothing wider than a phone.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One of each kind. */
export const PAGES = ['', 'learn/index.html', 'learn/steps.html', 'try/index.html', 'try/digits.html', 'try/spirals.html', 'try/writer.html', 'try/search.html', 'try/inside.html', 'try/measure.html', 'course/index.html', 'course/04-mlp.html', 'docs/from-pytorch.html', 'docs/memory.html', 'docs/modules.html', 'docs/errors.html', 'docs/performance.html', 'docs/ops/composites.html', 'trust.html'];

/** Fails with what axe finds on the page as it is. */
export async function accessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(' | ')}`));
  assert.deepEqual(found, []);
}

/** Fails if the page scrolls sideways. */
export async function fits(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= window, `the page is ${content} wide in a window of ${window}`);
}
