// Reading protocol buffers, as far as ONNX models need them. Every length is compared with what is there before it is used.
// Source of the encoding: Protocol Buffers documentation, "Encoding".
import type { FormatError } from '../../core/errors';
import type { Input } from '../input';
import { textOf } from '../utf8';

/** The kinds of fields: varints, 64 bits, bytes, and 32 bits. */
const VARINT = 0;
const WIDE = 1;
const BYTES = 2;
const NARROW = 5;

/** A field of a message: a varint's two halves, or the bytes of anything else. */
export interface Field {
  readonly number: number;
  readonly wire: number;
  /** The halves of a varint, each an unsigned 32-bit integer. */
  readonly low: number;
  readonly high: number;
  /** Where it begins in its message, and where its bytes are. */
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/** What reads varints one after the other. */
export class Varints {
  low = 0;
  high = 0;

  constructor(
    private readonly message: Message,
    public at: number,
    readonly end: number,
  ) {}

  get isDone(): boolean {
    return this.at >= this.end;
  }

  /** Reads the next one into `low` and `high`. */
  next(): void {
    const { bytes } = this.message;
    const start = this.at;
    let [low, high] = [0, 0];
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.end) throw this.message.error('an integer goes on beyond the end of what holds it', start);
      const byte = bytes[this.at++]!;
      const part = byte & 0x7f;
      if (shift < 28) low |= part << shift;
      else if (shift === 28) {
        low |= part << 28;
        high |= part >>> 4;
      } else if (shift < 63) high |= part << (shift - 32);
      else high |= part << 31;
      if (byte >= 0x80) continue;
      this.low = low >>> 0;
      this.high = high >>> 0;
      return;
    }
    throw this.message.error('an integer has more than 10 bytes', start);
  }

  /** The next one as a signed integer; throws where a number cannot hold it. */
  nextNumber(what: string): number {
    const start = this.at;
    this.next();
    return numberOf(this.message, this.low, this.high, what, start);
  }
}

function numberOf(message: Message, low: number, high: number, what: string, at: number): number {
  const value = (high | 0) * 2 ** 32 + low;
  if (!Number.isSafeInteger(value)) throw message.error(`${what} is ${BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low))}, beyond 2^53`, at);
  return value;
}

/** A stretch of the file that is a message: fields one after the other. */
export class Message {
  private constructor(
    readonly input: Input,
    /** The whole file. */
    readonly bytes: Uint8Array,
    readonly start: number,
    readonly end: number,
  ) {}

  /** The file as a message. */
  static of(input: Input): Message {
    return new Message(input, input.read(0, input.size, 'the model'), 0, input.size);
  }

  /** The error for a malformed file. */
  error(message: string, at: number = this.start): FormatError {
    return this.input.error(message, at);
  }

  /** Its fields, in order; `what` names the message in errors. */
  fields(what: string): Field[] {
    const fields: Field[] = [];
    const varints = new Varints(this, this.start, this.end);
    while (!varints.isDone) {
      const { at } = varints;
      const key = varints.nextNumber(`the key of a field of ${what}`);
      const [number, wire] = [Math.floor(key / 8), key & 7];
      if (key < 8 || number >= 2 ** 29) throw this.error(`${what} has no field with the key ${key}. Is it an ONNX model?`, at);
      if (wire === VARINT) {
        varints.next();
        fields.push({ number, wire, low: varints.low, high: varints.high, at, start: at, end: varints.at });
        continue;
      }
      if (wire !== BYTES && wire !== WIDE && wire !== NARROW) throw this.error(`field ${number} of ${what} is of the unknown kind ${wire}. Is it an ONNX model?`, at);
      const length = wire === BYTES ? varints.nextNumber(`the length of field ${number} of ${what}`) : wire === WIDE ? 8 : 4;
      const start = varints.at;
      if (length < 0 || length > this.end - start) {
        throw this.error(`field ${number} of ${what} should have ${length} byte(s), but ${this.end - start} are left`, at);
      }
      varints.at = start + length;
      fields.push({ number, wire, low: 0, high: 0, at, start, end: start + length });
    }
    return fields;
  }

  private expect(field: Field, wire: number, what: string): void {
    if (field.wire !== wire) throw this.error(`${what} is of kind ${field.wire}, not ${wire}`, field.at);
  }

  /** A field that is a message. */
  message(field: Field, what: string): Message {
    this.expect(field, BYTES, what);
    return new Message(this.input, this.bytes, field.start, field.end);
  }

  /** A field's bytes. They are the file's. */
  part(field: Field, what: string): Uint8Array {
    this.expect(field, BYTES, what);
    return this.bytes.subarray(field.start, field.end);
  }

  /** A field that is text in UTF-8. */
  text(field: Field, what: string): string {
    const text = textOf(this.part(field, what));
    if (text === null) throw this.error(`${what} is not UTF-8`, field.at);
    return text;
  }

  /** A field that is an integer. */
  integer(field: Field, what: string): number {
    this.expect(field, VARINT, what);
    return numberOf(this, field.low, field.high, what, field.at);
  }

  /** A field that is one integer, or a list of them one behind the other. */
  integers(field: Field, what: string, into: number[]): void {
    if (field.wire === VARINT) {
      into.push(this.integer(field, what));
      return;
    }
    const varints = this.varints(field, what);
    while (!varints.isDone) into.push(varints.nextNumber(what));
  }

  /** The integers of a list. */
  varints(field: Field, what: string): Varints {
    this.expect(field, BYTES, what);
    return new Varints(this, field.start, field.end);
  }

  /** A field that is one 32-bit float, or a list of them. */
  floats(field: Field, what: string, into: number[]): void {
    if (field.wire !== NARROW) this.expect(field, BYTES, what);
    if ((field.end - field.start) % 4 !== 0) throw this.error(`${what} has ${field.end - field.start} bytes, which are no floats`, field.at);
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + field.start, field.end - field.start);
    for (let i = 0; i < view.byteLength; i += 4) into.push(view.getFloat32(i, true));
  }
}
