// Reading ZIP archives. Only their central directory is believed: PyTorch leaves the sizes in local headers zero. What one reader
// could see otherwise than another is refused: entries that overlap, names that appear twice, headers that disagree.
import type { FormatError } from '../core/errors';
import { crc32 } from './crc32';
import { InflateError, MOST_PER_BYTE, inflate } from '../core/inflate';
import { MemoryInput, type Input, type PartInput } from './input';
import { textOf } from './utf8';

/** A file in the archive. */
export interface ZipEntry {
  readonly name: string;
  /** Its bytes, and how many the archive holds of it. */
  readonly size: number;
  readonly packedSize: number;
  readonly isPacked: boolean;
  /** The checksum; 0 where there is none. */
  readonly crc: number;
  readonly start: number;
  /** Where the next entry begins, or the central directory. */
  end: number;
}

/** How many bytes a record may become that is compressed: larger arrays are not. */
const MOST_UNPACKED = 2 ** 31 - 1;

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const END_SIZE = 22;
const MOST_COMMENT = 0xffff;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A natural number of 64 bits; one that is not exact becomes larger than any file. */
const long = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/** An archive that is read from an input. */
export class ZipReader {
  /** The files by name, in the order of the central directory. */
  readonly entries: ReadonlyMap<string, ZipEntry>;

  constructor(private readonly input: Input) {
    this.entries = this.readDirectory();
  }

  /** The bytes of a file; not to be written to. */
  read(entry: ZipEntry): Uint8Array {
    const data = this.dataOf(entry);
    if (entry.isPacked) return this.unpack(entry, data.read(0, entry.packedSize, 'its data'));
    const bytes = data.read(0, entry.size, 'its data');
    this.checkSum(entry, bytes);
    return bytes;
  }

  /** A file as an input, whose errors say where in the archive it is, or where in the file if that is compressed. */
  open(entry: ZipEntry): Input {
    const data = this.dataOf(entry);
    if (entry.isPacked) return new MemoryInput(this.input.op, `${this.input.name}: ${entry.name}`, this.unpack(entry, data.read(0, data.size, 'its data')));
    const bytes = data.read(0, data.size, 'its data');
    this.checkSum(entry, bytes);
    return data.withBytes(bytes);
  }

  /** Copies the bytes of a file to `target`, which has its size. */
  readInto(target: Uint8Array, entry: ZipEntry): void {
    if (entry.isPacked) {
      target.set(this.read(entry));
      return;
    }
    this.dataOf(entry).readInto(target, 0, 'its data');
    this.checkSum(entry, target);
  }

  private unpack(entry: ZipEntry, packed: Uint8Array): Uint8Array {
    if (entry.size > MOST_PER_BYTE * (entry.packedSize + 1) || entry.size > MOST_UNPACKED) {
      throw this.wrong(entry, `${entry.packedSize} compressed bytes cannot be the ${entry.size} they are said to be`);
    }
    try {
      const bytes = inflate(packed, entry.size);
      this.checkSum(entry, bytes);
      return bytes;
    } catch (error) {
      if (!(error instanceof InflateError)) throw error;
      throw this.wrong(entry, `${error.message}, at byte ${error.offset} of them`);
    }
  }

  /** A checksum of 0 is none: PyTorch can be told to write none. */
  private checkSum(entry: ZipEntry, bytes: Uint8Array): void {
    if (entry.crc === 0 || crc32(bytes) === entry.crc) return;
    throw this.wrong(entry, 'its bytes do not have the checksum that the archive says; it is damaged');
  }

  /** The error for a file in the archive. */
  private wrong(entry: ZipEntry, message: string, at = entry.start): FormatError {
    return this.input.error(`${entry.name}: ${message}`, at, { key: entry.name });
  }

  private dataOf(entry: ZipEntry): PartInput {
    const { input } = this;
    const header = viewOf(input.read(entry.start, 30, `the local header of ${entry.name}`));
    if (header.getUint32(0, true) !== LOCAL) throw this.wrong(entry, 'there is no local header where it should be');
    const nameLength = header.getUint16(26, true);
    const start = entry.start + 30 + nameLength + header.getUint16(28, true);
    if (start + entry.packedSize > entry.end) {
      throw this.wrong(entry, `its data end behind byte ${entry.end}, where something else begins`, start);
    }
    if (textOf(input.read(entry.start + 30, nameLength, 'its name')) !== entry.name) {
      throw this.wrong(entry, 'its local header has another name');
    }
    return input.part(start, entry.packedSize, entry.name);
  }

