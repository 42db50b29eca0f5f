// npm run gen: what is generated from the op files, checked in so that it can be read and searched.
//   1. crates/ops/src/registry.rs and each family's mod.rs, from the names of the op files;
//   2. ts/generated, docs/ops and test/generated, printed by crates/opgen from the op table those make.
// With --check nothing is written: it fails naming the files that differ from what would be.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { GENERATED_FOLDERS, bindings, filesBelow } from './gen/bindings.mjs';
import { rustFiles } from './gen/registry.mjs';
import { exitWith } from './setup/log.mjs';
import { inRoot, root } from './setup/paths.mjs';

const current = (path) => (existsSync(inRoot(path)) ? readFileSync(inRoot(path), 'utf8') : null);
const different = (files) => [...files].filter(([path, text]) => current(path) !== text).map(([path]) => path);

/** Files in the generated folders that nothing prints any more. */
function leftOver(files) {
  const present = GENERATED_FOLDERS.filter((folder) => existsSync(inRoot(folder))).flatMap((folder) => [
    ...filesBelow(inRoot(folder), root),
  ]);
  return present.filter((path) => !files.has(path));
}

function write(files, paths) {
  for (const path of paths) {
    mkdirSync(dirname(inRoot(path)), { recursive: true });
    writeFileSync(inRoot(path), files.get(path));
    console.log(`[gen] wrote ${path}`);
  }
}

/** Brings everything up to date; returns the paths that changed. */
export function generate() {
  const rust = rustFiles();
  const changedRust = different(rust);
  write(rust, changedRust);
  const printed = bindings();
  const changed = different(printed);
  write(printed, changed);
  const old = leftOver(printed);
  for (const path of old) {
    rmSync(inRoot(path));
    console.log(`[gen] removed ${path}`);
  }
  return [...changedRust, ...changed, ...old];
}

function check() {
  const stale = different(rustFiles());
  // The bindings of a stale registry would be stale too, and naming them all would bury the cause.
  if (stale.length === 0) {
    const printed = bindings();
    stale.push(...different(printed), ...leftOver(printed));
  }
  if (stale.length > 0) {
    console.error(`[gen] out of date:\n${stale.map((path) => `  ${path}`).join('\n')}\nRun \`npm run gen\` and commit the result.`);
    process.exit(1);
  }
  console.log('[gen] up to date');
}

try {
  if (process.argv.includes('--check')) check();
  else if (generate().length === 0) console.log('[gen] up to date');
} catch (error) {
  exitWith(error);
}
