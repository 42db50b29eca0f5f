// Rust for wasm32 from Debian's packages, for machines that reach a Debian mirror but not rustup's downloads.
//
// Debian packages a recent compiler (rustc-web) without a standard library for wasm32-unknown-unknown, but with its sources
// and their vendored dependencies (rust-web-src). The library is built once, offline, from an empty crate with -Zbuild-std
// and laid out as a sysroot whose bin/rustc is a wrapper. With that bin first on PATH stock cargo and wasm-pack see an
// ordinary toolchain that has the target: `rustc --print sysroot` shows it.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { SetupError, timed } from './log.mjs';
import { inRoot, tools } from './paths.mjs';
import { output, quietly, which, withPath } from './process.mjs';
import { TARGET } from './target.mjs';
import { isAtLeast } from './version.mjs';

const RUSTC = '/usr/bin/rustc';
const CARGO = '/usr/bin/cargo';
const RUSTLIB = '/usr/lib/rustlib';

// Clippy and rustfmt are small, and `npm run check` wants them from the same toolchain.
const PACKAGES = ['rustc-web', 'cargo-web', 'rust-web-src', 'rust-web-llvm', 'rust-web-clippy', 'rustfmt-web'];

const sysroot = join(tools, 'debian-sysroot');
const stamp = join(sysroot, 'built-with.json');

/** What identifies the installed compiler, without starting it. */
function compilerIdentity() {
  const { size, mtimeMs } = statSync(RUSTC);
  return JSON.stringify({ size, mtimeMs });
}

/** Whether the sysroot exists and was built by the compiler that is installed. */
export function debianReady() {
  return existsSync(stamp) && existsSync(RUSTC) && existsSync(CARGO) && readFileSync(stamp, 'utf8') === compilerIdentity();
}

const installed = (name) => /^ii/.test(output('dpkg-query', ['-W', '-f', '${db:Status-Abbrev} ', name]) ?? '');

/** rust-web-llvm only points at the linker of its LLVM; that package has to be named, `lld-22` for `llvm-22`. */
function linkerPackage() {
  const version = /llvm-(\d+)/.exec(output('apt-cache', ['depends', 'rust-web-llvm']) ?? '')?.[1];
  return version ? [`lld-${version}`] : [];
}

function packagesToInstall() {
  return [...PACKAGES, ...linkerPackage()].filter((name) => !installed(name));
}

/**
 * Whether Debian's packages can be had here: `{ usable: true }`, or `{ usable: false, command }` with what an administrator
 * would run, or without a command where there is no apt.
 */
export function debianSupport() {
  if (!which('apt-get') || !which('dpkg-query')) return { usable: false };
  const missing = packagesToInstall();
  if (process.getuid?.() === 0 || missing.length === 0) return { usable: true };
  const command = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  return { usable: false, command };
}

async function installPackages() {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (installed(PACKAGES[0]) && packagesToInstall().length === 0) return;
  await timed('debian rust', `apt-get install ${PACKAGES[0]} and what belongs to it`, async () => {
    // A stale or empty package list offers an old compiler or none. A mirror that cannot be reached shows in the install.
    await quietly('apt-get', ['update'], { env }).catch(() => {});
    const missing = packagesToInstall();
    try {
      await quietly('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { env });
    } catch (error) {
      throw new SetupError(`Debian's Rust packages (${missing.join(' ')}) could not be installed; ${error.message}`);
    }
  });
}

/** Builds the standard library for wasm32; resolves with the folder of its .rlib files. */
async function buildStd(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'src'), { recursive: true });
  writeFileSync(
    join(folder, 'Cargo.toml'),
    '[package]\nname = "std-for-wasm"\nversion = "0.0.0"\nedition = "2024"\n\n[profile.release]\npanic = "abort"\n\n[workspace]\n',
  );
  writeFileSync(join(folder, 'src', 'lib.rs'), '#![no_std]\n');
  const env = {
    ...process.env,
    RUSTC,
    RUSTC_BOOTSTRAP: '1', // -Zbuild-std on a release compiler
    RUSTFLAGS: '-Cembed-bitcode=yes', // without it a later `lto = "fat"` finds no bitcode in these libraries
    CARGO_TARGET_DIR: join(folder, 'target'),
    CARGO_HOME: join(folder, 'home'), // no cargo configuration of a user applies
  };
  for (const name of ['CARGO_ENCODED_RUSTFLAGS', 'CARGO_BUILD_TARGET', 'RUSTC_WRAPPER']) delete env[name];
  const args = ['build', '--release', '--target', TARGET, '-Zbuild-std=std,panic_abort'];
  const vendored = `${RUSTLIB}/src/rust/library/vendor`;
  if (existsSync(vendored)) {
    args.push('--offline', '--config', 'source.crates-io.replace-with="vendored"');
    args.push('--config', `source.vendored.directory="${vendored}"`);
  }
  await quietly(CARGO, args, { cwd: folder, env });
  return join(folder, 'target', TARGET, 'release', 'deps');
}

function layOut(folder, rlibs, host) {
  rmSync(folder, { recursive: true, force: true });
  const lib = join(folder, 'lib', 'rustlib', TARGET, 'lib');
  mkdirSync(lib, { recursive: true });
  mkdirSync(join(folder, 'bin'));
  for (const name of readdirSync(rlibs)) {
    if (name.endsWith('.rlib') && !name.startsWith('libstd_for_wasm')) copyFileSync(join(rlibs, name), join(lib, name));
  }
  symlinkSync(join(RUSTLIB, host), join(folder, 'lib', 'rustlib', host));
  symlinkSync(join(RUSTLIB, 'src'), join(folder, 'lib', 'rustlib', 'src'));
  for (const name of ['cargo', 'rustdoc']) symlinkSync(`/usr/bin/${name}`, join(folder, 'bin', name));
  const wrapper = join(folder, 'bin', 'rustc');
  writeFileSync(wrapper, `#!/bin/sh\nexec ${RUSTC} --sysroot "\${0%/bin/rustc}" "$@"\n`);
  chmodSync(wrapper, 0o755);
}

/** Installs and builds what is missing; returns the environments for host and wasm32 builds and the compiler's version. */
export async function debianToolchain(minimum) {
  if (!debianReady()) {
    await installPackages();
    const version = debianVersion();
    if (!isAtLeast(version, minimum)) {
      throw new SetupError(`Rust ${minimum} or newer is needed and this Debian's rustc-web is ${version}; get one from https://rustup.rs`);
    }
    await timed('debian rust', `building Rust's standard library for ${TARGET}`, async () => {
      const folder = join(tools, 'debian-std');
      const fresh = `${sysroot}.new`;
      const host = /^host: (.+)$/m.exec(output(RUSTC, ['-vV']))[1];
      layOut(fresh, await buildStd(folder), host);
      writeFileSync(join(fresh, 'built-with.json'), compilerIdentity());
      rmSync(sysroot, { recursive: true, force: true });
      renameSync(fresh, sysroot);
      rmSync(folder, { recursive: true, force: true });
      // What was compiled against another standard library cannot be linked with this one (error E0460).
      for (const name of ['wasm-simd128', 'wasm-relaxed']) rmSync(inRoot('target', name), { recursive: true, force: true });
    });
  }
  const native = withPath(process.env, '/usr/bin');
  // clippy-driver asks SYSROOT, not the wrapper.
  return { native, wasm: { ...withPath(process.env, join(sysroot, 'bin')), SYSROOT: sysroot }, version: debianVersion() };
}

function debianVersion() {
  return /^rustc ([\d.]+)/.exec(output(RUSTC, ['--version']) ?? '')?.[1] ?? '0';
}
