// Reads back what scripts/build/embed.mjs wrote; there it says why not base64.

/** Byte values at the front, two hexadecimal digits each. */
const TABLE = 256;
const PREFIXES = 2;

/** The bytes a text stands for. */
export function unembed(text: string): Uint8Array<ArrayBuffer> {
  // By code of the letter: its place among printable ASCII without quotes, `\`, `$`, `<` and `&`.
  const places = new Uint8Array(127);
  let letters = 0;
  for (let code = 32; code < 127; code++) {
    if (!'\\"\'`$<&'.includes(String.fromCharCode(code))) places[code] = letters++;
  }
  const codes = new TextEncoder().encode(text);
  const values = new Uint8Array(TABLE);
  for (let i = 0; i < TABLE; i++) values[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  const singles = letters - PREFIXES;
  let length = 0;
  // In place: what is written is never ahead of what is read.
  for (let at = 2 * TABLE; at < codes.length; at++) {
    const place = places[codes[at]!]!;
    codes[length++] = values[place < PREFIXES ? singles + place * letters + places[codes[++at]!]! : place - PREFIXES]!;
  }
  return codes.slice(0, length);
}
