// Where files are read from: paths, URLs and bytes at once; what arrives in pieces by a promise.
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { Kind, REFUSED } from '../core/kinds';
import type { Stated } from '../core/options';
import { FileInput, MemoryInput, type Input } from './input';
import { fileSystem, pathOf } from '../runtime/host-files';

/** What is read at once: a path or `file:` URL, where there are files, or the bytes themselves. */
export type SyncSource = string | URL | Uint8Array | ArrayBuffer;

/** What is read by a promise. */
export type AsyncSource = Blob | Response | ReadableStream<Uint8Array> | Promise<Blob | Response | Uint8Array | ArrayBuffer>;

/** What a file is read from. */
export type Source = SyncSource | AsyncSource;

/** What a function returns that reads a source of type `S`. */
export type Read<S, T> = S extends SyncSource ? T : Promise<T>;

/** A function that reads a source. */
export type Reads<T> = Stated & (<S extends Source>(source: S | { source: S }) => Read<S, T>);

const INSTEAD = "fetch it and hand over the answer, as in await load(await fetch('model.pt')), or hand over its bytes";

const tagOf = (value: unknown): string => Object.prototype.toString.call(value);
const has = (value: unknown, method: string): boolean => typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function';

/** The bytes of what is bytes; null for anything else. Those of another realm are no instances here. */
function bytesIn(value: unknown): Uint8Array | null {
  if (ArrayBuffer.isView(value)) return tagOf(value) === '[object Uint8Array]' ? (value as Uint8Array) : null;
  return tagOf(value) === '[object ArrayBuffer]' ? new Uint8Array(value as ArrayBuffer) : null;
}

const isUrl = (value: unknown): value is URL => value instanceof URL || tagOf(value) === '[object URL]';
const isPlace = (value: unknown): value is string | URL => typeof value === 'string' || isUrl(value);
const isAwaited = (value: unknown): boolean => typeof value === 'object' && ['arrayBuffer', 'getReader', 'then'].some((name) => has(value, name));

/** The parameter `source`. */
export const source = /* @__PURE__ */ new Kind<Source>(
  'a path, a URL, a Uint8Array, an ArrayBuffer, a Blob, a Response or a ReadableStream',
  (value) => (isPlace(value) || bytesIn(value) !== null || isAwaited(value) ? value : REFUSED),
);

/** All bytes of what is read by a promise. */
async function gather(op: string, from: unknown): Promise<Uint8Array> {
  const given: unknown = await from;
  const bytes = bytesIn(given);
  if (bytes !== null) return bytes;
  if ((given as { ok?: unknown } | null | undefined)?.ok === false) {
    const { status, url } = given as { status?: unknown; url?: unknown };
    const shown = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : describe(value));
    throw new UsageError(`${op}: the answer from ${shown(url)} has status ${shown(status)}; check the address`, op, { status, url });
  }
  // What comes from objects of the caller's is looked at before it is used: they may only look like a Blob or a stream.
  const refuse = (what: string, expected: string, got: unknown): UsageError => new UsageError(`${op}: ${what} must give ${expected}, got ${describe(got)}`, op);
  if (has(given, 'arrayBuffer')) {
    const buffer: unknown = await (given as Blob).arrayBuffer();
    const all = bytesIn(buffer);
    if (all === null) throw refuse('arrayBuffer() of the source', 'an ArrayBuffer', buffer);
    return all;
  }
  if (!has(given, 'getReader')) throw new UsageError(`${op}: source must be ${source.expected}, got a promise of ${describe(given)}`, op);
  const reader = (given as ReadableStream<unknown>).getReader();
  if (!has(reader, 'read')) throw refuse('getReader() of the stream', 'a reader', reader);
  const chunks: Uint8Array[] = [];
  for (;;) {
    const read: unknown = await reader.read();
    if (typeof read !== 'object' || read === null) throw refuse("read() of the stream's reader", 'an object of done and value', read);
    const { done, value } = read as { done?: unknown; value?: unknown };
    if (done === true) return joined(chunks);
    const chunk = bytesIn(value);
    if (chunk === null) {
      if (has(reader, 'cancel')) await reader.cancel();
      throw refuse('the stream', 'Uint8Arrays', value);
    }
    chunks.push(chunk);
  }
}

/** The bytes of many arrays in one. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** What `use` makes of the source, at once or by a promise. A file is open until `use` returns. */
export function reading<T>(op: string, from: Source, use: (input: Input) => T): T | Promise<T> {
  const bytes = bytesIn(from);
  if (bytes !== null) return use(new MemoryInput(op, 'the bytes', bytes));
  if (!isPlace(from)) return gather(op, from).then((all) => use(new MemoryInput(op, 'the bytes', all)));
  const input = FileInput.at(op, pathOf(op, from, INSTEAD), fileSystem(op, INSTEAD));
  if (!(input instanceof FileInput)) return use(input);
  input.open();
  try {
    return use(input);
  } finally {
    input.close();
  }
}
