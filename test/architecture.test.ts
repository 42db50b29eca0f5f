// The routes in docs/architecture.md: every function is in the file that is named, and the counts are those of the tables.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

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
