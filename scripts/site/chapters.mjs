// A page for each chapter of the course: what it is about, the program to change and run, and its twin in Python.
import { readFileSync, readdirSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';

const FOLDER = inRoot('examples', 'course');

/** The comment that a program begins with: its title up to the colon or the full stop, and the idea. */
function opening(text) {
  const comment = /^((?:\/\/ ?.*\n)+)/.exec(text)?.[1].replace(/^\/\/ ?/gm, '').replaceAll('\n', ' ').trim() ?? '';
  const [, number, title, idea] = /^(\d+)\. ([^:.]+)[:.] ?(.*)$/.exec(comment) ?? [];
  if (number === undefined) throw new Error(`a chapter must begin with "// N. Title: idea", not "${comment.slice(0, 60)}"`);
  return { number, title, idea: idea ? idea[0].toUpperCase() + idea.slice(1) : '' };
}

/** The pages by path, and the items of the side bar. */
export function chapterPages() {
  const names = readdirSync(FOLDER).filter((name) => /^\d+-.*\.ts$/.test(name)).map((name) => name.slice(0, -'.ts'.length)).sort();
  const pages = {};
  const items = [];
  for (const name of names) {
    const read = (ending) => readFileSync(`${FOLDER}/${name}.${ending}`, 'utf8');
    const { number, title, idea } = opening(read('ts'));
    pages[`course/${name}.md`] = `# ${number}. ${title}

${idea}

<Program chapter="${name}" :lines="${read('ts').split('\n').length - 1}" />

## The same in PyTorch

With the same seed it finds the same numbers, up to 1e-5.

\`\`\`python
${read('py').trimEnd()}
\`\`\`
`;
    items.push({ text: `${number}. ${title}`, link: `/course/${name}` });
  }
  pages['course/index.md'] = `# The course

${items.length} programs of a page each, from a line through points to a character GPT. Every one can be changed and run on its page, and stands beside
the same program in PyTorch.

${items.map(({ text, link }) => `- [${text}](.${link.slice('/course'.length)})`).join('\n')}
`;
  return { pages, items };
}
