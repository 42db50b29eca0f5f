// A program for Node, to be bundled.
import * as adjoint from 'adjoint';
import { everything } from './train.js';

console.log(JSON.stringify(everything(adjoint)));
