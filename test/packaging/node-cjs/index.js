/* global require */
const adjoint = require('adjoint');
const { train } = require('./train.js');

console.log(JSON.stringify(train(adjoint)));
