// The bytes of a file, for the readers: given as they are, or read where there are files.
import { messageOf } from '../core/describe';
import { FormatError, LoadError } from '../core/errors';
import { kind } from '../core/kinds';
import { hostModule } from '../runtime/host-modules';

/** What readers take: bytes, or the path or file: address of a file in Node, Deno and Bun. */
export type FileSource = Uint8Array | ArrayBuffer | URL | string;

/** A file. */
export const fileSource = /* @__PURE__ */ kind<FileSource>(
  'bytes, or the path of a file',
  (value) => typeof value === 'string' || value instanceof URL || value instanceof Uint8Array || value instanceof ArrayBuffer,
);

/** The bytes of a file, unpacked where it is gzipped. */
export function bytesOf(where: string, source: FileSource): Uint8Array {
  const bytes = read(where, source);
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? unzip(where, bytes, 'gunzipSync', 'gzipped data') : bytes;
}

function read(where: string, source: FileSource): Uint8Array {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  const files = hostModule('fs') as { readFileSync(path: URL | string): Uint8Array } | null;
  const path = typeof source === 'string' && source.startsWith('file:') ? new URL(source) : source;
  if (files === null) throw new LoadError(`${where}: there are no files here; pass the bytes of ${String(source)}, as new Uint8Array(await (await fetch(…)).arrayBuffer())`, where);
  try {
    return files.readFileSync(path);
  } catch (cause) {
    throw new LoadError(`${where}: ${String(source)} cannot be read (${messageOf(cause)})`, where, { cause });
  }
}

/** Unpacks with zlib, which is Node's. At most `limit` bytes come out. */
export function unzip(where: string, bytes: Uint8Array, by: 'gunzipSync' | 'inflateSync', what: string, limit = 2 ** 32 - 1): Uint8Array {
  const zlib = hostModule('zlib') as Record<typeof by, (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array> | null;
  if (zlib === null) throw new LoadError(`${where}: there is no zlib here for ${what}; in a browser use DecompressionStream, or ImageData of a canvas, and pass what it gives`, where);
  try {
    return zlib[by](bytes, { maxOutputLength: limit });
  } catch (cause) {
    throw new FormatError(`${where}: ${what} cannot be unpacked (${messageOf(cause)})`, where, { cause });
  }
}
