// A binary as text in a JavaScript file, for bundled pages: ts/runtime/embedded.ts reads it back.
//
// What counts is what the page's visitor downloads, which servers compress. Base64 hides the bytes from the compressor: six bits a
// letter break what repeats, and brotli gives back 1.43 times what it makes of the binary itself. Here the commoner byte values are a
// printable letter each and the others two, so what repeats in the binary repeats in the text: 1.012 times. Only letters are used that
// stand for themselves in every kind of string literal and in a script element, since a page's own bundler prints the text anew.

import { deflateRawSync } from 'node:zlib';
import { brotli } from './brotli.mjs';

/**
 * The letters: printable ASCII without quotes, `\`, `$`, `<` and `&`. The space comes last: the first begin pairs, and it stands for
 * itself, since texts are full of it.
 */
export const LETTERS = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + ((i + 1) % 95))).filter((c) => !'\\"\'`$<&'.includes(c));

/** Letters that begin a pair; two of them reach 2 · 88 byte values. */
const PREFIXES = 2;

/** Orders of bytes that are not printable. By the last six bits neighbours are what opcodes and numbers of a kind have in common. */
const ORDERS = [(a, b) => a - b, (a, b) => (a & 63) - (b & 63) || a - b, (a, b) => (b & 63) - (a & 63) || a - b, (a, b) => (a & 127) - (b & 127) || a - b];

/**
 * The text: the 256 byte values in hexadecimal, in order of their codes, and then each byte's code. Of several orders it has the one that
 * compresses best: between them lies half a percent, and which is best changes from build to build.
 */
export function embed(bytes) {
  const texts = ORDERS.map((order) => textOf(bytes, order)).map((text) => ({ text, size: brotli(Buffer.from(text)) }));
  return texts.reduce((best, other) => (other.size < best.size ? other : best)).text;
}

function textOf(bytes, byOrder) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte] += 1;
  const singles = LETTERS.length - PREFIXES;
  const byUse = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
  // A byte that is printable itself stands for itself where it can: brotli knows the words that texts in the binary are made of. The others
  // follow in order, so that what is alike is near in the alphabet.
  const common = byUse.slice(0, singles);
  const letters = LETTERS.slice(PREFIXES);
  const isItself = (byte) => letters.includes(String.fromCharCode(byte));
  const others = common.filter((byte) => !isItself(byte)).sort(byOrder);
  const own = new Set(common.filter(isItself).map((byte) => String.fromCharCode(byte)));
  const order = [...letters.map((letter) => (own.has(letter) ? letter.charCodeAt(0) : others.shift())), ...byUse.slice(singles).sort((a, b) => a - b)];
  const codes = [];
  order.forEach((byte, i) => {
    const rest = i - singles;
    codes[byte] = rest < 0 ? LETTERS[PREFIXES + i] : LETTERS[Math.floor(rest / LETTERS.length)] + LETTERS[rest % LETTERS.length];
  });
  const table = order.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const body = [];
  for (const byte of bytes) body.push(codes[byte]);
  return table + body.join('');
}

/** Digits of a number of four bytes in base 85. */
const DIGITS = 5;
const BASE = 85;

/**
 * The bytes compressed, as text: how many there are and how many compressed ones, and these by fours, the most significant first, as five
 * letters. ts/runtime/packed.ts reads it back.
 */
export function pack(bytes) {
  const packed = deflateRawSync(bytes, { level: 9 });
  const groups = [];
  for (let at = 0; at < packed.length; at += 4) {
    let value = 0;
    for (let i = 0; i < 4; i++) value = value * 256 + (packed[at + i] ?? 0);
    const digits = [];
    for (let i = 0; i < DIGITS; i++, value = Math.floor(value / BASE)) digits.unshift(LETTERS[value % BASE]);
    groups.push(digits.join(''));
  }
  return `${bytes.length},${packed.length}:${groups.join('')}`;
}
