// What each family of operations costs in the binary: its own functions and data, and what nothing but it needs.
//
// The functions that are shipped have no names. wasm-opt is run once more on what the linker made, told to keep them, and makes the same
// code byte by byte, which is checked. Who refers to whom is from the linker's relocations.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { inRoot } from '../setup/paths.mjs';
import { bodiesOf, functionNames, importedFunctions, readLinked } from './linked.mjs';
import { brotli } from '../build/brotli.mjs';

/** Folders of crates/ops/src that are no family: what ops share. */
const SHARED = ['formula', 'shared'];

/** The families: folders of the crate of ops, with a title for the page. */
export const TITLES = {
  contract: 'products',
  conv: 'convolutions',
  create: 'creation and windows',
  elementwise: 'functions of each element, and casts',
  index: 'indexing, sorting, counting',
  linalg: 'linear algebra',
  masked: 'masked reductions',
  nn: 'layers, losses, attention, sampling',
  optim: 'steps of optimizers',
  pool: 'pools',
  random: 'random numbers',
  reduce: 'reductions, scans, softmax, norms',
  rnn: 'recurrent layers',
  special: 'special functions, FFT',
  view: 'views and moving elements',
};

/** What is no op, by crate. */
const REST = {
  ops: 'shared by families',
  kernels: 'kernels that several families need',
  simd: 'kernels that several families need',
  cpu: 'tensors, dispatch, autograd',
  tensor: 'tensors, dispatch, autograd',
  autograd: 'tensors, dispatch, autograd',
  graph: 'captured and compiled programs',
  wasm: 'calls from JavaScript',
};
const OTHER = 'the standard library and other crates';

/** The folders of the crate of ops that hold ops. */
export function familyFolders() {
  return readdirSync(inRoot('crates', 'ops', 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !SHARED.includes(entry.name))
    .map(({ name }) => name)
    .sort();
}

/** `[crate, module]` that a name belongs to, mangled or not; the first of ours in it. */
function homeOf(name) {
  // What JavaScript calls: wasm-bindgen names exports by their function and a hash.
  if (/^[a-z_0-9]+_[0-9a-f]{16}$/.test(name)) return ['wasm', null];
  const found = /\badjoint_([a-z]+)(?:::|\.\.)(\w+?)\b/.exec(name) ?? /\d+adjoint_([a-z]+)\d+([a-z_]+)\d/.exec(name) ?? /\d+adjoint_([a-z]+)\d+/.exec(name);
  return found === null ? [null, null] : [found[1], found[2] ?? null];
}

/**
 * The part that each piece of a linked binary belongs to. A piece that is no op's own belongs to a family where all that refer to it do.
 */
export function partsOf(pieces, families) {
  const parts = new Map();
  for (const piece of pieces) {
    const [crate, module] = homeOf(piece.name);
    if (crate === 'ops' && families.includes(module)) parts.set(piece, module);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const piece of pieces) {
      if (parts.has(piece) || piece.users.size === 0) continue;
      const [first, ...others] = [...piece.users].map((user) => parts.get(user));
      if (first === undefined || others.some((part) => part !== first)) continue;
      parts.set(piece, first);
      changed = true;
    }
  }
  for (const piece of pieces) if (!parts.has(piece)) parts.set(piece, REST[homeOf(piece.name)[0]] ?? OTHER);
  return parts;
}

/**
 * What a function is known by before and after it is optimised: the hash at the end of its name, or of what JavaScript calls the name,
 * to which wasm-bindgen adds one until then.
 */
const keyOf = (name) => /h([0-9a-f]{16})E?$/.exec(name)?.[1] ?? name.replace(/_[0-9a-f]{16}$/, '');

/** The optimised binary with names, made once for each that was linked. */
async function withNames(pack) {
  const [{ WASM_OPT_FLAGS }, { quietly }] = await Promise.all([import('../build/wasm.mjs'), import('../setup/process.mjs')]);
  const folder = inRoot('target', 'size');
  const bare = join(pack, 'bare.wasm');
  const named = join(folder, `${createHash('sha256').update(readFileSync(bare)).update(WASM_OPT_FLAGS.join()).digest('hex').slice(0, 16)}.wasm`);
  if (!existsSync(named)) {
    console.log('optimising once more, with names: a minute');
    mkdirSync(folder, { recursive: true });
    await quietly(process.execPath, [inRoot('node_modules', 'binaryen', 'bin', 'wasm-opt'), ...WASM_OPT_FLAGS, '-g', bare, '-o', named]);
  }
  const bytes = readFileSync(named);
  const code = (file) => bodiesOf(file).map(({ start, end }) => file.subarray(start, end));
  const shipped = code(readFileSync(join(pack, 'optimised.wasm')));
  if (!code(bytes).every((body, i) => body.equals(shipped[i] ?? Buffer.alloc(0)))) throw new Error('the binary with names is not the one that was built; run npm run build');
  return bytes;
}

