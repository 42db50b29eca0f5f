// PNG, read with the host's zlib. All colour types and bit depths, interlaced or not; of 16 bits the high ones are kept.
import { FormatError } from '../core/errors';
import { unzip } from './bytes';

/** An image: rows of pixels with `channels` bytes each. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

/** Samples of a pixel by colour type. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Where the passes of an interlaced image start, and how far their pixels are apart: x, y, dx, dy. */
const PASSES = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] as const;

/** The most pixels that are unpacked. */
const MOST = 2 ** 28;

/** Whether bytes are a PNG. */
export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte);

/** The pixels of a PNG: gray, gray and alpha, RGB or RGBA, as the file has them. */
export function decodePng(where: string, bytes: Uint8Array): Pixels {
  const fail = (message: string, offset: number): never => {
    throw new FormatError(`${where}: ${message} at byte ${offset} of the PNG`, where, { offset });
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let header: DataView | null = null;
  let palette: Uint8Array | null = null;
  let alphas: Uint8Array | null = null;
  for (let at = SIGNATURE.length; ; ) {
    if (at + 12 > bytes.length) fail('expected a chunk, the file ends', bytes.length);
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (length > bytes.length - at - 12) fail(`chunk ${name} of ${length} bytes is longer than the file`, at);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (header === null && (name !== 'IHDR' || length !== 13)) fail('expected the header', at);
    if (name === 'IHDR') header = new DataView(body.buffer, body.byteOffset, 13);
    else if (name === 'PLTE') palette = body;
    else if (name === 'tRNS') alphas = body;
    else if (name === 'IDAT') parts.push(body);
    else if (name === 'IEND') break;
    else if (name.charCodeAt(0) < 97) fail(`there is no chunk ${name}`, at);
    at += 12 + length;
  }
  const [width, height] = [header!.getUint32(0), header!.getUint32(4)];
  const [depth, type, interlace] = [header!.getUint8(8), header!.getUint8(9), header!.getUint8(12)];
  const samples = SAMPLES[type] ?? fail(`there is no colour type ${type}`, 25);
  const depths = type === 3 ? [1, 2, 4, 8] : type === 0 ? [1, 2, 4, 8, 16] : [8, 16];
  if (!depths.includes(depth)) fail(`colour type ${type} has no samples of ${depth} bits`, 24);
  if (width === 0 || height === 0 || width * height > MOST) fail(`a size of ${width} by ${height} pixels is not read`, 16);
  if (interlace > 1) fail(`there is no interlace method ${interlace}`, 28);
  if (type === 3 && palette === null) fail('expected a palette', 33);

  const passes = (interlace === 1 ? PASSES : ([[0, 0, 1, 1]] as const)).map(([x, y, dx, dy]) => ({ x, y, dx, dy, w: Math.ceil((width - x) / dx), h: Math.ceil((height - y) / dy) }));
  const rowBytes = (w: number): number => Math.ceil((w * samples * depth) / 8);
  const expected = passes.reduce((sum, { w, h }) => sum + (w > 0 && h > 0 ? h * (1 + rowBytes(w)) : 0), 0);
  const packed = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (packed.set(part, at), at + part.length), 0);
  const raw = unzip(where, packed, 'inflateSync', 'the pixels of the PNG', expected + 1);
  if (raw.length !== expected) fail(`expected ${expected} bytes of pixels, got ${raw.length}`, 33);

  const grid = new Uint8Array(width * height * samples);
  let at = 0;
  for (const { x, y, dx, dy, w, h } of passes) {
    if (w <= 0 || h <= 0) continue;
    const bytesOfRow = rowBytes(w);
    let before = new Uint8Array(bytesOfRow);
    for (let row = 0; row < h; row++) {
      const filter = raw[at]!;
      const line = raw.slice(at + 1, at + 1 + bytesOfRow);
      if (filter > 4) fail(`there is no filter ${filter} in row ${y + row * dy}`, 33);
      unfilter(filter, line, before, Math.max(1, (samples * depth) >> 3));
      for (let i = 0; i < w; i++) {
        const to = ((y + row * dy) * width + x + i * dx) * samples;
        for (let s = 0; s < samples; s++) grid[to + s] = sampleAt(line, i * samples + s, depth, type === 3);
      }
      before = line;
      at += 1 + bytesOfRow;
    }
  }
  return type === 3 ? coloured(grid, width, height, palette!, alphas) : { width, height, channels: samples, data: grid };
}

/** Takes a row's prediction back, from the byte to the left, the one above and the one above that. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, step: number): void {
  for (let i = 0; i < line.length; i++) {
    const a = i < step ? 0 : line[i - step]!;
    const b = above[i]!;
    const c = i < step ? 0 : above[i - step]!;
    const guess = filter === 0 ? 0 : filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : nearest(a, b, c);
    line[i] = (line[i]! + guess) & 255;
  }
}

/** Paeth's predictor. */
function nearest(a: number, b: number, c: number): number {
  const [da, db, dc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return da <= db && da <= dc ? a : db <= dc ? b : c;
}

/** Sample `i` of a row in 8 bits; an index of a palette as it is. */
function sampleAt(line: Uint8Array, i: number, depth: number, isIndex: boolean): number {
  if (depth === 8) return line[i]!;
  if (depth === 16) return line[2 * i]!;
  const bits = (line[(i * depth) >> 3]! >> (8 - depth - ((i * depth) & 7))) & ((1 << depth) - 1);
  return isIndex ? bits : (bits * 255) / ((1 << depth) - 1);
}

function coloured(indices: Uint8Array, width: number, height: number, palette: Uint8Array, alphas: Uint8Array | null): Pixels {
  const channels = alphas === null ? 3 : 4;
  const data = new Uint8Array(indices.length * channels);
  indices.forEach((index, i) => {
    for (let s = 0; s < 3; s++) data[i * channels + s] = palette[3 * index + s] ?? 0;
    if (alphas !== null) data[i * channels + 3] = alphas[index] ?? 255;
  });
  return { width, height, channels, data };
}
