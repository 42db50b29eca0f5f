// Files of the format safetensors: the length of a header, the header in JSON, and the bytes of the tensors.
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { DTYPES, SIZES, codeOf, type DType } from '../core/dtype';
import { UsageError } from '../core/errors';
import { record as plainRecord, text } from '../core/kinds';
import { named, parameters, type Stated } from '../core/options';
import { checkReadable, tensorOfBytes, withBytes } from '../tensor/bytes';
import type { Tensor } from '../tensor/tensor';
import { numelOf, settle } from './byte-order';
import type { Input } from './input';
import { JsonError, parseJson, type JsonObject } from './json-header';
import { recordOf, tensorRecord, tensorsIn, type TensorRecord } from './record';
import { reading, source, type Reads, type Source } from './source';
import { target, writing, type Target, type Written } from './target';
import { textOf } from './utf8';

/** The names of dtypes in these files. */
const NAMES: Readonly<Record<DType, string>> = {
  float32: 'F32',
  float64: 'F64',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
  float16: 'F16',
  bfloat16: 'BF16',
};

/** Bits of an element of the dtypes that cannot be read, so that what is beside them can. */
const OTHER_BITS: ReadonlyMap<string, number> = /* @__PURE__ */ new Map([
  ...['C64', 'U64'].map((name) => [name, 64] as const),
  ['U32', 32],
  ['U16', 16],
  ...['F8_E4M3', 'F8_E5M2', 'F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ'].map((name) => [name, 8] as const),
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['F4', 4],
]);

/** The longest header; that of the format's own library. */
const LONGEST_HEADER = 100_000_000;

interface Entry {
  /** Null for one that cannot be read. */
  readonly dtype: DType | null;
  /** As the file has it. */
  readonly dtypeName: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
  /** Where the header speaks of it. */
  readonly key: string;
}

/** An open file of safetensors, of which the header was read and tensors are read one by one. It holds no file open. */
export class SafetensorsFile {
  /** @internal */
  static readonly _methods = { get: /* @__PURE__ */ parameters<{ name: string }>('get', () => ({ name: text })) };

  /** What the file says about itself: texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
  private readonly entries: ReadonlyMap<string, Entry>;

  /** @internal */
  constructor(private readonly input: Input) {
    const { entries, metadata } = readHeader(input);
    this.entries = entries;
    this.metadata = Object.freeze(metadata);
  }

  /** The names of the tensors, in the order of the header. */
  keys(): string[] {
    return [...this.entries.keys()];
  }

  /** Whether there is a tensor of that name. */
  has(name: string): boolean {
    return this.entries.has(name);
  }

  /**
   * The tensor of that name, which is read now.
   *
   * @throws UsageError where there is none; FormatError for a dtype that cannot be read, or a file that has changed.
   */
  get(...args: [name: string] | [options: { name: string }]): Tensor {
    const { name } = SafetensorsFile._methods.get.read(args);
    refuseInCapture('get', 'read');
    return this.read(name);
  }

  /** @internal */
  read(name: string): Tensor {
    const entry = this.entries.get(name);
    const { input } = this;
    if (entry === undefined) throw new UsageError(`get: there is no tensor ${JSON.stringify(name)} in ${input.name}; keys() has their names`, 'get');
    if (entry.dtype === null) {
      const message = `${JSON.stringify(name)} has dtype ${entry.dtypeName}, which cannot be read; the dtypes are ${Object.values(NAMES).join(', ')}`;
      throw input.error(message, entry.start, { key: name });
    }
    const code = codeOf(entry.dtype)!;
    return tensorOfBytes(code, entry.shape, (bytes) => {
      input.readInto(bytes, entry.start, JSON.stringify(name));
      settle(bytes, code, false);
    });
  }
}

