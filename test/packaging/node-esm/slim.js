// `node slim.js simd128`: the entry that is handed its binary, in two parts.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as adjoint from 'adjoint/slim';
import { everything } from './train.js';

const { resolve } = createRequire(import.meta.url);
const [binary, rest] = ['', '.rest'].map((part) => readFileSync(resolve(`adjoint/adjoint.${process.argv[2]}${part}.wasm`)));
adjoint.initSync(binary, rest);
console.log(JSON.stringify(everything(adjoint)));
