// Finds a Rust toolchain, one that can compile for the host and for wasm32-unknown-unknown.
//
// In order: the cargo on PATH (or in ~/.cargo/bin) if it has the target; the same after `rustup target add`; Debian's
// packages with a standard library built from their sources (debian-sysroot.mjs). Host code is compiled by the cargo that
// was found even where only the target comes from Debian.
//
// ADJOINT_TOOLCHAIN=rustup never tries Debian's packages, =debian uses nothing else, =auto is the order above.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { debianReady, debianSupport, debianToolchain } from './debian-sysroot.mjs';
import { SetupError, note, timed } from './log.mjs';
import { readText } from './paths.mjs';
import { output, quietly, which, withPath } from './process.mjs';
import { TARGET } from './target.mjs';
import { isAtLeast } from './version.mjs';

const DOWNLOAD_LIMIT_MS = 300_000;

/** The oldest Rust that compiles the workspace, from Cargo.toml. */
export const minimumRust = /^rust-version = "([\d.]+)"/m.exec(readText('Cargo.toml'))[1];

const RUSTUP = "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile default";

/** The environment with ~/.cargo/bin on PATH: a shell older than rustup's installation does not have it. */
function environment() {
  const bin = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin');
  return !which('cargo') && existsSync(join(bin, 'cargo')) ? withPath(process.env, bin) : process.env;
}

/** What the cargo of `env` is, or null where there is none that works. */
function inspect(env) {
  if (!which('cargo', env) || !which('rustc', env)) return null;
  const version = /^rustc ([\d.]+)/.exec(output('rustc', ['--version'], env) ?? '')?.[1];
  const sysroot = output('rustc', ['--print', 'sysroot'], env);
  if (!version || !sysroot) return null;
  return { version, hasTarget: existsSync(join(sysroot, 'lib', 'rustlib', TARGET, 'lib')) };
}

async function addTarget(env) {
  try {
    await timed('rust', `rustup target add ${TARGET}`, () =>
      quietly('rustup', ['target', 'add', TARGET], { env, timeout: DOWNLOAD_LIMIT_MS }),
    );
    return true;
  } catch (error) {
    if (process.env.ADJOINT_TOOLCHAIN === 'rustup') throw error;
    note('rust', `rustup cannot get ${TARGET} here; trying Debian's packages`);
    return false;
  }
}

/**
 * Returns `{ native, wasm, version }`: the environments in which `cargo` compiles for the host and for wasm32, and the
 * version of the compiler that makes the wasm binaries.
 */
export async function rust() {
  const mode = process.env.ADJOINT_TOOLCHAIN || 'auto';
  if (!['auto', 'rustup', 'debian'].includes(mode)) {
    throw new SetupError(`ADJOINT_TOOLCHAIN is "${mode}"; it can be auto, rustup or debian`);
  }
  const env = environment();
  const own = mode === 'debian' ? null : inspect(env);
  const usable = own !== null && isAtLeast(own.version, minimumRust);
  // A Debian sysroot that is there says that rustup could not download before: not worth another try each time.
  const worthTrying = mode === 'rustup' || !debianReady();
  if (usable && (own.hasTarget || (worthTrying && which('rustup', env) && (await addTarget(env))))) {
    note('rust', `ready (rustc ${own.version})`);
    return { native: env, wasm: env, version: own.version };
  }
  if (mode !== 'rustup' && (debianReady() || debianSupport().usable)) {
    const debian = await debianToolchain(minimumRust);
    note('rust', `ready (${usable ? `rustc ${own.version}, ` : ''}Debian's rustc ${debian.version} for ${usable ? TARGET : 'everything'})`);
    return { native: usable ? env : debian.native, wasm: debian.wasm, version: debian.version };
  }
  throw new SetupError(missing(own, usable, mode, env));
}

function missing(own, usable, mode, env) {
  const debian = mode === 'rustup' ? undefined : debianSupport().command;
  if (mode === 'debian') {
    return debian ? `Debian's Rust packages are missing; get them with: ${debian}` : 'ADJOINT_TOOLCHAIN is debian and there is no apt here';
  }
  const orDebian = debian ? `, or Debian's packages with: ${debian}` : '';
  if (own === null) return `Rust is missing; get it with: ${RUSTUP}${orDebian}`;
  if (!usable) {
    const get = which('rustup', env) ? 'rustup update' : RUSTUP;
    return `Rust ${minimumRust} or newer is needed and cargo is of Rust ${own.version}; get it with: ${get}${orDebian}`;
  }
  return `Rust's ${TARGET} target is missing and could not be fetched; get it with: rustup target add ${TARGET}${orDebian}`;
}
