// The two WebAssembly binaries from crates/wasm, each split into two modules, and the JavaScript glue they share.
//
// wasm-pack builds the crate once a flavour, each in a target folder of its own (flags that alternate in one folder would
// rebuild everything each time), then binaryen's wasm-opt goes over it: wasm-pack's own wasm-opt step would download it.
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { wasmBindgenVersion } from '../setup/cargo-tools.mjs';
import { SetupError, note, timed } from '../setup/log.mjs';
import { inRoot, root } from '../setup/paths.mjs';
import { quietly } from '../setup/process.mjs';
import { NIGHTLY, standardLibrary, standardLibraryArguments } from '../setup/standard-library.mjs';
import { adapted } from './glue.mjs';
import { splitBinary } from './split/index.mjs';
import { withoutRelocations } from './split/relocations.mjs';
import { fingerprint, forget, isCurrent, remember } from './stamp.mjs';

/** The binaries: simd128 gives the same bits on every engine, relaxed may fuse multiply and add. */
export const FLAVOURS = [
  { name: 'simd128', features: '+simd128' },
  { name: 'relaxed', features: '+simd128,+relaxed-simd' },
];

/** What wasm-opt is told to do with a binary that is shipped. */
export const WASM_OPT_FLAGS = [
  // What reads the definitions of all ops would bring them with its caller.
  '--no-inline=*registry*rare*',
  '-O3',
  // What the compiler left a function of its own, because it is cold or was asked to, stays one, and so need not be loaded with its caller.
  '--one-caller-inline-max-function-size=40',
  // Data in one piece: it compresses better than without its zeros, in thousands of pieces.
  '--skip-pass=memory-packing',
  // Once more, by when the others are through: 260 bytes less for a page, compressed.
  ...['merge-locals', 'merge-blocks', 'remove-unused-brs', 'vacuum'].map((pass) => `--${pass}`),
  ...['simd', 'relaxed-simd', 'bulk-memory', 'nontrapping-float-to-int', 'sign-ext', 'mutable-globals', 'multivalue', 'reference-types'].map(
    (feature) => `--enable-${feature}`,
  ),
];

/** What the linker is told of a binary with threads: their memory is shared and handed to each of its instances. */
const SHARED_MEMORY = [
  '--shared-memory',
  '--import-memory',
  '--max-memory=4294967296',
  ...['__heap_base', '__wasm_init_tls', '__tls_size', '__tls_align', '__tls_base'].map((name) => `--export=${name}`),
];

/**
 * The binaries with threads (docs/decisions/0034), which `--threads` asks for: their standard library is compiled with them, and they are
 * loaded whole.
 */
export const THREADED = FLAVOURS.map(({ name, features }) => ({
  name: `threads.${name}`,
  features: `${features},+atomics,+bulk-memory,+mutable-globals`,
  hasThreads: true,
}));

/** `--quick`: one flavour under both names, barely optimised and not split. For trying a change, never for measuring or shipping. */
const QUICK = [{ name: 'quick', features: FLAVOURS[0].features }];
const QUICK_THREADED = [{ ...THREADED[0], name: 'threads.quick' }];

/** Where the binaries and the glue end. */
export const wasmFolder = inRoot('dist', 'wasm');

const GLUE = ['adjoint_wasm.js', 'adjoint_wasm.d.ts', 'adjoint_wasm_bg.wasm.d.ts'];
/** The file of a flavour that is loaded first, and the one that is loaded when it is needed. */
const primaryFile = ({ name }) => join(wasmFolder, `adjoint.${name}.wasm`);
const secondaryFile = ({ name }) => join(wasmFolder, `adjoint.${name}.secondary.wasm`);
/** A binary with threads, compressed: only programs that ask for threads read it, and those in pages fetch what is made for that alone. */
const threadedFile = ({ name }) => join(wasmFolder, `adjoint.${name}.wasm.gz`);
const primaries = [...FLAVOURS.map(primaryFile), ...[GLUE[0], GLUE[1]].map((name) => join(wasmFolder, name))];
const secondaries = FLAVOURS.map(secondaryFile);

