// What the README and the documentation show is compiled, strictly, and run.
//
// A block of TypeScript is a program of its own. What it takes for granted, a tensor `x` say, stands in a comment before it,
//
//     <!-- setup
//     const x = randn([2]);
//     -->
//
// which goes for the blocks after it too, up to the next such comment. On a page with a comment that begins with `literate` all blocks
// are one program. The reference pages (docs/ops) show signatures instead: those name
// something that can be called, with parameters of that many names.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as adjoint from 'adjoint';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STRICT } from './strict-options';

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the repository, so that `adjoint` is the package that was built; out/ is ignored.
const folder = join(root, 'out', 'docs-code');

interface Block {
  page: string;
  line: number;
  code: string;
}

/** The blocks of TypeScript of a page, each behind what it takes for granted. */
function blocksOf(page: string): Block[] {
  const found: Block[] = [];
  let setup = '';
  const text = readFileSync(join(root, page), 'utf8');
  for (const match of text.matchAll(/^<!-- setup\n([^]*?)^-->|^ *```(?:ts|typescript)\n([^]*?)^ *```/gm)) {
    if (match[1] !== undefined) setup = match[1];
    else found.push({ page, line: match.input.slice(0, match.index).split('\n').length, code: `${setup}${match[2]!}` });
  }
  const [first] = found;
  if (first !== undefined && /^<!-- literate/m.test(text)) return [{ ...first, code: found.map(({ code }) => code).join('\n') }];
  return found;
}

const pagesIn = (path: string) => readdirSync(join(root, path)).filter((name) => name.endsWith('.md')).map((name) => join(path, name));
const pages = ['README.md', 'CONTRIBUTING.md', ...pagesIn('docs'), ...pagesIn('docs/decisions')];
const programs = pages.flatMap(blocksOf).map((block) => ({ ...block, file: join(folder, `${block.page.replaceAll(/[\\/]/g, '-')}-${block.line}.ts`) }));

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const { file, code } of programs) writeFileSync(file, `${code}\nexport {};\n`);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('code in README and docs', () => {
  test('is there', () => {
    expect(programs.length).toBeGreaterThan(9);
    expect(new Set(programs.map(({ page }) => page)).has('README.md')).toBe(true);
  });

  test('compiles strictly', { timeout: 120_000 }, () => {
    const program = ts.createProgram(programs.map(({ file }) => file), STRICT);
    const messages = programs.flatMap(({ page, line, file }) =>
      ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map((d) => `${page}:${line}: ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`),
    );
    expect(messages).toEqual([]);
  });

  for (const { page, line, file } of programs) {
    test(`runs: ${page}, the block of line ${line}`, { timeout: 60_000 }, () => {
      const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', file], { cwd: dirname(file), encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
    });
  }
});

test('the library on the page on how it works has less than a hundred lines', () => {
  const page = readFileSync(join(root, 'docs/how-it-works.md'), 'utf8');
  const library = page.slice(page.indexOf('### A tensor and the tape'), page.indexOf('### It differentiates'));
  const lines = [...library.matchAll(/^```ts\n([^]*?)^```/gm)].flatMap(([, code]) => code!.trim().split('\n'));
  expect(lines.length).toBeGreaterThan(70);
  expect(lines.length).toBeLessThanOrEqual(100);
});

test('Rust that pages show is in the sources', () => {
  const sources = readdirSync(join(root, 'crates'), { recursive: true }).map(String).filter((name) => name.endsWith('.rs'));
  const texts = sources.map((name) => readFileSync(join(root, 'crates', name), 'utf8'));
  const shown = pages.flatMap((page) => [...readFileSync(join(root, page), 'utf8').matchAll(/^```rust\n([^]*?)^```/gm)].map(([, code]) => code!.trim()));
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.filter((code) => !texts.some((text) => text.includes(code)))).toEqual([]);
});

type Callables = Record<string, unknown>;

/** Whether something public goes by that path: a function, a method, one that writes in place, or one of a namespace (`linalg.norm`). */
function isCallable(path: string): boolean {
  const [name, ...namespaces] = path.split('.').reverse();
  const isIn = (place: unknown, key: string) => typeof (place as Callables)[key] === 'function';
  if (namespaces.length === 0) return [adjoint, adjoint.Tensor.prototype].some((place) => isIn(place, name!) || isIn(place, `${name}_`));
  const namespace = namespaces.reduceRight<unknown>((place, key) => (place as Callables)[key], adjoint);
  return isIn(namespace, name!);
}

describe('signatures on the reference pages', () => {
  const signatures = pagesIn('docs/ops').flatMap(blocksOf);

  test('are many', () => {
    expect(signatures.length).toBeGreaterThan(300);
  });

  test('are signatures, of what can be called by that name', () => {
    const wrong = signatures.filter(({ code }) => {
      const lines = code.trim().split('\n');
      return !lines.every((line) => {
        const name = /^([\w.]+)\(.*\): (?:Tensor|Tensor\[\]|boolean|number|DType|Outputs<[\w'| ]+>)$/.exec(line)?.[1];
        return name !== undefined && isCallable(name);
      });
    });
    expect(wrong.map(({ page, line, code }) => `${page}:${line}: ${code.trim()}`)).toEqual([]);
  });
});
