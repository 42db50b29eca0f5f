// Decompression of DEFLATE (RFC 1951), synchronous as the reading of files is: browsers' own is not.

/** What is wrong with compressed bytes, and where. */
export class InflateError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/** No bit of DEFLATE stands for more bytes than about this many, so a larger promise is a lie. */
export const MOST_PER_BYTE = 1032;

/** A code: the symbols in order of their codes, and how many there are of each length. */
interface Huffman {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

const LONGEST = 15;
/** Base lengths and extra bits of the symbols from 257 on, and the same of distances. */
const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCES = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
/** In which order the lengths of the code for lengths are written. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** The `size` bytes that `from` holds compressed; memory grows with what there is, not with what is promised. */
export function inflate(from: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  let out = new Uint8Array(Math.min(size, 1024 + 4 * from.length));
  let length = 0;
  let at = 0;
  let held = 0;
  let count = 0;

  const fail = (message: string): never => {
    throw new InflateError(message, Math.min(at, from.length));
  };

  const bits = (n: number): number => {
    while (count < n) {
      if (at >= from.length) fail('compressed data end early');
      held |= from[at++]! << count;
      count += 8;
    }
    const value = held & ((1 << n) - 1);
    held >>>= n;
    count -= n;
    return value;
  };

  const room = (n: number): void => {
    if (length + n > size) fail(`compressed data are more than the ${size} bytes they should be`);
    if (length + n <= out.length) return;
    const larger = new Uint8Array(Math.min(size, Math.max(length + n, 2 * out.length)));
    larger.set(out.subarray(0, length));
    out = larger;
  };

  const symbol = (of: Huffman): number => {
    // Codes of one length follow each other, so a code is told by its distance from the first of its length.
    let code = 0;
    let first = 0;
    let index = 0;
    for (let n = 1; n <= LONGEST; n++) {
      if (count === 0) {
        if (at >= from.length) fail('compressed data end early');
        held = from[at++]!;
        count = 8;
      }
      code |= held & 1;
      held >>>= 1;
      count -= 1;
      const many = of.counts[n]!;
      if (code - first < many) return of.symbols[index + code - first]!;
      index += many;
      first = (first + many) << 1;
      code <<= 1;
    }
    return fail('compressed data have a code that stands for nothing');
  };

  const stored = (): void => {
    held = 0;
    count = 0;
    if (at + 4 > from.length) fail('compressed data end early');
    const n = from[at]! | (from[at + 1]! << 8);
    if ((from[at + 2]! | (from[at + 3]! << 8)) !== (~n & 0xffff)) fail('the length of a stored block is wrong');
    at += 4;
    if (at + n > from.length) fail('compressed data end early');
    room(n);
    out.set(from.subarray(at, at + n), length);
    at += n;
    length += n;
  };

  const compressed = (literals: Huffman, distances: Huffman): void => {
    for (;;) {
      const s = symbol(literals);
      if (s < 256) {
        room(1);
        out[length++] = s;
        continue;
      }
      if (s === 256) return;
      if (s > 285) fail('compressed data have a length that does not exist');
      const n = LENGTHS[s - 257]! + bits(LENGTH_BITS[s - 257]!);
      const d = symbol(distances);
      if (d > 29) fail('compressed data have a distance that does not exist');
      const distance = DISTANCES[d]! + bits(DISTANCE_BITS[d]!);
      if (distance > length) fail('compressed data refer to before their beginning');
      room(n);
      for (let i = 0; i < n; i++, length++) out[length] = out[length - distance]!;
    }
  };

  const codes = (): [Huffman, Huffman] => {
    const [literals, distances, of] = [bits(5) + 257, bits(5) + 1, bits(4) + 4];
    if (literals > 286 || distances > 30) fail('compressed data have too many codes');
    const lengths = new Uint8Array(literals + distances);
    const own = new Uint8Array(19);
    for (let i = 0; i < of; i++) own[ORDER[i]!] = bits(3);
    const code = huffman(own, false) ?? fail('the code for lengths of codes is impossible');
    for (let i = 0; i < lengths.length; ) {
      const s = symbol(code);
      if (s < 16) {
        lengths[i++] = s;
        continue;
      }
      if (s === 16 && i === 0) fail('compressed data repeat a length before the first');
      const value = s === 16 ? lengths[i - 1]! : 0;
      const n = s === 16 ? 3 + bits(2) : s === 17 ? 3 + bits(3) : 11 + bits(7);
      if (i + n > lengths.length) fail('compressed data have too many lengths');
      lengths.fill(value, i, i + n);
      i += n;
    }
    if (lengths[256] === 0) fail('compressed data have no code for their end');
    const both = [huffman(lengths.subarray(0, literals), true), huffman(lengths.subarray(literals), true)];
    return [both[0] ?? fail('a code is impossible'), both[1] ?? fail('a code is impossible')];
  };

  for (let isLast = false; !isLast; ) {
    isLast = bits(1) === 1;
    const kind = bits(2);
    if (kind === 0) stored();
    else if (kind === 1) compressed(...fixed());
    else if (kind === 2) compressed(...codes());
    else fail('compressed data have a block of an unknown kind');
  }
  if (length !== size) fail(`compressed data are ${length} bytes, not the ${size} they should be`);
  if (at !== from.length) fail('compressed data end before their record does');
  return out;
}

/** The code with these lengths by symbol; null where there is none. One of a single symbol may be incomplete if `isAllowed`. */
function huffman(lengths: Uint8Array, isAllowed: boolean): Huffman | null {
  const counts = new Uint16Array(LONGEST + 1);
  for (const n of lengths) counts[n]! += 1;
  const used = lengths.length - counts[0]!;
  counts[0] = 0;
  let left = 1;
  const starts = new Uint16Array(LONGEST + 2);
  for (let n = 1; n <= LONGEST; n++) {
    left = 2 * left - counts[n]!;
    if (left < 0) return null;
    starts[n + 1] = starts[n]! + counts[n]!;
  }
  if (left > 0 && !(isAllowed && (used === 0 || (used === 1 && counts[1] === 1)))) return null;
  const symbols = new Uint16Array(used);
  lengths.forEach((n, symbol) => {
    if (n > 0) symbols[starts[n]!++] = symbol;
  });
  return { counts, symbols };
}

let fixedCodes: [Huffman, Huffman] | null = null;

/** The codes of blocks that bring none; of its distances the last two stand for nothing. */
function fixed(): [Huffman, Huffman] {
  const lengths = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280);
  return (fixedCodes ??= [huffman(lengths, false)!, huffman(new Uint8Array(32).fill(5), false)!]);
}
