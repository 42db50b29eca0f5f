// An unpickler that runs nothing: of Python's pickles, protocols 2 to 5 and what is data in the older ones, it takes
// containers, numbers, texts and bytes, and of everything with a name only what pickle-values.ts lists. It is a loop over a
// stack of its own, so the depth of what is nested has no bound.
import { textOf } from './utf8';
import { PyDict } from './pickle-values';
import type { Input } from './input';

/** What an unpickler asks for. */
export interface Surroundings {
  /** What a name stands for, or the error for it. */
  global(module: string, name: string): unknown;
  /** The object that a persistent id stands for. */
  persistent(id: unknown): unknown;
  /** What a global makes of arguments. */
  reduce(of: unknown, args: readonly unknown[]): unknown;
  /** Gives an object its state. */
  build(object: unknown, state: unknown): void;
}

/** What cannot be read, with the message alone: the reader adds where it was. */
export class PickleError extends Error {}

/** Python writes no integer that is longer; of more bits than anything counts. */
const LONGEST_INTEGER = 1024;
const PROTOCOLS = 5;

/** A pickle that was read: its value, and where it ends. */
export interface Unpickled {
  readonly value: unknown;
  readonly end: number;
}

/** Reads the pickle in `bytes`, which are those of `input` from `base` on, beginning at `start`. */
export function unpickle(input: Input, bytes: Uint8Array, start: number, around: Surroundings): Unpickled {
  const machine = new Unpickler(bytes, start, around);
  try {
    return { value: machine.run(), end: machine.at };
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    throw input.error(`${error.message}, in the pickle`, machine.opcodeAt);
  }
}

const MEMO_LIMIT = 2 ** 32;

class Unpickler {
  at: number;
  /** Where the operation begins that is being carried out. */
  opcodeAt: number;
  private stack: unknown[] = [];
  /** The stacks below marks. */
  private readonly below: unknown[][] = [];
  private readonly memo = new Map<number, unknown>();
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    start: number,
    private readonly around: Surroundings,
  ) {
    this.at = start;
    this.opcodeAt = start;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): unknown {
    for (;;) {
      this.opcodeAt = this.at;
      const opcode = this.byte();
      if (opcode === 0x2e) break; // STOP
      const step = STEPS[opcode];
      if (step === undefined) throw new PickleError(`byte ${opcode} is no operation`);
      step(this);
    }
    const value = this.pop();
    if (this.stack.length > 0 || this.below.length > 0) throw new PickleError('values are left over at its end');
    return value;
  }

  // --- bytes ---

  take(n: number): Uint8Array {
    if (n > this.bytes.length - this.at) throw new PickleError(`${n} byte(s) should follow, but there are ${this.bytes.length - this.at}`);
    return this.bytes.subarray(this.at, (this.at += n));
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  short(): number {
    this.take(2);
    return this.view.getUint16(this.at - 2, true);
  }

  word(): number {
    this.take(4);
    return this.view.getUint32(this.at - 4, true);
  }

  signedWord(): number {
    this.take(4);
    return this.view.getInt32(this.at - 4, true);
  }

  /** A natural number of 8 bytes; what is not exact is more than there are bytes. */
  long(): number {
    this.take(8);
    return Number(this.view.getBigUint64(this.at - 8, true));
  }

  float(): number {
    this.take(8);
    return this.view.getFloat64(this.at - 8, false);
  }

  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw new PickleError('a line has no end');
    const text = this.text(end - this.at);
    this.at += 1;
    return text;
  }

  text(n: number): string {
    const text = textOf(this.take(n));
    if (text === null) throw new PickleError('a text is no UTF-8');
    return text;
  }

  /** What Python 2 calls a string: text if it can be. */
  oldText(n: number): string {
    const bytes = this.take(n);
    return textOf(bytes) ?? Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  }

  /** An integer of `n` bytes in two's complement, as a bigint where a number is not exact. */
  integer(n: number): number | bigint {
    if (n > LONGEST_INTEGER) throw new PickleError(`an integer has ${n} bytes; at most ${LONGEST_INTEGER} are read`);
    const bytes = this.take(n);
    let value = 0n;
    for (let i = n - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return exact(BigInt.asIntN(8 * n, value));
  }

  // --- stack and memo ---

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length === 0) throw new PickleError('a value is missing');
    return this.stack.pop();
  }

  top(): unknown {
    if (this.stack.length === 0) throw new PickleError('a value is missing');
    return this.stack[this.stack.length - 1];
  }

  mark(): void {
    this.below.push(this.stack);
    this.stack = [];
  }

  /** What is above the last mark, which goes. */
  popMark(): unknown[] {
    const above = this.stack;
    const before = this.below.pop();
    if (before === undefined) throw new PickleError('a mark is missing');
    this.stack = before;
    return above;
  }

  popOrUnmark(): void {
    if (this.stack.length > 0) this.stack.pop();
    else this.popMark();
  }

  put(index: number): void {
    if (!(index >= 0 && index < MEMO_LIMIT)) throw new PickleError(`${index} is no place in the memo`);
    this.memo.set(index, this.top());
  }

  memoize(): void {
    this.put(this.memo.size);
  }

  get(index: number): void {
    if (!this.memo.has(index)) throw new PickleError(`nothing is at ${index} of the memo`);
    this.push(this.memo.get(index));
  }

  // --- objects ---

  tuple(n: number): void {
    const items: unknown[] = [];
    for (let i = 0; i < n; i++) items.push(this.pop());
    this.push(items.reverse());
  }

  append(items: readonly unknown[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw new PickleError('only a list can be appended to');
    // Not spread: arguments are on the stack of the engine.
    for (const item of items) list.push(item);
  }

  addItems(items: readonly unknown[]): void {
    const set = this.top();
    if (!(set instanceof Set)) throw new PickleError('only a set can be added to');
    for (const item of items) set.add(item);
  }

  setItems(items: readonly unknown[]): void {
    const dict = this.top();
    if (!(dict instanceof PyDict)) throw new PickleError('only a dict has items that can be set');
    if (items.length % 2 !== 0) throw new PickleError('a key has no value');
    for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i], items[i + 1]);
  }

  dict(items: readonly unknown[]): void {
    this.push(new PyDict(false));
    this.setItems(items);
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string') throw new PickleError('the name of a class or function must be text');
    this.push(this.around.global(module, name));
  }

  stackGlobal(): void {
    const name = this.pop();
    this.global(this.pop(), name);
  }

  reduce(): void {
    const args = this.pop();
    if (!Array.isArray(args)) throw new PickleError('arguments must be a tuple');
    this.push(this.around.reduce(this.pop(), args));
  }

  build(): void {
    const state = this.pop();
    this.around.build(this.top(), state);
  }

  persistent(): void {
    this.push(this.around.persistent(this.pop()));
  }

  protocol(): void {
    const version = this.byte();
    if (version > PROTOCOLS) throw new PickleError(`protocol ${version} is newer than ${PROTOCOLS}, the newest that is read`);
  }

  frame(): void {
    const length = this.long();
    if (length > this.bytes.length - this.at) throw new PickleError(`a frame of ${length} bytes does not end`);
  }
}

