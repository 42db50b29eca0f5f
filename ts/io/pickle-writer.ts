// Pickles of protocol 2, as `torch.save` writes them and PyTorch's `weights_only` reads them. A loop over a stack of its own:
// what is nested may be deep, and may contain itself.
import { UsageError } from '../core/errors';
import { isReadable } from '../core/plain-object';
import { bytesOfText } from './utf8';

/** What a value is written as. */
export type Form =
  | { readonly kind: 'list'; readonly items: readonly unknown[] }
  /** `isOrdered` for an OrderedDict, which has a state where that is not undefined. */
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [unknown, unknown])[]; readonly isOrdered: boolean; readonly state?: unknown }
  /** A function or class called with arguments: lists among these are tuples. */
  | { readonly kind: 'call'; readonly global: string; readonly args: readonly unknown[] };

/** Values that are not data but are written all the same. */
export class Global {
  constructor(readonly name: string) {}
}
export class PersistentId {
  constructor(readonly parts: readonly unknown[]) {}
}
export class Tuple {
  constructor(readonly items: readonly unknown[]) {}
}

/** The form of an object that is none of these, or an error; `path` says where it is. */
export type Describe = (value: object, path: () => string) => Form;

/** What remains to be written: a value with its place, or bytes, or what is to be done. */
type Job = { readonly value: unknown; readonly place: Place | null } | { readonly bytes: readonly number[] } | { readonly memoize: object | string };

/** Where a value is, as a list of keys from the innermost out. */
interface Place {
  readonly key: string;
  readonly outer: Place | null;
}

const OP = {
  proto: 0x80, stop: 0x2e, mark: 0x28, none: 0x4e, true: 0x88, false: 0x89, int1: 0x4b, int2: 0x4d, int4: 0x4a, long1: 0x8a, float: 0x47,
  text: 0x58, list: 0x5d, appends: 0x65, dict: 0x7d, setItems: 0x75, emptyTuple: 0x29, tuple: 0x74, tuple1: 0x85, tuple2: 0x86, tuple3: 0x87,
  put: 0x71, longPut: 0x72, get: 0x68, longGet: 0x6a, global: 0x63, reduce: 0x52, build: 0x62, persistent: 0x51,
} as const; // prettier-ignore

/** The pickle of a value. */
export function pickle(value: unknown, describe: Describe): Uint8Array {
  return new Pickler(describe).run(value);
}

/** Bytes that grow. */
class Output {
  private bytes = new Uint8Array(1024);
  private length = 0;

