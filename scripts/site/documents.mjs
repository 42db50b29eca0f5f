// The documents of the repository as pages: what they link to is a page too, or its name.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { inRoot } from '../setup/paths.mjs';
import { operationFacts } from './operation-facts.mjs';
import { typed } from './typed-code.mjs';

/** What becomes a page: folders with their Markdown, and documents of the root. */
const FOLDERS = ['docs', 'docs/ops', 'docs/decisions', 'bench/notebooks'];
const ROOT = ['CONTRIBUTING.md', 'HACKING.md', 'SECURITY.md', 'CHANGELOG.md', 'bench/README.md'];

const markdown = (folder) => readdirSync(inRoot(folder)).filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`);
const sources = () => [...FOLDERS.flatMap(markdown), ...ROOT].filter((path) => existsSync(inRoot(path))).sort();

/** Where a document is on the site. */
const pageOf = (path) => (basename(path) === 'README.md' ? join(dirname(path), 'index.md') : path);

const titleOf = (text) => /^# (.*)$/m.exec(text)?.[1].replaceAll('`', '') ?? '';

/** Links to documents lead to their pages; of a link to another file of the repository its text is left, as code. */
function withLinks(text, path, known) {
  return text.replace(/(?<!!)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)/g, (whole, label, target, hash = '') => {
    const wanted = normalize(join(dirname(path), target));
    const file = [wanted, `${wanted}/README.md`, join(wanted, 'README.md')].find((candidate) => known.has(candidate));
    if (file === undefined) return label.startsWith('`') ? label : `\`${label}\``;
    const [from, to] = [dirname(pageOf(path)), pageOf(file)];
    return `[${label}](${relativePath(from, to)}${hash})`;
  });
}

function relativePath(from, to) {
  const [a, b] = [from === '.' ? [] : from.split('/'), to.split('/')];
  while (a.length > 0 && a[0] === b[0]) [a.shift(), b.shift()];
  return `${a.length > 0 ? '../'.repeat(a.length) : './'}${b.join('/')}`;
}

/** Code, fenced or in a line, is left alone by `change`. */
const outsideCode = (text, change) => text.split(/(^```[\s\S]*?^```$|`[^`\n]*`)/m).map((part, i) => (i % 2 === 0 ? change(part) : part)).join('');

/** What Vue would read as its own is text here. */
export const escaped = (text) => outsideCode(text, (part) => part.replace(/<(?=[A-Za-z/])(?!\/?(br|sub|sup|kbd|details|summary)\b)/g, '&lt;').replaceAll('{{', '{ {'));

/** Where an operation's name in PyTorch differs, it stands below the heading, so that a search for it ends there. Anchors are GitHub's. */
const withNames = (text) =>
  text.replace(/^## ([\w.]+)$/gm, (_, path) => {
    const heading = path.includes('.') ? `## ${path} {#${path.replaceAll('.', '').toLowerCase()}}` : `## ${path}`;
    const snake = path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return snake === path ? heading : `${heading}\n\nIn PyTorch: \`${snake}\``;
  });

/** Pictures in Mermaid's language are shown as they are written. */
const withoutMermaid = (text) => text.replace(/^```mermaid$/gm, '```text');

/** The pages by path, and the items of the side bars. */
export function documentPages() {
  const known = new Set(sources());
  const pages = {};
  const items = { documents: [], operations: [], decisions: [] };
  const withFacts = operationFacts();
  for (const path of known) {
    const text = readFileSync(inRoot(path), 'utf8');
    const isOps = path.startsWith('docs/ops/');
    const page = withLinks(withoutMermaid(isOps ? text : typed(text)), path, known);
    // Facts link to pages that are no documents, and go by headings as they are written.
    pages[pageOf(path)] = escaped(isOps ? withNames(withFacts(page)) : page);
    const item = { text: titleOf(text), link: `/${pageOf(path).replace(/(index)?\.md$/, '')}` };
    if (isOps) items.operations.push(item);
    else if (path.startsWith('docs/decisions/')) items.decisions.push(item);
    else if (dirname(path) === 'docs') items.documents.push(item);
  }
  return { pages, items };
}
