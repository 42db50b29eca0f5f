// Text as Python's pickles hold it: UTF-8, in which half a pair of surrogates is three bytes (`surrogatepass`).

const LONE = /[\ud800-\udfff]/u;

let strict: TextDecoder | null = null;

/** The text of bytes; throws where they are no UTF-8. */
function decode(bytes: Uint8Array): string {
  strict ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return strict.decode(bytes);
}

/** The text of bytes; null where they are no UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return decode(bytes);
  } catch {
    return textWithSurrogates(bytes);
  }
}

/** The same with lone surrogates: what is around them is decoded strictly. */
function textWithSurrogates(bytes: Uint8Array): string | null {
  const parts: string[] = [];
  let start = 0;
  try {
    for (let i = 0; i + 2 < bytes.length; i++) {
      // ED A0 80 to ED BF BF is what UTF-8 leaves out.
      if (bytes[i] !== 0xed || (bytes[i + 1]! & 0xe0) !== 0xa0 || (bytes[i + 2]! & 0xc0) !== 0x80) continue;
      parts.push(decode(bytes.subarray(start, i)), String.fromCharCode(0xd000 | ((bytes[i + 1]! & 0x3f) << 6) | (bytes[i + 2]! & 0x3f)));
      start = i + 3;
      i += 2;
    }
    parts.push(decode(bytes.subarray(start)));
  } catch {
    return null;
  }
  return parts.join('');
}

/** The bytes of a text. */
export function bytesOfText(text: string): Uint8Array {
  const encoder = new TextEncoder();
  if (!LONE.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const letter of text) {
    const code = letter.codePointAt(0)!;
    if (code >= 0xd800 && code <= 0xdfff) bytes.push(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else for (const byte of encoder.encode(letter)) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
