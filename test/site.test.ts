// The pages of the site, before they become a site: what they link to is there, and the programs written into them run.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import * as adjoint from 'adjoint';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';
import { writePages } from '../scripts/site/pages.mjs';
import { STRICT } from './strict-options';

const folder = mkdtempSync(join(tmpdir(), 'adjoint-site-'));
await writePages(folder);
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

test('the reference has every module, optimizer and schedule, with what it takes, PyTorch\'s name and its source', () => {
  const { nn, optim } = adjoint;
  const descends = (value: unknown, ...bases: unknown[]): boolean => bases.some((base) => value === base || (value as { prototype?: unknown }).prototype instanceof (base as never));
  const named = (namespace: object, ...bases: unknown[]): string[] => Object.entries(namespace).filter(([, value]) => typeof value === 'function' && descends(value, ...bases)).map(([name]) => name);
  const section = (page: string, name: string): string => page.split(/^(?=## )/m).find((part) => part.startsWith(`## ${name}\n`)) ?? '';
  const modules = named(nn, nn.Module);
  expect(modules.length).toBeGreaterThan(120);
  for (const name of modules) expect(section(read('docs/modules.md'), name), name).toMatch(new RegExp(`In PyTorch: \`torch\\.nn\\.${name}\`\n- Source: \`ts/nn/`));
  const taught = [...named(optim, optim.Optimizer), ...named(optim.lrScheduler, Object)];
  expect(taught.length).toBeGreaterThan(25);
  for (const name of taught) expect(section(read('docs/optimizers.md'), name), name).toMatch(/In PyTorch: `torch\.optim\.[^]*- Source: `ts\/optim\//);
  expect(section(read('docs/modules.md'), 'Linear')).toContain('| `outFeatures` | The size of the last dim of outputs. |');
  expect(section(read('docs/optimizers.md'), 'StepLR')).toMatch(/`gamma` .*\| `0\.1` \|/);
  for (const page of ['docs/modules.md', 'docs/optimizers.md']) expect(read(page)).not.toMatch(/undefined|\[object/);
});

test('an operation has its names in PyTorch, its errors and its file', () => {
  const sections = pages.filter((path) => /^docs\/ops\/(?!index)/.test(path)).flatMap((path) => read(path).split(/^(?=## )/m).slice(1));
  expect(sections.length).toBeGreaterThan(500);
  for (const section of sections) {
    expect(section).toMatch(/^- In PyTorch: `torch\.|^- Source: `crates/m);
    const [, file] = /^- Source: `(crates\/ops\/src\/.*\.rs)`$/m.exec(section) ?? [];
    expect(file !== undefined && existsSync(file), section.slice(0, 40)).toBe(true);
  }
  const matmul = sections.find((section) => section.startsWith('## matmul\n'))!;
  expect(matmul).toContain('`torch.matmul`, `torch.Tensor.matmul`, `torch.linalg.matmul`');
  expect(matmul).toMatch(/Errors: \[`ShapeError`\]\(\.\.\/errors#shapeerror\) \(inner sizes that differ/);
  expect(sections.find((section) => section.startsWith('## tanh\n'))).toMatch(/Accuracy: float32 within [\d.]+ ULP/);
});

test('the page of figures has each record, with a date', () => {
  const page = read('trust.md');
  for (const heading of ['Against PyTorch', 'Speed', 'Safety', 'Sizes by import', 'Platforms']) {
    const [, body] = new RegExp(`^## ${heading}\n([^]*?)^## `, 'm').exec(page) ?? [];
    expect(body, heading).toMatch(/\b20\d\d-\d\d-\d\d\b/);
    expect(body, heading).toMatch(/^\|[-| :]+\|$/m);
  }
  expect(page).not.toMatch(/\| (undefined|null) \||NaN|\[object/);
});

test('code of documents is compiled, and has types on the site: behind its set-up', () => {
  const blocks = pages.filter((path) => !/^docs\/(ops\/|modules|optimizers)/.test(path)).flatMap((path) => [...read(path).matchAll(/^ *```ts\n([^]*?)^ *```/gm)].map(([, code]) => [path, code!] as const));
  expect(blocks.length).toBeGreaterThan(25);
  expect(blocks.filter(([, code]) => !code.includes('// ---cut---\n')).map(([path]) => path)).toEqual([]);
  expect(read('docs/memory.md')).not.toContain('<!-- setup');
});

/** The programs of pages that are written by hand: `const name = \`…\`` in their scripts. */
const programs: [name: string, source: string][] = pages.flatMap((path) => {
  const scripts = read(path).match(/<script setup>[\s\S]*?<\/script>/g) ?? [];
  return scripts.flatMap((script) => [...script.matchAll(/const (\w+) = `([\s\S]*?)`;\n/g)].map(([, name, source]) => [`${relative('.', path)}: ${name!}`, source!] satisfies [string, string]));
});
// What docs-code.test.ts does not see, as it is written in a script.
programs.push(['the page of errors', /^```ts\n([^]*?)^```/m.exec(read('docs/errors.md'))![1]!]);

test('there are programs to run', () => { expect(programs.length).toBeGreaterThan(3); });

test('all of them compile strictly', { timeout: 120_000 }, () => {
  // Inside the repository, so that `adjoint` is the package that was built; out/ is ignored.
  const place = resolve('out', 'site-programs');
  mkdirSync(place, { recursive: true });
  try {
    const files = programs.map(([, source], i) => {
      const file = join(place, `${i}.ts`);
      writeFileSync(file, `${source}\nexport {};\n`);
      return file;
    });
    const program = ts.createProgram(files, STRICT);
    const messages = files.flatMap((file, i) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map((d) => `${programs[i]![0]}: ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`));
    expect(messages).toEqual([]);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});

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
