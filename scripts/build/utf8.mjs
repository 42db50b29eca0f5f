// UTF-8 where the host has neither TextDecoder nor TextEncoder, as Jest's jsdom environment. scripts/build/glue.mjs puts the text of
// these two functions into wasm-bindgen's glue, so they may refer to nothing outside of them.

/** What the glue uses of a TextDecoder. Malformed bytes become U+FFFD, one by one. */
export function utf8Decoder() {
  const decode = (bytes = []) => {
    let text = '';
    for (let i = 0; i < bytes.length; ) {
      const lead = bytes[i++];
      const more = lead < 0x80 ? 0 : lead >= 0xf0 && lead < 0xf5 ? 3 : lead >= 0xe0 ? 2 : 1;
      let code = more === 0 ? lead : lead & (0x3f >> more);
      let read = 0;
      while (read < more && (bytes[i + read] & 0xc0) === 0x80) code = (code << 6) | (bytes[i + read++] & 0x3f);
      const isGood = read === more && code <= 0x10ffff && (more === 0 || (lead >= 0xc2 && lead < 0xf5 && code >= [0, 0x80, 0x800, 0x10000][more] && code >> 11 !== 27));
      text += isGood ? String.fromCodePoint(code) : '\ufffd';
      if (isGood) i += more;
    }
    return text;
  };
  return { decode };
}

/** What the glue uses of a TextEncoder. Halves of surrogate pairs become U+FFFD. */
export function utf8Encoder() {
  const encode = (text = '') => {
    const bytes = [];
    for (const letter of text) {
      const point = letter.codePointAt(0);
      const code = point >> 11 === 27 ? 0xfffd : point;
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
      else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
      else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    }
    return Uint8Array.from(bytes);
  };
  const encodeInto = (text, view) => {
    const bytes = encode(text);
    view.set(bytes);
    return { read: text.length, written: bytes.length };
  };
  return { encode, encodeInto };
}