function readHeader(input: Input): { entries: Map<string, Entry>; metadata: Record<string, string> } {
  const first = input.read(0, 8, 'the length of the header');
  const length = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true));
  if (length > LONGEST_HEADER) {
    throw input.error(`the header is said to have ${length} bytes; at most ${LONGEST_HEADER} are read. Is it safetensors?`, 0);
  }
  const bytes = input.read(8, length, 'the header');
  const header = bytes[0] === 0x7b ? textOf(bytes) : null;
  if (header === null) throw input.error('the header is no JSON object in UTF-8. Is it safetensors?', 8);
  let parsed: JsonObject;
  try {
    parsed = parseJson(header) as JsonObject;
  } catch (error) {
    if (error instanceof JsonError) throw input.error(`the header is wrong: ${error.message}`, 8 + error.offset);
    throw error;
  }
  const entries = new Map<string, Entry>();
  let metadata: Record<string, string> = {};
  for (const [key, said] of parsed) {
    if (key === '__metadata__') metadata = metadataOf(input, said);
    else entries.set(key, entryOf(input, key, said, 8 + length));
  }
  checkPlaces(input, [...entries.values()], 8 + length);
  return { entries, metadata };
}

function metadataOf(input: Input, said: unknown): Record<string, string> {
  if (!(said instanceof Map) || ![...(said as JsonObject).values()].every((value) => typeof value === 'string')) {
    throw input.error('__metadata__ must be texts by name', 8, { key: '__metadata__' });
  }
  return Object.fromEntries(said as ReadonlyMap<string, string>);
}

function entryOf(input: Input, key: string, said: unknown, base: number): Entry {
  const wrong = (what: string): Error => input.error(`${JSON.stringify(key)} ${what}`, 8, { key });
  const fields = said instanceof Map ? (said as JsonObject) : new Map<string, unknown>();
  const [dtypeName, shape, offsets] = ['dtype', 'shape', 'data_offsets'].map((name) => fields.get(name));
  if (fields.size !== 3 || typeof dtypeName !== 'string' || !Array.isArray(shape) || !Array.isArray(offsets) || offsets.length !== 2) {
    throw wrong('must have dtype, shape and data_offsets and nothing else');
  }
  const numel = numelOf(shape);
  const [start, end] = offsets as unknown[] as [number, number];
  if (numel === null || numelOf(offsets) === null) {
    throw wrong('has sizes or offsets that are no natural numbers, or too many elements to count');
  }
  const dtype = DTYPES.find((name) => NAMES[name] === dtypeName) ?? null;
  const bits = dtype === null ? OTHER_BITS.get(dtypeName) : 8 * SIZES[codeOf(dtype)!]!;
  if (bits === undefined) throw wrong(`has the dtype ${JSON.stringify(dtypeName.slice(0, 40))}, which does not exist`);
  if ((end - start) * 8 !== numel * bits) throw wrong(`has ${end - start} bytes for ${numel} elements of ${dtypeName}`);
  return { dtype, dtypeName, shape: shape as number[], start: base + start, end: base + end, key };
}

/** Tensors lie one behind another, without overlaps and gaps, to the end of the file. */
function checkPlaces(input: Input, entries: Entry[], base: number): void {
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  let at = base;
  for (const { key, start, end } of entries) {
    if (start !== at) {
      throw input.error(`${JSON.stringify(key)} begins at ${start - base}, not where the one before ends, ${at - base}`, start, { key });
    }
    at = end;
  }
  if (at !== input.size) throw input.error(`the tensors end at byte ${at}, the file at ${input.size}`, at);
}

/**
 * Opens a file of safetensors: its header is read and checked at once, a tensor when it is asked for by `get(name)`. What is a
 * path stays a file, of which nothing else is read; what is not is in memory.
 *
 * @throws FormatError for a file that is damaged.
 * @example
 * const file = io.openSafetensors('model.safetensors');
 * const weight = file.get('encoder.weight');
 */
export const openSafetensors: Reads<SafetensorsFile> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ source: Source }>('openSafetensors', () => ({ source })),
  ({ source: from }) => reading('openSafetensors', from, (input) => new SafetensorsFile(input)),
);