// Tests and benches are not in the binaries; opgen is a program for the host.
const inBinaries = (path) => !/[\\/](tests|benches|opgen)$/.test(path);

/**
 * The compiler's flags for a flavour, parted as CARGO_ENCODED_RUSTFLAGS wants them. LLVM's loop strength reduction loses what lets
 * constant offsets fold into loads: without it matrix products are 5 to 10 % faster and the binary 1 % smaller (docs/decisions/0003).
 */
export function rustFlags(features, ...linkArguments) {
  // Paths of this machine would otherwise stand in panic messages, and two machines would build different files.
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
  // The stack pointer is exported for JavaScript to put it back after a call that an exception ended (ts/runtime/wasm.ts).
  const link = ['--export=__stack_pointer', ...linkArguments].map((argument) => `link-arg=${argument}`);
  const flags = [`target-feature=${features}`, 'llvm-args=-disable-lsr', ...link].flatMap((flag) => ['-C', flag]);
  return [...flags, `--remap-path-prefix=${root}=.`, `--remap-path-prefix=${cargoHome}=cargo`].join('\x1f');
}

/**
 * Compiles a flavour; `pack` is the folder of the glue, `binary` the file of the whole binary and `linked` that of what the linker made,
 * which says where in it data is and what refers to that.
 */
async function buildFlavour({ name, features, hasThreads = false }, env, quick) {
  const target = inRoot('target', `wasm-${name}`);
  const pack = join(target, 'pack');
  const whole = quick || hasThreads;
  const linkArguments = [...(hasThreads ? SHARED_MEMORY : []), ...(whole ? [] : ['--emit-relocs'])];
  await quietly(
    'wasm-pack',
    // prettier-ignore
    ['build', inRoot('crates', 'wasm'), ...(quick ? ['--profile', 'quick'] : ['--release']), '--target', 'web', '--mode', 'no-install', '--no-opt', '--no-pack',
      '--out-dir', pack, '--out-name', 'adjoint_wasm', ...(hasThreads ? ['--', ...standardLibraryArguments(env)] : [])],
    {
      env: {
        ...env,
        ...(hasThreads ? NIGHTLY : {}),
        CARGO_TARGET_DIR: target,
        CARGO_ENCODED_RUSTFLAGS: rustFlags(features, ...linkArguments),
      },
    },
  );
  if (quick) return { pack, binary: join(pack, 'adjoint_wasm_bg.wasm') };
  const [bare, optimised] = ['bare.wasm', 'optimised.wasm'].map((name) => join(pack, name));
  // What the linker wrote down holds for its own binary only.
  const packed = readFileSync(join(pack, 'adjoint_wasm_bg.wasm'));
  writeFileSync(bare, whole ? packed : withoutRelocations(packed));
  const wasmOpt = inRoot('node_modules', 'binaryen', 'bin', 'wasm-opt');
  await quietly(process.execPath, [wasmOpt, ...WASM_OPT_FLAGS, ...(hasThreads ? ['--enable-threads'] : []), bare, '-o', optimised]);
  return { pack, binary: optimised, linked: join(target, 'wasm32-unknown-unknown', 'release', 'adjoint_wasm.wasm') };
}

/** The bindings of the threaded binaries must be those of the others, whose glue serves them. */
function assertBindings(binaries) {
  const glue = readFileSync(join(wasmFolder, GLUE[0]), 'utf8');
  for (const file of binaries) {
    const wanted = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(file))).filter(({ kind }) => kind === 'function');
    const missing = wanted.filter(({ name }) => !glue.includes(name)).map(({ name }) => name);
    if (missing.length > 0) throw new SetupError(`the glue lacks what ${file} imports (${missing.join(', ')}); build the other binaries first`);
  }
}

