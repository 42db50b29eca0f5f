// The same with the entry that carries the whole binary.
import * as adjoint from 'adjoint/inline';
import { everything } from './train.js';

console.log(JSON.stringify(everything(adjoint)));
