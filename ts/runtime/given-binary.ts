// The module of a binary that the caller gives.
import { describe, messageOf } from '../core/describe';
import { LoadError, UsageError } from '../core/errors';

/** Where a binary comes from: a compiled module, its bytes, an address to fetch, or the answer to a request. */
export type Binary = WebAssembly.Module | BufferSource | URL | string | Response | Promise<Response>;

const isBytes = (value: unknown): value is BufferSource => value instanceof ArrayBuffer || ArrayBuffer.isView(value);

/** The module that `where` was given. What cannot be fetched or is no module is a LoadError, what is no source at all a UsageError. */
export async function compiled(where: string, binary: Binary): Promise<WebAssembly.Module> {
  const source = await binary;
  if (source instanceof WebAssembly.Module) return source;
  // Not compileStreaming: it insists on a content type that many servers do not send.
  const bytes = isBytes(source) ? source : await (await answer(where, source)).arrayBuffer();
  try {
    return await WebAssembly.compile(await uncompressed(bytes));
  } catch (cause) {
    throw new LoadError(`${where}: the binary is no WebAssembly module (${messageOf(cause)})`, where, { cause });
  }
}

/** The bytes of a file of gzip's; any other bytes as they are, such as those that a server's answer said were compressed. */
async function uncompressed(bytes: BufferSource): Promise<BufferSource> {
  const [first, second] = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
  if (first !== 0x1f || second !== 0x8b) return bytes;
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}

async function answer(where: string, source: URL | string | Response): Promise<Response> {
  const isAddress = typeof source === 'string' || source instanceof URL;
  if (!isAddress && !(typeof Response === 'function' && source instanceof Response)) {
    throw new UsageError(`${where}: must be given a WebAssembly module, bytes or an address, got ${describe(source)}`, where);
  }
  const response = isAddress ? await fetched(where, source) : source;
  if (!response.ok) throw new LoadError(`${where}: fetching ${isAddress ? String(source) : 'the binary'} failed with status ${response.status}`, where);
  return response;
}

async function fetched(where: string, address: URL | string): Promise<Response> {
  try {
    return await fetch(address);
  } catch (cause) {
    throw new LoadError(`${where}: ${String(address)} cannot be fetched (${messageOf(cause)})`, where, { cause });
  }
}
