/* global require */
// `node slim.js simd128`: the entry that is handed its binary.
const { readFileSync } = require('node:fs');
const adjoint = require('adjoint/slim');
const { everything } = require('./train.js');

const [binary, rest] = ['', '.rest'].map((part) => readFileSync(require.resolve(`adjoint/adjoint.${process.argv[2]}${part}.wasm`)));
adjoint.initSync(binary, rest);
console.log(JSON.stringify(everything(adjoint)));