/**
 * Reads all tensors of a file of safetensors, by name. If anything is wrong, nothing is left behind.
 *
 * @throws FormatError for a file that is damaged, or has a dtype that cannot be read.
 */
export const loadSafetensors: Reads<TensorRecord> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ source: Source }>('loadSafetensors', () => ({ source })),
  ({ source: from }) => {
    refuseInCapture('loadSafetensors', 'read');
    return reading('loadSafetensors', from, (input) => {
      const file = new SafetensorsFile(input);
      return recordOf(file.keys(), (name) => file.read(name));
    });
  },
);

/** What `saveSafetensors` takes besides. */
export interface SafetensorsOptions {
  /** What the file says about itself: texts by name, `{ format: 'pt' }` say. */
  metadata?: Readonly<Record<string, string>> | null;
}

/** The function `saveSafetensors`. */
export interface SaveSafetensors extends Stated {
  <W extends Target | null | undefined = undefined>(record: TensorRecord, target?: W, options?: SafetensorsOptions): Written<W>;
  <W extends Target | null | undefined = undefined>(record: TensorRecord, options: { target?: W } & SafetensorsOptions): Written<W>;
  <W extends Target | null | undefined = undefined>(options: { record: TensorRecord; target?: W } & SafetensorsOptions): Written<W>;
}

/**
 * Writes tensors by name as safetensors, dtypes with larger elements first, so that all are aligned. Each is written in full, in
 * row-major order: the format has no views, and tensors that share memory are separate when they are read. Without a target it
 * returns the bytes.
 *
 * @throws UsageError for what is no tensor.
 */
export const saveSafetensors: SaveSafetensors = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ record: TensorRecord; target?: Target | null } & SafetensorsOptions>(
    'saveSafetensors',
    () => ({ record: tensorRecord, target, metadata: plainRecord.orNull() as never }),
    1,
  ),
  ({ record, target: to, metadata }) => {
    const op = 'saveSafetensors';
    const given = tensorsIn(op, record);
    for (const [, t] of given) checkReadable(op, t);
    const sizeOf = (t: Tensor): number => SIZES[codeOf(t.dtype)!]!;
    const tensors = given.sort(([a, x], [b, y]) => sizeOf(y) - sizeOf(x) || (a < b ? -1 : 1));
    const header = headerOf(op, tensors, metadata);
    return writing(op, to, (sink) => {
      const length = new Uint8Array(8);
      new DataView(length.buffer).setUint32(0, header.length, true);
      sink.write(length);
      sink.write(header);
      for (const [, t] of tensors) withBytes(t, op, (bytes) => { sink.write(bytes); });
    });
  },
);

function headerOf(op: string, tensors: readonly (readonly [string, Tensor])[], metadata: unknown): Uint8Array {
  const parts: string[] = [];
  if (metadata !== null) {
    const wrong = Object.entries(metadata as object).find(([, value]) => typeof value !== 'string');
    if (wrong !== undefined) {
      const got = `${describe(wrong[1])} at ${JSON.stringify(wrong[0])}`;
      throw new UsageError(`${op}: metadata must be texts, got ${got}; use JSON.stringify`, op);
    }
    parts.push(`"__metadata__":${JSON.stringify(metadata)}`);
  }
  let at = 0;
  for (const [name, t] of tensors) {
    if (name === '__metadata__') throw new UsageError(`${op}: a tensor cannot have the name __metadata__; rename it`, op);
    if (/[\ud800-\udfff]/u.test(name)) throw new UsageError(`${op}: the name ${JSON.stringify(name)} has half a pair of surrogates`, op);
    const end = at + t.numel() * SIZES[codeOf(t.dtype)!]!;
    parts.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype: NAMES[t.dtype], shape: t.shape, data_offsets: [at, end] })}`);
    at = end;
  }
  const bytes = new TextEncoder().encode(`{${parts.join(',')}}`);
  // Spaces to where the tensors are aligned.
  const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8).fill(0x20);
  padded.set(bytes);
  return padded;
}
