// Installs the development dependencies with `npm ci`, and again whenever package-lock.json has changed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { note, timed } from './log.mjs';
import { inRoot, readText, root } from './paths.mjs';
import { quietly } from './process.mjs';

const stamp = inRoot('node_modules', '.adjoint-lock-hash');

function npm() {
  // Inside `npm run` npm names its own script, which needs no shell on any platform.
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []];
}

/** Makes node_modules match package-lock.json. */
export async function nodeModules() {
  const wanted = createHash('sha256').update(readText('package-lock.json')).update(process.platform + process.arch).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return note('node modules', 'ready');
  await timed('node modules', 'npm ci', async () => {
    const [command, first] = npm();
    // No install scripts: the packages used here carry their binaries, and scripts that download fail behind a firewall.
    await quietly(command, [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
    writeFileSync(stamp, wanted);
  });
}
