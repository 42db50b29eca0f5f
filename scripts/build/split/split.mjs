// One binary split in two: a primary module that starts by itself, and a secondary one, instantiated when one of its functions is
// first called. The words are those of Binaryen's wasm-split.
//
// Both work on the memory, the table of functions and the globals of the primary module. A function of the secondary module that
// the primary one needs has a slot in that table, and a placeholder in the primary module: load the secondary module, then call what
// is in the slot. The secondary module imports the functions of the primary one that it needs, and fills the slots with its own as
// it is instantiated; and with them the memory that only its functions read, which is zero until then.
import binaryen from 'binaryen';
import { neededBy } from './data.mjs';
import { addStackChecks } from '../stack-check.mjs';

/** The module name under which the secondary module imports from the primary one. */
const PRIMARY = 'primary';

/** The export of the binary that asks JavaScript for the secondary module; see crates/wasm/src/callbacks.rs. */
const LOAD_SECONDARY = 'load_secondary';

/** Whether the secondary module is instantiated. */
const IS_LOADED = 'is loaded';

/** The function of the primary module that sees to that. */
const ENSURE_LOADED = 'ensure loaded';

/** The table of those secondary functions that the primary module calls directly and not by pointer. */
const DIRECT = 'direct';

/** What fills the slots that nothing in the primary module names. */
const EMPTY = 'empty slot';

/** What binaryen calls the memory of a binary without names. */
const MEMORY = '0';

/** Name by which the primary module exports its `index`-th thing for the secondary one; short, since pages load it first. */
const exported = (index) => `_${index.toString(36)}`;

function functionsOf(module) {
  const found = [];
  for (let i = 0; i < module.getNumFunctions(); i++) found.push(binaryen.getFunctionInfo(module.getFunctionByIndex(i)));
  return found;
}

const isImported = ({ module }) => module !== '';

/** Makes imports of the functions for which `leaves` holds, drops what nothing needs then, and returns the imports that remain. */
function makeImports(module, leaves) {
  const left = functionsOf(module).filter((f) => !isImported(f) && leaves(f.name));
  for (const { name, params, results } of left) {
    module.removeFunction(name);
    module.addFunctionImport(name, PRIMARY, name, params, results);
  }
  module.runPasses(['remove-unused-module-elements']);
  const remaining = new Set(functionsOf(module).map(({ name }) => name));
  return left.filter(({ name }) => remaining.has(name));
}

/** The one segment that fills the table of functions. */
function segmentOf(module) {
  for (let i = 0; i < module.getNumElementSegments(); i++) {
    const segment = binaryen.getElementSegmentInfo(module.getElementSegmentByIndex(i));
    if (segment.data.length > 0) return { ...segment, offset: binaryen.getExpressionInfo(segment.offset).value };
  }
  throw new Error('the binary has no table of functions');
}

/** `[first, names]` for each run of neighbours among `[slot, name]`, given in order of slot. */
function runsOf(filled) {
  const runs = [];
  for (const [slot, name] of filled) {
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.names.length === slot) last.names.push(name);
    else runs.push({ first: slot, names: [name] });
  }
  return runs;
}

/** Fills the table as `segment` does, but with `names`. */
function fillTable(module, { name, table, offset }, names) {
  module.removeElementSegment(name);
  module.addActiveElementSegment(table, name, names, module.i32.const(offset));
}

/** The primary module, without the data that it does not need; that, and by table the secondary functions it expects, `[slot, name]` in order. */
function makePrimary(bytes, linked, isPrimary) {
  const module = binaryen.readBinary(bytes);
  const segment = segmentOf(module);
  const { table, data, offset } = segment;
  const ask = binaryen.getExportInfo(module.getExport(LOAD_SECONDARY)).value;
  const pointers = new Map(data.map((name, i) => [name, offset + i]));
  const isSecondary = (name) => !isPrimary(name);
  makeImports(module, isSecondary);
  const { unneeded, slots } = neededBy(linked, module);
  const moved = takeData(module, unneeded);
  module.addFunction(EMPTY, binaryen.none, binaryen.none, [], module.unreachable());
  const names = data.map((name, i) => (isPrimary(name) || slots.has(offset + i) ? name : EMPTY));
  fillTable(module, segment, names);
  module.runPasses(['remove-unused-module-elements']);
  const placeholders = functionsOf(module).filter((f) => isImported(f) && f.module === PRIMARY);

  module.addGlobal(IS_LOADED, binaryen.i32, true, module.i32.const(0));
  const load = module.block(null, [module.call(ask, [], binaryen.none), module.global.set(IS_LOADED, module.i32.const(1))]);
  const ensure = module.if(module.i32.eqz(module.global.get(IS_LOADED, binaryen.i32)), load);
  module.addFunction(ENSURE_LOADED, binaryen.none, binaryen.none, [], ensure);
  const filled = data.map((name, i) => [offset + i, name]).filter(([, name]) => isSecondary(name));
  const expected = { [table]: filled, [DIRECT]: [] };
  // Neighbours alike compress better.
  const order = ({ name, params, results }) => [params, results, pointers.get(name) ?? Number.MAX_SAFE_INTEGER];
  placeholders.sort((a, b) => order(a).map((x, i) => x - order(b)[i]).find((difference) => difference !== 0) ?? 0);
  for (const { name, params, results } of placeholders) {
    const holder = pointers.has(name) ? table : DIRECT;
    const slot = pointers.get(name) ?? expected[DIRECT].length;
    if (holder === DIRECT) expected[DIRECT].push([slot, name]);
    const operands = binaryen.expandType(params).map((type, i) => module.local.get(i, type));
    const call = module.call_indirect(holder, module.i32.const(slot), operands, params, results);
    module.removeFunction(name);
    module.addFunction(name, params, results, [], module.block(null, [module.call(ENSURE_LOADED, [], binaryen.none), call], results));
  }
  // Again, now that what were imports are placeholders: references to them are of another type.
  fillTable(module, segment, names);
  module.addTable(DIRECT, expected[DIRECT].length, expected[DIRECT].length);
  addStackChecks(module);
  return { module, expected, moved };
}

