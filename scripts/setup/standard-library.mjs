// The sources of Rust's standard library, which the binaries with threads are compiled with: the one that comes compiled knows of one
// thread only. rustup has them as a component, Debian as a package (debian-sysroot.mjs installs it).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, timed } from './log.mjs';
import { output, quietly, which } from './process.mjs';

/** What lets a release of Rust compile its own library, and use what only that has. */
export const NIGHTLY = { RUSTC_BOOTSTRAP: '1' };

const sourcesOf = (env) => join(output('rustc', ['--print', 'sysroot'], env) ?? '', 'lib', 'rustlib', 'src', 'rust', 'library');

/** Gets the sources where they are missing. */
export async function standardLibrary(env) {
  if (existsSync(join(sourcesOf(env), 'Cargo.toml'))) return;
  const command = 'rustup component add rust-src';
  if (!which('rustup', env)) throw new SetupError(`the sources of Rust's standard library are missing; get them with: ${command}`);
  await timed('rust', command, () => quietly('rustup', ['component', 'add', 'rust-src'], { env }));
  if (!existsSync(join(sourcesOf(env), 'Cargo.toml'))) {
    throw new SetupError(`${command} brought no sources of the cargo that is used (${sourcesOf(env)})`);
  }
}

/** What cargo is told to compile the library along. */
export function standardLibraryArguments(env) {
  const vendored = join(sourcesOf(env), 'vendor');
  const offline = ['--config', 'source.crates-io.replace-with="vendored"', '--config', `source.vendored.directory="${vendored}"`];
  return ['-Zbuild-std=std,panic_abort', ...(existsSync(vendored) ? offline : [])];
}
