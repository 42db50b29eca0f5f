// Reads back what scripts/build/embed.mjs wrote; there it says why not base64.
import { messageOf } from '../core/describe';
import { LoadError } from '../core/errors';

/** Byte values at the front, two hexadecimal digits each. */
const TABLE = 256;
const PREFIXES = 2;

/** What has the bytes that a text stands for. */
type Reader = (text: string) => Uint8Array<ArrayBuffer>;

/** The bytes a text stands for. */
export function unembed(text: string): Uint8Array<ArrayBuffer> {
  // By code of the letter: its place among printable ASCII without quotes, `\`, `$`, `<` and `&`, the space last.
  const places = new Uint8Array(127);
  let letters = 0;
  for (let i = 1; i <= 95; i++) {
    const code = 32 + (i % 95);
    if (!'\\"\'`$<&'.includes(String.fromCharCode(code))) places[code] = letters++;
  }
  const values = new Uint8Array(TABLE);
  for (let i = 0; i < TABLE; i++) values[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  const singles = letters - PREFIXES;
  // Not by TextEncoder, which Jest's jsdom environment lacks.
  const bytes = new Uint8Array(text.length - 2 * TABLE);
  let length = 0;
  for (let at = 2 * TABLE; at < text.length; at++) {
    const place = places[text.charCodeAt(at)]!;
    bytes[length++] = values[place < PREFIXES ? singles + place * letters + places[text.charCodeAt(++at)]! : place - PREFIXES]!;
  }
  return bytes.slice(0, length);
}

/** The text in the file of a module that a bundler may have printed anew: its longest piece in letters that every string keeps. */
export function findEmbedded(script: string): string | null {
  const longest = script.split(/["'`]/).reduce((a, b) => (b.length > a.length ? b : a));
  return longest.length > 2 * TABLE ? longest : null;
}

/** The module a text stands for, which `read` reads. */
export function compileAtOnce(text: string, read: Reader = unembed): WebAssembly.Module {
  try {
    return new WebAssembly.Module(read(text));
  } catch (cause) {
    throw refused(cause);
  }
}

/** The same without blocking. Null for the empty text of a quick build, which has no secondary module. */
export async function compileAhead(text: string, read: Reader = unembed): Promise<WebAssembly.Module | null> {
  if (text === '') return null;
  try {
    return await WebAssembly.compile(read(text));
  } catch (cause) {
    throw refused(cause);
  }
}

/** The error for an engine that compiles no WebAssembly, or not now. */
function refused(cause: unknown): LoadError {
  const why = messageOf(cause);
  const remedy = /Content.Security|unsafe-eval|violates/i.test(why)
    ? "allow 'wasm-unsafe-eval' in script-src of the Content-Security-Policy"
    : 'call await init() first'; // Some browsers compile large modules on the main thread only asynchronously.
  return new LoadError(`init: this engine refuses to compile WebAssembly (${why}); ${remedy}`, 'init', { cause });
}
