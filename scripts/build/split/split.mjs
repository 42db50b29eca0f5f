// One binary parted in two: a core that starts by itself, and the rest, instantiated when a function that lies there is first called.
//
// Both work on the core's memory, its table of functions and its globals. A function of the rest that the core needs has a place in
// that table, and the core a stub of it: bring the rest, then call what is at the place. The rest imports the functions of the core
// it needs, and writes its own at their places as it is instantiated.
import binaryen from 'binaryen';

/** The module name under which the rest imports from the core. */
const CORE = 'core';

/** The export of the binary that asks JavaScript for the rest, once; see crates/wasm/src/callbacks.rs. */
const BRING_REST = 'bring_rest';

/** Whether the rest is there. */
const IS_WHOLE = 'is whole';

/** The function of the core that sees to that. */
const ENSURE = 'ensure rest';

/** The table of those functions of the rest that the core calls by name and not by pointer. */
const PLACES = 'places';

/** What binaryen calls the memory of a binary without names. */
const MEMORY = '0';

/** Name by which the core exports the `index`-th thing for the rest; short, since it is in the bytes that pages load first. */
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
    module.addFunctionImport(name, CORE, name, params, results);
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

/** `[first, names]` for each run of neighbours among `[place, name]`, given in order of place. */
function runsOf(placed) {
  const runs = [];
  for (const [place, name] of placed) {
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.names.length === place) last.names.push(name);
    else runs.push({ first: place, names: [name] });
  }
  return runs;
}

/** The core, and by table the functions of the rest it expects there, `[place, name]` in order. */
function makeCore(bytes, isCore) {
  const module = binaryen.readBinary(bytes);
  const { table, data, offset } = segmentOf(module);
  const bring = binaryen.getExportInfo(module.getExport(BRING_REST)).value;
  const pointers = new Map(data.map((name, i) => [name, offset + i]));
  const stubs = makeImports(module, (name) => !isCore(name));

  module.addGlobal(IS_WHOLE, binaryen.i32, true, module.i32.const(0));
  const load = module.block(null, [module.call(bring, [], binaryen.none), module.global.set(IS_WHOLE, module.i32.const(1))]);
  const ensure = module.if(module.i32.eqz(module.global.get(IS_WHOLE, binaryen.i32)), load);
  module.addFunction(ENSURE, binaryen.none, binaryen.none, [], ensure);
  const expected = { [table]: [], [PLACES]: [] };
  // Neighbours alike compress better.
  const order = ({ name, params, results }) => [params, results, pointers.get(name) ?? Number.MAX_SAFE_INTEGER];
  stubs.sort((a, b) => order(a).map((x, i) => x - order(b)[i]).find((difference) => difference !== 0) ?? 0);
  for (const { name, params, results } of stubs) {
    const holder = pointers.has(name) ? table : PLACES;
    const place = pointers.get(name) ?? expected[PLACES].length;
    expected[holder].push([place, name]);
    const operands = binaryen.expandType(params).map((type, i) => module.local.get(i, type));
    const call = module.call_indirect(holder, module.i32.const(place), operands, params, results);
    module.removeFunction(name);
    module.addFunction(name, params, results, [], module.block(null, [module.call(ENSURE, [], binaryen.none), call], results));
  }
  expected[table].sort(([a], [b]) => a - b);
  module.addTable(PLACES, expected[PLACES].length, expected[PLACES].length);
  return { module, expected };
}

/** The rest: what the core expects of it, and all that needs and the core has not. */
function makeRest(bytes, isCore, expected) {
  const module = binaryen.readBinary(bytes);
  const segment = segmentOf(module);
  module.removeElementSegment(segment.name);
  for (let i = module.getNumExports() - 1; i >= 0; i--) module.removeExport(binaryen.getExportInfo(module.getExportByIndex(i)).name);
  module.addTable(PLACES, expected[PLACES].length, expected[PLACES].length);
  for (const [table, placed] of Object.entries(expected)) {
    module.addTableImport(table, CORE, table);
    for (const { first, names } of runsOf(placed)) {
      module.addActiveElementSegment(table, `${table} ${first}`, names, module.i32.const(first));
    }
  }
  const { initial, max } = module.getMemoryInfo();
  module.setMemory(initial, max ?? -1, null, []);
  module.addMemoryImport(MEMORY, CORE, 'memory');
  makeImports(module, isCore);
  return module;
}

/** Exports from `core` what `rest` imports. */
function connect(core, rest) {
  let count = 0;
  const short = () => exported(count++);
  const inCore = new Set(functionsOf(core).map(({ name }) => name));
  for (const imported of functionsOf(rest).filter(isImported)) {
    const { name, params, results } = imported;
    const base = short();
    // What JavaScript provides reaches the rest through the core too, also what only the rest calls.
    if (!inCore.has(name)) core.addFunctionImport(name, imported.module, imported.base, params, results);
    core.addFunctionExport(name, base);
    rest.addFunctionImport(name, CORE, base, params, results);
  }
  for (let i = 0; i < rest.getNumGlobals(); i++) {
    const { name, type, mutable } = binaryen.getGlobalInfo(rest.getGlobalByIndex(i));
    const base = short();
    core.addGlobalExport(name, base);
    rest.addGlobalImport(name, CORE, base, type, mutable);
  }
  for (let i = 0; i < rest.getNumTables(); i++) {
    const { name } = binaryen.getTableInfo(rest.getTableByIndex(i));
    const base = short();
    core.addTableExport(name, base);
    rest.addTableImport(name, CORE, base);
  }
}

/** The bytes of the two; `isCore` tells by a function's name whether it belongs to the core. */
export function split(bytes, isCore) {
  const { module: core, expected } = makeCore(bytes, isCore);
  const rest = makeRest(bytes, isCore, expected);
  connect(core, rest);
  const parts = {};
  for (const [part, module] of Object.entries({ core, rest })) {
    module.runPasses(['strip-producers', 'strip-target-features']);
    if (!module.validate()) throw new Error(`splitting the binary made an invalid module (${part})`);
    parts[part] = module.emitBinary();
    module.dispose();
  }
  return parts;
}
