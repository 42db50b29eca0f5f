// The table of conditional exports in HACKING.md, resolved with package.json as a host would.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

type Branch = string | { [condition: string]: Branch };

/** The file for a host that sets these conditions: the first that matches, from the top. */
function resolve(branch: Branch, conditions: ReadonlySet<string>): string | null {
  if (typeof branch === 'string') return branch;
  for (const [condition, inner] of Object.entries(branch)) {
    const found = conditions.has(condition) || condition === 'default' ? resolve(inner, conditions) : null;
    if (found !== null) return found;
  }
  return null;
}

const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, Branch> };
const table = read('HACKING.md').split('## Conditional exports')[1]!.split('\n## ')[0]!;
const rows = [...table.matchAll(/^\| ([^|]+) \| ([^|]*) \| `(dist[^`]+)` \| `(dist[^`]+)` \|$/gm)].map(([, who, set, imported, required]) => ({
  who: who!,
  set: [...set!.matchAll(/`(\w+)`/g)].map(([, condition]) => condition!),
  imported: `./${imported!}`,
  required: `./${required!}`,
}));

test('the table of conditional exports has rows', () => {
  expect(rows.length).toBeGreaterThan(7);
});

test.each(rows)('$who takes the files of the table', ({ set, imported, required }) => {
  expect(resolve(exports['.']!, new Set([...set, 'import']))).toBe(imported);
  expect(resolve(exports['.']!, new Set([...set, 'require']))).toBe(required);
});

test('every branch of the exports begins with its types', () => {
  const bare = (branch: Branch): boolean => {
    if (typeof branch === 'string') return false;
    const keys = Object.keys(branch);
    return 'default' in branch && typeof branch['default'] === 'string' ? keys[0] !== 'types' : Object.values(branch).some(bare);
  };
  expect(Object.entries(exports).filter(([, branch]) => bare(branch)).map(([path]) => path)).toEqual([]);
});
