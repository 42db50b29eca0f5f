// npm run size: what a visitor of a bundled training page downloads, and the bytes of each file that is shipped.
//
// The page is bundled and minified as a page's own build would; the bar for it stands in scripts/size/page.mjs. With --check only the
// page is weighed, and the exit code says whether it keeps to the bar. With --families it says instead what each family of operations costs in
// the binary, and writes docs/sizes.md; with --imports what a page downloads by what it imports, and writes docs/imports.md. Both need a release
// build of this checkout.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { inRoot } from './setup/paths.mjs';
import { brotli } from './build/brotli.mjs';
import { familyTable, weighFamilies, writePage } from './size/families.mjs';
import { writeImports } from './size/imports.mjs';
import { BAR, weighPage } from './size/page.mjs';

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

function print(table) {
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  for (const row of table) console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '));
}

async function pageAndFiles() {
  const page = await weighPage();
  print([
    ['a training page, bundled and minified', 'raw', 'brotli'],
    ['all in one file', kb(page.whole.raw), kb(page.whole.brotli)],
    ['JavaScript alone', kb(page.script.raw), kb(page.script.brotli)],
    ['WebAssembly alone, the primary module, simd128', kb(page.wasm.raw), kb(page.wasm.brotli)],
    ['not in it: the secondary module, loaded when it is needed', kb(page.secondary.raw), kb(page.secondary.brotli)],
  ]);
  const good = page.whole.brotli <= BAR;
  console.log(`${good ? 'within' : 'ABOVE'} the bar of ${kb(BAR)} for all in one file`);

  if (process.argv.includes('--check')) {
    process.exitCode = good ? 0 : 1;
  } else {
    const dist = inRoot('dist');
    const shipped = readdirSync(dist, { recursive: true })
      .map(String)
      .filter((name) => /\.(wasm|c?js)$/.test(name))
      .sort();
    const rows = shipped.map((name) => {
      const bytes = readFileSync(join(dist, name));
      return [name, kb(bytes.length), kb(gzipSync(bytes, { level: 9 }).length), kb(brotli(bytes))];
    });
    console.log();
    print([['file', 'raw', 'gzip', 'brotli'], ...rows]);
  }
}

if (process.argv.includes('--families')) {
  const rows = await weighFamilies();
  console.log(familyTable(rows));
  writePage(rows);
} else if (process.argv.includes('--imports')) console.log(await writeImports());
else await pageAndFiles();