  push(...values: number[]): void {
    this.reserve(values.length);
    for (const value of values) this.bytes[this.length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  word(value: number): void {
    this.push(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
  }

  done(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.length + more, 2 * this.bytes.length));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

class Pickler {
  private readonly out = new Output();
  /** Objects by identity, texts and globals by their letters. */
  private readonly memo = new Map<unknown, number>();
  private readonly jobs: Job[] = [];

  constructor(private readonly describe: Describe) {}

  run(value: unknown): Uint8Array {
    this.out.push(OP.proto, 2);
    this.jobs.push({ value, place: null });
    for (let job = this.jobs.pop(); job !== undefined; job = this.jobs.pop()) {
      if ('bytes' in job) this.out.push(...job.bytes);
      else if ('memoize' in job) this.memoize(job.memoize);
      else this.write(job.value, job.place);
    }
    this.out.push(OP.stop);
    return this.out.done();
  }

  /** Has these done next, the first of them first. */
  private next(...jobs: Job[]): void {
    for (let i = jobs.length - 1; i >= 0; i--) this.jobs.push(jobs[i]!);
  }

  private write(value: unknown, place: Place | null): void {
    switch (typeof value) {
      case 'boolean':
        this.out.push(value ? OP.true : OP.false);
        return;
      case 'number':
        if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.integer(value);
        else this.float(value);
        return;
      case 'bigint':
        this.long(value);
        return;
      case 'string':
        this.text(value);
        return;
      default:
        if (value === null) this.out.push(OP.none);
        else this.object(value as object, place);
    }
  }

  private object(value: object, place: Place | null): void {
    // A revoked proxy answers nothing, and has no form.
    if (!isReadable(value)) this.describe(value, () => pathOf(place));
    else if (value instanceof Global) this.global(value.name);
    else if (value instanceof Tuple) this.tuple(value.items, place);
    else if (value instanceof PersistentId) this.next({ value: new Tuple(value.parts), place }, { bytes: [OP.persistent] });
    else if (this.memo.has(value)) this.get(this.memo.get(value)!);
    else this.container(value, this.describe(value, () => pathOf(place)), place);
  }

  private container(value: object, form: Form, place: Place | null): void {
    if (form.kind === 'call') {
      this.global(form.global);
      this.next({ value: new Tuple(form.args), place }, { bytes: [OP.reduce] }, { memoize: value });
      return;
    }
    if (form.kind === 'list') {
      this.out.push(OP.list);
      this.memoize(value);
      if (form.items.length === 0) return;
      this.out.push(OP.mark);
      this.jobs.push({ bytes: [OP.appends] });
      for (let i = form.items.length - 1; i >= 0; i--) this.jobs.push({ value: form.items[i], place: { key: `[${i}]`, outer: place } });
      return;
    }
    if (form.isOrdered) {
      this.global('collections\nOrderedDict');
      this.out.push(OP.emptyTuple, OP.reduce);
    } else this.out.push(OP.dict);
    this.memoize(value);
    if (form.state !== undefined) this.next({ value: form.state, place }, { bytes: [OP.build] });
    if (form.entries.length === 0) return;
    this.out.push(OP.mark);
    this.jobs.push({ bytes: [OP.setItems] });
    for (let i = form.entries.length - 1; i >= 0; i--) {
      const [key, item] = form.entries[i]!;
      const inner = { key: `[${typeof key === 'string' ? JSON.stringify(key) : typeof key === 'number' ? key : '…'}]`, outer: place };
      this.next({ value: key, place: inner }, { value: item, place: inner });
    }
  }

  private tuple(items: readonly unknown[], place: Place | null): void {
    const end = [OP.emptyTuple, OP.tuple1, OP.tuple2, OP.tuple3][items.length];
    if (end === undefined) this.out.push(OP.mark);
    this.next({ bytes: [end ?? OP.tuple] });
    for (let i = items.length - 1; i >= 0; i--) this.next({ value: items[i], place });
  }

  private integer(value: number): void {
    if (value >= 0 && value < 256) this.out.push(OP.int1, value);
    else if (value >= 0 && value < 65536) this.out.push(OP.int2, value & 255, value >> 8);
    else if (value >= -(2 ** 31) && value < 2 ** 31) {
      this.out.push(OP.int4);
      this.out.word(value);
    } else this.long(BigInt(value));
  }

  private long(value: bigint): void {
    const bytes: number[] = [];
    // In two's complement: until what is left is the sign alone, which the last byte then has too.
    for (let left = value; ; left >>= 8n) {
      const byte = Number(left & 255n);
      if ((left === 0n && (bytes.at(-1) ?? 0) < 128) || (left === -1n && (bytes.at(-1) ?? 0) >= 128)) break;
      bytes.push(byte);
    }
    if (bytes.length > 255) throw new UsageError('save: integers of more than 255 bytes cannot be saved', 'save');
    this.out.push(OP.long1, bytes.length, ...bytes);
  }

  private float(value: number): void {
    const bytes = new Uint8Array(9);
    bytes[0] = OP.float;
    new DataView(bytes.buffer).setFloat64(1, value, false);
    this.out.raw(bytes);
  }

  private text(value: string): void {
    const known = this.memo.get(`t${value}`);
    if (known !== undefined) {
      this.get(known);
      return;
    }
    const bytes = bytesOfText(value);
    this.out.push(OP.text);
    this.out.word(bytes.length);
    this.out.raw(bytes);
    this.memoize(`t${value}`);
  }

  /** `name` is the module, a line feed and the name in it. */
  private global(name: string): void {
    const known = this.memo.get(`g${name}`);
    if (known !== undefined) {
      this.get(known);
      return;
    }
    this.out.push(OP.global);
    this.out.raw(bytesOfText(`${name}\n`));
    this.memoize(`g${name}`);
  }

  private memoize(value: object | string): void {
    const index = this.memo.size;
    this.memo.set(value, index);
    this.placed(OP.put, OP.longPut, index);
  }

  private get(index: number): void {
    this.placed(OP.get, OP.longGet, index);
  }

  private placed(short: number, long: number, index: number): void {
    if (index < 256) {
      this.out.push(short, index);
    } else {
      this.out.push(long);
      this.out.word(index);
    }
  }
}

/** A place in words: `["state"][0]`. */
function pathOf(place: Place | null): string {
  const keys: string[] = [];
  for (let at = place; at !== null; at = at.outer) keys.push(at.key);
  if (keys.length > 12) keys.splice(6, keys.length - 12, '…');
  return keys.reverse().join('');
}
