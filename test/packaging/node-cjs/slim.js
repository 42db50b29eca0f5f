/* global require */
// `node slim.js simd128`: the entry that is handed its binary.
const { readFileSync } = require('node:fs');
const adjoint = require('adjoint/slim');
const { everything } = require('./train.js');

const [primary, secondary] = ['', '.secondary'].map((suffix) => readFileSync(require.resolve(`adjoint/adjoint.${process.argv[2]}${suffix}.wasm`)));
adjoint.initSync(primary, secondary);
console.log(JSON.stringify(everything(adjoint)));
