// The package as one file a source file, for pages: their own bundlers bundle again, and take of many small modules what a page uses.
// Of one large file they have to take namespaces whole (`nn`, `optim` …): 12 of 41 KB of brotli in a training page.
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { inRoot } from '../setup/paths.mjs';

const sources = inRoot('ts');

/** The file of a relative import, without its ending. */
function sourceOf(folder, path) {
  const plain = join(folder, path);
  return [plain, join(plain, 'index')].find((file) => existsSync(`${file}.ts`)) ?? plain;
}

/** Whether a source file is a part of an entry: the entry itself, or how it comes by the binary. */
function isOfEntry(source) {
  return ['entry', join('runtime', 'hosts')].includes(relative(sources, dirname(source)));
}

/** Where in dist a source file ends: what is of an entry at the top, all others below `modules`. Both without an ending. */
function outputOf(source) {
  const name = relative(sources, source);
  if (name.startsWith('..')) return relative(inRoot('dist'), source);
  return isOfEntry(source) ? basename(name) : join('modules', name);
}

/** The entries that esbuild is to write, by name: `entries`, and every file that is not of an entry. */
export function moduleEntries(entries) {
  const all = readdirSync(sources, { recursive: true }).map((name) => join(sources, String(name)));
  const others = all.filter((file) => /(?<!\.d|\.test)\.ts$/.test(file) && !isOfEntry(file));
  const wanted = [...entries.map((name) => join(sources, 'entry', `${name}.ts`)), ...others];
  return Object.fromEntries(wanted.map((file) => [outputOf(file.replace(/\.ts$/, '')).replaceAll('\\', '/'), file]));
}

/** An esbuild plugin that leaves imports of other files imports, of what is written for them. */
export const keepImports = {
  name: 'modules',
  setup(build) {
    build.onResolve({ filter: /^\.\.?(\/|$)/ }, ({ path, importer, resolveDir }) => {
      if (importer === '' || path.endsWith('.wasm')) return undefined;
      const source = sourceOf(resolveDir, path.replace(/\.js$/, ''));
      // A host is a part of its entry; the texts of the binary, imported by the name of their file in dist, are files beside it.
      if (isOfEntry(source) && !path.endsWith('.js')) return undefined;
      const to = relative(dirname(outputOf(importer.replace(/\.ts$/, ''))), outputOf(source)).replaceAll('\\', '/');
      return { path: `${to.startsWith('.') ? to : `./${to}`}.js`, external: true };
    });
  },
};
