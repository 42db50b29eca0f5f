// The entries for `require`, made from those for `import`. The code that all entries share is one file for `import` and one for `require`,
// which differ in their first and last lines only, so that one source map serves both: esbuild shares code between ES modules alone.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SetupError } from '../setup/log.mjs';
import { pack } from './embed.mjs';

/** By name: what the entry is called where it was made as an ES module, which is not shipped unless it has the same name. */
const ENTRIES = { node: 'node', inline: 'packed', slim: 'slim-required' };

const isChunk = (name) => /^chunk-[\w-]+\.js$/.test(name);

/** An ES module without imports as a CommonJS one, line by line what it was. Exports stay what they are bound to. */
export function asRequired(text, map) {
  const [, body, list] = /^([\s\S]*)\nexport \{\n([\s\S]*?)\n\};\n/.exec(text) ?? [];
  if (list === undefined || /^import /m.test(text)) throw new SetupError('esbuild writes chunks in an unknown way; adapt scripts/build/required.mjs');
  const getters = list.split(',').map((each) => {
    const [name, alias = name] = each.trim().split(' as ');
    return `${alias}: () => ${name}`;
  });
  // What the module calls `exports` is its own.
  const last = `const getters = { ${getters.join(', ')} };\nfor (const name in getters) Object.defineProperty($required.exports, name, { enumerable: true, get: getters[name] });`;
  return `"use strict"; const $required = module; (() => { ${body}\n${last}\n})();\n//# sourceMappingURL=${map}\n`;
}

/** Other files stay other files: those of the package under their names for `require`. */
const others = {
  name: 'others',
  setup(setup) {
    setup.onResolve({ filter: /^\.\// }, ({ path, kind }) => (kind === 'entry-point' ? undefined : { path: path.replace(/\.js$/, '.cjs'), external: true }));
  },
};

/** Writes the entries for `require` into `dist`, where those for `import` are; `modules` are the files of the binary's two parts. */
export async function writeRequired(dist, modules) {
  for (const name of readdirSync(dist).filter(isChunk)) {
    const text = readFileSync(join(dist, name), 'utf8');
    if (/^import /m.test(text)) await bundle(dist, name.replace(/\.js$/, ''), name);
    else writeFileSync(join(dist, name.replace(/\.js$/, '.cjs')), asRequired(text, `${name}.map`));
  }
  for (const [name, made] of Object.entries(ENTRIES)) {
    await bundle(dist, name, `${made}.js`);
    if (made !== name) for (const file of [`${made}.js`, `${made}.js.map`]) rmSync(join(dist, file));
  }
  for (const [part, file] of Object.entries(modules)) {
    // A quick build is not split.
    writeFileSync(join(dist, `packed-${part}.cjs`), `module.exports = '${existsSync(file) ? pack(readFileSync(file)) : ''}';\n`);
  }
}

/** Writes one file for `require`, with a map that refers to the sources. */
async function bundle(dist, name, from) {
  // A fresh clone lacks it when this file is loaded.
  const { build } = await import('esbuild');
  await build({
    entryPoints: { [name]: join(dist, from) },
    outdir: dist,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    platform: 'node',
    target: 'es2022',
    bundle: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    // The address of the file, which only the entry of Node asks for.
    define: { 'import.meta.url': '$address' },
    banner: { js: basename(from) === 'node.js' ? "const $address = require('node:url').pathToFileURL(__filename).href;" : '' },
    plugins: [others],
  });
}
