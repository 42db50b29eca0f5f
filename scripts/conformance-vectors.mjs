// Copies PyTorch's recorded vectors into the repository: node scripts/conformance-vectors.mjs FOLDER
//
// FOLDER holds `index.json` and `ops/*.json` in the format test/conformance/README.md describes. Each op becomes one
// gzipped file in test/conformance/vectors, without what no test reads, so that a refresh changes only what PyTorch changed.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const from = process.argv[2];
if (from === undefined) {
  console.error('usage: node scripts/conformance-vectors.mjs FOLDER');
  process.exit(2);
}
const to = new URL('../test/conformance/vectors/', import.meta.url).pathname;

/** What only people read. */
const UNREAD = new Set(['signatures', 'split', 'torchVersion']);

rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
const index = JSON.parse(readFileSync(join(from, 'index.json'), 'utf8'));
let bytes = 0;
const rows = index.ops.map(({ op, file, tier, ts, samples, errors }) => {
  const full = JSON.parse(readFileSync(join(from, file), 'utf8'));
  // Minus zero is a value here; JSON.stringify would drop its sign, so numbers stay the text they were.
  const text = readFileSync(join(from, file), 'utf8');
  const kept = Object.keys(full).filter((key) => !UNREAD.has(key));
  const body = hasMinusZero(text) ? text : JSON.stringify(Object.fromEntries(kept.map((key) => [key, full[key]])));
  const packed = gzipSync(body, { level: 9 });
  const name = `${file.replace(/^ops\//, '').replace(/\.json$/, '')}.json.gz`;
  writeFileSync(join(to, name), packed);
  bytes += packed.length;
  return { op, ts, tier, file: name, samples, errors };
});
writeFileSync(
  join(to, 'index.json'),
  `{"source":"Computed by PyTorch ${index.torchVersion} on CPU.","ops":[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]}\n`,
);
console.log(`${rows.length} ops, ${(bytes / 1e6).toFixed(2)} MB`);

function hasMinusZero(text) {
  return /[[,:]-0(\.0*)?[\],}]/.test(text);
}
