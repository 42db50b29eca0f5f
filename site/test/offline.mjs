// After the first visit the site is there without its server, and so is the library.
import assert from 'node:assert/strict';

/** Visits the home page, takes the server away, reads another page and runs a program. */
export async function worksOffline(browser, folder, serving) {
  const page = await browser.newPage();
  try {
    let address = '';
    await serving(folder, async (at) => {
      address = at;
      await page.goto(at, { waitUntil: 'load', timeout: 60_000 });
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    });
    await assert.rejects(fetch(address), 'the server is still there');
    await page.goto(`${address}docs/memory.html`, { timeout: 60_000 });
    assert.match(await page.$eval('h1', (heading) => heading.innerText), /Memory/);
    await page.goto(`${address}try/index.html`, { timeout: 60_000 });
    await page.waitForSelector('.program button.primary:not(:disabled)', { timeout: 60_000 });
    await page.click('.program button.primary');
    await page.waitForFunction(() => /tensor/.test(document.querySelector('.program-output')?.innerText ?? ''), { timeout: 60_000 });
  } finally {
    await page.close();
  }
}
