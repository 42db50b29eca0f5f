// The routes in docs/architecture.md: every function is in the file that is named, and the counts are those of the tables. And the layers
// of ts/: imports point down, and no values in a circle.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { LAYERS, TYPES_UPWARD, heightOf, mayImport } from '../scripts/check/layers.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Visit {
  functions: string[];
  file: string;
  isUpward: boolean;
}

/** Of a route: its heading, its table, and the counts that are stated. */
function routeOf(section: string) {
  const [heading = ''] = section.split('\n');
  const visits: Visit[] = [...section.matchAll(/^\| (↑ )?(`[^|]+`) \| `([^|]+)` \| .* \|$/gm)].map(([, arrow, names, file]) => ({
    functions: [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
    file: file!,
    isUpward: arrow !== undefined,
  }));
  const stated = /^Count: (\d+) functions in (\d+) files, (\d+) upward calls\.$/m.exec(section)?.slice(1).map(Number);
  return { heading, visits, stated };
}

const routes = read('docs/architecture.md').split(/^### /m).slice(1).map(routeOf);

/** Whether a file defines a function, method, export that is bound later, or static of this name. */
function defines(file: string, name: string): boolean {
  const text = read(file);
  const patterns = file.endsWith('.rs')
    ? [`fn ${name}\\b`, `static ${name}\\b`]
    : [`function ${name}\\b`, `^  (?:[a-z]+ )*${name}(?:<[^>]*>)?\\(`, `(?:const|let) ${name}\\b`];
  return patterns.some((pattern) => new RegExp(pattern, 'm').test(text));
}

describe('the routes through the code', () => {
  test('are three', () => {
    expect(routes.map(({ visits }) => visits.length > 20)).toEqual([true, true, true]);
  });

  test.each(routes)('$heading: every function is in its file', ({ visits }) => {
    const missing = visits.flatMap(({ functions, file }) => functions.filter((name) => !defines(file, name)).map((name) => `${name} in ${file}`));
    expect(missing).toEqual([]);
  });

  test.each(routes)('$heading: the counts are those of the table', ({ visits, stated }) => {
    const functions = new Set(visits.flatMap(({ functions: names, file }) => names.map((name) => `${file} ${name}`)));
    const files = new Set(visits.map(({ file }) => file));
    expect(stated).toEqual([functions.size, files.size, visits.filter(({ isUpward }) => isUpward).length]);
  });
});

interface Import {
  from: string;
  to: string;
  isType: boolean;
}

/** Whether an import or export is of types alone. */
function isOfTypes(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) {
    const { isTypeOnly, exportClause } = statement;
    return isTypeOnly || (exportClause !== undefined && ts.isNamedExports(exportClause) && exportClause.elements.every((e) => e.isTypeOnly));
  }
  const clause = statement.importClause;
  if (clause === undefined) return false;
  const bindings = clause.namedBindings;
  const areTypes = bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.every((e) => e.isTypeOnly);
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword || (clause.name === undefined && areTypes);
}

/** The imports of a file from other files of ts/; all are named below ts/ and without their endings. */
function importsOf(from: string): Import[] {
  const source = ts.createSourceFile(from, read(`ts/${from}.ts`), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const target = statement.moduleSpecifier;
    if (target === undefined || !ts.isStringLiteral(target) || !target.text.startsWith('.')) return [];
    const to = join(dirname(from), target.text.replace(/\.js$/, '')).replaceAll('\\', '/');
    if (to.startsWith('..')) return [];
    return [{ from, to: existsSync(join(root, `ts/${to}.ts`)) ? to : `${to}/index`, isType: isOfTypes(statement) }];
  });
}

const sources = readdirSync(join(root, 'ts'), { recursive: true })
  .map((name) => String(name).replaceAll('\\', '/'))
  .filter((name) => /(?<!\.test|\.d)\.ts$/.test(name))
  .map((name) => name.replace(/\.ts$/, ''));

const imports = sources.flatMap(importsOf);

