// The pages of the site, before they become a site: what they link to is there, and the programs written into them run.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { compileFunction } from 'node:vm';
import * as adjoint from 'adjoint';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';
import { writePages } from '../scripts/site/pages.mjs';

const folder = mkdtempSync(join(tmpdir(), 'adjoint-site-'));
writePages(folder);
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'));
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

test('every link between pages leads to a page', () => {
  const dead = pages.flatMap((path) => {
    const prose = read(path).replace(/^```[\s\S]*?^```$|`[^`\n]*`/gm, '');
    const targets = [...prose.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, target]) => target!);
    const isThere = (target: string): boolean => {
      const file = target.startsWith('/') ? join(folder, target) : join(folder, dirname(path), target);
      return [file, `${file}.md`, join(file, 'index.md')].some((candidate) => existsSync(candidate) && candidate.endsWith('.md'));
    };
    return targets.filter((target) => !isThere(target)).map((target) => `${path}: ${target}`);
  });
  expect(dead).toEqual([]);
});

test('the side bars lead to pages', () => {
  const contents = JSON.parse(readFileSync(join(folder, 'contents.json'), 'utf8')) as Record<string, { text: string; link: string }[]>;
  const links = Object.values(contents).flat();
  expect(links.length).toBeGreaterThan(60);
  for (const { text, link } of links) {
    expect(text).not.toBe('');
    expect([`${link}.md`, join(link, 'index.md')].some((path) => existsSync(join(folder, path))), link).toBe(true);
  }
});

test("an operation is found by PyTorch's name too", () => {
  expect(read('docs/ops/composites.md')).toContain('## nn.functional.crossEntropy {#nnfunctionalcrossentropy}\n\nIn PyTorch: `nn.functional.cross_entropy`');
});

test('every class of errors is on the page of errors, with what it is', () => {
  const classes = Object.entries(adjoint).filter(([name, value]) => /^[A-Z]\w+Error$/.test(name) && typeof value === 'function' && value.prototype instanceof adjoint.AdjointError);
  expect(classes.length).toBeGreaterThan(7);
  const page = read('docs/errors.md');
  // A class of one function, such as gradcheck's, is described there.
  const own = classes.map(([name]) => name).filter((name) => name !== 'GradcheckError');
  for (const name of own) expect(page).toMatch(new RegExp(`^## ${name}\n\n[A-Z][^\n]*\\.$`, 'm'));
  expect(page).toContain('calls of the op table that end in it');
});

test('the page on performance has every record of the bench, with its date', () => {
  const page = read('docs/performance.md');
  for (const file of readdirSync('bench/results').filter((name) => name.endsWith('.json'))) {
    const { machine, times } = JSON.parse(readFileSync(`bench/results/${file}`, 'utf8')) as { machine: { node: string }; times: Record<string, { adjoint?: { at?: string } }> };
    expect(page).toContain(`### Node ${machine.node}`);
    expect(page).toContain(times.softmax!.adjoint!.at!.slice(0, 10));
  }
  expect(page).not.toMatch(/undefined|NaN/);
});

/** The programs of pages that are written by hand: `const name = \`…\`` in their scripts. */
const programs = pages.flatMap((path) => {
  const scripts = read(path).match(/<script setup>[\s\S]*?<\/script>/g) ?? [];
  return scripts.flatMap((script) => [...script.matchAll(/const (\w+) = `([\s\S]*?)`;\n/g)].map(([, name, source]) => [`${relative('.', path)}: ${name!}`, source!] as const));
});

test('there are programs to run', () => { expect(programs.length).toBeGreaterThan(3); });

test.each(programs)('the program of %s runs', (_, source) => {
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  const printed: unknown[] = [];
  const exported: { run?: () => unknown; pictures?: (result: unknown) => Record<string, string> } = {};
  const body = compileFunction(outputText, ['exports', 'require', 'console']);
  body(exported, () => adjoint, { log: (...values: unknown[]) => printed.push(values) });
  expect(printed.length).toBeGreaterThan(0);
  const pictures = exported.run === undefined ? {} : exported.pictures?.(exported.run()) ?? {};
  for (const svg of Object.values(pictures)) expect(svg).toMatch(/^<svg/);
});
