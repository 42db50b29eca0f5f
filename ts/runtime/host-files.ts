// The file system, where there is one. Pages have none, so nothing here is imported from `node:`: the entries for Node and Bun
// hand it over, and elsewhere the host is asked for it.
import type * as fs from 'node:fs';
import { UsageError } from '../core/errors';
import { hostModule } from './host-modules';

/** What is used of Node's `fs`. Deno and Bun have it too. */
export type FileSystem = Pick<
  typeof fs,
  | 'chmodSync'
  | 'closeSync'
  | 'fstatSync'
  | 'fsyncSync'
  | 'openSync'
  | 'readFileSync'
  | 'readSync'
  | 'realpathSync'
  | 'renameSync'
  | 'statSync'
  | 'unlinkSync'
  | 'writeFileSync'
  | 'writeSync'
>;

let known: FileSystem | null = null;

/** Says what reads and writes files; entries that import it do so. */
export function provideFiles(files: FileSystem): void {
  known = files;
}

/** The file system; `op` asks for it, and `instead` says what to do where there is none. */
export function fileSystem(op: string, instead: string): FileSystem {
  known ??= hostModule('fs') as FileSystem | null;
  if (known === null) throw new UsageError(`${op}: there are no files here; ${instead}`, op);
  return known;
}

/** The path that a string or a `file:` URL names; another URL is refused with what to do instead. */
export function pathOf(op: string, place: string | URL, instead: string): string {
  const text = String(place);
  if (typeof place === 'string' && !/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return text;
  if (!/^file:/i.test(text)) throw new UsageError(`${op}: ${text} is not a file; ${instead}`, op);
  const url = new URL(text);
  if (url.hostname !== '' && url.hostname !== 'localhost') throw new UsageError(`${op}: ${text} is on another host`, op);
  if (/%2f|%00/i.test(url.pathname)) throw new UsageError(`${op}: ${text} has an encoded slash or zero in its path`, op);
  // A Windows path begins with a letter of a drive: /C:/data.
  return decodeURIComponent(url.pathname).replace(/^\/(?=[a-z]:)/i, '');
}

/** What went wrong in the file system, as an error of this package. */
export function fileError(op: string, what: string, path: string, cause: unknown): UsageError {
  const { code, message } = cause as { code?: string; message?: string };
  return new UsageError(`${op}: cannot ${what} ${path}: ${message ?? String(cause)}`, op, { path, reason: code, cause });
}
