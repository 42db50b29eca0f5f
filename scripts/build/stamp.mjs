// Remembers what an output was made from, by content: a fresh checkout's file times say nothing.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root, tools } from '../setup/paths.mjs';

const folder = join(tools, 'stamps');

function* files(path, keep) {
  if (!existsSync(path)) return;
  if (statSync(path).isFile()) return yield path;
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = join(path, entry.name);
    if (keep(inner)) yield* files(inner, keep);
  }
}

/** A hash of the files at `paths` (folders with all that is in them and `keep` accepts) and of the strings in `facts`. */
export function fingerprint(paths, facts, keep = () => true) {
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const path of paths) {
    for (const file of files(path, keep)) hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** Whether `outputs` exist and were made from what `print` stands for. */
export function isCurrent(name, print, outputs) {
  const file = join(folder, name);
  return existsSync(file) && readFileSync(file, 'utf8') === print && outputs.every((output) => existsSync(output));
}

/** Forgets the stamp, before its outputs are touched. */
export function forget(name) {
  rmSync(join(folder, name), { force: true });
}

/** Records that the outputs are made from what `print` stands for. */
export function remember(name, print) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), print);
}
