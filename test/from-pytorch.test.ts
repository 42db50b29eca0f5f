// docs/from-pytorch.md: both columns give the same. The left one was run by fixtures/record/from_pytorch.py, the right one is run here.
import { readFileSync } from 'node:fs';
import * as library from 'adjoint';
import { Tensor } from 'adjoint';
import { describe, expect, it } from 'vitest';

const page = readFileSync(new URL('../docs/from-pytorch.md', import.meta.url), 'utf8');
const recorded = (JSON.parse(readFileSync(new URL('fixtures/from-pytorch.json', import.meta.url), 'utf8')) as { lines: Record<string, unknown> }).lines;

const setup = /<!-- both\n[^]*?\n---\n([^]*?)-->/.exec(page)![1]!;
const lines = Array.from(page.matchAll(/^\| `(.*?)` \| `(.*?)` \|$/gm), ([, left, right]) => [left!, right!] as const);

/** What is exported, but for words of the language. */
const names = Object.keys(library).filter((name) => !['default', 'var'].includes(name));

/** What a line of statements gives: its last expression, or what its last statement declares. */
function run(code: string): unknown {
  const statements = code.split('; ');
  const last = statements.pop()!;
  const declared = /^const (\w+) = /.exec(last)?.[1];
  const end = declared === undefined ? `return ${last};` : `${last}; return ${declared};`;
  // A block of its own: names in it may be those of exports.
  const body = `'use strict'; const { ${names.join(', ')} } = library; { ${setup} { ${[...statements, end].join('; ')} } }`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the page is the program
  return new Function('library', body)(library) as unknown;
}

/** A result as the recording has it. */
function plain(value: unknown): unknown {
  if (value instanceof Tensor) return { dtype: value.dtype, shape: [...value.shape], values: value.tolist() };
  return Array.isArray(value) ? value.map(plain) : value;
}

/** A result of PyTorch's with JavaScript's names and truth values in texts. */
function named(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(named);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, named(part)]));
  if (typeof value !== 'string') return value;
  return value
    .replaceAll('torch.', '').replaceAll('True', 'true').replaceAll('False', 'false')
    .replaceAll('requires_grad', 'requiresGrad').replaceAll('grad_fn', 'gradFn').replaceAll(/size=\((.*?)\)/g, 'size=[$1]');
}

/** Numbers agree to seven digits, all else exactly. */
function expectSame(found: unknown, expected: unknown, at: string): void {
  if (typeof found === 'number' && typeof expected === 'number') {
    expect(Math.abs(found - expected), `${at}: ${found} and ${expected}`).toBeLessThanOrEqual(2e-7 * Math.max(1, Math.abs(expected)));
  } else if (Array.isArray(found) && Array.isArray(expected)) {
    expect(found.length, at).toBe(expected.length);
    found.forEach((part, i) => { expectSame(part, expected[i], `${at}[${i}]`); });
  } else if (typeof found === 'object' && found !== null) {
    expect(Object.keys(found), at).toEqual(Object.keys(expected as object));
    for (const [key, part] of Object.entries(found)) expectSame(part, (expected as Record<string, unknown>)[key], `${at} ${key}`);
  } else expect(found, at).toEqual(expected);
}

describe('docs/from-pytorch.md', () => {
  it('is recorded line by line', () => {
    expect(lines.length).toBeGreaterThan(100);
    expect(Object.keys(recorded)).toEqual(lines.map(([left]) => left));
    // Every row of a table is one that is run.
    expect(page.split('\n').filter((line) => line.startsWith('|') && !/^\|---|^\| PyTorch \|/.test(line)).length).toBe(lines.length);
  });

  it.each(lines)('%s', (left, right) => {
    expectSame(plain(run(right)), named(recorded[left]), right);
  });
});
