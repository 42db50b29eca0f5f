// Puts the pages of the site together in one folder, which VitePress reads.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot } from '../setup/paths.mjs';
import { chapterPages } from './chapters.mjs';
import { modulesPage, optimizersPage } from './classes.mjs';
import { digitsFile } from './digits.mjs';
import { documentPages, escaped } from './documents.mjs';
import { errorsPage } from './errors.mjs';
import { guides } from './guides.mjs';
import { operations } from './operations.mjs';
import { performancePage } from './performance.mjs';
import { trustPage } from './trust.mjs';

/** Writes all pages, files for visitors, `contents.json`, from which the side bars are made, and `operations.json`, by which a worker calls. */
export async function writePages(folder) {
  // Commands that set up import this file before there is a build.
  const library = await import('adjoint');
  rmSync(folder, { recursive: true, force: true });
  cpSync(inRoot('site', 'pages'), folder, { recursive: true });
  const chapters = chapterPages();
  const documents = documentPages();
  const pages = { ...documents.pages, ...chapters.pages, 'trust.md': trustPage(), 'docs/errors.md': errorsPage(), 'docs/performance.md': performancePage(), 'docs/modules.md': escaped(modulesPage(library)), 'docs/optimizers.md': escaped(optimizersPage(library)) };
  for (const [path, text] of Object.entries(pages)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  mkdirSync(join(folder, 'public'), { recursive: true });
  writeFileSync(join(folder, 'public', 'digits.bin.gz'), digitsFile());
  writeFileSync(join(folder, 'public', 'guides.json'), JSON.stringify(guides()));
  writeFileSync(join(folder, 'operations.json'), JSON.stringify(operations()));
  writeFileSync(join(folder, 'contents.json'), JSON.stringify({ chapters: chapters.items, ...documents.items }));
}
