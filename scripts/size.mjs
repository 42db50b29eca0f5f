// npm run size: bytes of what is shipped, as files, gzipped and with brotli.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { inRoot } from './setup/paths.mjs';

const dist = inRoot('dist');
const shipped = readdirSync(dist, { recursive: true })
  .map(String)
  .filter((name) => /\.(wasm|c?js)$/.test(name))
  .sort();

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
const rows = shipped.map((name) => {
  const bytes = readFileSync(join(dist, name));
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  return [name, kib(bytes.length), kib(gzipSync(bytes, { level: 9 }).length), kib(brotli.length)];
});

const table = [['file', 'raw', 'gzip', 'brotli'], ...rows];
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
for (const row of table) {
  console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '));
}
