// Searches the documentation by meaning: node scripts/run.mjs examples/search.ts "how do I keep a tensor alive"
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pretrainedEncoder } from './models/minilm-pretrained';
import { passagesOf, type Passage } from './search/passages';
import { PassageIndex, type Found } from './search/vectors';

const root = fileURLToPath(new URL('..', import.meta.url));

/** README and the pages in `docs/`, without the decisions. */
export function pages(): string[] {
  const found = readdirSync(join(root, 'docs'), { recursive: true }).map((name) => join('docs', String(name)));
  return ['README.md', ...found].map((path) => path.replaceAll('\\', '/')).filter((path) => path.endsWith('.md') && !path.includes('/decisions/'));
}

/** The passages of pages of the repository. */
export const passages = (paths: readonly string[]): Passage[] => paths.flatMap((path) => passagesOf(path, readFileSync(join(root, path), 'utf8')));

/** A passage in three lines: how close, where, and how it begins. */
export function shown({ score, page, heading, line, text }: Found): string {
  const begin = text.replaceAll('\n', ' ');
  return `${score.toFixed(2)}  ${page}:${line}  ${heading}\n      ${begin.length > 110 ? `${begin.slice(0, 109)}…` : begin}\n`;
}

/** Answers a question from the whole documentation; the vectors are kept in `out/`. */
export function search(question: string): Found[] {
  const folder = join(root, 'out');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'passages.safetensors');
  const said = (done: number, of: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\rreading the documentation: ${done} of ${of} passages${done === of ? '; kept in ' + relative(root, path) + '\n' : ''}`);
  };
  return PassageIndex.build(passages(pages()), pretrainedEncoder(), path, said).search(question);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const question = process.argv.slice(2).join(' ');
  if (question === '') console.error('usage: node scripts/run.mjs examples/search.ts QUESTION');
  else for (const found of search(question)) console.log(shown(found));
}
