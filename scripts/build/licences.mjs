// The licences of what is compiled into the binaries, as the licences ask for: a file of the package, made from cargo's own account.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupError } from '../setup/log.mjs';
import { inRoot } from '../setup/paths.mjs';
import { output } from '../setup/process.mjs';
import { TARGET } from '../setup/target.mjs';

/** The file's name in dist. */
export const LICENCES = 'THIRD-PARTY-LICENSES.txt';

/** Part of every Rust program, and of no crate's account. */
const STANDARD_LIBRARY = inRoot('scripts', 'build', 'rust-standard-library-license.txt');

const isMacro = ({ targets }) => targets.some(({ kind }) => kind.includes('proc-macro'));

/** The crates from outside that end in the binaries: what the boundary's crate needs at run time, and what that needs. */
function crates(env) {
  const text = output('cargo', ['metadata', '--format-version', '1', '--locked', '--filter-platform', TARGET], env);
  if (text === null) throw new SetupError('cargo metadata failed; run it by hand to see why');
  const { packages, resolve } = JSON.parse(text);
  const byId = new Map(packages.map((p) => [p.id, p]));
  const needs = new Map(resolve.nodes.map(({ id, deps }) => [id, deps.filter((d) => d.dep_kinds.some(({ kind }) => kind === null)).map(({ pkg }) => pkg)]));
  const found = new Set();
  const visit = (id) => {
    // Macros run when the binary is compiled and leave nothing of themselves.
    if (found.has(id) || isMacro(byId.get(id))) return;
    found.add(id);
    needs.get(id).forEach(visit);
  };
  visit(packages.find(({ name }) => name === 'adjoint-wasm').id);
  return [...found].map((id) => byId.get(id)).filter(({ source }) => source !== null);
}

/** The text of a crate's licence: MIT where it may be chosen, since it is the shortest. */
function licenceOf({ name, version, license, manifest_path }) {
  const folder = dirname(manifest_path);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|unlicense)/i.test(file)).sort();
  const chosen = files.find((file) => /mit/i.test(file)) ?? files[0];
  if (chosen === undefined) throw new SetupError(`crate ${name} ${version} (${license}) has no file with its licence; adapt scripts/build/licences.mjs`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, chosen), 'utf8').trim()}`;
}

/** The text of the file. */
export function licences(env) {
  const head = 'Adjoint itself is under the MIT licence in LICENSE. Its WebAssembly binaries contain code of the following projects.';
  const texts = crates(env).sort((a, b) => a.name.localeCompare(b.name)).map(licenceOf);
  return `${[head, readFileSync(STANDARD_LIBRARY, 'utf8').trim(), ...texts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** Writes it into dist. */
export function buildLicences({ native }) {
  writeFileSync(inRoot('dist', LICENCES), licences(native));
}
