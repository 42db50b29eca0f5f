// `node slim.js simd128`: the entry that is handed its binary, both modules.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as adjoint from 'adjoint/slim';
import { everything } from './train.js';

const { resolve } = createRequire(import.meta.url);
const [primary, secondary] = ['', '.secondary'].map((suffix) => readFileSync(resolve(`adjoint/adjoint.${process.argv[2]}${suffix}.wasm`)));
adjoint.initSync(primary, secondary);
console.log(JSON.stringify(everything(adjoint)));
