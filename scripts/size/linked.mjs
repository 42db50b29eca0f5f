// Functions and data of a linked binary, and which of them refer to which: what the linker writes down with `--emit-relocs`.
import { sectionsOf, segmentsOf } from '../build/split/relocations.mjs';

const SECTION = { code: 10, data: 11, import: 2 };
const SYMBOL_TABLE = 8;
const KIND = { function: 0, data: 1, section: 3 };
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;
/** Relocations that name a type, and those with a number that is added. */
const TO_TYPE = 6;
const WITH_ADDED = [3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25];
const FUNCTION_IMPORT = 0;
const FUNCTION_NAMES = 1;

/** The names of functions by index, from the name section. */
export function functionNames(bytes) {
  const section = sectionsOf(bytes).find(({ name }) => name === 'name');
  if (section === undefined) throw new Error('the binary has no names');
  const { body, end } = section;
  const names = new Map();
  while (body.at < end) {
    const kind = body.byte();
    const next = body.number() + body.at;
    if (kind === FUNCTION_NAMES) body.each(() => { names.set(body.number(), body.name()); });
    body.at = next;
  }
  return names;
}

/** How many functions a binary imports; indices of its own come after. */
export function importedFunctions(bytes) {
  const section = sectionsOf(bytes).find(({ id }) => id === SECTION.import);
  if (section === undefined) return 0;
  const { body } = section;
  const limits = () => { if ((body.byte() & 1) === 1) body.number(); body.number(); };
  let count = 0;
  body.each(() => {
    body.name();
    body.name();
    const kind = body.byte();
    if (kind === FUNCTION_IMPORT) count += 1;
    if (kind === FUNCTION_IMPORT) body.number();
    else if (kind === 1) { body.byte(); limits(); } else if (kind === 2) limits();
    else { body.byte(); body.byte(); }
  });
  return count;
}

/** Where the functions of a binary are in its bytes, in order, `{ start, end }` without the length in front. */
export function bodiesOf(bytes) {
  const { body } = sectionsOf(bytes).find(({ id }) => id === SECTION.code);
  const bodies = [];
  body.each(() => {
    const start = body.skip();
    bodies.push({ start, end: body.at });
  });
  return bodies;
}

/** Symbols as relocations count them: `{ kind, name, index }` of functions, `{ kind, name, address, at, size }` of data. */
function symbolsOf({ body, end }, segments, start) {
  const symbols = [];
  const read = () => {
    const [kind, flags] = [body.byte(), body.number()];
    const isDefined = (flags & UNDEFINED) === 0;
    const symbol = { kind, name: '', index: -1, at: 0, size: 0 };
    if (kind === KIND.data) {
      symbol.name = body.name();
      if (isDefined) {
        const segment = segments[body.number()];
        symbol.at = start + segment.at + body.number();
        symbol.size = body.number();
      }
    } else {
      symbol.index = body.number();
      if (kind !== KIND.section && (isDefined || flags & EXPLICIT_NAME)) symbol.name = body.name();
    }
    symbols.push(symbol);
  };
  body.number(); // the version
  while (body.at < end) {
    const kind = body.byte();
    const next = body.number() + body.at;
    if (kind === SYMBOL_TABLE) body.each(read);
    body.at = next;
  }
  return symbols;
}

/** `[at, symbol]` of each relocation of a section, `at` from the start of the section it is for. */
function relocationsIn({ body }) {
  const found = [];
  body.number(); // the section
  body.each(() => {
    const [type, at, symbol] = [body.byte(), body.number(), body.number()];
    if (WITH_ADDED.includes(type)) body.number(true);
    if (type !== TO_TYPE) found.push([at, symbol]);
  });
  return found;
}

/** The last of `pieces`, in order of `start`, that holds the position, or none. */
function holderOf(pieces, at) {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle].start <= at) low = middle + 1;
    else high = middle;
  }
  const piece = pieces[low - 1];
  return piece !== undefined && at < piece.end ? piece : null;
}

/**
 * The functions and data of a linked binary: `{ isData, name, at, size, users }`, of which `users` is the set of those that refer to it.
 * Functions have the name of the name section, data that of their symbol.
 */
export function readLinked(bytes) {
  const sections = sectionsOf(bytes);
  const section = (matches) => sections.find(matches);
  const data = section(({ id }) => id === SECTION.data);
  const code = section(({ id }) => id === SECTION.code);
  const symbols = symbolsOf(section(({ name }) => name === 'linking'), segmentsOf(data), data.start);
  const names = functionNames(bytes);
  const bodies = bodiesOf(bytes);
  const imported = importedFunctions(bytes);
  const functions = bodies.map(({ start, end }, i) => ({ isData: false, name: names.get(imported + i) ?? '', at: start, size: end - start, start, end, users: new Set() }));
  const pieces = symbols.map((symbol) => {
    if (symbol.kind === KIND.function) return functions[symbol.index - imported] ?? null;
    if (symbol.kind !== KIND.data || symbol.size === 0) return null;
    const { name, at, size } = symbol;
    return { isData: true, name, at, size, start: at, end: at + size, users: new Set() };
  });
  const stored = pieces.filter((piece) => piece !== null && piece.isData).sort((a, b) => a.start - b.start);
  const connect = (relocations, start, holders) => {
    for (const [at, symbol] of relocations) {
      const user = holderOf(holders, start + at);
      const used = pieces[symbol];
      if (user !== null && used !== null && used !== undefined && used !== user) used.users.add(user);
    }
  };
  connect(relocationsIn(section(({ name }) => name === 'reloc.CODE')), code.start, functions);
  connect(relocationsIn(section(({ name }) => name === 'reloc.DATA')), data.start, stored);
  return [...functions, ...stored];
}

