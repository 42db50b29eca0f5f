// What a file's reader reads: bytes at any offset, from memory or from a file, and errors that say where.
import { FormatError, type Details } from '../core/errors';
import { fileError, type FileSystem } from '../runtime/host-files';

/** Bytes that can be read at any offset. */
export abstract class Input {
  constructor(
    /** What reads, for errors. */
    readonly op: string,
    /** What is read, for errors: a path, or "the bytes". */
    readonly name: string,
    /** How many bytes there are. */
    readonly size: number,
  ) {}

  /** Copies the bytes from `offset` on to `target`, which they fill. */
  protected abstract copyTo(target: Uint8Array, offset: number): void;

  /** The bytes without copying, where they are in memory. */
  protected abstract viewOf(offset: number, length: number): Uint8Array | null;

  /** `length` bytes; not to be written to. `what` names them in the error for too short a file. */
  read(offset: number, length: number, what: string): Uint8Array {
    this.check(offset, length, what);
    const view = this.viewOf(offset, length);
    if (view !== null) return view;
    const bytes = new Uint8Array(length);
    this.copyTo(bytes, offset);
    return bytes;
  }

  /** The same into memory that is there. */
  readInto(target: Uint8Array, offset: number, what: string): void {
    this.check(offset, target.length, what);
    this.copyTo(target, offset);
  }

  /** Throws unless so many bytes are there. */
  check(offset: number, length: number, what: string): void {
    if (offset >= 0 && length >= 0 && offset + length <= this.size) return;
    throw this.error(`${what} should be ${length} byte(s) at ${offset}, but there are ${this.size} bytes`, offset);
  }

  /** The error for a malformed file; `offset` is where it was noticed. */
  error(message: string, offset: number | null, details: Details = {}): FormatError {
    const where = offset === null ? '' : ` (at byte ${offset})`;
    return new FormatError(`${this.op}: ${this.name}: ${message}${where}`, this.op, offset === null ? details : { offset, ...details });
  }

  /** A stretch of it, such as a record of an archive; errors name it `name`. */
  part(offset: number, length: number, name: string): PartInput {
    this.check(offset, length, name);
    return new PartInput(this, offset, length, name);
  }
}

/** Bytes in memory. */
export class MemoryInput extends Input {
  constructor(op: string, name: string, private readonly all: Uint8Array) {
    super(op, name, all.length);
  }

  protected override viewOf(offset: number, length: number): Uint8Array {
    return this.all.subarray(offset, offset + length);
  }

  protected override copyTo(target: Uint8Array, offset: number): void {
    target.set(this.all.subarray(offset, offset + target.length));
  }
}

/** What tells whether a file is still the one it was. */
interface Identity {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/**
 * A file. It is open between `open()` and `close()`; read at another time it is opened for that read alone, so an input that is
 * kept holds no file open, and a file that was replaced meanwhile is refused.
 */
export class FileInput extends Input {
  private fd: number | null = null;

  private constructor(
    op: string,
    private readonly path: string,
    private readonly fs: FileSystem,
    private readonly identity: Identity,
  ) {
    super(op, path, identity.size);
  }

  /** The input for a path: of what is no regular file, such as a pipe, all bytes in memory. */
  static at(op: string, path: string, fs: FileSystem): Input {
    try {
      const stat = fs.statSync(path);
      if (!stat.isFile()) return new MemoryInput(op, path, fs.readFileSync(path));
      return new FileInput(op, path, fs, { size: stat.size, mtimeMs: stat.mtimeMs, ino: stat.ino });
    } catch (cause) {
      throw fileError(op, 'read', path, cause);
    }
  }

  open(): void {
    try {
      this.fd = this.fs.openSync(this.path, 'r');
    } catch (cause) {
      throw fileError(this.op, 'read', this.path, cause);
    }
    const { size, mtimeMs, ino } = this.fs.fstatSync(this.fd);
    const is = this.identity;
    if (size === is.size && mtimeMs === is.mtimeMs && ino === is.ino) return;
    this.close();
    throw this.error('the file has changed since it was opened; open it again', null);
  }

  close(): void {
    if (this.fd !== null) this.fs.closeSync(this.fd);
    this.fd = null;
  }

  protected override viewOf(): null {
    return null;
  }

  protected override copyTo(target: Uint8Array, offset: number): void {
    const isKept = this.fd !== null;
    if (!isKept) this.open();
    try {
      for (let at = 0; at < target.length; ) {
        // Systems refuse to read 2 GiB at once.
        const got = this.fs.readSync(this.fd!, target, at, Math.min(target.length - at, 1 << 30), offset + at);
        if (got === 0) throw this.error('the file has become shorter while it was read', offset + at);
        at += got;
      }
    } catch (cause) {
      throw cause instanceof FormatError ? cause : fileError(this.op, 'read', this.path, cause);
    } finally {
      if (!isKept) this.close();
    }
  }
}

/** A stretch of another input. */
export class PartInput extends Input {
  constructor(
    private readonly whole: Input,
    private readonly start: number,
    length: number,
    private readonly what: string,
    private readonly bytes: Uint8Array | null = null,
  ) {
    super(whole.op, whole.name, length);
  }

  /** The same with its bytes, which were read. */
  withBytes(bytes: Uint8Array): PartInput {
    return new PartInput(this.whole, this.start, this.size, this.what, bytes);
  }

  protected override viewOf(offset: number, length: number): Uint8Array {
    if (this.bytes !== null) return this.bytes.subarray(offset, offset + length);
    return this.whole.read(this.start + offset, length, this.what);
  }

  protected override copyTo(target: Uint8Array, offset: number): void {
    if (this.bytes === null) this.whole.readInto(target, this.start + offset, this.what);
    else target.set(this.bytes.subarray(offset, offset + target.length));
  }

  /** Offsets count from the beginning of the whole. */
  override error(message: string, offset: number | null, details: Details = {}): FormatError {
    return this.whole.error(`${this.what}: ${message}`, offset === null ? null : this.start + offset, details);
  }
}
