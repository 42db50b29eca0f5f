// The kernels' property tests once more, in WebAssembly: what passes natively need not do so with another back end of crate simd.
//
// There is no test harness for wasm32-unknown-unknown. So the files of tests are copied into a crate of their own in which every
// `#[test]` is an export, and wasm-runner.mjs calls the exports. A panic traps and takes its instance along; one that is expected
// (`#[should_panic]`) passes if the instance trapped after the message expected. Ignored tests stay behind.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FLAVOURS, rustFlags } from '../build/wasm.mjs';
import { ENGINE_FLAGS } from '../setup/engine.mjs';
import { inRoot } from '../setup/paths.mjs';
import { start } from '../setup/process.mjs';
import { TARGET } from '../setup/target.mjs';

const folder = inRoot('target', 'kernel-tests');

/** Files of tests, the crates and modules their `crate` and `super` mean, and their names in the crate made of them. */
function sources() {
  const integration = readdirSync(inRoot('crates', 'kernels', 'tests')).filter((name) => name.endsWith('.rs'));
  return [
    ...integration.map((name) => ({ file: inRoot('crates', 'kernels', 'tests', name), name: basename(name, '.rs') })),
    { file: inRoot('crates', 'simd', 'src', 'tests.rs'), name: 'simd', crate: 'adjoint_simd', parent: 'adjoint_simd' },
    ...['algebra', 'dtype'].map((name) => ({
      file: inRoot('crates', 'kernels', 'src', name, 'tests.rs'),
      name,
      crate: 'adjoint_kernels',
      parent: `adjoint_kernels::${name}`,
    })),
  ];
}

const ATTRIBUTE = String.raw`#\[\w+(?:\s*=\s*"[^"]*"|\((?:[^()]|\([^()]*\))*\))?\]`;
const TEST = new RegExp(String.raw`#\[test\]((?:\s*${ATTRIBUTE})*)\s*fn (\$?\w+)`, 'g');

/** A file of tests with its `#[test]` functions exported under names of their own, and those that are to panic marked so. */
export function exported(text, { name, crate, parent }) {
  // A macro's `$name` is unique as it is.
  const unique = (test) => (test.startsWith('$') ? test : `${name}__${test}`);
  // Modules for one operating system hold tests that a `cfg` leaves out here.
  let out = text.replaceAll(/#\[cfg\(all\(target_os[^\n]*\nmod \w+ \{[\s\S]*?\n\}\n/g, '').replace(TEST, (_, attributes, test) => {
    if (attributes.includes('#[ignore')) return `#[allow(dead_code)]${attributes.replace(new RegExp(ATTRIBUTE, 'g'), (a) => (a.startsWith('#[ignore') ? '' : a))} fn ${test}`;
    const expected = /#\[should_panic(?:\(expected = ("[^"]*")\))?\]/.exec(attributes);
    const rest = attributes.replace(/#\[should_panic[^\]]*\]/, '');
    return `${rest}#[unsafe(no_mangle)] pub extern "C" ${expected ? `/* panics ${expected[1] ?? '""'} */ ` : ''}fn ${unique(test)}`;
  });
  if (crate) out = out.replaceAll(/(?<!\$|pub\()\bcrate::/g, `${crate}::`).replaceAll(/\bsuper::/g, `${parent}::`);
  if (out.includes('#[test]')) throw new Error(`a test of ${name} is written in a way this does not understand`);
  return out;
}

/** What every test is called, and what it panics with where it is to. */
function list(text) {
  return [...text.matchAll(/#\[unsafe\(no_mangle\)\] pub extern "C" (?:\/\* panics ("[^"]*") \*\/ )?fn (\w+)/g)].map(([, panics, name]) => ({ name, panics: panics && JSON.parse(panics) }));
}

const RUNTIME = `
#[link(wasm_import_module = "runner")]
unsafe extern "C" { safe fn say(text: *const u8, bytes: usize); }
#[unsafe(no_mangle)] pub extern "C" fn start() {
    std::panic::set_hook(Box::new(|info| { let text = info.to_string(); say(text.as_ptr(), text.len()); }));
}
`;

function makeCrate() {
  const src = join(folder, 'src');
  rmSync(src, { recursive: true, force: true });
  mkdirSync(src, { recursive: true });
  // Tables that tests include.
  const tests = inRoot('crates', 'kernels', 'tests');
  for (const name of readdirSync(tests)) if (name.endsWith('.txt')) copyFileSync(join(tests, name), join(src, name));
  const modules = sources().map((source) => {
    const text = exported(readFileSync(source.file, 'utf8'), source).replace(/^mod sequence;/m, 'use crate::sequence;');
    writeFileSync(join(src, `${source.name}.rs`), text);
    return source.name;
  });
  copyFileSync(inRoot('crates', 'kernels', 'tests', 'sequence', 'mod.rs'), join(src, 'sequence.rs'));
  writeFileSync(join(src, 'lib.rs'), `#![allow(warnings)]\nmod sequence;\n${modules.map((name) => `mod ${name};`).join('\n')}\n${RUNTIME}`);
  const path = (crate) => JSON.stringify(inRoot('crates', crate));
  writeFileSync(
    join(folder, 'Cargo.toml'),
    `[package]\nname = "kernel-tests"\nversion = "0.0.0"\nedition = "2024"\n\n[lib]\ncrate-type = ["cdylib"]\n\n[dependencies]\n` +
      `adjoint-simd = { path = ${path('simd')} }\nadjoint-kernels = { path = ${path('kernels')} }\n\n` +
      `[profile.release]\nopt-level = 2\npanic = "abort"\ndebug-assertions = true\n\n[workspace]\n`,
  );
}

/** Compiles and runs them in both flavours, and adds them to the tally. */
export async function wasmTests({ wasm: env }, tally) {
  makeCrate();
  for (const { name, features } of FLAVOURS) {
    const title = `kernel tests in wasm (${name})`;
    const target = join(folder, name);
    const flags = { ...env, CARGO_TARGET_DIR: target, CARGO_ENCODED_RUSTFLAGS: rustFlags(features) };
    const code = await start('cargo', ['build', '--quiet', '--release', '--target', TARGET], { env: flags, cwd: folder });
    if (code !== 0) {
      tally.fail(`${title}: did not compile`);
      continue;
    }
    const report = join(folder, `${name}.json`);
    rmSync(report, { force: true });
    const binary = join(target, TARGET, 'release', 'kernel_tests.wasm');
    const listed = readdirSync(join(folder, 'src')).flatMap((file) => list(readFileSync(join(folder, 'src', file), 'utf8')));
    writeFileSync(join(folder, 'list.json'), JSON.stringify(listed));
    await start(process.execPath, [...ENGINE_FLAGS, inRoot('scripts', 'check', 'wasm-runner.mjs'), binary, join(folder, 'list.json'), report]);
    if (!existsSync(report)) {
      tally.fail(`${title}: the runner ended in the middle`);
      continue;
    }
    const { passed, failed } = JSON.parse(readFileSync(report, 'utf8'));
    tally.add({ passed, failed: failed.length });
    for (const test of failed) tally.failures.push(`${title}: ${test}`);
    console.log(`${title}: ${passed} passed, ${failed.length} failed`);
    if (passed + failed.length === 0) tally.fail(`${title}: none ran`);
  }
}
