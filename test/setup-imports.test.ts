// The commands that install the development dependencies start where there are none: what they import at once must need none.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const scripts = fileURLToPath(new URL('../scripts', import.meta.url));

/** What a module imports when it is loaded; `import()` inside a function is not among it, nor is the text of a page. */
const importsOf = (file: string) =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest).statements.flatMap((statement) => {
    const from = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) ? statement.moduleSpecifier : undefined;
    return from !== undefined && ts.isStringLiteral(from) ? [from.text] : [];
  });

/** The packages that `file`, or what it imports, wants installed, each with the module that names it. */
function packagesOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  return importsOf(file).flatMap((name) => {
    if (name.startsWith('node:')) return [];
    return name.startsWith('.') ? packagesOf(resolve(dirname(file), name), seen) : [`${name} in ${relative(scripts, file)}`];
  });
}

const installing = readdirSync(scripts)
  .map((name) => join(scripts, name))
  .filter((file) => file.endsWith('.mjs') && importsOf(file).includes('./setup/prepare.mjs'));

test('there are commands that install', () => {
  expect(installing.map((file) => relative(scripts, file))).toEqual(expect.arrayContaining(['build.mjs', 'check.mjs', 'setup.mjs']));
});

test.each(installing)('%s imports no package before the set-up', (file) => {
  expect(packagesOf(file)).toEqual([]);
});
