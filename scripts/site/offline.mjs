// Makes the site work without a network: its service worker with the list of what is kept from the first visit on.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../setup/paths.mjs';

/** Files that only some visitors need, and large: the digits, the binary with threads, and the libraries that are measured beside this one. They are kept once used. */
const ON_DEMAND = /digits\.bin\.gz$|adjoint\.threads|\/(tfjs|jax)[^/]*$|tfjs-backend-wasm/;

const NOT_SERVED = /\.map$|^offline\.js$|^hashmap\.json$/;

/** The files of a built site that are kept, as paths from its root, and their bytes in sum. */
export function keptFiles(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => statSync(join(folder, path)).isFile() && !NOT_SERVED.test(path) && !ON_DEMAND.test(`/${path}`))
    .sort();
  return { files, bytes: files.reduce((sum, path) => sum + statSync(join(folder, path)).size, 0) };
}

/** Writes `offline.js` into a built site. */
export function writeOffline(folder) {
  const { files } = keptFiles(folder);
  const hash = createHash('sha256');
  for (const path of files) hash.update(path).update(readFileSync(join(folder, path)));
  const text = readFileSync(inRoot('site', 'offline.js'), 'utf8')
    .replace('__FILES__', JSON.stringify(files.map((path) => `/${path}`)))
    .replace('__VERSION__', hash.digest('hex').slice(0, 16));
  writeFileSync(join(folder, 'offline.js'), text);
}
