// The doors, in the order they are tried: cheap and telling ones first.
import * as node from './node.mjs';
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
  workerd,
  vite,
};
