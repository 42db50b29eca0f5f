// What crates/opgen prints from the op table: TypeScript bindings, reference pages, the test manifest.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { spawnSync } from 'node:child_process';
import { SetupError } from '../setup/log.mjs';
import { root } from '../setup/paths.mjs';

/** Folders that hold nothing but what the program prints. */
export const GENERATED_FOLDERS = ['ts/generated', 'docs/ops', 'test/generated'];

/** All files below `folder`, as paths below `base` with forward slashes. */
export function* filesBelow(folder, base) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path, base);
    else yield relative(base, path).split(sep).join('/');
  }
}

/** The printed files: path below the repository's root → text. */
export function bindings() {
  const folder = mkdtempSync(join(tmpdir(), 'adjoint-gen-'));
  try {
    const args = ['run', '--quiet', '--package', 'adjoint-opgen', '--', folder];
    const { status, stderr, error } = spawnSync('cargo', args, { cwd: root, encoding: 'utf8' });
    if (error) throw new SetupError(`cannot start cargo (${error.code}); run npm run setup`);
    if (status !== 0) throw new SetupError(`crates/opgen failed:\n${stderr.trim()}`);
    return new Map([...filesBelow(folder, folder)].sort().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