/** A way along imports from a file back to itself, or null. */
function circleIn(all: readonly Import[]): string | null {
  const finished = new Set<string>();
  const visit = (file: string, way: readonly string[]): string | null => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file].join(' -> ');
    if (finished.has(file)) return null;
    for (const { to } of all.filter(({ from }) => from === file)) {
      const found = visit(to, [...way, file]);
      if (found !== null) return found;
    }
    finished.add(file);
    return null;
  };
  for (const { from } of all) {
    const found = visit(from, []);
    if (found !== null) return found;
  }
  return null;
}

describe('the layers of ts/', () => {
  const shown = ({ from, to }: Import) => `${from} -> ${to}`;

  test('every file is in one', () => {
    expect(imports.length).toBeGreaterThan(500);
    expect(sources.filter((file) => heightOf(file) === undefined)).toEqual([]);
  });

  test('are those of docs/architecture.md', () => {
    const [, list = ''] = /```text\n(core <[^`]+)```/.exec(read('docs/architecture.md')) ?? [];
    expect(list.split('<').map((name) => name.trim())).toEqual(LAYERS);
  });

  test('imports point down', () => {
    expect(imports.filter(({ from, to, isType }) => !mayImport(from, to, isType)).map(shown)).toEqual([]);
  });

  test('the exceptions for types are needed', () => {
    const upward = imports.filter((i) => i.isType && !mayImport(i.from, i.to, false)).map(shown);
    expect(upward).toEqual(TYPES_UPWARD);
  });

  test('no values are in a circle', () => {
    expect(circleIn(imports.filter(({ isType }) => !isType))).toBeNull();
  });

  test('a circle would be found', () => {
    const circle = ['a b', 'b c', 'c b'].map((pair) => ({ from: pair[0]!, to: pair[2]!, isType: false }));
    expect(circleIn(circle)).toBe('b -> c -> b');
  });

  test('the class of tensors is a page or two, and entries are lines', () => {
    const lines = (file: string) => read(`ts/${file}.ts`).trimEnd().split('\n').length;
    expect(lines('tensor/tensor')).toBeLessThanOrEqual(250);
    expect(sources.filter((file) => file.startsWith('entry/') && lines(file) > 10)).toEqual([]);
  });
});

/** The folders of crates/autograd, and those that each may use. `op` and `graph` are one knot of types. */
const FOLDERS: Record<string, readonly string[]> = {
  op: ['op', 'graph'],
  graph: ['op', 'graph'],
  dispatch: ['op', 'graph', 'dispatch'],
  engine: ['op', 'graph', 'dispatch', 'engine'],
  transforms: ['op', 'graph', 'dispatch', 'engine', 'transforms'],
};

/** The uses of `crate::` in the text of a file that its folder may not make. */
const forbiddenIn = (folder: string, text: string) =>
  [...text.matchAll(/\bcrate::(\w+|\{)/g)].map(([use, to]) => ({ use, to: to! })).filter(({ to }) => !FOLDERS[folder]!.includes(to)).map(({ use }) => use);

describe('the folders of crates/autograd', () => {
  const base = 'crates/autograd/src';
  const files = readdirSync(join(root, base), { recursive: true })
    .map((name) => String(name).replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.rs') && name !== 'lib.rs');

  test('every file is in one', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((file) => FOLDERS[file.split('/')[0]!] === undefined)).toEqual([]);
  });

  test('arrows point down: transforms, engine, dispatch, graph and op', () => {
    const upward = files.flatMap((file) => forbiddenIn(file.split('/')[0]!, read(`${base}/${file}`)).map((use) => `${file}: ${use}`));
    expect(upward).toEqual([]);
  });

  test('an upward arrow would be found, also in a group or a path', () => {
    expect(forbiddenIn('dispatch', 'use crate::transforms::vmap;\nuse crate::{op, engine};\nlet x = crate::graph::node();')).toEqual([
      'crate::transforms',
      'crate::{',
    ]);
  });

  test('nothing below transforms knows an interpreter by name', () => {
    const names = /\b(forward_mode|forward_in_place|vmap|capture|profile|anomaly)::/;
    const below = files.filter((file) => !file.startsWith('transforms/'));
    expect(below.filter((file) => names.test(read(`${base}/${file}`)))).toEqual([]);
  });

  test('the engine is a page', () => {
    expect(read(`${base}/engine/mod.rs`).trimEnd().split('\n').length).toBeLessThanOrEqual(80);
  });
});
