// Readers of files, and the bar of a loop.
import { deflateSync, gzipSync } from 'node:zlib';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FormatError, LoadError, UsageError, data, rand, tensor } from 'adjoint';

describe('readIdx', () => {
  const idx = (type: number, sizes: number[], body: number[]): Uint8Array => Uint8Array.from([0, 0, type, sizes.length, ...sizes.flatMap((n) => [0, 0, n >> 8, n & 255]), ...body]);

  it.each([
    [0x08, 'uint8', [200, 3], [200, 3]],
    [0x09, 'int8', [200, 3], [-56, 3]],
    [0x0b, 'int16', [255, 254, 1, 0], [-2, 256]],
    [0x0c, 'int32', [255, 255, 255, 255, 0, 1, 0, 0], [-1, 65536]],
    [0x0d, 'float32', [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0], [1, -2]],
    [0x0e, 'float64', [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], [1, -2]],
  ])('reads element type %i as %s', (type, dtype, body, values) => {
    const t = data.readIdx(idx(type, [2], body));
    expect([t.dtype, t.tolist()]).toEqual([dtype, values]);
  });

  it('reads shapes, gzipped files and paths', () => {
    const bytes = idx(8, [2, 1, 3], [1, 2, 3, 4, 5, 6]);
    expect(data.readIdx(bytes).tolist()).toEqual([[[1, 2, 3]], [[4, 5, 6]]]);
    expect(data.readIdx(gzipSync(bytes)).shape).toEqual([2, 1, 3]);
    expect(data.readIdx({ source: bytes.slice().buffer }).shape).toEqual([2, 1, 3]);
    const folder = mkdtempSync(join(tmpdir(), 'idx-'));
    try {
      writeFileSync(join(folder, 'a'), bytes);
      for (const source of [join(folder, 'a'), pathToFileURL(join(folder, 'a')), pathToFileURL(join(folder, 'a')).href]) expect(data.readIdx(source).shape).toEqual([2, 1, 3]);
      expect(() => data.readIdx(join(folder, 'b'))).toThrow(LoadError);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['nothing', new Uint8Array(0), /expected the 4 bytes .* got 0 at byte 0/],
    ['another start', Uint8Array.of(1, 0, 8, 1), /two zeros/],
    ['an unknown element type', idx(7, [1], [1]), /no element type 7 at byte 2/],
    ['sizes that are cut short', Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1), /expected 3 sizes, the file ends at byte 8/],
    ['elements that are cut short', idx(8, [4], [1, 2]), /expected 4 bytes of elements for shape \[4\], got 2 at byte 8/],
    ['more than its elements', idx(8, [1], [1, 2]), /expected 1 bytes/],
    ['sizes beyond any file', Uint8Array.of(0, 0, 8, 4, ...Array<number>(16).fill(255)), /expected 3\.\d+e\+38 bytes/],
    ['a broken gzip', Uint8Array.of(0x1f, 0x8b, 1, 2, 3), /gzipped data cannot be unpacked/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => data.readIdx(bytes)).toThrow(FormatError);
    expect(() => data.readIdx(bytes)).toThrow(message);
  });
});

describe('readCsv', () => {
  it('reads names, numbers and texts', () => {
    const table = data.parseCsv('a,b,name\n1,2.5,x\n-3,,"y, ""z"""\r\n');
    expect([table.names, table.length]).toEqual([['a', 'b', 'name'], 2]);
    expect(table.column('name')).toEqual(['x', 'y, "z"']);
    expect(table.tensor(['a', 'b']).tolist()).toEqual([[1, 2.5], [-3, NaN]]);
    expect(table.tensor({ names: ['b', 'a'], dtype: 'float64' }).dtype).toBe('float64');
    expect(table.tensor(['a'], 'int64').tolist()).toEqual([[1], [-3]]);
  });

  it('reads lines in quotes, other delimiters, no header, marks of byte order, and bytes', () => {
    expect(data.parseCsv('a;b\n"1\n2";"x"', { delimiter: ';' }).rows).toEqual([['1\n2', 'x']]);
    expect(data.parseCsv('1\t2\n3\t', { header: false, delimiter: '\t' }).tensor().tolist()).toEqual([[1, 2], [3, NaN]]);
    expect(data.parseCsv('\ufeffa\n\n1\n\n').column('a')).toEqual(['1']);
    expect(data.readCsv(new TextEncoder().encode('ä\n1e3\n-inf\nnan')).tensor(['ä']).tolist()).toEqual([[1000], [-Infinity], [NaN]]);
    expect(data.readCsv(gzipSync('a,b\n1,2')).tensor().tolist()).toEqual([[1, 2]]);
    expect(data.parseCsv('', { header: false }).length).toBe(0);
    expect(data.parseCsv('a,b').tensor().shape).toEqual([0, 2]);
    expect(data.parseCsv(',\n,', { header: false }).rows).toEqual([['', ''], ['', '']]);
  });

  it.each([
    ['a,b\n1,2\n3', /parseCsv: line 3 has 1 values, expected 2/],
    ['a\n"x', /the quote in line 2 has no end/],
    ['a\n"x"y', /line 2 goes on after a quote/],
    ['a,b\n"1\n2",3\n4', /line 4 has 1 values/],
  ])('refuses %j', (text, message) => {
    expect(() => data.parseCsv(text)).toThrow(FormatError);
    expect(() => data.parseCsv(text)).toThrow(message);
  });

  it('says which value is not a number and which columns there are', () => {
    const table = data.parseCsv('a,b\n1,x');
    expect(() => table.tensor()).toThrow(/"x" in row 0 of column "b" is not a number/);
    expect(() => table.column('c')).toThrow(/no column "c"; the columns are a, b/);
    expect(() => data.parseCsv('a', { delimiter: 'ab' })).toThrow(UsageError);
  });
});

