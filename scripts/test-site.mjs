// npm run test:site [-- WORDS]: builds the site and does in Chromium and Firefox what a newcomer does; screenshots are left in
// out/site-test. WORDS chooses among the tasks by a part of their names, and `Chromium` or `Firefox` among the browsers; with --no-build
// what is built is tested.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { build } from './build/build.mjs';
import { checker } from './check/checker.mjs';
import { Tally } from './check/tally.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith } from './setup/log.mjs';
import { inRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { buildSite } from './site/build.mjs';

const PICTURES = inRoot('out', 'site-test');
const given = process.argv.slice(2).filter((word) => word !== '--no-build');
const isBuilt = process.argv.includes('--no-build');
const NAMES = ['Chromium', 'Firefox'];
const browsers = given.some((word) => NAMES.includes(word)) ? NAMES.filter((name) => given.includes(name)) : NAMES;
const words = given.filter((word) => !NAMES.includes(word));
const isChosen = (name) => words.length === 0 || words.some((word) => name.includes(word));

try {
  if (!isBuilt) {
    await alone(async () => build(await prepare(), { threads: true }));
    await buildSite();
  }
  // These packages are the site's own, installed by now.
  const [{ BROWSERS }, { TASKS }, { CHAPTERS, runsChapter }, { PAGES, accessible, fits }, { answersSoon, holdsStill, withinBytes }, { worksOffline }, { serving }] = await Promise.all([
    import('../site/test/browsers.mjs'),
    import('../site/test/tasks.mjs'),
    import('../site/test/chapters.mjs'),
    import('../site/test/pages.mjs'),
    import('../site/test/budgets.mjs'),
    import('../site/test/offline.mjs'),
    import('../test/packaging/runner/serve.mjs'),
  ]);
  rmSync(PICTURES, { recursive: true, force: true });
  mkdirSync(PICTURES, { recursive: true });
  const tally = new Tally();

  /** Opens a page, works on it, keeps a picture; what the console complains of fails the check too. */
  const onPage = async (browser, picture, address, work, { width = 1280, scheme = 'light' } = {}) => {
    const page = await browser.newPage();
    const complaints = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
    try {
      await page.setViewport({ width, height: 900 });
      await page.evaluateOnNewDocument((chosen) => { localStorage.setItem('vitepress-theme-appearance', chosen); }, scheme);
      await page.goto(address, { waitUntil: 'load', timeout: 60_000 });
      await work(page);
      assert.deepEqual(complaints, [], 'the console complains');
    } finally {
      await page.screenshot({ path: `${PICTURES}/${picture}.png` }).catch(() => undefined);
      await page.close();
    }
  };

  const folder = inRoot('out', 'site');
  const sized = checker('site', tally);
  for (const path of PAGES) if (isChosen(`first load of /${path}`)) await sized(`first load of /${path}`, () => withinBytes(folder, path));

  await serving(folder, async (address) => {
    for (const title of browsers) {
      console.log(`\n[site] ${title}`);
      const browser = await BROWSERS[title]();
      const counted = checker(title, tally);
      const check = async (name, path, work, settings) => {
        if (!isChosen(name)) return;
        await counted(name, () => onPage(browser, `${title}-${name.replaceAll(/\W+/g, '-')}`, `${address}${path}`, work, settings));
      };
      for (const [name, path, work, settings] of TASKS) await check(name, path, work, settings);
      for (const path of CHAPTERS) await check(`runs on its page: /${path}`, path, runsChapter);
      for (const path of PAGES) {
        await check(`accessible in light: /${path}`, path, accessible);
        await check(`accessible in dark: /${path}`, path, accessible, { scheme: 'dark' });
        await check(`fits a phone: /${path}`, path, fits, { width: 390 });
        await check(`holds still: /${path}`, path, holdsStill);
      }
      for (const path of ['', 'learn/index.html', 'try/digits.html', 'docs/memory.html']) {
        if (isChosen(`answers soon: /${path}`)) await counted(`answers soon: /${path}`, () => answersSoon(browser, `${address}${path}`));
      }
      if (isChosen('works offline')) await counted('works offline', () => worksOffline(browser, folder, serving));
      await browser.close();
    }
  });
  for (const failure of tally.failures) console.log(`failed: ${failure}`);
  console.log(String(tally));
  process.exitCode = tally.failures.length > 0 ? 1 : 0;
} catch (error) {
  exitWith(error);
}