/** Takes the bytes of `ranges` out of the data of `module`, and returns the segments that bring them. */
function takeData(module, ranges) {
  const moved = [];
  const segments = [];
  for (let i = 0; i < module.getNumDataSegments(); i++) {
    const { offset: start, data } = module.getDataSegmentInfo(module.getDataSegmentByIndex(i));
    const bytes = new Uint8Array(data);
    for (const [from, to] of ranges) {
      if (from < start || to > start + bytes.length) continue;
      moved.push({ start: from, data: bytes.slice(from - start, to - start) });
      bytes.fill(0, from - start, to - start);
    }
    segments.push({ start, data: bytes });
  }
  setData(module, segments);
  return moved;
}

function setData(module, segments) {
  const { initial, max } = module.getMemoryInfo();
  const made = segments.map(({ start, data }) => ({ offset: module.i32.const(start), data, passive: false }));
  module.setMemory(initial, max ?? -1, null, made);
}

/** The secondary module: what the primary one expects of it, and all that this needs and the primary one lacks. */
function makeSecondary(bytes, isPrimary, expected, data) {
  const module = binaryen.readBinary(bytes);
  const segment = segmentOf(module);
  module.removeElementSegment(segment.name);
  for (let i = module.getNumExports() - 1; i >= 0; i--) module.removeExport(binaryen.getExportInfo(module.getExportByIndex(i)).name);
  module.addTable(DIRECT, expected[DIRECT].length, expected[DIRECT].length);
  for (const [table, filled] of Object.entries(expected)) {
    module.addTableImport(table, PRIMARY, table);
    for (const { first, names } of runsOf(filled)) {
      module.addActiveElementSegment(table, `${table} ${first}`, names, module.i32.const(first));
    }
  }
  setData(module, data);
  module.addMemoryImport(MEMORY, PRIMARY, 'memory');
  makeImports(module, isPrimary);
  return module;
}

/** Exports from `primary` what `secondary` imports. */
function connect(primary, secondary) {
  let count = 0;
  const short = () => exported(count++);
  const inPrimary = new Set(functionsOf(primary).map(({ name }) => name));
  for (const imported of functionsOf(secondary).filter(isImported)) {
    const { name, params, results } = imported;
    const base = short();
    // What JavaScript provides reaches the secondary module through the primary one, also what only the former calls.
    if (!inPrimary.has(name)) primary.addFunctionImport(name, imported.module, imported.base, params, results);
    primary.addFunctionExport(name, base);
    secondary.addFunctionImport(name, PRIMARY, base, params, results);
  }
  for (let i = 0; i < secondary.getNumGlobals(); i++) {
    const { name, type, mutable } = binaryen.getGlobalInfo(secondary.getGlobalByIndex(i));
    const base = short();
    primary.addGlobalExport(name, base);
    secondary.addGlobalImport(name, PRIMARY, base, type, mutable);
  }
  for (let i = 0; i < secondary.getNumTables(); i++) {
    const { name } = binaryen.getTableInfo(secondary.getTableByIndex(i));
    const base = short();
    primary.addTableExport(name, base);
    secondary.addTableImport(name, PRIMARY, base);
  }
}

/**
 * The bytes of the two; `isPrimary` tells by a function's name whether it belongs to the primary module, and `linked` is the binary as
 * the linker wrote it, with its relocations.
 */
export function split(bytes, linked, isPrimary) {
  const { module: primary, expected, moved } = makePrimary(bytes, linked, isPrimary);
  const secondary = makeSecondary(bytes, isPrimary, expected, moved);
  connect(primary, secondary);
  const parts = {};
  for (const [part, module] of Object.entries({ primary, secondary })) {
    module.runPasses(['strip-producers', 'strip-target-features']);
    if (!module.validate()) throw new Error(`splitting the binary made an invalid module (${part})`);
    parts[part] = module.emitBinary();
    module.dispose();
  }
  return parts;
}