/** A PNG with these samples, written by its specification: each row with the next filter. */
function png(width: number, height: number, type: number, depth: number, sampleAt: (x: number, y: number, s: number) => number, { interlace = 0, extra = [] as Uint8Array[] } = {}): Uint8Array {
  const samples = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[type]!;
  const step = Math.max(1, (samples * depth) >> 3);
  const raw: number[] = [];
  const passes = interlace === 0 ? [[0, 0, 1, 1]] : [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
  let filter = 0;
  for (const [x0, y0, dx, dy] of passes as [number, number, number, number][]) {
    if (x0 >= width || y0 >= height) continue;
    let above: number[] = [];
    for (let y = y0; y < height; y += dy) {
      let bits = '';
      for (let x = x0; x < width; x += dx) for (let s = 0; s < samples; s++) bits += sampleAt(x, y, s).toString(2).padStart(depth, '0');
      const line = Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) => parseInt(bits.slice(8 * i, 8 * i + 8).padEnd(8, '0'), 2));
      const by = filter++ % 5;
      raw.push(by, ...line.map((v, i) => {
        const [a, b, c] = [line[i - step] ?? 0, above[i] ?? 0, i < step ? 0 : (above[i - step] ?? 0)];
        const p = a + b - c;
        const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
        return (v - [0, a, b, Math.floor((a + b) / 2), pa <= pb && pa <= pc ? a : pb <= pc ? b : c][by]!) & 255;
      }));
      above = line;
    }
  }
  const word = (n: number): number[] => [n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255];
  const chunk = (name: string, body: ArrayLike<number>): number[] => [...word(body.length), ...Buffer.from(name), ...Array.from(body), 0, 0, 0, 0];
  return Uint8Array.from([
    137, 80, 78, 71, 13, 10, 26, 10,
    ...chunk('IHDR', [...word(width), ...word(height), depth, type, 0, 0, interlace]),
    ...extra.flatMap((body, i) => chunk(i === 0 ? 'PLTE' : 'tRNS', body)),
    ...chunk('IDAT', deflateSync(Uint8Array.from(raw))),
    ...chunk('IEND', []),
  ]);
}

