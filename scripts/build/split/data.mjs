// What of the data and of the table of functions only the secondary module needs: texts of its errors, definitions of its ops.
//
// What a function of the primary module needs is what its constants are addresses of, and what that points to. Of any piece of data
// for which this is not certain it is assumed.
import binaryen from 'binaryen';
import { readRelocations } from './relocations.mjs';

/** Every constant and offset in the code of `module`. */
function constantsOf(module) {
  const found = new Set();
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const { body } = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    if (body === 0) continue; // an import
    for (const [, constant, offset] of binaryen.emitText(body).matchAll(/i32\.const (-?\d+)|offset=(\d+)/g)) found.add(Number(constant ?? offset));
  }
  return found;
}

/**
 * The ranges `[from, to)` of memory with data that `primary` does not need, and the slots in the table of functions that it may call;
 * `linked` is the binary as the linker wrote it.
 */
export function neededBy(linked, primary) {
  const { symbols, inCode, slotsInCode } = readRelocations(linked);
  const needed = new Set();
  const need = (symbol) => {
    if (needed.has(symbol)) return;
    needed.add(symbol);
    symbol.refersTo.forEach(need);
  };
  const slots = new Set();
  for (const constant of constantsOf(primary)) {
    if (slotsInCode.has(constant)) slots.add(constant);
    inCode.get(constant)?.forEach(need);
    // A constant that an optimisation has made of others, or a number that happens to look like an address.
    for (const symbol of symbols) if (symbol.start <= constant && constant < symbol.end) need(symbol);
  }
  for (const symbol of needed) symbol.slots.forEach((slot) => slots.add(slot));
  return { unneeded: rangesOf(symbols, needed), slots };
}

/** The runs of bytes that belong to symbols and to none of those that are `needed`. */
function rangesOf(symbols, needed) {
  const first = symbols[0].start;
  const isFree = new Uint8Array(Math.max(...symbols.map(({ end }) => end)) - first + 1);
  for (const { start, end } of symbols) isFree.fill(1, start - first, end - first);
  for (const { start, end } of needed) isFree.fill(0, start - first, end - first);
  const ranges = [];
  for (let from = isFree.indexOf(1); from >= 0; ) {
    const to = isFree.indexOf(0, from);
    ranges.push([first + from, first + to]);
    from = isFree.indexOf(1, to);
  }
  return ranges;
}
