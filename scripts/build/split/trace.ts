// Writes the names of the functions that the programs run, as JSON: `tsx trace.ts <instrumented binary> <names>`.
import { readFileSync, writeFileSync } from 'node:fs';
import { instantiate, setHost } from '../../../ts/runtime/wasm';
import '../../../ts/index';
import { RAN } from './instrument.mjs';
import { runAll } from './programs';

// What asks for the secondary module belongs to the primary one, and there is none to load.
setHost({ loadSecondary: () => undefined });
const exports = instantiate(new WebAssembly.Module(readFileSync(process.argv[2]!)), null);
runAll();
exports.load_secondary();
// So does what puts things right where it cannot be loaded.
exports.abandon_call();
const flags = Object.entries(exports).filter(([name]) => name.startsWith(RAN));
const ran = flags.filter(([, flag]) => (flag as unknown as WebAssembly.Global).value === 1);
writeFileSync(process.argv[3]!, JSON.stringify(ran.map(([name]) => name.slice(RAN.length))));
