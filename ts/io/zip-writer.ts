// Writing ZIP archives, without compression: numbers gain little by it, and PyTorch and NumPy map such files into memory.
import { crc32 } from './crc32';
import type { Sink } from './target';

const MOST_32 = 0xffffffff;
const UTF8 = 0x0800;
/** The fewest bytes that the padding of a header takes. */
const PADDING_HEADER = 4;
/** 1 January 1980, the first day there is. */
const DATE = 0x21;

interface Written {
  readonly name: Uint8Array;
  readonly size: number;
  readonly crc: number;
  readonly start: number;
}

/** Numbers of 2, 4 and 8 bytes, one after another. */
class Fields {
  private readonly bytes: number[] = [];

  short(...values: number[]): this {
    for (const value of values) this.bytes.push(value & 255, (value >>> 8) & 255);
    return this;
  }

  word(...values: number[]): this {
    for (const value of values) this.short(value & 0xffff, value >>> 16);
    return this;
  }

  long(...values: number[]): this {
    for (const value of values) this.word(value % 2 ** 32, Math.floor(value / 2 ** 32));
    return this;
  }

  raw(bytes: Uint8Array): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  get length(): number {
    return this.bytes.length;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }
}

/** An archive that is written to a sink. */
export class ZipWriter {
  private readonly entries: Written[] = [];
  private position = 0;

  constructor(
    private readonly sink: Sink,
    /** The data of each file begin at a multiple of this. */
    private readonly alignment: number,
  ) {}

  /** Adds a file. */
  add(name: string, bytes: Uint8Array): void {
    const entry = { name: new TextEncoder().encode(name), size: bytes.length, crc: crc32(bytes), start: this.position };
    this.entries.push(entry);
    this.put(this.localHeader(entry));
    this.put(bytes);
  }

  /** Writes the central directory, which ends the archive. */
  finish(): void {
    const start = this.position;
    for (const entry of this.entries) this.put(centralHeader(entry));
    const size = this.position - start;
    const count = this.entries.length;
    const fields = new Fields();
    if (count >= 0xffff || start >= MOST_32 || size >= MOST_32) {
      fields.word(0x06064b50).long(44).short(45, 45).word(0, 0).long(count, count, size, start);
      fields.word(0x07064b50, 0).long(start + size).word(1);
    }
    fields.word(0x06054b50).short(0, 0, Math.min(count, 0xffff), Math.min(count, 0xffff));
    this.put(fields.word(Math.min(size, MOST_32), Math.min(start, MOST_32)).short(0).done());
  }

  private put(bytes: Uint8Array): void {
    this.sink.write(bytes);
    this.position += bytes.length;
  }

  private localHeader({ name, size, crc, start }: Written): Uint8Array {
    const isLong = size >= MOST_32;
    const extra = new Fields();
    if (isLong) extra.short(1, 16).long(size, size);
    const unpadded = start + 30 + name.length + extra.length;
    let padding = (this.alignment - (unpadded % this.alignment)) % this.alignment;
    while (padding > 0 && padding < PADDING_HEADER) padding += this.alignment;
    // As PyTorch marks it: FB.
    if (padding > 0) extra.short(0x4246, padding - PADDING_HEADER).raw(new Uint8Array(padding - PADDING_HEADER));
    const shown = isLong ? MOST_32 : size;
    return new Fields()
      .word(0x04034b50)
      .short(isLong ? 45 : 20, UTF8, 0, 0, DATE)
      .word(crc, shown, shown)
      .short(name.length, extra.length)
      .raw(name)
      .raw(extra.done())
      .done();
  }
}

function centralHeader({ name, size, crc, start }: Written): Uint8Array {
  const extra = new Fields();
  const [isLong, isFar] = [size >= MOST_32, start >= MOST_32];
  if (isLong || isFar) {
    extra.short(1, (isLong ? 16 : 0) + (isFar ? 8 : 0));
    if (isLong) extra.long(size, size);
    if (isFar) extra.long(start);
  }
  const [shown, version] = [isLong ? MOST_32 : size, isLong || isFar ? 45 : 20];
  return new Fields()
    .word(0x02014b50)
    .short(version, version, UTF8, 0, 0, DATE)
    .word(crc, shown, shown)
    .short(name.length, extra.length, 0, 0, 0)
    .word(0, isFar ? MOST_32 : start)
    .raw(name)
    .raw(extra.done())
    .done();
}
