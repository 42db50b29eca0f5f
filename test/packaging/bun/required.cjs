/* global console */
const adjoint = require('adjoint');
const { everything } = require('./train.js');

console.log(JSON.stringify(everything(adjoint)));
