// What a first visit costs: bytes before the library, shifts of what is already to be seen, time until the page answers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const MOST_BYTES = 250 * 1024;
const MOST_SHIFT = 0.02;
const MOST_MILLISECONDS = 1000;

const sizes = new Map();

/** A file as a server would send it. */
function sent(folder, path) {
  if (!sizes.has(path)) sizes.set(path, brotliCompressSync(readFileSync(join(folder, path))).length);
  return sizes.get(path);
}

/** What a page brings by itself: its text, styles, scripts and what these load ahead. */
export function bytesOf(folder, path) {
  const file = path === '' || path.endsWith('/') ? `${path}index.html` : path;
  const html = readFileSync(join(folder, file), 'utf8');
  const named = [...html.matchAll(/<(?:script|link)\b[^>]*?(?:src|href)="\/([^"]+\.(?:js|css|woff2))"/g)].map(([, name]) => name);
  return [file, ...new Set(named)].reduce((sum, each) => sum + sent(folder, each), 0);
}

export function withinBytes(folder, path) {
  const bytes = bytesOf(folder, path);
  assert.ok(bytes > 10_000, `only ${bytes} bytes were counted`);
  assert.ok(bytes <= MOST_BYTES, `${bytes} bytes, compressed, of at most ${MOST_BYTES}`);
}

/** Nothing moves after it was shown. Firefox does not tell. */
export async function holdsStill(page) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const shift = await page.evaluate(() => new Promise((resolve) => {
    if (!PerformanceObserver.supportedEntryTypes.includes('layout-shift')) return resolve(0);
    let sum = 0;
    new PerformanceObserver((list) => { for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) sum += value; }).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(sum), 100);
  }));
  assert.ok(shift <= MOST_SHIFT, `a layout shift of ${shift.toFixed(3)}, at most ${MOST_SHIFT}`);
}

/** A browser's context without caches and service workers, as at a first visit. */
async function asFirst(browser, visit) {
  const context = await browser.createBrowserContext();
  try {
    return await visit(await context.newPage());
  } finally {
    await context.close();
  }
}

/** Milliseconds from the click on a link until the page's own script has taken over; the best of five first visits, as other programs only add. */
export async function answersSoon(browser, address) {
  const times = [];
  for (let i = 0; i < 5; i++) {
    times.push(await asFirst(browser, async (page) => {
      await page.goto(address, { waitUntil: 'load', timeout: 60_000 });
      await page.waitForFunction(() => performance.getEntriesByName('interactive').length > 0, { timeout: 30_000, polling: 20 });
      return page.evaluate(() => performance.getEntriesByName('interactive')[0].startTime);
    }));
  }
  const best = Math.min(...times);
  console.log(`  interactive after ${times.map(Math.round).join(', ')} ms`);
  assert.ok(best <= MOST_MILLISECONDS, `interactive after ${Math.round(best)} ms, at most ${MOST_MILLISECONDS}`);
}