describe('readImage', () => {
  const value = (depth: number) => (x: number, y: number, s: number): number => (37 * x + 101 * y + 59 * s + x * y) % 2 ** depth;
  const planes = (channels: number, at: (x: number, y: number, s: number) => number, width: number, height: number): number[][][] =>
    Array.from({ length: channels }, (_, s) => Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => at(x, y, s))));

  const cases = [[0, 1], [0, 2], [0, 4], [0, 8], [0, 16], [2, 8], [2, 16], [4, 8], [4, 16], [6, 8], [6, 16]].flatMap(([type, depth]) => [0, 1].map((interlace) => [type!, depth!, interlace] as const));
  it.each(cases)('reads colour type %i of %i bits, interlace %i', (type, depth, interlace) => {
    const channels = { 0: 1, 2: 3, 4: 2, 6: 4 }[type]!;
    const at = value(depth);
    const read = data.readImage(png(11, 7, type, depth, at, { interlace }));
    const shown = (x: number, y: number, s: number): number => (depth === 16 ? at(x, y, s) >> 8 : (at(x, y, s) * 255) / (2 ** depth - 1));
    expect([read.dtype, read.tolist()]).toEqual(['uint8', planes(channels, shown, 11, 7)]);
  });

  it.each([[1], [2], [4], [8]])('reads palettes of %i bits, with alphas', (depth) => {
    const colours = Array.from({ length: 2 ** depth }, (_, i) => [i, 255 - i, (7 * i) & 255]);
    const at = value(depth);
    const palette = Uint8Array.from(colours.flat());
    const rgb = data.readImage(png(9, 5, 3, depth, at, { extra: [palette] }));
    expect(rgb.tolist()).toEqual(planes(3, (x, y, s) => colours[at(x, y, 0)]![s]!, 9, 5));
    const rgba = data.readImage(png(9, 5, 3, depth, at, { extra: [palette, Uint8Array.of(9)] }));
    expect(rgba.tolist()).toEqual(planes(4, (x, y, s) => (s === 3 ? (at(x, y, 0) === 0 ? 9 : 255) : colours[at(x, y, 0)]![s]!), 9, 5));
  });

  it('gives the channels that are asked for', () => {
    const image = { width: 1, height: 2, data: Uint8ClampedArray.of(255, 0, 0, 10, 10, 20, 30, 40) };
    expect(data.readImage(image).tolist()).toEqual([[[255], [10]], [[0], [20]], [[0], [30]], [[10], [40]]]);
    expect(data.readImage(image, 'rgb').shape).toEqual([3, 2, 1]);
    expect(data.readImage(image, 'gray').tolist()).toEqual([[[76], [18]]]);
    expect(data.readImage(image, { mode: 'grayAlpha' }).tolist()).toEqual([[[76], [18]], [[10], [40]]]);
    const gray = png(2, 1, 0, 8, (x) => 100 + x);
    expect(data.readImage(gray, 'rgb').tolist()).toEqual([[[100, 101]], [[100, 101]], [[100, 101]]]);
    expect(data.readImage(gray, 'rgb_alpha' as 'rgbAlpha').tolist()).toEqual([[[100, 101]], [[100, 101]], [[100, 101]], [[255, 255]]]);
  });

  it('has other files decoded by what it is given', () => {
    const jpeg = Uint8Array.of(0xff, 0xd8, 0xff);
    const decode = (bytes: Uint8Array): data.RgbaImage => ({ width: 1, height: 1, data: Uint8Array.of(bytes.length, 2, 3, 255) });
    expect(data.readImage(jpeg, { decode, mode: 'rgb' }).tolist()).toEqual([[[3]], [[2]], [[3]]]);
    expect(() => data.readImage(jpeg)).toThrow(/the file is a JPEG; pass decode/);
    expect(() => data.readImage(jpeg, { decode: () => 1 as never })).toThrow(/decode must return an object/);
    expect(() => data.readImage({ width: 2, height: 1, data: new Uint8Array(4) })).toThrow(FormatError);
  });

  it('refuses malformed files and never gives half an image', () => {
    const good = png(6, 6, 2, 8, value(8));
    for (let length = 8; length < good.length - 1; length++) expect(() => data.readImage(good.slice(0, length)), `cut to ${length} bytes`).toThrow(FormatError);
    for (const [at, byte, message] of [[24, 3, /no samples of 3 bits/], [25, 5, /no colour type 5/], [28, 9, /interlace method 9/], [16, 255, /size of/], [19, 7, /expected 132 bytes of pixels|cannot be unpacked|got 114/]] as const) {
      const bad = good.slice();
      bad[at] = byte;
      expect(() => data.readImage(bad), String(message)).toThrow(message);
    }
    let random = 1;
    for (let round = 0; round < 2000; round++) {
      const bad = good.slice();
      for (let i = 0; i < 3; i++) {
        random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
        bad[8 + (random >>> 8) % (bad.length - 8)] = random & 255;
      }
      try {
        expect(data.readImage(bad).dtype).toBe('uint8');
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
  });
});

describe('progress', () => {
  const terminal = (isTTY: boolean): { isTTY: boolean; lines: string[]; write: (text: string) => void } => {
    const lines: string[] = [];
    return { isTTY, lines, write: (text) => void lines.push(text) };
  };

  it('shows how far a loop is, and gives the items as they are', () => {
    const output = terminal(true);
    expect([...data.progress([5, 6, 7], { description: 'epoch 1', output })]).toEqual([5, 6, 7]);
    expect(output.lines[0]).toMatch(/^\repoch 1 {3}0% ╌{24} 0\/3 \[0:00<\?, 0\.0\/s\]/);
    expect(output.lines.at(-2)).toMatch(/^\repoch 1 100% ━{24} 3\/3 \[0:00<0:00, /);
    expect(output.lines.at(-1)).toBe('\n');
  });

  it('is quiet where there is no terminal', () => {
    const output = terminal(false);
    expect([...data.progress([1, 2], { output })]).toEqual([1, 2]);
    expect(output.lines).toEqual([]);
  });

  it('takes what has no length, and a total', () => {
    const output = terminal(true);
    const items = function* (): Iterable<number> { yield* [1, 2]; };
    expect([...data.progress(items(), { output })]).toEqual([1, 2]);
    expect(output.lines.at(-2)).toMatch(/^\r2 \[0:00, /);
    expect([...data.progress(items(), { total: 4, output })]).toEqual([1, 2]);
    expect(output.lines.at(-2)).toMatch(/ 50% ━{12}╌{12} 2\/4/);
  });

  it('leaves the scopes of a loader as they are, and closes it when the loop is left', async () => {
    const loader = new data.DataLoader(new data.TensorDataset(rand([6, 2])), 2);
    const output = terminal(true);
    const seen = [];
    for (const [x] of data.progress(loader, { output })) seen.push(x);
    expect(seen.map((x) => x.isDisposed)).toEqual([true, true, true]);
    for (const [x] of data.progress(loader, { output })) {
      seen.push(x);
      break;
    }
    expect(seen.at(-1)!.isDisposed).toBe(true);
    expect(output.lines.at(-1)).toBe('\n');
    for await (const [x] of data.progress(loader, { output })) expect(x.shape).toEqual([2, 2]);
    expect(() => data.progress({} as never)).toThrow(/progress: of must be something to iterate over, got an object/);
    expect(tensor([1]).item()).toBe(1);
  });
});