/** The functions of the optimised binary that are in the primary module, by index among its own. */
async function primaryFunctions(pack) {
  const [{ reachable }, { ALWAYS_PRIMARY }] = await Promise.all([import('../build/split/reachable.mjs'), import('../build/split/index.mjs')]);
  const traced = JSON.parse(readFileSync(join(pack, 'optimised.primary.json'), 'utf8'));
  return new Set([...traced, ...reachable(readFileSync(join(pack, 'optimised.wasm')), ALWAYS_PRIMARY)].map(Number));
}

/** By part: functions, bytes raw and compressed, and the raw bytes of its code in the primary module. The last row is the whole. */
export async function weighFamilies() {
  const target = inRoot('target', 'wasm-simd128');
  const linkedFile = join(target, 'wasm32-unknown-unknown', 'release', 'adjoint_wasm.wasm');
  const pack = join(target, 'pack');
  if (!existsSync(linkedFile) || !existsSync(join(pack, 'optimised.primary.json'))) throw new Error('the families are weighed in what a release build leaves in target; run npm run build');
  const linked = readFileSync(linkedFile);
  const pieces = readLinked(linked);
  const parts = partsOf(pieces, familyFolders());
  const byKey = new Map(pieces.filter(({ isData }) => !isData).map((piece) => [keyOf(piece.name), parts.get(piece)]));
  const optimised = await withNames(pack);
  const names = functionNames(optimised);
  const imported = importedFunctions(optimised);
  const primary = await primaryFunctions(pack);
  const rows = new Map();
  const add = (part, bytes, isPrimary, isFunction) => {
    const row = rows.get(part) ?? { functions: 0, primary: 0, bytes: [] };
    rows.set(part, row);
    row.bytes.push(bytes);
    if (isFunction) row.functions += 1;
    if (isPrimary) row.primary += bytes.length;
  };
  bodiesOf(optimised).forEach(({ start, end }, i) => {
    add(byKey.get(keyOf(names.get(imported + i) ?? '')) ?? OTHER, optimised.subarray(start, end), primary.has(i), true);
  });
  for (const piece of pieces) if (piece.isData) add(parts.get(piece), linked.subarray(piece.at, piece.at + piece.size), false, false);
  const all = { functions: 0, primary: 0, bytes: [] };
  for (const { functions, primary, bytes } of rows.values()) {
    all.functions += functions;
    all.primary += primary;
    all.bytes.push(...bytes);
  }
  const weigh = ([part, { functions, primary, bytes }]) => {
    const whole = Buffer.concat(bytes);
    return { part, functions, primary, raw: whole.length, gzip: gzipSync(whole, { level: 9 }).length, brotli: brotli(whole) };
  };
  const order = (part) => (part in TITLES ? 0 : 1);
  const found = [...rows].map(weigh).sort((a, b) => order(a.part) - order(b.part) || b.brotli - a.brotli);
  return [...found, weigh(['all', all])];
}

const kb = (bytes) => (bytes / 1000).toFixed(1);

/** The table in the words of the page. */
export function familyTable(rows) {
  const title = (part) => (part in TITLES ? `\`${part}\`: ${TITLES[part]}` : part);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    line(['', 'functions', 'raw', 'gzip', 'brotli', 'of the code in the primary module']),
    line(['---', '--:', '--:', '--:', '--:', '--:']),
    ...rows.map(({ part, functions, raw, gzip, brotli, primary }) => line([title(part), String(functions), kb(raw), kb(gzip), kb(brotli), kb(primary)])),
  ].join('\n');
}

const PAGE = ['docs', 'sizes.md'];

/** Writes the table into the page. */
export function writePage(rows) {
  writeFileSync(inRoot(...PAGE), `# Sizes

Written by \`npm run size -- --families\`. What each family of operations costs in the WebAssembly binary (simd128, both modules together), in
kB of 1000 bytes. A family is a folder of \`crates/ops/src\`. Its row has its own functions and data, and those of other layers that
nothing else refers to: kernels, generic code and texts of its errors; without the family they would be gone. What several families need is in
the rows below them. The code is that of the shipped binary; names and references are from the linker.

Each row is compressed by itself, so the rows add up to a little more than the whole. The last column is the code that every page loads: the
primary module, which is chosen by what programs run (\`scripts/build/split/programs.ts\`); the rest is in the secondary module, which is loaded when
it is first needed. \`npm run size\` weighs a bundled page and the files that are shipped.

${familyTable(rows)}
`);
}
