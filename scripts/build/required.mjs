// What `import` and `require` share in Node and Bun is one set of CommonJS files: a program that comes by the package in both ways has one
// library and not two, and the package does not hold its code twice. esbuild shares code between ES modules alone, so they are made from
// those. Pages and Workers have the package as a file a source file (modules.mjs).
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SetupError } from '../setup/log.mjs';
import { pack } from './embed.mjs';

/** By name: what the entry is called where it was made as an ES module, which is not shipped unless it has the same name. */
const ENTRIES = { node: 'node', inline: 'packed', slim: 'slim-required' };

/** What esbuild shares between entries, and what they load when it is asked for. */
const isShared = (name) => /^(chunk|webgpu)-[\w-]+\.js$/.test(name);

/** The file that has the shared ones by name, for entries for `import`. */
const SHARED = 'shared.cjs';

/** The entries for `import` that share what is for `require`. */
const SHARING = ['node', 'bun'];

/**
 * An ES module that takes what it imports from the files for `require`, by the list of them in `SHARED`. Imported by themselves they would
 * be searched for the names of what they export, which took a second.
 */
export function fromRequired(text) {
  let isFirst = true;
  const out = text.replace(/^import (?:\{([^}]*)\} from )?("(?:\.\/)((?:chunk|webgpu)-[\w-]+)\.js");$/gm, (_, list, __, name) => {
    const lines = isFirst ? [`import shared from "./${SHARED}";`] : [];
    isFirst = false;
    if (list !== undefined) lines.push(`const {${list.replaceAll(' as ', ': ')}} = shared["${name}"];`);
    return lines.join('\n');
  });
  if (/"\.\/(chunk|webgpu)-[\w-]+\.js"/.test(out)) throw new SetupError('esbuild writes imports in an unknown way; adapt scripts/build/required.mjs');
  return out.replace(/^\/\/# sourceMappingURL=.*\n?/m, '');
}

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

/** Writes what is for `require` into `dist`, and has the entries for `import` share it; `modules` are the files of the binary's two parts. */
export async function writeRequired(dist, modules) {
  const shared = readdirSync(dist).filter(isShared);
  for (const name of shared) {
    const required = name.replace(/\.js$/, '.cjs');
    const text = readFileSync(join(dist, name), 'utf8');
    if (/^import /m.test(text)) await bundle(dist, name.replace(/\.js$/, ''), name);
    else {
      writeFileSync(join(dist, required), asRequired(text, `${required}.map`));
      renameSync(join(dist, `${name}.map`), join(dist, `${required}.map`));
    }
  }
  for (const [name, made] of Object.entries(ENTRIES)) {
    await bundle(dist, name, `${made}.js`);
    if (made !== name) for (const file of [`${made}.js`, `${made}.js.map`]) rmSync(join(dist, file));
  }
  const entries = shared.filter((name) => name.startsWith('chunk-')).map((name) => name.replace(/\.js$/, ''));
  writeFileSync(join(dist, SHARED), `module.exports = {\n${entries.map((name) => `  "${name}": require("./${name}.cjs"),\n`).join('')}};\n`);
  for (const name of SHARING) {
    const file = join(dist, `${name}.js`);
    writeFileSync(file, fromRequired(readFileSync(file, 'utf8')));
    // The lines have moved, and its own are few.
    rmSync(`${file}.map`);
  }
  for (const name of shared) for (const file of [name, `${name}.map`]) rmSync(join(dist, file), { force: true });
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
