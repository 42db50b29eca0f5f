// A wheel is a zip archive: at its end a directory, of which each entry says where a file is and how it is stored.
import { inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const END_SIZE = 22;
const STORED = 0;
const DEFLATED = 8;

interface Entry {
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly start: number;
}

/** The files of a wheel, read one by one. */
export class Wheel {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #entries = new Map<string, Entry>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const view = this.#view;
    let end = bytes.length - END_SIZE;
    // Behind the end record is at most a comment.
    while (end >= 0 && view.getUint32(end, true) !== END) end--;
    if (end < 0) throw new Error('the wheel is no zip archive: it has no directory');
    let at = view.getUint32(end + 16, true);
    for (let i = view.getUint16(end + 10, true); i > 0; i--) {
      if (view.getUint32(at, true) !== ENTRY) throw new Error(`the directory of the wheel is damaged at byte ${at}`);
      const length = view.getUint16(at + 28, true);
      const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + length));
      const [method, packed, size, start] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true), view.getUint32(at + 42, true)];
      this.#entries.set(name, { method, packed, size, start });
      at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    }
  }

  /** The names of the files. */
  names(): string[] {
    return [...this.#entries.keys()];
  }

  /** The bytes of a file. */
  read(name: string): Uint8Array {
    const entry = this.#entries.get(name);
    if (!entry) throw new Error(`the wheel has no file ${name}`);
    const { method, packed, size, start } = entry;
    // The name and an extra field are written once more before the bytes, and may be longer there.
    const from = start + 30 + this.#view.getUint16(start + 26, true) + this.#view.getUint16(start + 28, true);
    const stored = this.#bytes.subarray(from, from + packed);
    if (method !== STORED && method !== DEFLATED) throw new Error(`${name} is compressed by method ${method}, which is not read`);
    const bytes = method === STORED ? stored : inflateRawSync(stored, { maxOutputLength: Math.max(size, 1) });
    if (bytes.length !== size) throw new Error(`${name} should have ${size} bytes, it has ${bytes.length}`);
    return bytes;
  }
}
