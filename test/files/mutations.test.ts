// Files that are changed at random: whatever comes of it, it is a value or a FormatError, and no tensor is left of one that is
// refused. `npm run test:long` changes a million files a reader, `npm test` a few hundred; ADJOINT_MUTATIONS says how many.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { FormatError, Tensor, UsageError, importOnnx, io, load, memoryStats, scope } from 'adjoint';
import { describe, expect, it } from 'vitest';
import { bytesOf } from './contents';

const COUNT = Number(process.env['ADJOINT_MUTATIONS'] ?? 400);
const SEED = Number(process.env['ADJOINT_SEED'] ?? 1);

/** Numbers below n, the same for a seed. */
function random(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A file with a few of its bytes changed, cut out, put in or moved. */
function mutated(file: Uint8Array, below: (n: number) => number): Uint8Array {
  let bytes = file.slice();
  for (let times = 1 + below(4); times > 0; times--) {
    const at = below(bytes.length + 1);
    const length = below(2) === 0 ? below(9) : below(bytes.length);
    const part = bytes.subarray(at, at + length);
    switch (below(7)) {
      case 0:
        if (at < bytes.length) bytes[at] = below(256);
        break;
      case 1:
        if (at < bytes.length) bytes[at]! ^= 1 << below(8);
        break;
      case 2: {
        const value = NUMBERS[below(NUMBERS.length)]!;
        for (let i = 0; i < [1, 2, 4, 8][below(4)]! && at + i < bytes.length; i++) bytes[at + i] = i < 4 ? value >>> (8 * i) : 0;
        break;
      }
      case 3:
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
        break;
      case 4:
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...part, ...bytes.subarray(at)]);
        break;
      case 5:
        bytes.copyWithin(below(bytes.length + 1), at, at + length);
        break;
      default:
        bytes = bytes.slice(0, at);
    }
    if (bytes.length === 0) break;
  }
  return bytes;
}

/** Reads every tensor in a value and releases it: no scope does that with parameters. */
function look(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value) || seen.size > 1000) return;
  seen.add(value);
  if (value instanceof Tensor) {
    if (value.numel() < 1e6) value.toTypedArray();
    value.dispose();
    return;
  }
  const parts: unknown[] = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value);
  for (const part of parts) look(part, seen);
}

/** Models of ONNX with these names. */
function models(...names: string[]): Uint8Array[] {
  const packed = readFileSync(new URL('../fixtures/onnx-ops.json.gz', import.meta.url));
  const { cases } = JSON.parse(gunzipSync(packed).toString()) as { cases: { name: string; model: string }[] };
  return names.map((name) => Uint8Array.from(Buffer.from(cases.find((each) => each.name === name)!.model, 'base64')));
}

/** The state of a model. What is well-formed, but asks for what there is not here, is a UsageError; the others have none. */
function imported(file: Uint8Array): unknown {
  try {
    const model = importOnnx(file);
    return [...model.parameters(), ...model.buffers()];
  } catch (error) {
    if (error instanceof UsageError && error.message.startsWith('importOnnx: ')) throw new FormatError(error.message);
    throw error;
  }
}

describe('a changed file is read or refused', () => {
  it.each<[string, (string | Uint8Array)[], (file: Uint8Array) => unknown]>([
    ['an archive of PyTorch', ['tied.pt', 'nested.pt', 'shared.pt', 'big-endian.pt', 'protocol4.pt'], load],
    ['an older file of PyTorch', ['legacy.pt', 'legacy-views.pt', 'legacy-model.pt'], load],
    ['safetensors', ['unaligned.safetensors', 'all.safetensors'], io.loadSafetensors],
    ['an array of NumPy', ['version1.npy', 'version2.npy', 'version3.npy', 'fortran.npy'], io.loadNpy],
    ['an archive of NumPy', ['packed.npz', 'stored.npz'], io.loadNpz],
    ['a model of ONNX', models('a network', 'Loop', 'functions of the file, one in another', 'initializer of int64 as numbers', 'constants of all kinds'), imported],
  ])('%s', { timeout: 30_000 + COUNT * 20 }, (_, names, read) => {
    const files = names.map((of) => (typeof of === 'string' ? bytesOf(of) : of));
    const before = memoryStats().tensors;
    let refused = 0;
    for (let i = 0; i < COUNT; i++) {
      const below = random(SEED * 1_000_003 + i);
      const file = mutated(files[below(files.length)]!, below);
      const failure = scope(() => {
        try {
          look(read(file));
          return null;
        } catch (error) {
          return { error };
        }
      });
      if (failure !== null) {
        refused += 1;
        if (!(failure.error instanceof FormatError)) throw new Error(`seed ${SEED}, file ${i}`, { cause: failure.error });
      }
      if (memoryStats().tensors !== before) throw new Error(`seed ${SEED}, file ${i}: tensors are left`);
    }
    expect(refused).toBeGreaterThan(COUNT / 4);
  });
});
