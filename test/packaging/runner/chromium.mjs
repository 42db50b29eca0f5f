// Headless Chromium, driven by playwright-core. The browser is Debian's package, not a download.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { program } from './debian.mjs';
import { removeLast } from './sandbox.mjs';

// prettier-ignore
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

const executable = () =>
  program({ title: 'Chromium', variable: 'CHROMIUM', names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'], package: 'chromium' });

/**
 * Opens `address` in a fresh profile below `folder`, waits for `globalThis[name]` and returns its value, the text of the page
 * and everything that went wrong; `flags` are the browser's, beside those for all pages: errors and warnings of the console, uncaught ones, requests that failed.
 */
export async function visit(address, { folder, name, seconds = 60, flags = [] }) {
  const context = await chromium.launchPersistentContext(mkdtempSync(join(folder, 'chromium-')), {
    executablePath: await executable(),
    headless: true,
    args: [...FLAGS, ...flags],
    timeout: seconds * 1000,
  });
  removeLast();
  try {
    const page = await context.newPage();
    const complaints = [];
    page.on('console', (message) => {
      if (['error', 'warning', 'assert'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
    // An uncaught error ends the wait for the value, which would never come.
    const failed = new Promise((resolve) => page.once('pageerror', resolve));
    page.on('requestfailed', (request) => complaints.push(`request failed: ${request.url()} ${request.failure()?.errorText}`));
    page.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`request answered with ${response.status()}: ${response.url()}`);
    });
    const response = await page.goto(address, { timeout: seconds * 1000 });
    const arrived = page.waitForFunction((key) => globalThis[key], name, { timeout: seconds * 1000, polling: 50 });
    await Promise.race([arrived, failed]).catch(() => complaints.push(`no ${name} after ${seconds} s`));
    arrived.catch(() => {}); // ends with the page where `failed` came first
    const value = await page.evaluate((key) => globalThis[key] ?? null, name);
    return { value, text: await page.innerText('body'), headers: await response.allHeaders(), complaints };
  } finally {
    await context.close();
  }
}
