// What the documents promise about themselves: decisions are short and alike, links lead somewhere, and files that are named exist.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Folders that hold nothing written here. */
const FOREIGN = new Set(['node_modules', 'dist', 'target', 'out', '.tools', '.git', '.pages']);

/** The files below a folder, relative to the root. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return FOREIGN.has(entry.name) ? [] : filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

const files = filesBelow('.').map((path) => path.replaceAll('\\', '/'));
// What pages of the site link to is put beside them when the site is made; test/site.test.ts follows their links.
const pages = files.filter((path) => path.endsWith('.md') && !path.startsWith('site/pages/'));
const decisions = files.filter((path) => path.startsWith('docs/decisions/')).sort();
const notebooks = files.filter((path) => path.startsWith('bench/notebooks/')).sort();
const numberOf = (path: string) => basename(path).slice(0, 4);
const known = new Set(decisions.map(numberOf));

describe('decisions', () => {
  test('are numbered from 0001 without gaps', () => {
    expect(decisions.map(numberOf)).toEqual(decisions.map((_, i) => String(i + 1).padStart(4, '0')));
    expect(decisions.filter((path) => !/\/\d{4}-[a-z0-9-]+\.md$/.test(path))).toEqual([]);
  });

  test.each(decisions)('%s has a title with its number, at most 40 lines of 120 columns, and the four parts in order', (path) => {
    const lines = read(path).trimEnd().split('\n');
    expect(lines[0]).toMatch(new RegExp(`^# ${numberOf(path)}: \\S`));
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
    expect(lines.filter((line) => line.startsWith('## '))).toEqual(['## Context', '## Choice', '## Rejected', '## How we would know it was wrong']);
  });

  test('have their figures in the notebook of the same number, and say so', () => {
    const byNumber = new Map(decisions.map((path) => [numberOf(path), path]));
    for (const notebook of notebooks) {
      const decision = byNumber.get(numberOf(notebook));
      expect(decision, notebook).toBeDefined();
      expect(read(decision!)).toContain(`(../../${notebook})`);
      expect(read(notebook)).toContain(`(../../${decision!})`);
    }
    expect(notebooks.length).toBeGreaterThan(9);
  });

  test('that sources and pages refer to exist', () => {
    const texts = files.filter((path) => /\.(rs|ts|mjs|md)$/.test(path) && !path.startsWith('ts/generated/'));
    const wrong = texts.flatMap((path) => {
      const text = read(path);
      const byPath = [...text.matchAll(/docs\/decisions\/(\d{4})(-[a-z0-9-]+\.md)?/g)];
      const inWords = /^(docs|bench)\//.test(path) ? [...text.matchAll(/\((0\d{3})\)|\bdecisions? (\d{4})/g)] : [];
      return [
        ...byPath.filter(([name, number, end]) => (end === undefined ? !known.has(number!) : !files.includes(name))),
        ...inWords.filter(([, first, second]) => !known.has((first ?? second)!)),
      ].map(([name]) => `${path}: ${name}`);
    });
    expect(wrong).toEqual([]);
  });
});

describe('the page of a crate', () => {
  const crates = files.filter((path) => /^crates\/\w+\/README\.md$/.test(path)).map((path) => path.split('/')[1]!);

  test('is there for the layers between the facade and the vectors', () => {
    expect(crates.sort()).toEqual(['autograd', 'cpu', 'graph', 'kernels', 'ops', 'tensor', 'wasm']);
  });

  test.each(crates)('of %s is its documentation, and has its duty, a picture, an example and invariants', (crate) => {
    const page = read(`crates/${crate}/README.md`);
    expect(read(`crates/${crate}/src/lib.rs`)).toMatch(/^#!\[doc = include_str!\("\.\.\/README\.md"\)\]/);
    for (const part of [`# adjoint-${crate}\n`, '\n**Duty**: ', '\n```mermaid\n', '\n**Invariants**\n']) expect(page).toContain(part);
    // A cdylib has no doctests.
    if (read(`crates/${crate}/Cargo.toml`).includes('cdylib')) expect(page).toContain('There is no doctest');
    else expect(page).toMatch(/^```rust\n[^]*?assert/m);
    expect(page.split('\n').length).toBeLessThan(80);
  });
});

/** A page without its code blocks and comments, in which nothing is a link. */
const prose = (path: string) => read(path).replaceAll(/^ *```[^]*?^ *```|<!--[^]*?-->/gm, '');

/** What GitHub makes of a heading. */
const anchor = (heading: string) =>
  heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').trim().replaceAll(/\s/g, '-');

const anchorsOf = (path: string) => [...prose(path).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading!));

describe('links', () => {
  test('lead to files that exist, and to headings that are there', () => {
    const broken = pages.flatMap((page) =>
      [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => {
        if (/^(https?:|mailto:)/.test(link!)) return [];
        const [path, heading] = link!.split('#') as [string, string | undefined];
        const target = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(root, target))) return [`${page}: ${link!}`];
        return heading === undefined || anchorsOf(target).includes(heading) ? [] : [`${page}: ${link!}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  // The changelog and the notebooks tell what was; the reference pages say where formulas come from.
  const checked = pages.filter((page) => page !== 'CHANGELOG.md' && !/^(docs\/ops|bench\/notebooks)\//.test(page));
  const inText = (page: string, pattern: RegExp) => [...prose(page).matchAll(pattern)].map(([, name]) => name!);
  // Names in capitals stand for what a reader fills in.
  const isReal = (name: string) => !/[A-Z]{4,}/.test(name.replace('README', ''));

  test('and paths in running text exist', () => {
    const missing = checked.flatMap((page) =>
      inText(page, /`((?:crates|ts|scripts|test|bench|docs|examples|\.github)\/[\w./-]*\w)`/g)
        .filter((path) => isReal(path) && !existsSync(join(root, path)))
        .map((path) => `${page}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  test('and so do source files that are named without their folder', () => {
    const names = files.map((path) => `/${path}`);
    const missing = checked.flatMap((page) =>
      inText(page, /`([\w./-]+\.(?:rs|ts|mjs))`/g)
        .filter((name) => isReal(name) && !names.some((path) => path.endsWith(`/${name}`)))
        .map((name) => `${page}: ${name}`),
    );
    expect(missing).toEqual([]);
  });
});