const exact = (value: bigint): number | bigint => (BigInt.asIntN(54, value) === value && Number.isSafeInteger(Number(value)) ? Number(value) : value);

/** An integer in digits, or one of the two bools of protocol 0. */
function decimal(text: string): number | bigint | boolean {
  if (text === '00' || text === '01') return text === '01';
  if (!/^-?\d{1,1000}L?$/.test(text)) throw new PickleError('an integer is not in digits');
  return exact(BigInt(text.replace('L', '')));
}

function decimalPlace(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new PickleError('a place in the memo is not in digits');
  return Number(text);
}

function floatOf(text: string): number {
  const value = Number(text.replace(/^(-?)inf$/, '$1Infinity'));
  if (text.trim() !== text || text === '' || (Number.isNaN(value) && text !== 'nan')) throw new PickleError('a float is not in digits');
  return value;
}

type Step = (m: Unpickler) => void;

const refused = (what: string): Step => () => {
  throw new PickleError(`${what} is refused: objects of classes and what they need cannot be loaded`);
};

/** The operations by their byte, each under the name that Python's `pickletools` has for it. */
const STEPS: Readonly<Record<number, Step>> = {
  0x80: (m) => { m.protocol(); }, // PROTO
  0x95: (m) => { m.frame(); }, // FRAME
  0x28: (m) => { m.mark(); }, // MARK
  0x30: (m) => { m.popOrUnmark(); }, // POP
  0x31: (m) => { m.popMark(); }, // POP_MARK
  0x32: (m) => { m.push(m.top()); }, // DUP
  0x4e: (m) => { m.push(null); }, // NONE
  0x88: (m) => { m.push(true); }, // NEWTRUE
  0x89: (m) => { m.push(false); }, // NEWFALSE
  0x49: (m) => { m.push(decimal(m.line())); }, // INT
  0x4c: (m) => { m.push(decimal(m.line())); }, // LONG
  0x4a: (m) => { m.push(m.signedWord()); }, // BININT
  0x4b: (m) => { m.push(m.byte()); }, // BININT1
  0x4d: (m) => { m.push(m.short()); }, // BININT2
  0x8a: (m) => { m.push(m.integer(m.byte())); }, // LONG1
  0x8b: (m) => { m.push(m.integer(m.word())); }, // LONG4
  0x46: (m) => { m.push(floatOf(m.line())); }, // FLOAT
  0x47: (m) => { m.push(m.float()); }, // BINFLOAT
  0x55: (m) => { m.push(m.oldText(m.byte())); }, // SHORT_BINSTRING
  0x54: (m) => { m.push(m.oldText(m.word())); }, // BINSTRING
  0x56: (m) => { m.push(m.line()); }, // UNICODE
  0x8c: (m) => { m.push(m.text(m.byte())); }, // SHORT_BINUNICODE
  0x58: (m) => { m.push(m.text(m.word())); }, // BINUNICODE
  0x8d: (m) => { m.push(m.text(m.long())); }, // BINUNICODE8
  0x43: (m) => { m.push(m.take(m.byte()).slice()); }, // SHORT_BINBYTES
  0x42: (m) => { m.push(m.take(m.word()).slice()); }, // BINBYTES
  0x8e: (m) => { m.push(m.take(m.long()).slice()); }, // BINBYTES8
  0x96: (m) => { m.push(m.take(m.long()).slice()); }, // BYTEARRAY8
  0x5d: (m) => { m.push([]); }, // EMPTY_LIST
  0x6c: (m) => { m.push(m.popMark()); }, // LIST
  0x61: (m) => { const item = m.pop(); m.append([item]); }, // APPEND
  0x65: (m) => { const items = m.popMark(); m.append(items); }, // APPENDS
  0x29: (m) => { m.push([]); }, // EMPTY_TUPLE
  0x74: (m) => { m.push(m.popMark()); }, // TUPLE
  0x85: (m) => { m.tuple(1); }, // TUPLE1
  0x86: (m) => { m.tuple(2); }, // TUPLE2
  0x87: (m) => { m.tuple(3); }, // TUPLE3
  0x7d: (m) => { m.push(new PyDict(false)); }, // EMPTY_DICT
  0x64: (m) => { const items = m.popMark(); m.dict(items); }, // DICT
  0x73: (m) => { const value = m.pop(); const key = m.pop(); m.setItems([key, value]); }, // SETITEM
  0x75: (m) => { const items = m.popMark(); m.setItems(items); }, // SETITEMS
  0x8f: (m) => { m.push(new Set()); }, // EMPTY_SET
  0x90: (m) => { const items = m.popMark(); m.addItems(items); }, // ADDITEMS
  0x91: (m) => { m.push(new Set(m.popMark())); }, // FROZENSET
  0x71: (m) => { m.put(m.byte()); }, // BINPUT
  0x72: (m) => { m.put(m.word()); }, // LONG_BINPUT
  0x70: (m) => { m.put(decimalPlace(m.line())); }, // PUT
  0x94: (m) => { m.memoize(); }, // MEMOIZE
  0x68: (m) => { m.get(m.byte()); }, // BINGET
  0x6a: (m) => { m.get(m.word()); }, // LONG_BINGET
  0x67: (m) => { m.get(decimalPlace(m.line())); }, // GET
  0x63: (m) => { const module = m.line(); m.global(module, m.line()); }, // GLOBAL
  0x93: (m) => { m.stackGlobal(); }, // STACK_GLOBAL
  0x52: (m) => { m.reduce(); }, // REDUCE
  0x62: (m) => { m.build(); }, // BUILD
  0x51: (m) => { m.persistent(); }, // BINPERSID
  0x50: refused('a persistent id in text (PERSID)'),
  0x69: (m) => { const module = m.line(); m.global(module, m.line()); throw new PickleError('an object of a class (INST) is refused'); },
  0x6f: refused('an object of a class (OBJ)'),
  0x81: refused('an object of a class (NEWOBJ)'),
  0x92: refused('an object of a class (NEWOBJ_EX)'),
  0x82: refused('a class by its number (EXT1)'),
  0x83: refused('a class by its number (EXT2)'),
  0x84: refused('a class by its number (EXT4)'),
  0x97: refused('a buffer outside of the file (NEXT_BUFFER)'),
  0x98: refused('a buffer outside of the file (READONLY_BUFFER)'),
};
