// Makes the site: installs its packages, puts its pages together, and has VitePress make files of them.
import { existsSync } from 'node:fs';
import { SetupError } from '../setup/log.mjs';
import { inRoot } from '../setup/paths.mjs';
import { start, which } from '../setup/process.mjs';
import { fingerprint, isCurrent, remember } from '../build/stamp.mjs';
import { writeOffline } from './offline.mjs';
import { writePages } from './pages.mjs';

const SITE = inRoot('site');

async function vitepress(command) {
  const program = inRoot('site', 'node_modules', 'vitepress', 'bin', 'vitepress.js');
  const code = await start(process.execPath, [program, command, SITE], { cwd: SITE });
  if (code !== 0) throw new SetupError(`vitepress ${command} ended with exit code ${code}`);
}

/** Installs the packages of the site, which those who work on the library need not have. */
async function packages() {
  const print = fingerprint([inRoot('site', 'package-lock.json')], []);
  if (existsSync(inRoot('site', 'node_modules')) && isCurrent('site-packages', print, [])) return;
  const code = await start(which('npm'), ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: SITE });
  if (code !== 0) throw new SetupError(`npm ci in site ended with exit code ${code}`);
  remember('site-packages', print);
}

export async function buildSite() {
  await packages();
  await writePages(inRoot('site', '.pages'));
  await vitepress('build');
  writeOffline(inRoot('out', 'site'));
}

/** Serves what was built until the process is stopped. */
export const serveSite = () => vitepress('preview');
