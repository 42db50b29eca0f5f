// The site's frame. The pages are those that scripts/site puts together in .pages.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type DefaultTheme } from 'vitepress';
import { typesOnHover } from './types-on-hover.mts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The side bars, which follow from what there is. */
const contents = JSON.parse(readFileSync(at('../.pages/contents.json'), 'utf8')) as Record<'chapters' | 'operations' | 'documents' | 'decisions', DefaultTheme.SidebarItem[]>;

const learn = [{ text: 'Learn', items: [{ text: 'The lecture', link: '/learn/' }, { text: 'Step by step', link: '/learn/steps' }, { text: 'How it works', link: '/docs/how-it-works' }] }, { text: 'The course', items: contents.chapters }];
const tryIt = [{ text: 'Try', items: [{ text: 'A program of your own', link: '/try/' }, { text: 'Digits', link: '/try/digits' }, { text: 'Two spirals', link: '/try/spirals' }, { text: 'A network that writes', link: '/try/writer' }, { text: 'Search by meaning', link: '/try/search' }, { text: 'Inside a step', link: '/try/inside' }, { text: 'Measure it here', link: '/try/measure' }] }];
const lookUp = [
  { text: 'Guides', items: [...contents.documents, { text: 'Performance', link: '/docs/performance' }, { text: 'Errors by code', link: '/docs/errors' }] },
  { text: 'Reference', items: [{ text: 'Modules', link: '/docs/modules' }, { text: 'Optimizers and schedules', link: '/docs/optimizers' }, ...contents.operations] },
  { text: 'Decisions', items: contents.decisions },
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
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/favicon.svg' }]],
  markdown: { math: false, theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' }, codeTransformers: [typesOnHover(at('../..'))] },
  themeConfig: {
    search: {
      provider: 'local',
      // These functions are sent to the page as text, so each stands alone.
      options: {
        miniSearch: {
          options: {
            processTerm: (term: string) => (/^(a|an|the|to|of|in|is|it|do|how|i|my|with|for|and|or)$/i.test(term) ? null : term.toLowerCase()),
          },
          searchOptions: {
            boost: { title: 4, titles: 2 },
            // Who looks for how to do something wants a guide, not why it was decided so.
            boostDocument: (id: string) => (/\/(decisions|notebooks)\/|CHANGELOG|architecture|HACKING/.test(id) ? 0.4 : /\/docs\/[a-z-]+(\.html)?(#|$)/.test(id) ? 2 : 1),
          },
        },
      },
    },
    nav: [
      { text: 'Learn', link: '/learn/', activeMatch: '^/(learn|course)/' },
      { text: 'Try', link: '/try/digits', activeMatch: '^/try/(?!measure)' },
      { text: 'Measure', link: '/try/measure' },
      { text: 'Look up', link: '/docs/ops/', activeMatch: '^/docs/' },
      { text: 'Trust', link: '/trust' },
    ],
    sidebar: { '/learn/': learn, '/course/': learn, '/try/': tryIt, '/docs/': lookUp },
    outline: [2, 3],
    docFooter: { prev: 'Before', next: 'Next' },
  },
  vite: {
    // Components and workers stand beside the pages' folder; programs of examples and the course are read from where they are.
    // The libraries that are measured are named by programs of bench/peers, which has them only where the bench was run.
    resolve: { alias: { '@site': at('..') }, dedupe: ['@tensorflow/tfjs', '@jax-js/jax'], preserveSymlinks: false },
    server: { fs: { allow: [at('../..')] } },
    worker: { format: 'es' },
    build: { chunkSizeWarningLimit: 2000 },
  },
});
