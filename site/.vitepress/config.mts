// The site's frame. The pages are those that scripts/site puts together in .pages.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type DefaultTheme } from 'vitepress';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The side bars, which follow from what there is. */
const contents = JSON.parse(readFileSync(at('../.pages/contents.json'), 'utf8')) as Record<'chapters' | 'operations' | 'documents' | 'decisions', DefaultTheme.SidebarItem[]>;

const learn = [{ text: 'Learn', items: [{ text: 'The lecture', link: '/learn/' }, { text: 'How it works', link: '/docs/how-it-works' }] }, { text: 'The course', items: contents.chapters }];
const tryIt = [{ text: 'Try', items: [{ text: 'A program of your own', link: '/try/' }, { text: 'Digits', link: '/try/digits' }, { text: 'Two spirals', link: '/try/spirals' }] }];
const lookUp = [
  { text: 'Guides', items: contents.documents },
  { text: 'Operations', items: contents.operations },
  { text: 'Decisions', collapsed: true, items: contents.decisions },
];

export default defineConfig({
  title: 'Adjoint',
  description: 'Automatic differentiation on tensors for TypeScript, with the API and the semantics of PyTorch.',
  lang: 'en',
  srcDir: './.pages',
  outDir: '../out/site',
  cacheDir: '../out/site-cache',
  cleanUrls: false,
  lastUpdated: false,
  markdown: { math: false, theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' } },
  themeConfig: {
    search: { provider: 'local', options: { miniSearch: { searchOptions: { boost: { title: 4, titles: 2 } } } } },
    nav: [
      { text: 'Learn', link: '/learn/', activeMatch: '^/(learn|course)/' },
      { text: 'Try', link: '/try/digits', activeMatch: '^/try/' },
      { text: 'Look up', link: '/docs/ops/', activeMatch: '^/docs/' },
      { text: 'Trust', link: '/trust' },
    ],
    sidebar: { '/learn/': learn, '/course/': learn, '/try/': tryIt, '/docs/': lookUp },
    outline: [2, 3],
    docFooter: { prev: 'Before', next: 'Next' },
  },
  vite: {
    // Components and workers stand beside the pages' folder; programs of examples and the course are read from where they are.
    resolve: { alias: { '@site': at('..') }, preserveSymlinks: false },
    server: { fs: { allow: [at('../..')] } },
    worker: { format: 'es' },
    build: { chunkSizeWarningLimit: 2000 },
  },
});
