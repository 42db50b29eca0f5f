// The ceiling of this process: peak multiply-adds, bytes moved by memory.copy, and a bare call.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Ceiling {
  readonly memory: WebAssembly.Memory;
  readonly alloc: (bytes: number) => number;
  readonly multiply_add: (turns: number, x: number) => number;
  readonly copy: (times: number, from: number, to: number, bytes: number) => void;
  readonly nothing: (x: number) => number;
}

/** Where `scripts/bench.mjs` puts the binaries. */
export const CEILING_FOLDER = join(import.meta.dirname, '..', '..', 'target', 'bench');

const TURNS = 20_000;
/** Multiply-adds, counted as two, of one call of `multiplyAdd`. */
export const PEAK_FLOPS = TURNS * 10 * 4 * 2;
/** Bytes that one call of `copy` reads, and writes again: those of a million float32. */
export const COPY_BYTES = 4 * 1024 * 1024;
/** Calls that one call of `bareCalls` makes. */
export const BARE_CALLS = 1000;

const bytesOf = (flavour: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(join(CEILING_FOLDER, `ceiling-${flavour}.wasm`)));

/** Whether the engine runs the relaxed binary, and so fuses a product with a sum. */
export const hasRelaxed = (): boolean => WebAssembly.validate(bytesOf('relaxed'));

/** Calls that do nothing but reach a limit of this process, with the instructions that the library's binary has. */
export function ceiling(): { multiplyAdd: () => number; copy: () => void; bareCalls: () => number } {
  const bytes = bytesOf(hasRelaxed() ? 'relaxed' : 'simd128');
  const w = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Ceiling;
  const [from, to] = [w.alloc(COPY_BYTES), w.alloc(COPY_BYTES)];
  // Pages that were never written are all the same one; a copy of those is not memory's speed.
  new Uint8Array(w.memory.buffer, from, COPY_BYTES).fill(1);
  new Uint8Array(w.memory.buffer, to, COPY_BYTES).fill(2);
  return {
    multiplyAdd: () => w.multiply_add(TURNS, 0.5),
    copy: () => { w.copy(1, from, to, COPY_BYTES); },
    bareCalls: () => {
      let x = 0;
      for (let i = 0; i < BARE_CALLS; i++) x = w.nothing(x);
      return x;
    },
  };
}
