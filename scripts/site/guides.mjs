// The guides as text, for the page that searches them by meaning.
import { readFileSync, readdirSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';

export function guides() {
  const names = readdirSync(inRoot('docs')).filter((name) => name.endsWith('.md') && !['benchmarks.md', 'breadth.md', 'sizes.md'].includes(name)).sort();
  return names.map((name) => ({ page: `docs/${name}`, text: readFileSync(inRoot('docs', name), 'utf8') }));
}
