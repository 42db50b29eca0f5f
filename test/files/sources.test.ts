// Where files are read from and written to.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FormatError, type Tensor, UsageError, io, load, save, scope, tensor, zeros } from 'adjoint';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'adjoint-sources-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});
const at = (name: string): string => join(folder, name);
const values = (loaded: unknown): unknown => (loaded as { a: Tensor }).a.tolist();

describe('a file is read from', () => {
  const bytes = save({ a: tensor([1, 2]) });

  it('a path, a file: URL, a Uint8Array and an ArrayBuffer, at once', () => {
    const path = at('ä %20 model.pt');
    writeFileSync(path, bytes);
    for (const source of [path, pathToFileURL(path), String(pathToFileURL(path)), bytes, bytes.buffer, Buffer.from(bytes)]) {
      expect(values(load(source))).toEqual([1, 2]);
    }
    expect(load({ source: path }).a.shape).toEqual([2]);
    // A part of a larger memory.
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    expect(values(load(larger.subarray(3, 3 + bytes.length)))).toEqual([1, 2]);
  });

  it('a Blob, a Response, a ReadableStream and promises of them, by a promise', async () => {
    const halves = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(bytes.subarray(0, 100));
          controller.enqueue(bytes.subarray(100));
          controller.close();
        },
      });
    for (const source of [new Blob([bytes]), new Response(bytes), halves(), Promise.resolve(new Response(bytes)), Promise.resolve(bytes)]) {
      const loading = load(source);
      expect(loading).toBeInstanceOf(Promise);
      expect(values(await loading)).toEqual([1, 2]);
    }
    const file = await io.openSafetensors(new Blob([io.saveSafetensors({ a: tensor([3]) })]));
    expect(file.get('a').tolist()).toEqual([3]);
    await expect(load(new Response('none', { status: 404 }))).rejects.toThrow(/load: the answer from .* has status 404/);
    await expect(load(new Blob(['nothing']))).rejects.toThrow(FormatError);
    await expect(io.loadNpy(Promise.resolve(5 as never))).rejects.toThrow(/got a promise of the number 5/);
  });

  it('nothing that only looks like a Blob, a Response or a stream', async () => {
    const reader = (read: unknown): unknown => ({ getReader: () => ({ read: () => read }) });
    const cases: [unknown, RegExp][] = [
      [Promise.resolve(null), /load: source must be a path, .*, got a promise of null/],
      [Promise.resolve(undefined), /got a promise of undefined/],
      [{ getReader: () => undefined }, /load: getReader\(\) of the stream must give a reader, got undefined/],
      [{ getReader: () => ({ read: 5 }) }, /must give a reader, got/],
      [reader(undefined), /load: read\(\) of the stream's reader must give an object of done and value, got undefined/],
      [reader(Promise.resolve(null)), /must give an object of done and value, got null/],
      [reader({}), /load: the stream must give Uint8Arrays, got undefined/],
      [reader({ value: 'text' }), /the stream must give Uint8Arrays, got/],
      [{ arrayBuffer: () => undefined }, /load: arrayBuffer\(\) of the source must give an ArrayBuffer, got undefined/],
      [{ arrayBuffer: () => Promise.resolve(12) }, /must give an ArrayBuffer, got the number 12/],
      [{ arrayBuffer: () => 1n }, /must give an ArrayBuffer, got/],
      [{ ok: false, arrayBuffer: () => bytes, url: Symbol('a'), status: Symbol('b') }, /load: the answer from .* has status/],
    ];
    for (const [source, message] of cases) {
      const loading = load({ source: source as Blob });
      await expect(loading).rejects.toThrow(message);
      await expect(loading).rejects.toBeInstanceOf(UsageError);
    }
  });

  it('nothing else, and what cannot be read is a UsageError that says why', () => {
    expect(() => load(5 as never)).toThrow(/load: source must be a path, a URL/);
    expect(() => load(new Float32Array(2) as never)).toThrow(UsageError);
    expect(() => load('https://example.com/model.pt')).toThrow(/is not a file; fetch it and hand over the answer/);
    expect(() => load(new URL('https://example.com/model.pt'))).toThrow(/is not a file; fetch it/);
    expect(() => load(at('missing.pt'))).toThrow(/load: cannot read .*missing\.pt: ENOENT/);
    expect(() => io.openSafetensors(folder)).toThrow(/openSafetensors: cannot read .*: EISDIR/);
  });

  it('a file of safetensors tensor by tensor, also of 90 MB, and not if it has changed', () => {
    const path = at('large.safetensors');
    const large = zeros([22_500_000]);
    io.saveSafetensors({ large, small: tensor([1, 2]) }, path);
    large.dispose();
    const start = performance.now();
    const file = io.openSafetensors(path);
    expect(file.get('small').tolist()).toEqual([1, 2]);
    expect(performance.now() - start).toBeLessThan(150);
    truncateSync(path, 1000);
    expect(() => file.get('large')).toThrow(/the file has changed since it was opened/);
  });
});

describe('a file is written', () => {
  it('to a path, a file: URL, or returned', () => {
    expect(save([1], at('a.pt'))).toBe(undefined);
    expect(save([2], pathToFileURL(at('b.pt')))).toBe(undefined);
    expect(save({ object: [3], target: at('c.pt') })).toBe(undefined);
    expect(['a', 'b', 'c'].map((name) => load(at(`${name}.pt`)))).toEqual([[1], [2], [3]]);
    expect(save([1], null)).toBeInstanceOf(Uint8Array);
    expect(save([1])).toEqual(Uint8Array.from(readFileSync(at('a.pt'))));
    expect(() => save([1], 'https://example.com/a.pt')).toThrow(/is not a file; leave the target out/);
    expect(() => save([1], join(folder, 'missing', 'a.pt'))).toThrow(/save: cannot write .*: ENOENT/);
    expect(readdirSync(folder).sort()).toEqual(['a.pt', 'b.pt', 'c.pt']);
  });

  it('whole or not at all: where it fails the old one stays, and nothing else', () => {
    const path = at('model.npz');
    io.saveNpz({ a: tensor([1]) }, path);
    expect(() => { io.saveNpz({ a: tensor([2]), b: tensor([1], { dtype: 'bfloat16' }) }, path); }).toThrow(/NumPy has no bfloat16/);
    expect(values(io.loadNpz(path))).toEqual([1]);
    expect(readdirSync(folder)).toEqual(['model.npz']);
    mkdirSync(at('folder.pt'));
    expect(() => { save([1], at('folder.pt')); }).toThrow(/save: cannot write .*EISDIR/);
  });

  it('with the mode of the old one, and behind a link', () => {
    const path = at('model.pt');
    save([1], path);
    chmodSync(path, 0o600);
    symlinkSync(path, at('link.pt'));
    save([2], at('link.pt'));
    expect(load(path)).toEqual([2]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(existsSync(at('link.pt'))).toBe(true);
  });
});

describe('tensors that are loaded', () => {
  it('belong to the scope they are loaded in', () => {
    const bytes = save({ a: tensor([1]), b: tensor([2]) });
    let loaded: { a: Tensor; b: Tensor } | null = null;
    const kept = scope(() => (loaded = load<{ a: Tensor; b: Tensor }>(bytes)).b);
    expect(kept.tolist()).toEqual([2]);
    expect(loaded!.a.isDisposed).toBe(true);
  });
});
