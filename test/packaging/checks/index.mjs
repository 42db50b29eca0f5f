// The doors, in the order they are tried: cheap and telling ones first.
import * as bundled from './bundled.mjs';
import * as desktop from './desktop.mjs';
import * as files from './files.mjs';
import * as jest from './jest.mjs';
import * as node from './node.mjs';
import * as pages from './pages.mjs';
import * as runtimes from './runtimes.mjs';
import * as serviceWorker from './service-worker.mjs';
import * as tarball from './tarball.mjs';
import * as types from './types.mjs';
import * as vite from './vite.mjs';
import * as workerd from './workerd.mjs';

/** Every project by name: `about`, and `run({ folder, tarball, check })`. */
export const PROJECTS = {
  tarball,
  types,
  'node-esm': node.esm,
  'node-cjs': node.cjs,
  deno: runtimes.deno,
  bun: runtimes.bun,
  jest,
  bundled,
  desktop,
  files,
  workerd,
  vite,
  pages,
  'service-worker': serviceWorker,
};
