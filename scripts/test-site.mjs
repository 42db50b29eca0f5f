// npm run test:site [-- WORDS]: builds the site and does in Chromium and Firefox what a newcomer does; screenshots are left in
// out/site-test. WORDS chooses among the tasks by a part of their names.
import { mkdirSync, rmSync } from 'node:fs';
import { Tally } from './check/tally.mjs';
import { build } from './build/build.mjs';
import { alone } from './setup/lock.mjs';
import { duration, exitWith } from './setup/log.mjs';
import { inRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { buildSite } from './site/build.mjs';

const PICTURES = inRoot('out', 'site-test');
const words = process.argv.slice(2);
const isChosen = (name) => words.length === 0 || words.some((word) => name.includes(word));

try {
  await alone(async () => build(await prepare()));
  await buildSite();
  // These packages are the site's own, installed by now.
  const [{ BROWSERS }, { TASKS }, { PAGES, accessible, fits }, { serving }] = await Promise.all([
    import('../site/test/browsers.mjs'),
    import('../site/test/tasks.mjs'),
    import('../site/test/pages.mjs'),
    import('../test/packaging/runner/serve.mjs'),
  ]);
  rmSync(PICTURES, { recursive: true, force: true });
  mkdirSync(PICTURES, { recursive: true });
  const tally = new Tally();

  /** Opens a page, works on it, keeps a picture, and counts; what the console complains of fails it too. */
  const check = async (browser, title, name, address, work, { width = 1280, scheme = 'light' } = {}) => {
    if (!isChosen(name)) return;
    const start = performance.now();
    const page = await browser.newPage();
    const complaints = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
    let error = null;
    try {
      await page.setViewport({ width, height: 900 });
      await page.evaluateOnNewDocument((chosen) => { localStorage.setItem('vitepress-theme-appearance', chosen); }, scheme);
      await page.goto(address, { waitUntil: 'load', timeout: 60_000 });
      await work(page);
      if (complaints.length > 0) throw new Error(`the console says ${complaints.join('; ')}`);
      tally.add({ passed: 1 });
    } catch (thrown) {
      error = thrown;
      tally.fail(`${title}: ${name}`);
    }
    await page.screenshot({ path: `${PICTURES}/${title}-${name.replaceAll(/\W+/g, '-')}.png` }).catch(() => undefined);
    await page.close();
    console.log(`  ${error ? 'FAILED' : 'passed'}  ${name} (${duration(performance.now() - start)})${error ? `\n          ${error.message}` : ''}`);
  };

  await serving(inRoot('out', 'site'), async (address) => {
    for (const [title, open] of Object.entries(BROWSERS)) {
      console.log(`\n[site] ${title}`);
      const browser = await open();
      for (const [name, path, work] of TASKS) await check(browser, title, name, `${address}${path}`, work);
      for (const path of PAGES) {
        await check(browser, title, `accessible in light: /${path}`, `${address}${path}`, accessible);
        await check(browser, title, `accessible in dark: /${path}`, `${address}${path}`, accessible, { scheme: 'dark' });
        await check(browser, title, `fits a phone: /${path}`, `${address}${path}`, fits, { width: 390 });
      }
      await browser.close();
    }
  });
  for (const failure of tally.failures) console.log(`failed: ${failure}`);
  console.log(String(tally));
  process.exitCode = tally.failures.length > 0 ? 1 : 0;
} catch (error) {
  exitWith(error);
}
