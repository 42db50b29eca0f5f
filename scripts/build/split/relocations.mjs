// The data of a linked binary and what refers to it, from what the linker writes down when asked to (`--emit-relocs`). The format is
// that of https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md.

const SECTION = { custom: 0, code: 10, data: 11 };
const SYMBOL_TABLE = 8;
const SYMBOL = { data: 1, section: 3 };
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;
const PASSIVE = 1;

/** Relocations to an address in memory: in an instruction's offset, in a constant, in data. */
const ADDRESSES = [3, 4, 5];
/** Other relocations with a number that is added: to an offset in a function or a section. */
const OFFSETS = [8, 9];
/** Relocations to a slot in the table of functions: in a constant, in data. */
const SLOTS = [1, 2];

/** Reads numbers and names one after another. */
class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** A LEB128 number, which may be negative where it is `signed`. */
  number(signed = false) {
    let value = 0;
    for (let weight = 1; ; ) {
      const byte = this.byte();
      value += (byte & 0x7f) * weight;
      weight *= 0x80;
      if (byte < 0x80) return signed && byte & 0x40 ? value - weight : value;
    }
  }

  skip() {
    const length = this.number();
    this.at += length;
    return this.at - length;
  }

  name() {
    const from = this.skip();
    return Buffer.from(this.bytes.subarray(from, this.at)).toString();
  }

  /** Calls `read` for each element of a list. */
  each(read) {
    for (let i = this.number(); i > 0; i--) read();
  }
}

/** The sections of a binary: `{ id, from, start, end, name, body }`, of which `body` reads what is in it, behind the name of a custom one. */
export function sectionsOf(bytes) {
  const reader = new Reader(bytes, 8);
  const sections = [];
  while (reader.at < bytes.length) {
    const from = reader.at;
    const id = reader.byte();
    const start = reader.skip();
    const end = reader.at;
    const body = new Reader(bytes, start);
    sections.push({ id, from, start, end, name: id === SECTION.custom ? body.name() : '', body });
  }
  return sections;
}

/** The binary without what the linker wrote down of it, which holds no longer when the binary is changed. */
export function withoutRelocations(bytes) {
  const kept = sectionsOf(bytes).filter(({ name }) => name !== 'linking' && !name.startsWith('reloc.'));
  return Buffer.concat([bytes.subarray(0, 8), ...kept.map(({ from, end }) => bytes.subarray(from, end))]);
}

/** The pieces of memory that are filled at the start: `{ address, at, size }`, with `at` counted from the start of the section. */
export function segmentsOf({ body, start }) {
  const segments = [];
  body.each(() => {
    if (body.number() === PASSIVE) throw new Error('the linked binary has data that is not in memory from the start');
    body.byte(); // i32.const
    const address = body.number(true);
    body.byte(); // end
    const at = body.skip() - start;
    segments.push({ address, at, size: body.at - start - at });
  });
  return segments;
}

/** All symbols, in the order in which relocations count them: `{ start, end, refersTo, slots }` of what is data, null for others. */
function symbolsOf({ body, end }, segments) {
  const symbols = [];
  const read = () => {
    const [kind, flags] = [body.byte(), body.number()];
    const isDefined = (flags & UNDEFINED) === 0;
    let data = null;
    if (kind === SYMBOL.data) {
      body.name();
      if (isDefined) {
        const [segment, offset, size] = [body.number(), body.number(), body.number()];
        const start = segments[segment].address + offset;
        data = { start, end: start + size, refersTo: [], slots: [] };
      }
    } else {
      body.number();
      if (kind !== SYMBOL.section && (isDefined || flags & EXPLICIT_NAME)) body.name();
    }
    symbols.push(data);
  };
  body.number(); // the version
  while (body.at < end) {
    const kind = body.byte();
    const from = body.skip();
    const next = body.at;
    body.at = from;
    if (kind === SYMBOL_TABLE) body.each(read);
    body.at = next;
  }
  return symbols;
}

/** The relocations of a section to addresses, `{ at, symbol, added }`, and where in it slots are named. */
function relocationsIn({ body }) {
  const addresses = [];
  const slots = [];
  body.number(); // the section
  body.each(() => {
    const [type, at, symbol] = [body.byte(), body.number(), body.number()];
    const isAddress = ADDRESSES.includes(type);
    const added = isAddress || OFFSETS.includes(type) ? body.number(true) : 0;
    if (isAddress) addresses.push({ at, symbol, added });
    if (SLOTS.includes(type)) slots.push(at);
  });
  return { addresses, slots };
}

/**
 * The `symbols` of data, in order of address, each `{ start, end, refersTo, slots }` with the symbols that its bytes point to and the slots
 * in the table of functions that they name; by each address that code has as a constant the symbols that are meant; and the slots that
 * code names.
 */
export function readRelocations(bytes) {
  const sections = sectionsOf(bytes);
  const section = (matches) => {
    const found = sections.find(matches);
    if (found === undefined) throw new Error('the linked binary lacks its relocations; it must be linked with --emit-relocs');
    return found;
  };
  const segments = segmentsOf(section(({ id }) => id === SECTION.data));
  const symbols = symbolsOf(section(({ name }) => name === 'linking'), segments);
  const sorted = symbols.filter((symbol) => symbol !== null).sort((a, b) => a.start - b.start);
  const data = section(({ id }) => id === SECTION.data);
  const inData = relocationsIn(section(({ name }) => name === 'reloc.DATA'));
  const owners = (at) => {
    const segment = segments.find((s) => s.at <= at && at < s.at + s.size);
    const address = segment.address + at - segment.at;
    return sorted.filter(({ start, end }) => start <= address && address < end);
  };
  for (const { at, symbol } of inData.addresses) if (symbols[symbol] !== null) for (const owner of owners(at)) owner.refersTo.push(symbols[symbol]);
  const words = new DataView(bytes.buffer, bytes.byteOffset + data.start);
  for (const at of inData.slots) for (const owner of owners(at)) owner.slots.push(words.getUint32(at, true));
  const code = relocationsIn(section(({ name }) => name === 'reloc.CODE'));
  const inCode = new Map();
  for (const { symbol, added } of code.addresses) {
    if (symbols[symbol] === null) continue;
    const address = symbols[symbol].start + added;
    inCode.set(address, [...(inCode.get(address) ?? []), symbols[symbol]]);
  }
  const { start } = section(({ id }) => id === SECTION.code);
  return { symbols: sorted, inCode, slotsInCode: new Set(code.slots.map((at) => new Reader(bytes, start + at).number(true))) };
}
