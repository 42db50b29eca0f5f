// Pages of Markdown as passages that are short enough for one vector each.

/** A piece of a page. */
export interface Passage {
  readonly page: string;
  /** The headings above it, from the title down. */
  readonly heading: string;
  /** Where it begins, from 1. */
  readonly line: number;
  readonly text: string;
}

/** MiniLM reads 256 pieces of words, which are about this many words of a page. */
const LONGEST = 120;

const wordsIn = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;

/** What a reader sees of a line: no marks of emphasis, links or tables. */
function readable(line: string): string {
  if (/^\s*\|?[\s|:-]+\|?\s*$/.test(line)) return '';
  return line
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\s*(?:[-*]|\d+\.|>)\s+/, '')
    .replace(/\*\*|`/g, '')
    .replaceAll('|', ' ')
    .trim();
}

/** The passages of a page: its paragraphs under one heading, as many together as are short enough. Code goes with the text before it. */
export function passagesOf(page: string, markdown: string): Passage[] {
  const found: Passage[] = [];
  const headings: string[] = [];
  let [text, line] = ['', 1];
  const close = (): void => {
    if (text !== '') found.push({ page, heading: headings.filter(Boolean).join(' › '), line, text });
    text = '';
  };
  const add = (paragraph: string, at: number): void => {
    if (text !== '' && wordsIn(text) + wordsIn(paragraph) > LONGEST) close();
    if (text === '') line = at;
    text += (text === '' ? '' : '\n') + paragraph;
  };
  // Comments are for those who write the page; their lines stay, so that the others keep their numbers.
  const lines = markdown.replace(/<!--[^]*?-->/g, (comment) => comment.replace(/[^\n]/g, '')).split('\n');
  let [paragraph, from, inCode] = [[] as string[], 1, false];
  const end = (): void => {
    if (paragraph.length > 0) add(paragraph.join(' '), from);
    paragraph = [];
  };
  lines.forEach((raw, i) => {
    const title = inCode ? null : /^(#+)\s+(.*)$/.exec(raw);
    if (/^\s*```/.test(raw)) inCode = !inCode;
    else if (title) {
      end();
      close();
      headings.splice(title[1]!.length - 1);
      headings[title[1]!.length - 1] = readable(title[2]!);
    } else {
      const shown = inCode ? raw.trim() : readable(raw);
      // A row of a table and an item of a list are paragraphs of their own.
      if (shown === '' || /^\s*(?:\||[-*]\s)/.test(raw)) end();
      if (shown === '') return;
      if (paragraph.length === 0) from = i + 1;
      paragraph.push(shown);
    }
  });
  end();
  close();
  return found;
}