/** Builds the binaries with threads into dist/wasm, where the others are, unless they are up to date. */
export async function buildThreads({ wasm: env, version }, { force, quick }) {
  const sources = [inRoot('crates'), inRoot('Cargo.toml'), inRoot('Cargo.lock'), inRoot('scripts', 'build', 'wasm.mjs')];
  const print = fingerprint(sources, [version, wasmBindgenVersion(), quick ? 'quick' : 'release'], inBinaries);
  const files = THREADED.map(threadedFile);
  if (!force && isCurrent('threads', print, files)) return note('threads', 'up to date');
  await standardLibrary(env);
  const flavours = quick ? QUICK_THREADED : THREADED;
  await timed('threads', `compiling ${flavours.map(({ name }) => name).join(' and ')} with their standard library`, async () => {
    forget('threads');
    const built = await Promise.allSettled(flavours.map((flavour) => buildFlavour(flavour, env, quick)));
    for (const { status, reason } of built) if (status === 'rejected') throw reason;
    const binaries = built.map(({ value }) => value.binary);
    assertBindings(binaries);
    const { withStackChecks } = await import('./stack-check.mjs');
    files.forEach((file, i) => writeAtOnce(file, gzipSync(withStackChecks(readFileSync(binaries[i] ?? binaries[0])), { level: 9 })));
    remember('threads', print);
  });
}

/** The glue is shipped once for both binaries, so it must not depend on the flavour. */
function assertSameGlue(packs) {
  for (const name of GLUE) {
    const [first, ...others] = packs.map((pack) => readFileSync(join(pack, name), 'utf8'));
    if (others.some((text) => text !== first)) {
      throw new SetupError(`wasm-bindgen's ${name} differs between the flavours (${packs.join(', ')}); one glue cannot serve both`);
    }
  }
}

/** Builds the binaries and the glue into dist/wasm unless they are up to date; `force` builds them anyway, `quick` roughly. */
export async function buildWasm({ wasm: env, version }, { force, quick }) {
  const scripts = ['wasm.mjs', 'glue.mjs', 'utf8.mjs', 'stack-check.mjs', 'split'].map((name) => inRoot('scripts', 'build', name));
  const sources = [inRoot('crates'), inRoot('Cargo.toml'), inRoot('Cargo.lock'), ...scripts];
  const binaryen = inRoot('node_modules', 'binaryen', 'package.json');
  const print = fingerprint([...sources, binaryen], [version, wasmBindgenVersion(), quick ? 'quick' : 'release'], inBinaries);
  if (!force && isCurrent('wasm', print, quick ? primaries : [...primaries, ...secondaries])) return note('wasm', 'up to date');
  const flavours = quick ? QUICK : FLAVOURS;
  await timed('wasm', `compiling ${flavours.map(({ name }) => name).join(' and ')}`, async () => {
    forget('wasm');
    // Side by side: most of each is one long link-time optimisation on a single core.
    const built = await Promise.allSettled(flavours.map((flavour) => buildFlavour(flavour, env, quick)));
    for (const { status, reason } of built) if (status === 'rejected') throw reason;
    const results = built.map(({ value }) => value);
    assertSameGlue(results.map(({ pack }) => pack));
    mkdirSync(wasmFolder, { recursive: true });
    const { pack } = results[0];
    writeFileSync(join(wasmFolder, GLUE[0]), adapted(readFileSync(join(pack, GLUE[0]), 'utf8')));
    for (const name of GLUE.slice(1)) copyFileSync(join(pack, name), join(wasmFolder, name));
    for (const [i, flavour] of FLAVOURS.entries()) await writeModules(flavour, results[i] ?? results[0], quick);
    remember('wasm', print);
  });
}

/** Writes a flavour's two modules, or of a quick build the one that is not split. The glue must be in place. */
async function writeModules(flavour, { binary, linked }, quick) {
  if (quick) {
    rmSync(secondaryFile(flavour), { force: true });
    const { withStackChecks } = await import('./stack-check.mjs');
    return writeAtOnce(primaryFile(flavour), withStackChecks(readFileSync(binary)));
  }
  const { primary, secondary } = await splitBinary(binary, linked);
  writeAtOnce(secondaryFile(flavour), secondary);
  writeAtOnce(primaryFile(flavour), primary);
}

/** Replaces a file in one step: a running test may have the old one open. */
function writeAtOnce(file, bytes) {
  writeFileSync(`${file}.new`, bytes);
  renameSync(`${file}.new`, file);
}
