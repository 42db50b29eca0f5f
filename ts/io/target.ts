// Where files are written to: a path or a Uint8Array.
import { AdjointError } from '../core/errors';
import { Kind, REFUSED } from '../core/kinds';
import { fileError, fileSystem, pathOf, type FileSystem } from '../runtime/host-files';
import { joined } from './source';

/** Where a file is written to: a path or a `file:` URL. Without one, what is written is returned as a Uint8Array. */
export type Target = string | URL;

/** What a function returns that writes to a target of type `W`. */
export type Written<W> = W extends Target ? undefined : Uint8Array<ArrayBuffer>;

/** Takes bytes in order; they may change after the call. */
export interface Sink {
  write(bytes: Uint8Array): void;
}

/** The parameter `target`. */
export const target = /* @__PURE__ */ new Kind<Target | null>(
  'a path or a file: URL, or null for a Uint8Array',
  (value) => (value === null || typeof value === 'string' || Object.prototype.toString.call(value) === '[object URL]' ? value : REFUSED),
  null,
);

const INSTEAD = 'leave the target out, and a Uint8Array is returned: new Blob([bytes]) makes a download of it';

/** Gives `produce` a sink for the target and returns the bytes, where there is no target. */
export function writing(op: string, to: Target | null, produce: (sink: Sink) => void): Uint8Array<ArrayBuffer> | undefined {
  if (to === null) {
    const chunks: Uint8Array[] = [];
    produce({ write: (bytes) => void chunks.push(bytes.slice()) });
    return joined(chunks);
  }
  const path = pathOf(op, to, INSTEAD);
  const fs = fileSystem(op, INSTEAD);
  try {
    writeFile(fs, path, produce);
  } catch (cause) {
    throw cause instanceof AdjointError || !isOfSystem(cause) ? cause : fileError(op, 'write', path, cause);
  }
  return undefined;
}

/** Whether the system refused it, or Deno, which asks for a permission by the flag that gives it. */
function isOfSystem(error: unknown): boolean {
  const { syscall, name } = (error ?? {}) as { syscall?: unknown; name?: unknown };
  return typeof syscall === 'string' || name === 'NotCapable' || name === 'PermissionDenied';
}

/**
 * Writes a file so that at any moment, even when the machine stops, its path names the old file or the whole new one: beside it
 * under another name, which then takes its place.
 */
function writeFile(fs: FileSystem, path: string, produce: (sink: Sink) => void): void {
  const { real, mode } = placeOf(fs, path);
  if (real === null) {
    // A device or a pipe has nothing that could be replaced.
    intoFile(fs, fs.openSync(path, 'w'), produce, false);
    return;
  }
  const temporary = real.replace(/[^/\\]*$/, (name) => `.${name.slice(0, 100)}.${Math.random().toString(36).slice(2)}.tmp`);
  const fd = fs.openSync(temporary, 'wx');
  try {
    intoFile(fs, fd, produce, true);
    if (mode !== null) fs.chmodSync(temporary, mode);
    fs.renameSync(temporary, real);
  } catch (error) {
    fs.unlinkSync(temporary);
    throw error;
  }
}

/** The path behind links, null where something else than a file is there, and the mode of the file that is. */
function placeOf(fs: FileSystem, path: string): { real: string | null; mode: number | null } {
  let stat;
  try {
    stat = fs.statSync(path);
  } catch {
    return { real: path, mode: null };
  }
  // Opening a directory for writing is the error it should be.
  return stat.isFile() ? { real: fs.realpathSync(path), mode: stat.mode & 0o7777 } : { real: null, mode: null };
}

function intoFile(fs: FileSystem, fd: number, produce: (sink: Sink) => void, isSynced: boolean): void {
  try {
    produce({
      write(bytes) {
        for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at, Math.min(bytes.length - at, 1 << 30));
      },
    });
    if (isSynced) fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
