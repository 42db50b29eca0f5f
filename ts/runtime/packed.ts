// Reads back what `pack` of scripts/build/embed.mjs wrote: the binary compressed, for files that no page loads. Those of pages are read by
// embedded.ts and are not compressed, which servers do better.
import { inflate } from '../core/inflate';

/** How many letters stand for how many bytes: as digits of a number of that many. */
const LETTERS = 5;
const BYTES = 4;
const BASE = 85;

/** The bytes a text stands for. */
export function unpack(text: string): Uint8Array<ArrayBuffer> {
  const start = text.indexOf(':') + 1;
  const [size, count] = text.slice(0, start - 1).split(',').map(Number) as [number, number];
  // By code of the letter: its place among printable ASCII without quotes, `\`, `$`, `<` and `&`, the space last.
  const places = new Uint8Array(127);
  let letters = 0;
  for (let i = 1; i <= 95; i++) {
    const code = 32 + (i % 95);
    if (!'\\"\'`$<&'.includes(String.fromCharCode(code))) places[code] = letters++;
  }
  const packed = new Uint8Array(Math.ceil(count / BYTES) * BYTES);
  for (let at = start, to = 0; to < packed.length; to += BYTES) {
    let value = 0;
    for (let i = 0; i < LETTERS; i++) value = value * BASE + places[text.charCodeAt(at++)]!;
    for (let i = 0; i < BYTES; i++) packed[to + i] = value / 2 ** (8 * (BYTES - 1 - i));
  }
  return inflate(packed.subarray(0, count), size);
}
