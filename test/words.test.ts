// Words that docs/glossary.md says are not used.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const GLOSSARY = 'docs/glossary.md';

/** The first column of the table of words that are not used. */
const refused = readFileSync(join(ROOT, GLOSSARY), 'utf8')
  .split('## Words that are not used')[1]!
  .split('\n')
  .map((line) => /^\| (\w[\w ]*) \|/.exec(line)?.[1])
  .filter((word) => word !== undefined && word !== 'not') as string[];

const files = execFileSync('git', ['ls-files', 'crates', 'ts', 'scripts', 'docs'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((path) => /\.(rs|m?ts|mjs|md)$/.test(path) && path !== GLOSSARY);

/** Where one of `words` stands in `text`: as a word of its own, large or small. */
function found(text: string, words: readonly string[]): string[] {
  const pattern = new RegExp(`\\b(?:${words.join('|').replaceAll(' ', '\\s+')})s?\\b`, 'gi');
  return [...text.matchAll(pattern)].map(([word]) => word.toLowerCase());
}

test('the glossary lists what is not used', () => {
  expect(refused).toContain('optimiser');
  expect(refused.length).toBeGreaterThan(10);
  expect(found('The Optimiser takes the short\nway; shortways do not count', ['optimiser', 'short way'])).toEqual(['optimiser', 'short\nway']);
});

test('and no source or page has it', () => {
  const hits = files.flatMap((path) => found(readFileSync(join(ROOT, path), 'utf8'), refused).map((word) => `${path}: ${word}`));
  expect(hits).toEqual([]);
});