  private readDirectory(): ReadonlyMap<string, ZipEntry> {
    const { input } = this;
    const { count, start, size } = this.findDirectory();
    const bytes = input.read(start, size, 'the central directory');
    const view = viewOf(bytes);
    const entries = new Map<string, ZipEntry>();
    let at = 0;
    for (let i = 0; i < count; i++) {
      if (at + 46 > size || view.getUint32(at, true) !== CENTRAL) throw input.error(`entry ${i} of the central directory is missing`, start + at);
      const [nameLength, extraLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
      const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
      if (next > size) throw input.error(`entry ${i} of the central directory is longer than the directory`, start + at);
      const name = textOf(bytes.subarray(at + 46, at + 46 + nameLength));
      if (name === null) throw input.error(`the name of entry ${i} is no UTF-8`, start + at);
      this.checkName(name, start + at);
      if (entries.has(name)) throw input.error(`there are two entries ${name}`, start + at, { key: name });
      const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
      if (flags & 1) throw input.error(`${name} is encrypted`, start + at, { key: name });
      if (method !== 0 && method !== 8) {
        throw input.error(`${name} is compressed by method ${method}; only deflate can be read`, start + at, { key: name });
      }
      const [long, packedSize, first] = longFields(view, at, at + 46 + nameLength, extraLength);
      const entry = { name, size: long, packedSize, isPacked: method === 8, crc: view.getUint32(at + 16, true), start: first, end: 0 };
      if (!entry.isPacked && entry.size !== entry.packedSize) {
        throw input.error(`${name} is not compressed, but has ${entry.packedSize} bytes for ${entry.size}`, start + at, { key: name });
      }
      entries.set(name, entry);
      at = next;
    }
    if (at !== size) throw input.error(`the central directory has ${size - at} bytes behind its last entry`, start + at);
    this.setEnds([...entries.values()], start);
    return entries;
  }

  /** Names that lead out of a folder belong to no archive of numbers. */
  private checkName(name: string, at: number): void {
    const isOut = name === '' || /^[/\\]|^[a-z]:|[\\\0]/i.test(name) || name.split('/').includes('..');
    if (isOut) throw this.input.error(`the name ${JSON.stringify(name.slice(0, 100))} leads out of the archive`, at, { key: name });
  }

  /** Has each entry end where the next begins, and refuses those that cannot be so. */
  private setEnds(entries: ZipEntry[], directory: number): void {
    entries.sort((a, b) => b.start - a.start);
    let end = directory;
    for (const entry of entries) {
      entry.end = end;
      const least = 30 + entry.packedSize;
      if (!(entry.start + least <= end)) {
        throw this.wrong(entry, `${entry.packedSize} bytes do not fit between its start and byte ${end}`);
      }
      end = entry.start;
    }
  }

  private findDirectory(): { count: number; start: number; size: number } {
    const { input } = this;
    const from = Math.max(0, input.size - END_SIZE - MOST_COMMENT);
    const tail = viewOf(input.read(from, input.size - from, 'the end of the archive'));
    for (let at = tail.byteLength - END_SIZE; at >= 0; at--) {
      // The comment is what is behind it.
      if (tail.getUint32(at, true) !== END || tail.getUint16(at + 20, true) !== tail.byteLength - END_SIZE - at) continue;
      if (tail.getUint32(at + 4, true) !== 0) throw input.error('the archive is in several parts', from + at);
      const found = this.longDirectory(from + at) ?? {
        count: tail.getUint16(at + 10, true),
        size: tail.getUint32(at + 12, true),
        start: tail.getUint32(at + 16, true),
        end: from + at,
      };
      if (!(found.start + found.size === found.end)) throw input.error('the central directory is not where the end of the archive says', from + at);
      // Before memory is given to that many.
      if (!(found.count * 46 <= found.size)) throw input.error(`a central directory of ${found.size} bytes has no ${found.count} entries`, from + at);
      return found;
    }
    throw input.error('the end of the archive is missing; the file was not written or transferred completely', input.size);
  }

  /** The directory by the record for long numbers, which PyTorch always writes. */
  private longDirectory(end: number): { count: number; start: number; size: number; end: number } | null {
    const { input } = this;
    if (end < 20) return null;
    const locator = viewOf(input.read(end - 20, 20, 'the locator'));
    if (locator.getUint32(0, true) !== LOCATOR_64) return null;
    const at = long(locator, 8);
    if (!(at + 56 <= end - 20)) throw input.error('the record of the end of the archive is not where its locator says', end - 20);
    const record = viewOf(input.read(at, 56, 'the record of the end'));
    if (record.getUint32(0, true) !== END_64) throw input.error('there is no record of the end of the archive where its locator says', at);
    return { count: long(record, 32), size: long(record, 40), start: long(record, 48), end: at };
  }
}

/** Size, compressed size and start of an entry; each that is 0xffffffff is in the field for long numbers. */
function longFields(view: DataView, at: number, extra: number, extraLength: number): [number, number, number] {
  const short = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)] as [number, number, number];
  if (!short.includes(0xffffffff)) return short;
  for (let i = extra; i + 4 <= extra + extraLength; ) {
    const [id, length] = [view.getUint16(i, true), view.getUint16(i + 2, true)];
    const end = i + 4 + length;
    if (end > extra + extraLength) break;
    if (id !== 1) {
      i = end;
      continue;
    }
    let next = i + 4;
    return short.map((value) => {
      if (value !== 0xffffffff) return value;
      next += 8;
      return next <= end ? long(view, next - 8) : Infinity;
    }) as [number, number, number];
  }
  return short;
}
