// The TypeScript facade, bundled by tsup into dist: ESM, CommonJS and declarations of the entries in ts/entry.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { note, timed } from '../setup/log.mjs';
import { inRoot } from '../setup/paths.mjs';
import { quietly } from '../setup/process.mjs';
import { thinMapsIn } from './maps.mjs';
import { aliasNamespacesIn, shareDeclarationsIn } from './namespaces.mjs';
import { writeRequired } from './required.mjs';
import { fingerprint, forget, isCurrent, remember } from './stamp.mjs';
import { wasmFolder } from './wasm.mjs';

const dist = inRoot('dist');

/** Every file that package.json's `exports` promises, but those that `--threads` makes. */
function promisedFiles(exports) {
  if (typeof exports === 'string') return exports.startsWith('./dist/') && !exports.includes('.threads.') ? [inRoot(exports)] : [];
  return Object.values(exports).flatMap(promisedFiles);
}

/** Writes declarations that refer to the sources, for the compiler to check tests and examples by. */
function pointDeclarationsAtSources(exports) {
  for (const file of promisedFiles(exports).filter((name) => /\.d\.c?ts$/.test(name))) {
    const entry = basename(file).replace(/\.d\.c?ts$/, '');
    writeFileSync(file, `export * from '../ts/entry/${entry}';\n`);
  }
}

/**
 * Bundles the entries into dist unless that is up to date; `force` bundles them anyway, `quick` with declarations that only
 * refer to the sources.
 */
export async function buildBundle(exports, { force, quick }) {
  const configuration = ['tsup.config.ts', 'tsconfig.json', 'package.json', 'package-lock.json', 'scripts/build'];
  const sources = [inRoot('ts'), wasmFolder, ...configuration.map((name) => inRoot(name))];
  const print = fingerprint(sources, [quick ? 'quick' : 'release']);
  if (!force && isCurrent('bundle', print, promisedFiles(exports))) return note('bundle', 'up to date');
  await timed('bundle', 'tsup', async () => {
    forget('bundle');
    for (const name of existsSync(dist) ? readdirSync(dist) : []) {
      if (name !== 'wasm') rmSync(join(dist, name), { recursive: true });
    }
    await quietly(process.execPath, [inRoot('node_modules', 'tsup', 'dist', 'cli-default.js')], {
      env: { ...process.env, ADJOINT_DECLARATIONS: quick ? 'no' : 'yes' },
    });
    const part = (suffix) => join(wasmFolder, `adjoint.simd128${suffix}.wasm`);
    await writeRequired(dist, { primary: part(''), secondary: part('.secondary') });
    thinMapsIn(dist);
    if (quick) pointDeclarationsAtSources(exports);
    else {
      aliasNamespacesIn(dist);
      shareDeclarationsIn(dist);
    }
    remember('bundle', print);
  });
}
