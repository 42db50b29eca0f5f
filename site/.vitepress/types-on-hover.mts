// The types of what code blocks name, for site/.vitepress/theme/type-tip.ts to show. The compiler finds them while the site is built, under the
// options that test/docs-code.test.ts compiles the same blocks with, so a block that does not compile ends the build.
import { createTransformerFactory, defaultHoverInfoProcessor } from '@shikijs/twoslash/core';
import type { ShikiTransformer } from '@shikijs/types';
import { createTwoslasher } from 'twoslash';
import ts from 'typescript';

/** What scripts/site/typed-code.mjs puts between what a block takes for granted and what is shown of it. */
const CUT = '// ---cut---';

/** Longest documentation that is shown; the reference has the rest. */
const MOST_LETTERS = 220;

/** The first sentence or two of a documentation. */
function opening(docs: string | undefined): string {
  const [paragraph = ''] = (docs ?? '').split(/\n\s*\n/);
  const text = paragraph.replaceAll(/\s+/g, ' ').replaceAll('`', '').trim();
  return text.length <= MOST_LETTERS ? text : `${text.slice(0, text.lastIndexOf(' ', MOST_LETTERS))} …`;
}

/** The index of the local search takes what is between `<` and `>` for tags, in attributes too; the page's script puts the letters back. */
const withoutAngles = (text: string): string => text.replaceAll('<', '⟨').replaceAll('>', '⟩');

export function typesOnHover(root: string): ShikiTransformer {
  const compile = createTwoslasher({
    vfsRoot: root,
    tsModule: ts,
    compilerOptions: {
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
      types: ['node'],
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
    },
  });
  // Each page is rendered once for itself and once for the index of the search.
  const found = new Map<string, string>();
  const twoslasher: typeof compile = Object.assign((code: string, ...rest: never[]) => {
    if (!found.has(code)) found.set(code, JSON.stringify(compile(code, ...rest)));
    return JSON.parse(found.get(code)!) as ReturnType<typeof compile>;
  }, compile);
  return createTransformerFactory(twoslasher)({
    filter: (_, code) => code.includes(CUT),
    renderer: {
      nodeStaticInfo: ({ text, docs }, node) => {
        const [type, says] = [defaultHoverInfoProcessor(text), opening(docs)];
        if (type === false || type === '' || type === 'any') return node;
        const properties = { 'data-type': withoutAngles(type), ...(says === '' ? {} : { 'data-docs': withoutAngles(says) }) };
        return { type: 'element', tagName: 'span', properties, children: [node] };
      },
    },
  });
}
