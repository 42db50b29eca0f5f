/* global require */
// `node slim.js simd128`: the entry that is handed its binary.
const { readFileSync } = require('node:fs');
const adjoint = require('adjoint/slim');
const { train } = require('./train.js');

adjoint.initSync(readFileSync(require.resolve(`adjoint/adjoint.${process.argv[2]}.wasm`)));
console.log(JSON.stringify(train(adjoint)));
