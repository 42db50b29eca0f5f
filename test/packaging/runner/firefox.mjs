// Headless Firefox. Nothing drives it: the page sends its results to the server (serve.mjs).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from './debian.mjs';

// Nothing but the page is to be fetched.
const PREFERENCES = ['app.update.enabled', 'browser.shell.checkDefaultBrowser', 'datareporting.policy.dataSubmissionEnabled', 'network.captive-portal-service.enabled', 'network.connectivity-service.enabled'];

/** Opens `address` in a fresh profile below `folder` and returns what the page sends. */
export async function visitInFirefox(address, posted, { folder, seconds = 90 }) {
  const firefox = await program({ title: 'Firefox', variable: 'FIREFOX', names: ['firefox-esr', 'firefox'], package: 'firefox-esr' });
  const profile = mkdtempSync(join(folder, 'firefox-'));
  writeFileSync(join(profile, 'user.js'), PREFERENCES.map((name) => `user_pref("${name}", false);\n`).join(''));
  const env = { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' };
  const child = spawn(firefox, ['--headless', '--no-remote', '--profile', profile, address], { env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = () => child.kill();
  process.once('exit', stop);
  let timer;
  try {
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new assert.AssertionError({ message: `Firefox sent no results within ${seconds} s` })), seconds * 1000);
    });
    const failed = ended.then((code) => Promise.reject(new assert.AssertionError({ message: `Firefox ended with exit code ${code}` })));
    failed.catch(() => {}); // also when it is ended below
    return await Promise.race([posted, late, failed]);
  } finally {
    clearTimeout(timer);
    stop();
    await ended;
    process.off('exit', stop);
  }
}
