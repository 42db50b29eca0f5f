// `node slim.js simd128`: the entry that is handed its binary.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as adjoint from 'adjoint/slim';
import { train } from './train.js';

const binary = createRequire(import.meta.url).resolve(`adjoint/adjoint.${process.argv[2]}.wasm`);
adjoint.initSync(readFileSync(binary));
console.log(JSON.stringify(train(adjoint)));
