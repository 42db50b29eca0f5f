// Every chapter of the course runs on its page: to its end, or without a complaint for as long as one would wait to see something.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MOST_SECONDS = 8;

export const CHAPTERS = readdirSync(fileURLToPath(new URL('../../examples/course', import.meta.url)))
  .filter((name) => /^\d+-.*\.ts$/.test(name))
  .sort()
  .map((name) => `course/${name.replace(/\.ts$/, '.html')}`);

export async function runsChapter(page) {
  await page.locator('.program-bar ::-p-aria(Run[role="button"])').setTimeout(60_000).click();
  const says = () => page.$eval('.program [role=status]', (status) => status.innerText);
  for (const end = Date.now() + 1000 * MOST_SECONDS; Date.now() < end && (await says()).startsWith('running'); ) await new Promise((resolve) => setTimeout(resolve, 200));
  const [status, output] = [await says(), await page.$eval('.program', (program) => program.querySelector('.program-output')?.innerText ?? '')];
  assert.match(status, /^running|\d s$/, `${status}: ${output.slice(-500)}`);
  // What has ended has printed something and drawn its plots.
  if (!/\d s$/.test(status)) return;
  assert.ok(output.length > 10, 'nothing was printed');
  assert.ok((await page.$$('.program-picture svg')).length > 0, 'nothing was drawn');
}
