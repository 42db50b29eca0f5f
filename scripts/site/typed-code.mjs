// Code blocks of documents, as programs whose types the site shows: each behind what it takes for granted, as test/docs-code.test.ts says it.

/** What comes before and after these lines is compiled and not shown (twoslash). */
export const CUT = '// ---cut---';
const CUT_AFTER = '// ---cut-after---';

const PARTS = /^<!-- setup\n([^]*?)^-->\n?|^( *)```(?:ts|typescript)\n([^]*?)^ *```/gm;

/** Puts the set-ups of a document, which stand in comments, into the blocks that they go for; those of a literate page are one program. */
export function typed(text) {
  const all = /^<!-- literate/m.test(text) ? [...text.matchAll(PARTS)].map(([, , , code]) => code ?? '') : null;
  let [setup, at] = ['', 0];
  return text.replace(PARTS, (_, given, indent, code) => {
    at += 1;
    if (given !== undefined) {
      setup = given;
      return '';
    }
    const before = all === null ? setup.replace(/^(?=.)/gm, indent) : all.slice(0, at - 1).join('');
    const after = all === null || at === all.length ? '' : `${CUT_AFTER}\n${all.slice(at).join('')}`;
    return `${indent}\`\`\`ts\n${before}${indent}${CUT}\n${code}${after}${indent}\`\`\``;
  });
}
