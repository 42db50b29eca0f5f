// What both sides of the boundary agree on is printed from crates/wasm/src/abi.rs: the binary exports that and nothing else, and the
// facade states no number of it by hand.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as adjoint from '../ts/entry/node';
import { DTYPES } from '../ts/core/dtype';
import * as abi from '../ts/generated/abi';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const binary = new WebAssembly.Module(readFileSync(join(root, 'dist/wasm/adjoint.simd128.wasm')));

test('the binary exports the functions of the table, and no others', () => {
  const exported = WebAssembly.Module.exports(binary).filter(({ kind, name }) => kind === 'function' && !name.startsWith('_'));
  const [, table = ''] = /macro_rules! exports \{([^]*?)\nmacro_rules/.exec(read('crates/wasm/src/abi.rs')) ?? [];
  const listed = [...table.matchAll(/fn (\w+)\(/g)].map(([, name]) => name!);
  // Of wasm-bindgen and the build.
  expect(exported.map(({ name }) => name).sort()).toEqual([...listed, 'set_host', 'start', 'check_stack'].sort());
});

test('the binary and the bindings have one hash', () => {
  const imports: Record<string, Record<string, () => number>> = {};
  for (const { module, name } of WebAssembly.Module.imports(binary)) (imports[module] ??= {})[name] = () => 0;
  const { abi_hash: hash } = new WebAssembly.Instance(binary, imports).exports as unknown as { abi_hash: () => number };
  expect(hash() >>> 0).toBe(abi.ABI_HASH);
});

test('codes of dtypes are the order of their names', () => {
  const codes = Object.entries(abi).filter(([name]) => name.startsWith('DTYPE_'));
  expect(codes.map(([, code]) => DTYPES[code as number])).toEqual(codes.map(([name]) => name.slice('DTYPE_'.length).toLowerCase()));
  expect(codes.length).toBe(DTYPES.length);
  for (const dtype of DTYPES) expect(adjoint.zeros([1], { dtype }).dtype).toBe(dtype);
});

test('no number of the table is stated by hand', () => {
  const names = Object.keys(abi).filter((name) => name !== 'ABI_HASH');
  const files = readdirSync(join(root, 'ts'), { recursive: true }).map(String).filter((name) => name.endsWith('.ts') && !name.startsWith('generated'));
  // Under their own name, or that without the group's.
  const shorts = names.map((name) => name.replace(/^[A-Z]+_/, '')).filter((name) => /_/.test(name) || name === 'FAILED' || name === 'MANY');
  const stated = new RegExp(`^(?:export )?const (?:${[...names, ...shorts].join('|')}) = -?[0-9]`, 'm');
  expect(files.filter((file) => stated.test(read(`ts/${file}`)))).toEqual([]);
  for (const file of ['tensor/call', 'tensor/arguments', 'tensor/meta', 'autograd/autograd', 'autograd/function-record', 'viz/graph', 'diagnostics/anomaly']) {
    expect(read(`ts/${file}.ts`)).not.toMatch(/^(?:export )?const [A-Z]\w* = -?(?:0x)?[0-9]/m);
  }
});
