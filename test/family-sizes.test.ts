// The page on sizes: it has a row for each family of operations, and rows that add up. Its bytes are those of the build it was written from.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TITLES, familyFolders, partsOf } from '../scripts/size/families.mjs';

const rows = readFileSync('docs/sizes.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!\s*\||---)/.test(line))
  .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
const numbers = (row: readonly string[]) => row.slice(1).map(Number);

test('every family has a title and a row, and nothing else is called one', () => {
  const families = familyFolders();
  expect(Object.keys(TITLES).sort()).toEqual(families);
  expect(rows.flatMap(([name]) => /^`(\w+)`/.exec(name!)?.[1] ?? []).sort()).toEqual(families);
});

test('every row has functions and bytes, compressed to less', () => {
  for (const row of rows) {
    const [functions, raw, gzip, brotli, primary] = numbers(row) as [number, number, number, number, number];
    expect(functions, row[0]).toBeGreaterThan(0);
    expect(brotli).toBeLessThan(gzip);
    expect(gzip).toBeLessThan(raw);
    expect(primary).toBeLessThan(raw);
  }
});

test('the rows add up to the whole, and compressed together they are less', () => {
  const all = numbers(rows.at(-1)!);
  expect(rows.at(-1)![0]).toBe('all');
  const sums = rows.slice(0, -1).map(numbers).reduce((a, b) => a.map((x, i) => x + b[i]!));
  expect(sums[0]).toBe(all[0]);
  expect(Math.abs(sums[1]! - all[1]!)).toBeLessThan(2);
  expect(sums[3]).toBeGreaterThan(all[3]!);
});

test('what only a family refers to is its own, also by way of others', () => {
  const piece = (name: string, ...users: object[]) => ({ isData: false, name, at: 0, size: 1, users: new Set(users) });
  const svd = piece('adjoint_ops::linalg::svd::run::h0123456789abcdef');
  const conv = piece('_ZN11adjoint_ops4conv6conv2d3runE');
  const own = piece('adjoint_kernels::linalg::rotate', svd);
  const inner = piece('core::ops::function::FnOnce::call_once', own);
  const both = piece('adjoint_kernels::gemm::product', svd, conv);
  const exported = piece('call2_33720081b54c98da');
  const parts = partsOf([inner, own, both, svd, conv, exported], ['linalg', 'conv']);
  expect([inner, own, both, svd, conv, exported].map((of) => parts.get(of))).toEqual(['linalg', 'linalg', 'kernels that several families need', 'linalg', 'conv', 'calls from JavaScript']);
});
