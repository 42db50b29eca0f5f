// What formulas may call: the rows of the table of primitives (crates/kernels/src/program/table.rs) that are methods.
import { readFileSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';

const SECTIONS = ['ring', 'rounding', 'float', 'functions'];
const ROW = /^ {16}[A-Z]\w* (\w+)\((\w+(?:, \w+)*)\) \{/gm;

/** The names of the functions and how many operands each takes: Map { exp → 1, max → 2, … }. */
export function primitives() {
  const table = readFileSync(inRoot('crates', 'kernels', 'src', 'program', 'table.rs'), 'utf8');
  const found = new Map();
  for (const section of SECTIONS) {
    const rows = table.match(new RegExp(`^ {12}${section} \\{\\n([\\s\\S]*?)^ {12}\\}`, 'm'));
    if (!rows) throw new Error(`program/table.rs has no section ${section}`);
    for (const [, name, operands] of rows[1].matchAll(ROW)) found.set(name, operands.split(', ').length);
  }
  return found;
}
